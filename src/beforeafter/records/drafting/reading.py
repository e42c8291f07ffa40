"""The table of a file of which nothing is known: its header, and the sheets that are visits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from beforeafter.records.drafting.guesses import visit_of
from beforeafter.records.files.formats import read_table
from beforeafter.records.files.table import RawTable
from beforeafter.records.report import Report, UnreadableError
from beforeafter.records.rows.joined import read_tables
from beforeafter.study import Records

LAST_HEADER = 12


def read_unknown(files: Sequence[Path]) -> tuple[RawTable, dict[str, Any]]:
    """Return the table of all files, and how it was read."""
    everything = lambda header: range(len(header))  # noqa: E731
    records: dict[str, Any] = {}
    if len(files) > 1:
        records["visits"] = {"files": {_visit(file.stem): file.name for file in files}}
    header: Any = 1
    for header in _headers():
        report, declared = Report(files[0]), Records(header_row=header)
        try:
            table = read_table(files[0], declared, everything, report)
        except UnreadableError as error:
            sheets = str(error.remark.value).split(", ")
            if "sheets have something" in error.remark.rule and "visits" not in records:
                visits = [visit_of(name, alone=True) for name in sheets]
                if all(visits):
                    records["visits"] = {"sheets": {_visit(name): name for name in sheets}}
                else:
                    records["sheet"] = sheets[0]
                break
            continue
        if _is_header(table.header):
            break
    else:
        raise Report(files[0]).unreadable("no row of names of columns was found")
    if header != 1:
        records["header_row"] = header
    declared = Records.model_validate(records)
    return read_tables(files[0], declared, everything, Report(files[0])), records


def _headers() -> Iterator[Any]:
    for row in range(1, LAST_HEADER):
        yield row
        if row > 1:
            yield [row - 1, row]


def _visit(name: str) -> str:
    return found.visit if (found := visit_of(name, alone=True) or visit_of(name)) else name


def _is_header(header: Sequence[str]) -> bool:
    names = [name.strip() for name in header]
    words = [name for name in names if re.search(r"[^\W\d]", name)]
    return len(words) > 1 and len({*words}) == len(names)
