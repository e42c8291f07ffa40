"""A process that ends kernels, with all that they started, when the build that has them is gone.

It is told of kernels on its standard input. That closes when the build ends, however it does; a
build that ended in good order has ended its kernels, and said so.
"""

import json
import shutil
import signal
import sys
from collections.abc import Callable
from typing import Any

from paper.notebooks.kernels.processes import end, family
from paper.notebooks.kernels.surroundings import own


def guard(start: Callable[[Any], int] = int) -> None:
    """Read who runs until the build is gone; then end who is left.

    A line is `[process, folder]`, the folder null once it ended. `start`: returns the process of a
    kernel, which it may have to start first.
    """
    kernels: dict[int, str] = {}
    for line in sys.stdin:
        kernel, folder = json.loads(line)
        process = start(kernel)
        if folder is None:
            kernels.pop(process, None)
        else:
            kernels[process] = folder
    for process, folder in kernels.items():
        end(family(process, own(folder)))
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Ctrl-C is for the build.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    guard()
