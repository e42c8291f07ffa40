"""Kernels that are all alike: same surroundings whoever builds where, and quick to start.

On Linux they are forks of one process that imported the libraries already (`paper.warm`). Elsewhere
a fork is not safe once system libraries are loaded, and each kernel starts by itself; what it
computes is the same.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from paper.errors import PaperError

LAUNCHER = "ipykernel_launcher"
LONGEST_SOCKET = 95  # bytes, and a number comes behind them
# Nothing in the surroundings of a kernel may show in what it computes: not the language or the
# time zone of the machine, nor how many cores share a sum of floats.
SURROUNDINGS = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    # Empty: as if they were not set.
    "PYTHONSTARTUP": "",
    "PYTHONSAFEPATH": "",
    "PYTHONWARNINGS": "",
    "PYTHONOPTIMIZE": "",
    "COLUMNS": "80",
    "LINES": "24",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


class Warm:
    """The process that forks kernels; it ends when this object is closed, or gone.

    Parameters
    ----------
    modules
        What it imports.
    """

    def __init__(self, modules: Iterable[str]) -> None:
        self._orders, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        # In a session of its own: Ctrl-C is for the build, which then ends its kernels.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "paper.warm", str(theirs.fileno())],
            env=os.environ | surroundings(),
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
        """Start a kernel; see `paper.warm.supervise` for the order."""
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


class WarmProvisioner(LocalProvisioner):
    """Starts the kernel of a manager as a fork of a warm process."""

    warm: Warm
    scratch: str

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that the command would."""
        order = {
            "arguments": cmd[cmd.index(LAUNCHER) + 1 :],
            "folder": kwargs["cwd"],
            "environment": kwargs["env"],
            "scratch": self.scratch,
        }
        self.process = cast("Any", self.warm.fork(order))
        return self.connection_info


def surroundings() -> dict[str, str]:
    """Return what a kernel has in its environment, whoever starts it."""
    library = importlib.util.find_spec("matplotlib")
    if library is None or library.origin is None:
        return SURROUNDINGS
    # The library's own defaults, not those that somebody keeps at home.
    return SURROUNDINGS | {"MATPLOTLIBRC": str(Path(library.origin).parent / "mpl-data")}


def can_fork() -> bool:
    """Return whether kernels are forked here, which `PAPER_KERNELS=cold` forbids."""
    return sys.platform == "linux" and os.environ.get("PAPER_KERNELS") != "cold"


@contextmanager
def kernel(warm: Warm | None) -> Iterator[tuple[AsyncKernelManager, dict[str, str]]]:
    """Yield a manager that will start a kernel, and the environment to start it in.

    Parameters
    ----------
    warm
        Forks the kernel; None to start it by itself.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as scratch:
        # A profile of its own: what somebody keeps in theirs would run in every notebook.
        environment = os.environ | surroundings() | {"IPYTHONDIR": f"{scratch}/ipython"}
        manager = _manager(scratch)
        if warm is not None:
            provisioner = WarmProvisioner(
                kernel_id="", kernel_spec=manager.kernel_spec, parent=manager
            )
            provisioner.warm, provisioner.scratch = warm, scratch
            manager.provisioner = provisioner
        yield manager, environment


def _manager(scratch: str) -> AsyncKernelManager:
    manager = AsyncKernelManager(
        kernel_name="python3",
        connection_file=f"{scratch}/connection.json",
        # The kernel of this environment, whatever somebody keeps by its name at home.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
    )
    if os.name == "posix":
        # Sockets in a private folder: over TCP anyone on the machine could listen.
        manager.transport, manager.ip = "ipc", f"{scratch}/kernel"
        if len(os.fsencode(manager.ip)) > LONGEST_SOCKET:
            what = f"{tempfile.gettempdir()} is too long a name for the sockets of a kernel"
            raise PaperError("TMPDIR", what, "Let it name a folder nearer to the root, as /tmp.")
    return manager
