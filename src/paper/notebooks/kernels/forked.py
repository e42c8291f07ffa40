"""Kernels that are forks of one process which imported the libraries already: quick to start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo

from paper.notebooks.kernels.alone import Alone, AloneProvisioner

LAUNCHER = "ipykernel_launcher"
GONE = -1


class WarmProvisioner(AloneProvisioner):
    """Starts the kernel of a manager as a fork of a warm process."""

    nursery: Warm

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that the command would."""
        order = {
            "arguments": cmd[cmd.index(LAUNCHER) + 1 :],
            "folder": kwargs["cwd"],
            "environment": kwargs["env"],
        }
        # The first waits until all is imported.
        kernel = await asyncio.to_thread(self.nursery.fork, order, self.scratch)
        self.pid = self.pgid = kernel
        self.process = cast("Any", Forked(kernel))
        return self.connection_info


class Warm(Alone):
    """The process that forks kernels, and ends what a build that is gone has left of them.

    `modules`: what it imports. `environment`: its own, but for what is a kernel's own that of its
    kernels.
    """

    provisioner = WarmProvisioner

    def __init__(self, modules: Iterable[str], environment: Mapping[str, str]) -> None:
        super().__init__("kernel_forker", modules, environment)

    def fork(self, order: Mapping[str, Any], scratch: str) -> int:
        """Start a kernel and return its process; see `kernel_forker` for the order."""
        with self._one_at_a_time:
            self.tell(order, scratch)
            answer = self._beside.stdout.readline() if self._beside.stdout else ""
        if not answer:
            raise RuntimeError("what forks kernels is gone")
        return int(answer)


class Forked:
    """A forked kernel, to be asked and told what a `subprocess.Popen` is."""

    stdin = stdout = stderr = None

    def __init__(self, process: int) -> None:
        self._process = process

    def poll(self) -> int | None:
        """Return None while it runs; nobody knows how it ended."""
        try:
            self.send_signal(0)
        except ProcessLookupError:
            return GONE
        return None

    wait = poll

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel."""
        os.kill(self._process, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
