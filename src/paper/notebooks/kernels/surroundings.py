"""What kernels have around them: the same whoever builds where."""

from __future__ import annotations

import importlib.util
from pathlib import Path

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


def surroundings() -> dict[str, str]:
    """Return what a kernel has in its environment, whoever starts it."""
    library = importlib.util.find_spec("matplotlib")
    if library is None or library.origin is None:
        return SURROUNDINGS
    # The library's own defaults, not those that somebody keeps at home.
    return SURROUNDINGS | {"MATPLOTLIBRC": str(Path(library.origin).parent / "mpl-data")}


def own(scratch: str) -> tuple[str, str]:
    """Return the variable that no two kernels share, and its value.

    It names a profile of the kernel's own, below a folder that it may use: what somebody keeps in
    theirs would run in every notebook.
    """
    return "IPYTHONDIR", f"{scratch}/ipython"
