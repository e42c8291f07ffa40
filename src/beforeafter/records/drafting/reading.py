"""The table of a file of which nothing is known: its header, and the sheets that are visits."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.records.cells import number_of
from beforeafter.records.drafting.guesses import NAMES, is_patient, visit_of
from beforeafter.records.files.delimited import read_delimited
from beforeafter.records.files.formats import NAME_THEIR_COLUMNS, READERS, read_table, read_tables
from beforeafter.records.files.table import RawTable
from beforeafter.records.report import Report, UnreadableError
from beforeafter.study import Records, plain_words

LAST_HEADER = 12


class _SeenError(Exception):
    """Ends the reading of a file whose header was seen."""


def read_unknown(files: Sequence[Path]) -> tuple[RawTable, dict[str, Any], list[str]]:
    """Return the table of all files, how it was read, and what is to be asked of that."""
    records: dict[str, Any] = {}
    questions = []
    in_columns = files[0].suffix.lower() in NAME_THEIR_COLUMNS
    names = [] if in_columns else _sheets(files[0])
    visits = [name for name in names if visit_of(name, alone=True)]
    sheet = None
    if len(files) > 1:
        records["visits"] = {"files": {_visit(file.stem): file.name for file in files}}
    elif len(visits) > 1:
        records["visits"] = {"sheets": {_visit(name): name for name in visits}}
        sheet = visits[0]
    elif names:
        sheet = records["sheet"] = (visits or names)[0]
    if left := [name for name in names if name not in {sheet, *visits}]:
        questions.append(f"records: sheet: {', '.join(left)} was not read")
    header = [1] if in_columns else _best_header(files[0], sheet)
    if header != [1]:
        records["header_row"] = header if len(header) > 1 else header[0]
    everything = lambda header: range(len(header))  # noqa: E731
    table = read_tables(files[0], Records.model_validate(records), everything, Report(files[0]))
    return table, records, questions


def _sheets(file: Path) -> list[str]:
    """Return the sheets of a spreadsheet that has several."""
    try:
        _header(file, [1], None)
    except UnreadableError as error:
        if "sheets have something" in error.remark.rule:
            return str(error.remark.value).split(", ")
    return []


def _header(file: Path, rows: list[int], sheet: str | None) -> list[str]:
    """Return the names of columns in some rows; none where these hold none."""
    seen: list[str] = []
    is_text = READERS.get(file.suffix.lower()) is read_delimited

    def choose(header: Sequence[str]) -> list[int]:
        seen[:] = [name.strip() for name in header]
        if is_text:  # which tries several delimiters
            return []
        raise _SeenError

    try:
        read_table(file, Records(header_row=tuple(rows), sheet=sheet), choose, Report(file))
    except _SeenError:
        pass
    except UnreadableError as error:
        if "holds no names" not in error.remark.rule:
            raise
    return seen


def _best_header(file: Path, sheet: str | None) -> list[int]:
    """Return the rows above the first numbers that say most of patients and visits."""
    rows = [*_rows_above_numbers(file, sheet)] or [1]
    choices = [[row] for row in rows] + [[*pair] for pair in pairwise(rows)]
    return max(choices, key=lambda choice: _score(_header(file, choice, sheet)))


def _rows_above_numbers(file: Path, sheet: str | None) -> Iterator[int]:
    for row in range(1, LAST_HEADER):
        header = _header(file, [row], sheet)
        if any(not np.isnan(number_of(name)) for name in header):
            return
        yield row


def _score(header: Sequence[str]) -> int:
    names = [name for name in header if name]
    if len({*names}) < max(2, len(names)):
        return 0
    of_visits = sum(visit_of(name) is not None for name in names)
    known = sum(
        is_patient(name) or NAMES["visit_column"].fullmatch(plain_words(name)) is not None
        for name in names
    )
    return 1 + of_visits + known


def _visit(name: str) -> str:
    return found.visit if (found := visit_of(name, alone=True) or visit_of(name)) else name
