"""Kernels that start by themselves, as everywhere but on Linux, and end with the build."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from paper.notebooks.kernels.processes import below, end, family
from paper.notebooks.kernels.surroundings import own

# A module beside the notebook, as `paper.py`, must not stand in for what is imported here.
START = """\
import sys
del sys.path[0]
from paper import begin
from paper.notebooks.kernels.lossless import launch
from paper.notebooks.kernels.observe import observe
observe()
launch()
"""


class AloneProvisioner(LocalProvisioner):
    """Starts a kernel, and ends with it what it started."""

    nursery: Alone
    scratch: str
    started: Sequence[psutil.Process] = ()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel."""
        usual = cmd.index("-m")
        started = [*cmd[:usual], "-c", START, *cmd[usual + 2 :]]
        information = await super().launch_kernel(started, **kwargs)
        if self.pid:
            self.nursery.tell(self.pid, self.scratch)
        return information

    async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: ARG002
        """Note what the kernel started, which nobody knows once it is gone."""
        if self.pid:
            self.started = below(self.pid)

    async def cleanup(self, restart: bool = False) -> None:
        """End what the kernel left."""
        if self.pid:
            await asyncio.to_thread(end, [*self.started, *family(self.pid, own(self.scratch))])
            self.nursery.tell(self.pid, None)
        await super().cleanup(restart)


class Alone:
    """Starts kernels; `guardian` ends what a build that is gone has left of them."""

    provisioner = AloneProvisioner

    def __init__(self) -> None:
        # In a session of its own, as kernels are: it outlives what ends the build.
        self._guardian = subprocess.Popen(
            [sys.executable, "-P", "-m", "paper.notebooks.kernels.guardian"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def tell(self, kernel: int, scratch: str | None) -> None:
        """Tell the guardian that a kernel runs, or that it has ended."""
        if self._guardian.stdin:
            print(json.dumps([kernel, scratch]), file=self._guardian.stdin, flush=True)

    def close(self) -> None:
        """Let the guardian end."""
        self._guardian.communicate()
