"""The processes that another one started, and their end."""

from __future__ import annotations

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


def family(leader: int) -> list[psutil.Process]:
    """Return a process, those that it started, and those of its session if it leads one.

    They stay a session when it is gone. Windows has no sessions.
    """
    found = set(below(leader))
    with contextlib.suppress(psutil.NoSuchProcess):
        found.add(psutil.Process(leader))
    for process in psutil.process_iter() if hasattr(os, "getsid") else ():
        with contextlib.suppress(OSError):  # gone by now, or of somebody else
            if os.getsid(process.pid) == leader:
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
