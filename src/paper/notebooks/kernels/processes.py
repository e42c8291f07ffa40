"""The processes that another one started, and their end."""

import contextlib
import os
from collections.abc import Sequence

import psutil

# How long a process that is asked to end may take; what keeps account of shared memory does not
# heed the request, but removes what the others left, and ends then.
SECONDS_TO_END = 2


def below(pid: int) -> list[psutil.Process]:
    """Return the processes that a process started, at any remove; none if it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return list(psutil.Process(pid).children(recursive=True))
    return []


def family(leader: int, sign: tuple[str, str]) -> list[psutil.Process]:
    """Return a process and all that come from it, though it may be gone.

    `leader`: the process. What it starts stays in its session, but on Windows, which has none, and
    unless it begins one of its own. `sign`: a variable of the environment that it was started with,
    and its value, which no other has. What it starts inherits it; a system may refuse to tell.
    """
    found = set(below(leader))
    with contextlib.suppress(psutil.NoSuchProcess):
        found.add(psutil.Process(leader))
    name, value = sign
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # gone by now, or of somebody else
            is_near = hasattr(os, "getsid") and os.getsid(process.pid) == leader
            if is_near or process.environ().get(name) == value:
                found.add(process)
    return list(found)


def end(processes: Sequence[psutil.Process]) -> None:
    """Ask processes to end, and end those that do not."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=SECONDS_TO_END)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=SECONDS_TO_END)
