"""Refuse to commit what looks like records of patients."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from paper.allowed import read_yaml_node
from paper.errors import PaperError

ALLOWED = "not-records.yml"
# Files of statistical programs and spreadsheets, in which records usually come.
RECORD_FILES = {
    ".dta", ".feather", ".ods", ".parquet", ".por", ".rda", ".rdata", ".rds", ".sas7bdat", ".sav",
    ".xls", ".xlsb", ".xlsm", ".xlsx", ".xpt", ".zsav",
}  # fmt: skip
TABLES = {"", ".csv", ".dat", ".psv", ".tab", ".tsv", ".txt"}
# Columns that say whose row it is.
PERSON = re.compile(
    r"(?:^|[^a-z])(?:patient|subject|participant|record_?id|case_?id|person|surname|forename|"
    r"first_?name|last_?name|name|initials|mrn|ipp|nhs|ssn|dob|birth|date_of_birth|postcode|zip|"
    r"phone|e_?mail|address)(?:_?(?:id|no|nr|number|code))?(?:$|[^a-z])|^(?:id|pid|sid)$",
    re.IGNORECASE,
)
FEWEST_ROWS = 5
READ_BYTES = 1 << 20
MEND = (
    f"Keep records in records/, which git ignores: `git restore --staged FILE`. A file of nobody's "
    f"data goes into {ALLOWED}, with its digest and the reason."
)


def staged_files(root: Path) -> list[str]:
    """Return the paths of what the next commit adds or changes."""
    return _git(root, "diff", "--cached", "--name-only", "--diff-filter=d", "-z")


def tracked_files(root: Path) -> list[str]:
    """Return the paths of all that git tracks."""
    return _git(root, "ls-files", "-z")


def _git(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(  # noqa: S603
        ["git", *arguments],  # noqa: S607
        cwd=root, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        raise PaperError("git", done.stderr.strip(), "The guard looks at what git would commit.")
    return done.stdout.split("\0")[:-1]


def look_for_records(root: Path, paths: Sequence[str]) -> list[PaperError]:
    """Return an error for each file that looks like records, as it is staged.

    Parameters
    ----------
    root
        A git work tree.
    paths
        Files below it.
    """
    allowed, problems = _read_allowed(root)
    for path in paths:
        if what := _what_is_wrong(root, path):
            content = _staged(root, path)
            if allowed.get(path) != hashlib.sha256(content).hexdigest():
                problems.append(PaperError(path, what, MEND))
    return problems


def _what_is_wrong(root: Path, path: str) -> str:
    """Say what a file looks like, and nothing of what is in it."""
    file = PurePosixPath(path)
    if "records" in file.parts[:-1] and file.parts[0] == "records":
        return "lies in records/, which is kept out of version control"
    if file.suffix.lower() in RECORD_FILES:
        return "is a file in which records of patients usually come"
    if file.suffix.lower() in TABLES and _is_table_of_persons(_staged(root, path)):
        return "looks like a table of patients"
    return ""


def _staged(root: Path, path: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        ["git", "show", f":{path}"],  # noqa: S607
        cwd=root, capture_output=True, check=False,
    )  # fmt: skip
    return done.stdout


def _is_table_of_persons(content: bytes) -> bool:
    text = content[:READ_BYTES].decode("utf-8-sig", errors="replace")
    lines = text.splitlines()
    if len(lines) <= FEWEST_ROWS:
        return False
    return any(PERSON.search(column.strip()) for column in _header(lines[0]))


def _header(line: str) -> Iterator[str]:
    delimiter = max(",;\t|", key=line.count)
    if delimiter in line:
        yield from next(csv.reader([line], delimiter=delimiter))


def _read_allowed(root: Path) -> tuple[dict[str, str], list[PaperError]]:
    """Read what is known to be nobody's data: path → digest of the very content."""
    try:
        content, _ = read_yaml_node(root / ALLOWED)
    except PaperError as error:
        return {}, [error]
    wanted = {"file", "sha256", "reason"}
    if not all(isinstance(entry, dict) and set(entry) == wanted for entry in content or []):
        return {}, [PaperError(ALLOWED, f"an entry has {', '.join(sorted(wanted))}")]
    return {str(entry["file"]): str(entry["sha256"]) for entry in content or []}, []
