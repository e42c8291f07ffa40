"""Kernels that are forks of one process which imported the libraries already: quick to start."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

LAUNCHER = "ipykernel_launcher"


class WarmProvisioner(LocalProvisioner):
    """Starts the kernel of a manager as a fork of a warm process."""

    nursery: Warm
    scratch: str

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that the command would."""
        order = {
            "arguments": cmd[cmd.index(LAUNCHER) + 1 :],
            "folder": kwargs["cwd"],
            "environment": kwargs["env"],
            "scratch": self.scratch,
        }
        self.process = cast("Any", self.nursery.fork(order))
        return self.connection_info


class Warm:
    """The process that forks kernels; it ends when this object is closed, or gone.

    Parameters
    ----------
    modules
        What it imports.
    environment
        Its environment, but for what is a kernel's own that of its kernels.
    """

    provisioner = WarmProvisioner

    def __init__(self, modules: Iterable[str], environment: Mapping[str, str]) -> None:
        self._orders, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        # In a session of its own: Ctrl-C is for the build, which then ends its kernels.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "paper.notebooks.kernels.kernel_forker", str(theirs.fileno())],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",  # where there is no paper: a module that asks for one is for its kernel
            start_new_session=True,
        )
        theirs.close()
        self._orders.send(json.dumps(list(modules)).encode())

    def fork(self, order: Mapping[str, Any]) -> Forked:
        """Start a kernel; see `kernel_forker.supervise` for the order."""
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        socket.send_fds(self._orders, [json.dumps(order).encode()], [theirs.fileno()])
        theirs.close()
        return Forked(ours)

    def close(self) -> None:
        """Let the process end; its kernels end with their own links."""
        self._orders.close()
        self._process.wait()


class Forked:
    """A forked kernel, to be asked and told what a `subprocess.Popen` is."""

    stdin = stdout = stderr = None

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self._status(socket.MSG_DONTWAIT)

    def wait(self) -> int | None:
        """Return the exit status once it has ended."""
        return self._status(0)

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and all that it started."""
        try:
            self._link.send(bytes([number]))
        except OSError:
            raise ProcessLookupError from None

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _status(self, flags: int) -> int | None:
        if self.returncode is None:
            try:
                answer = self._link.recv(64, flags)
            except BlockingIOError:
                return None
            except OSError:
                answer = b""
            # No answer: the supervisor was killed, and the kernel is of no use.
            self.returncode = json.loads(answer) if answer else -signal.SIGKILL
            self._link.close()
        return self.returncode
