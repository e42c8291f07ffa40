"""What kernels have around them: the same whoever builds where."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from declared import read_yaml


@cache
def surroundings() -> Mapping[str, str]:
    """Return what a kernel has in its environment, whoever starts it."""
    fixed: dict[str, str] = read_yaml(Path(__file__).with_suffix(".yml")).content
    library = find_spec("matplotlib")
    if library is None or library.origin is None:
        return fixed
    # The library's own defaults, not those that somebody keeps at home.
    return fixed | {"MATPLOTLIBRC": str(Path(library.origin).parent / "mpl-data")}


def own(scratch: str) -> tuple[str, str]:
    """Return the variable that no two kernels share, and its value.

    It names a profile of the kernel's own, below a folder that it may use: what somebody keeps in
    theirs would run in every notebook.
    """
    return "IPYTHONDIR", f"{scratch}/ipython"
