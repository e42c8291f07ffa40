"""Refuse to commit, merge or push what looks like records of patients."""

import hashlib
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from declared import DataError, read_yaml
from paper.errors import PaperError
from paper.privacy.containers import ClosedError, texts_in
from paper.privacy.rows_in_use import RowsInUse
from paper.storage.project import DATA, STUDY, data_of
from paper.storage.settings import NOT_RECORDS, SETTINGS, read_section
from paper.storage.system.git import ask_git

LOOK = read_yaml(Path(__file__).with_name("records.yml")).content
RECORD_FILES, TEXTS, PROSE = ({*LOOK[name].split()} for name in ("files", "texts", "prose"))
PERSON, WHOLE = ("|".join(LOOK[name].split()) for name in ("person", "whole"))
# A copy has a name such as `ward.xlsx.bak` or `ward.csv (2)`.
ENDING = re.compile(r"\.[a-z0-9]+")
OF_PERSONS = re.compile(
    rf"(?:^|[^a-z])(?:{PERSON})(?:[ _-]?(?:id|no|nr|number|code))?(?:$|[^a-z])"
    rf"|(?:^|[\",;|\t])(?:{WHOLE})\.?(?:[\",;|\t]|$)",
    re.IGNORECASE,
)
# `name: 5`, `"name": "5"`, `name = [5, 3`: as in JSON, YAML and programs.
FIELD = re.compile(
    r"(?P<name>[\w.]+)[\"']?\s*[:=]\s*(?:c?[(\[])?(?P<values>(?:[\s,]*[\"']?-?\d[\d.]*[\"']?)+)"
)
OUTPUTS = re.compile(rb'"outputs":\s*\[\s*\{')
CELL, NUMBER = re.compile(r"[^\s,;|&:~^!/\x1f\"']+"), re.compile(r"[+-]?\d[\d.-]*")
# Names of columns: no sentences.
HEADER = re.compile(r"(?!.*[a-z]{2}[.?!] ).*\S\s*(?:[,;|&\t:^~!]| {2,})\s*\S")
FEWEST_ROWS, NEAR = 5, 12
FEWEST_COLUMNS = 2  # of the study
PURPOSE = "The guard looks at what git would commit, or push."
MEND = (
    f"Keep records in records/, which git ignores: `git restore --staged FILE`; clear outputs of "
    f"notebooks. A file of nobody's data goes into {SETTINGS}, {NOT_RECORDS}, with its digest and "
    f"the reason."
)
ALIKE = "looks like a table of patients"
# The path of a file, and the name of its content in git.
Blob = tuple[str, str]


def staged_files(root: Path) -> list[Blob]:
    """Return what the next commit, or the end of a merge, adds or changes."""
    return _changed(root, "diff", "--cached")


def tracked_files(root: Path) -> list[Blob]:
    """Return all that git tracks."""
    listed = (line.split("\t", 1) for line in ask_git(root, PURPOSE, "ls-files", "--stage", "-z"))
    return [(path, about.split()[1]) for about, path in listed]


def pushed_files(root: Path, asked: Sequence[str]) -> list[Blob]:
    """Return what the commits that a push sends add, change and say, whatever later ones remove.

    `asked`: what git tells its hook before a push: lines of `name commit name commit`.
    """
    commits = [line.split()[1] for line in asked]
    sent = [commit for commit in commits if commit.strip("0")]
    if not sent:
        return []
    said = ask_git(root, PURPOSE, "rev-list", *sent, "--not", "--remotes")
    messages = [(f"the message of {name[:10]}", name) for name in dict.fromkeys([*sent, *said])]
    return [*messages, *_changed(root, "log", "--format=", "-m", *sent, "--not", "--remotes")]


def _changed(root: Path, *command: str) -> list[Blob]:
    how = ["--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=d"]
    told = ask_git(root, PURPOSE, command[0], *how, *command[1:])
    pairs = [(path, about.split()[3]) for about, path in zip(told[::2], told[1::2], strict=True)]
    return list(dict.fromkeys(pairs))


def look_for_records(root: Path, blobs: Sequence[Blob]) -> list[PaperError]:
    """Return an error for each file that looks like records, or holds those in use."""
    (allowed, problems), columns, rows = _read_allowed(root), {*_columns_of(root)}, RowsInUse(root)
    data = data_of(root)
    if data.is_file() and _digest(data.read_bytes()) not in allowed.values():
        rows.remember(data)
    for path, name in blobs:
        content = _content(root, name)
        what = _what_is_wrong(root, path, content, columns, rows)
        if what and allowed.get(path) != _digest(content):
            problems.append(PaperError(path, what, MEND))
    return problems


