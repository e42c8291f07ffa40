"""What this machine alone knows of a paper: where its records are; git takes none of it."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from paper.errors import PaperError
from paper.storage.files import read_fields, replace_text

CACHE = ".paper"
LOCAL = f"{CACHE}/local.yml"
HOW = "Name them again: paper use --data FILE"


@dataclass(frozen=True)
class Local:
    """Where the records of a paper are, and their study definition if it is another."""

    data: Path | None = None
    study: Path | None = None


def keep_out_of_git(cache: Path) -> None:
    """Let git take nothing of a folder, whatever else it ignores: it may be of records."""
    replace_text(cache / ".gitignore", "*\n")


def remember(root: Path, data: Path | None, study: Path | None = None) -> None:
    """Remember where the records of a paper are; None forgets it."""
    keep_out_of_git(root / CACHE)
    named = {"data": data, "study": study}
    found = {name: str(file.resolve()) for name, file in named.items() if file}
    replace_text(root / LOCAL, yaml.safe_dump(found, allow_unicode=True) if found else "")


def remembered(root: Path) -> Local:
    """Return what is remembered.

    Raises PaperError if the file is not what `remember` writes.
    """
    if not (root / LOCAL).is_file():
        return Local()
    content = read_fields(root / LOCAL, LOCAL).content or {}
    try:
        return Local(**{name: Path(file) for name, file in content.items()})
    except (AttributeError, TypeError):
        raise PaperError(LOCAL, "not `data: FILE`, `study: FILE`", HOW) from None
