"""What a paper is rendered with: from where this package keeps it into the folder of a paper."""

import filecmp
import shutil
import tempfile
from importlib.metadata import files, packages_distributions
from pathlib import Path

from paper.errors import PaperError
from paper.storage.files import ASIDE, replace_folder
from paper.storage.project import EXTENSION

NAMED = "_extension.yml"
CHECKOUT = Path(__file__).parents[3] / EXTENSION


def write_extension(root: Path) -> list[str]:
    """Write the extension of this package into the folder of a paper, in place of an older one.

    Returns the files that were not as they are now, by name. Raises PaperError if this installation
    has no extension.
    """
    source, place = _kept(), root / EXTENSION
    names = {file.name for folder in (source, place) for file in folder.glob("*")}
    _, differing, missing = filecmp.cmpfiles(source, place, names, shallow=False)
    changed = sorted(differing + missing)
    if changed:
        place.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=ASIDE) as scratch:
            copied = shutil.copytree(source, Path(scratch) / place.name)
            replace_folder(Path(copied), place)
    return changed


def _kept() -> Path:
    """Return where this package keeps it: in its checkout, or beside what was installed."""
    if (CHECKOUT / NAMED).is_file():
        return CHECKOUT
    (distribution,) = set(packages_distributions()["paper"])
    for file in files(distribution) or []:
        if file.name == NAMED:
            return Path(str(file.locate())).resolve().parent
    raise PaperError(EXTENSION, "this installation does not have it", "Install the package anew.")
