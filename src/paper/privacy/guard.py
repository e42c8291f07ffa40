"""Refuse to commit what looks like records of patients."""

import codecs
import csv
import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from pathlib import Path, PurePosixPath

from declared import read_yaml
from paper.errors import PaperError
from paper.privacy.study_columns import study_columns
from paper.storage.project import DATA, STUDY
from paper.storage.settings import NOT_RECORDS, SETTINGS, read_section
from paper.storage.system.git import ask_git

LOOK = read_yaml(Path(__file__).with_name("records.yml")).content
RECORD_FILES, TABLES = set(LOOK["files"].split()), set(LOOK["tables"].split())
PERSON, WHOLE = ("|".join(LOOK[name].split()) for name in ("person", "whole"))
# A copy has a name such as `ward.xlsx.bak` or `ward.csv (2)`.
ENDING = re.compile(r"\.[a-z0-9]+")
OF_PERSONS = re.compile(
    rf"(?:^|[^a-z])(?:{PERSON})(?:_?(?:id|no|nr|number|code))?(?:$|[^a-z])|^(?:{WHOLE})$",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\s*[+-]?\d[\d.,]*\s*")
FEWEST_ROWS = 5
FEWEST_COLUMNS = 2  # of the study
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
READ_BYTES = 1 << 20
PURPOSE = "The guard looks at what git would commit."
MEND = (
    f"Keep records in records/, which git ignores: `git restore --staged FILE`; clear outputs of "
    f"notebooks. A file of nobody's data goes into {SETTINGS}, {NOT_RECORDS}, with its digest and "
    f"the reason."
)


def staged_files(root: Path) -> list[str]:
    """Return the paths of what the next commit adds or changes."""
    return ask_git(root, PURPOSE, "diff", "--cached", "--name-only", "--diff-filter=d", "-z")


def tracked_files(root: Path) -> list[str]:
    """Return the paths of all that git tracks."""
    return ask_git(root, PURPOSE, "ls-files", "-z")


def look_for_records(root: Path, paths: Sequence[str]) -> list[PaperError]:
    """Return an error for each file that looks like records, as it is staged.

    Parameters
    ----------
    root
        A git work tree.
    paths
        Files below it.
    """
    (allowed, problems), columns = _read_allowed(root), study_columns(root)
    for path in paths:
        if what := _what_is_wrong(root, path, columns):
            content = _staged(root, path)
            if allowed.get(path) != hashlib.sha256(content).hexdigest():
                problems.append(PaperError(path, what, MEND))
    return problems


def _what_is_wrong(root: Path, path: str, columns: Set[str]) -> str:
    """Say what a file looks like, and nothing of what is in it."""
    file = PurePosixPath(path)
    if "records" in file.parts[:-1] and file.parts[0] == "records":
        return "lies in records/, which is kept out of version control"
    if file.suffix == ".ipynb" and not (root / DATA).is_file() and (root / STUDY).is_file():
        return "has outputs, which are of records" if _has_outputs(_staged(root, path)) else ""
    endings = {*ENDING.findall(file.name.lower())}
    if endings & RECORD_FILES:
        return "is a file in which records of patients usually come"
    if (not endings or endings & TABLES) and _is_table_of_persons(_staged(root, path), columns):
        return "looks like a table of patients"
    return ""


def _has_outputs(notebook: bytes) -> bool:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        return any(cell.get("outputs") for cell in json.loads(notebook)["cells"])
    return False


def _staged(root: Path, path: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        ["git", "show", f":{path}"],  # noqa: S607
        cwd=root, capture_output=True, check=False,
    )  # fmt: skip
    return done.stdout


def _is_table_of_persons(content: bytes, columns: Set[str]) -> bool:
    encoding = "utf-16" if content.startswith(BYTE_ORDER_MARKS) else "utf-8-sig"
    lines = content[:READ_BYTES].decode(encoding, errors="replace").splitlines()
    return any(_has_rows_of_persons(lines, delimiter, columns) for delimiter in ",;\t|")


def _has_rows_of_persons(lines: Sequence[str], delimiter: str, columns: Set[str]) -> bool:
    rows = [row for row in _rows(lines, delimiter) if len(row) > 1]
    widths = Counter(map(len, rows))
    return any(
        n_rows > FEWEST_ROWS and _names_persons(_header(rows, width), columns)
        for width, n_rows in widths.items()
    )


def _names_persons(header: Sequence[str], columns: Set[str]) -> bool:
    names = {name.strip() for name in header}
    of_study = {name.casefold() for name in names} & columns
    return len(of_study) >= FEWEST_COLUMNS or any(map(OF_PERSONS.search, names))


def _header(rows: Sequence[Sequence[str]], width: int) -> Sequence[str]:
    """Return the first row of a width that has no number: a title may stand above it."""
    as_wide = (row for row in rows if len(row) == width)
    return next((row for row in as_wide if not any(NUMBER.fullmatch(cell) for cell in row)), ())


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    with suppress(csv.Error):  # what came before it counts
        yield from csv.reader(lines, delimiter=delimiter)


def _read_allowed(root: Path) -> tuple[dict[str, str], list[PaperError]]:
    """Read what is known to be nobody's data: path → digest of the very content."""
    try:
        section = read_section(root, NOT_RECORDS)
    except PaperError as error:
        return {}, [error]
    content = section.content or []
    wanted = {"file", "sha256", "reason"}
    if not isinstance(content, list) or not all(
        isinstance(entry, dict) and set(entry) == wanted for entry in content
    ):
        what = f"{NOT_RECORDS}: an entry has {', '.join(sorted(wanted))}"
        return {}, [PaperError(f"{SETTINGS}, line {section.line}", what)]
    return {str(entry["file"]): str(entry["sha256"]) for entry in content}, []
