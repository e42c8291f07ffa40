"""A process that imported what the notebooks import, and forks a kernel for each of them.

Started by `paper.kernels` as a process of its own, which has no thread yet; ends when the build
does. Beside each kernel stays a supervisor, which passes on signals and ends the kernel, with all
processes that it started, when the build is gone, however it went.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import warnings
from collections.abc import Mapping
from typing import Any

LARGEST_MESSAGE = 1 << 20
# What every kernel is made of.
KERNEL = "ipykernel.kernelapp"


def main() -> None:
    """Import what is asked for, then fork a kernel for each order, until no more can come."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    for name in [KERNEL, *json.loads(orders.recv(LARGEST_MESSAGE) or b"[]")]:
        # What cannot be imported is for the notebook that tries to tell.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
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


def supervise(link: socket.socket, order: Mapping[str, Any]) -> None:
    """Run a kernel until it ends or the build is gone; then end what it started.

    Parameters
    ----------
    link
        To the build: brings numbers of signals, takes the exit status.
    order
        `arguments`, `folder` and `environment` of the kernel; `scratch`, a folder to remove.
    """
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
        ended, code = os.waitpid(kernel, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if ended else None
    _signal(kernel, signal.SIGKILL)
    if status is None:
        os.waitpid(kernel, 0)
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
    """Send a signal to a kernel and all that it started."""
    try:
        os.killpg(kernel, number)
    except ProcessLookupError:
        # Its group may not be there yet, or no longer.
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, number)


def _become_kernel(order: Mapping[str, Any]) -> None:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        importlib.import_module(KERNEL).launch_new_instance(argv=order["arguments"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
