"""A process that ends kernels, with all that they started, when the build that has them is gone.

Started by `alone`, which tells it of kernels on its standard input. That closes when the
build ends, however it does; a build that ended in good order has ended its kernels, and said so.
"""

import json
import shutil
import signal
import sys

from paper.notebooks.kernels.processes import end, family
from paper.notebooks.kernels.surroundings import own


def main() -> None:
    """Read who runs until the build is gone: `[process, folder]`, the folder null once it ended."""
    # Ctrl-C is for the build.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernels: dict[int, str] = {}
    for line in sys.stdin:
        process, folder = json.loads(line)
        if folder is None:
            kernels.pop(process, None)
        else:
            kernels[process] = folder
    for process, folder in kernels.items():
        end(family(process, own(folder)))
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
