"""What kernels have around them: the same whoever builds where."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import declared
from declared import read_yaml
from paper.storage.project import DATA_VARIABLE, STUDY_VARIABLE

# Where programs, libraries and scratch files are, and which patients are meant; what a kernel
# computes depends on none of the first, and the last are inputs.
PASSED_ON = (
    "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV",
    "CONDA_PREFIX", "SYSTEMROOT", DATA_VARIABLE, STUDY_VARIABLE,
)  # fmt: skip


@cache
def surroundings() -> Mapping[str, str]:
    """Return what a kernel has in its environment, whoever starts it."""
    fixed: dict[str, str] = read_yaml(Path(__file__).with_suffix(".yml")).content
    library = find_spec("matplotlib")
    if library is None or library.origin is None:
        return fixed
    # The library's own defaults, not those that somebody keeps at home.
    return fixed | {"MATPLOTLIBRC": str(Path(library.origin).parent / "mpl-data")}


def passed_on(more: Sequence[str]) -> dict[str, str]:
    """Return the whole environment of a kernel: little, fixed, or named by the paper."""
    names = [*PASSED_ON, *more]
    return {**{name: os.environ[name] for name in names if name in os.environ}, **surroundings()}


def own_packages() -> list[Path]:
    """Return the folders of the packages that run notebooks: of `paper`, and of the ground floor."""
    return [Path(__file__).parents[2], Path(str(declared.__file__)).parent]


def own(scratch: str) -> tuple[str, str]:
    """Return the variable that no two kernels share, and its value.

    It names a profile of the kernel's own, below a folder that it may use: what somebody keeps in
    theirs would run in every notebook.
    """
    return "IPYTHONDIR", f"{scratch}/ipython"
