"""A process that imported what the notebooks import, and forks a kernel for each of them.

Started by `forked` as a process of its own, which has no thread yet; ends when the build does.
Beside each kernel stays a supervisor, which passes on signals and ends the kernel, with all
processes that it started, when the build is gone, however it went.
"""

import contextlib
import ctypes
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import sysconfig
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from paper.notebooks.kernels.observe import BLIND_MODULES, observe
from paper.notebooks.kernels.processes import below, end

LARGEST_MESSAGE = 1 << 20
# What every kernel is made of.
KERNEL = "paper.notebooks.kernels.lossless"
# Whoever imports these, they are there already, and no input.
OWN = ("paper", "declared")
THIS = "paper.notebooks.kernels.kernel_forker"
SET_CHILD_SUBREAPER = 36  # of Linux


def main() -> None:
    """Import what is asked for, then fork a kernel for each order, until no more can come."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    names = sys.argv[2:] or json.loads(orders.recv(LARGEST_MESSAGE) or b"[]")
    if shown := _import(names):
        others = [name for name in names if name not in shown] or [KERNEL]
        os.execv(sys.executable, [sys.executable, "-m", THIS, sys.argv[1], *others])  # noqa: S606
    _forget_own_code()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how supervisors ended
    while True:
        message, links, _, _ = socket.recv_fds(orders, LARGEST_MESSAGE, 1)
        if not message:
            return
        if _fork() == 0:
            orders.close()
            supervise(socket.socket(fileno=links[0]), json.loads(message))
            os._exit(0)
        os.close(links[0])


def _import(names: Sequence[str]) -> set[str]:
    """Import modules; return those whose import shows in what a notebook gives.

    That is for the notebook that imports them, and no other.
    """
    said, nowhere = os.memfd_create("said"), os.open(os.devnull, os.O_WRONLY)
    _print_to(said)
    shown = set()
    for name in [KERNEL, *(name for name in names if name not in BLIND_MODULES)]:
        before = _shown(said)
        # What cannot be imported, or ends the program, is for the notebook that tries to tell.
        with contextlib.suppress(BaseException):
            pkgutil.resolve_name(name)  # some packages import what they offer when it is asked for
        if _shown(said) != before:
            shown.add(name)
    _print_to(nowhere)
    return shown - {KERNEL}


def _forget_own_code() -> None:
    """Forget the modules that are not installed: each kernel imports them itself, observed."""
    paths = sysconfig.get_paths()
    installed = tuple(paths[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None) or ""
        kept = name.partition(".")[0] in {"__main__", *OWN}
        if file and not kept and not file.startswith(installed):
            del sys.modules[name]


def _print_to(descriptor: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())


def _shown(said: int) -> tuple[int, Mapping[str, Any]]:
    """Return how much was printed, and how figures are drawn where that is not the usual way."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    changed: Mapping[str, Any] = {}
    if library := sys.modules.get("matplotlib"):
        usual = library.rcParamsOrig
        changed = {
            key: value
            for key, value in library.rcParams.items()
            if value != usual[key] and key != "backend"
        }
    return os.fstat(said).st_size, changed


def supervise(link: socket.socket, order: Mapping[str, Any]) -> None:
    """Run a kernel until it ends or the build is gone; then end what it started.

    `link`: to the build: brings numbers of signals, takes the exit status. `order`: `arguments`,
    `folder` and `environment` of the kernel; `scratch`, a folder to remove.
    """
    # What a kernel started and left becomes a child of this process.
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    kernel = _fork()
    if kernel == 0:
        link.close()
        _become_kernel(order)
    status = None
    while status is None:
        ready, _, _ = select.select([link.fileno(), woken], [], [])
        if link.fileno() in ready:
            asked = link.recv(1)
            if not asked:
                break
            _signal(kernel, asked[0])
        if woken in ready:
            os.read(woken, LARGEST_MESSAGE)
        ended, code = os.waitpid(kernel, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if ended else None
    if status is None:
        _signal(kernel, signal.SIGKILL)
        os.waitpid(kernel, 0)
    _end_started(kernel)
    if status is None:
        shutil.rmtree(order["scratch"], ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # the build may be gone by now
            link.send(json.dumps(status).encode())


def _fork() -> int:
    with warnings.catch_warnings():
        # Python warns of threads; those that a numerical library keeps survive a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _signal(kernel: int, number: int) -> None:
    """Send a signal to a kernel and all that it started; these outlive it for a moment."""
    if number == signal.SIGKILL:
        os.kill(kernel, number)
        return
    try:
        os.killpg(kernel, number)
    except ProcessLookupError:
        os.kill(kernel, number)  # its group is not there yet


def _end_started(kernel: int) -> None:
    """End what a kernel started that is gone: all of it became a child of this process."""
    with contextlib.suppress(ProcessLookupError):  # nobody of its group is left
        os.killpg(kernel, signal.SIGTERM)
    while left := below(os.getpid()):
        end(left)


def _become_kernel(order: Mapping[str, Any]) -> None:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()  # or all kernels would draw the same numbers
        observe()
        importlib.import_module(KERNEL).launch(argv=order["arguments"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    # Here is no module; IPython lets each kernel find those beside its notebook.
    del sys.path[0]
    main()
