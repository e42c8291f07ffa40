"""Kernels that start by themselves, as everywhere but on Linux, and end with the build."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import RLock
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
    """Starts kernels; a program beside ends what a build that is gone has left of them."""

    provisioner: type[AloneProvisioner] = AloneProvisioner

    def __init__(
        self,
        program: str = "guardian",
        arguments: Iterable[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._beside = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", f"paper.notebooks.kernels.{program}", *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",  # where there is no paper: a module that asks for one is for its kernel
            start_new_session=True,  # as kernels have: it outlives what ends the build
            text=True,
        )
        # Kernels are started and ended in several threads.
        self._one_at_a_time = RLock()

    def tell(self, kernel: int | Mapping[str, Any], scratch: str | None) -> None:
        """Tell that a kernel runs or shall be started, or, without a folder, that it has ended."""
        with self._one_at_a_time, suppress(BrokenPipeError):
            print(json.dumps([kernel, scratch]), file=self._beside.stdin, flush=True)

    def close(self) -> None:
        """Let the program end."""
        self._beside.communicate()