def _columns_of(root: Path) -> Iterator[str]:
    """Yield the columns that have a role in the study of a paper, in small letters, if it has one.

    What is wrong with the definition is told by those who read it as a study.
    """
    waiting: list[tuple[Any, bool]] = []
    with suppress(DataError):
        waiting = [(read_yaml(root / STUDY).content, False)]
    while waiting:
        part, is_named = waiting.pop()
        if isinstance(part, str) and is_named:
            yield part.strip().casefold()
        elif isinstance(part, list):
            waiting += [(one, is_named) for one in part]
        elif isinstance(part, dict):
            # Codes that a column has of its own are no names.
            inner = {"name": part["name"]} if is_named and "name" in part else part
            waiting += [(v, is_named or key in {"column", "columns"}) for key, v in inner.items()]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _what_is_wrong(
    root: Path, path: str, content: bytes, columns: Set[str], rows: RowsInUse
) -> str:
    """Say what a file looks like, and nothing of what is in it."""
    file = PurePosixPath(path)
    if "records" in file.parts[:-1] and file.parts[0] == "records":
        return "lies in records/, which is kept out of version control"
    is_notebook, is_here = file.suffix == ".ipynb", (root / DATA).is_file()
    if is_notebook and not is_here and (root / STUDY).is_file() and OUTPUTS.search(content):
        return "has outputs, which are of records"
    endings = {*ENDING.findall(file.name.lower())}
    if endings & RECORD_FILES:
        return "is a file in which records of patients usually come"
    try:
        texts = [path, *texts_in(content)]
    except ClosedError as error:
        return str(error)
    if rows.are_in(texts):
        return "holds rows of the patients in use"
    is_text = is_notebook or bool(endings & TEXTS)
    is_alike = any(
        _has_study(text.casefold(), columns)
        or (not is_text and _has_persons(text))
        or (not is_text and not endings & PROSE and _has_no_names(text))
        for text in texts
    )
    return ALIKE if is_alike else ""


def _content(root: Path, name: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        ["git", "cat-file", "-p", name],  # noqa: S607
        cwd=root, capture_output=True, check=False,
    )  # fmt: skip
    return done.stdout


def _has_persons(text: str) -> bool:
    """Whether measured rows stand below names of columns that are of persons."""
    lines = [line for line in text.splitlines() if CELL.search(line)]
    measured = [_numbers(line) > 0 for line in lines]
    return any(
        sum(measured[at + 1 :][:NEAR]) >= FEWEST_ROWS
        for at, line in enumerate(lines)
        if not measured[at] and HEADER.match(line) and OF_PERSONS.search(line)
    )


def _has_no_names(text: str) -> bool:
    """Whether a text begins with measured rows; questions may be named 1, 2, 3."""
    rows = [line for line in text.splitlines() if CELL.search(line)]
    is_bare = bool(rows) and _numbers(rows[0]) > 0 and CELL.findall(rows[0])[:3] != ["1", "2", "3"]
    return is_bare and sum(_numbers(row) > 1 for row in rows) > FEWEST_ROWS


def _has_study(text: str, columns: Set[str]) -> bool:
    """Whether names of columns of the study have measured rows below them, or values beside."""
    if not columns:
        return False
    lines, found = text.splitlines(), Counter[str]()
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, columns))})(?!\w)")
    for at, line in enumerate(lines):
        if len({*named.findall(line)}) >= FEWEST_COLUMNS:
            rows = map(_numbers, lines[at + 1 :][:NEAR])
            if sum(count >= FEWEST_COLUMNS for count in rows) >= FEWEST_ROWS:
                return True
    for field in FIELD.finditer(text):
        found[field["name"]] += len(CELL.findall(field["values"]))
    return sum(found[name] >= FEWEST_ROWS for name in columns) >= FEWEST_COLUMNS


def _numbers(line: str) -> int:
    """Return how many numbers a row has, if half of its cells are some."""
    cells = [bool(NUMBER.fullmatch(cell)) for cell in CELL.findall(line)]
    return sum(cells) if len(cells) > 1 and 2 * sum(cells) >= len(cells) else 0


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
