"""One table of several sheets or files, one for each visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from beforeafter.records.columns import VISIT
from beforeafter.records.files.formats import read_table
from beforeafter.records.files.table import EMPTY, PART, Cell, Choose, Codes, Column, RawTable, Rows
from beforeafter.records.report import Conversion, Report
from beforeafter.study import Records


def read_tables(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read a file, or the sheets or files of the visits, one below the other.

    Files of visits are looked for in the folder of `file`, or in `file` if that is a folder. In a
    table of several parts a column VISIT says which part each row is of.
    """
    visits = declared.visits
    if visits is None or not (visits.sheets or visits.files):
        return read_table(file, declared, choose, report)
    folder = file if file.is_dir() else file.parent
    if visits.files and file != folder and file.name not in visits.files.values():
        names = ", ".join(visits.files.values())
        raise report.unreadable("not a file of a visit", f"records: visits: files has {names}")
    parts = {}
    for visit, name in visits.named.items():
        sheet = name if visits.sheets else declared.sheet
        told = replace(report, file=folder / name) if visits.files else report
        part = declared.model_copy(update={"sheet": sheet})
        parts[visit] = read_table(told.file, part, choose, told)
        what = f"{parts[visit].n_rows:,} rows read of the {visit.replace('_', '-')} visit"
        report.conversions.append(Conversion(name, what))
    report.sheet = None
    return _stacked(parts, visits.named)


def _stacked(parts: Mapping[str, RawTable], names: Mapping[str, str]) -> RawTable:
    header = [*dict.fromkeys(name.strip() for part in parts.values() for name in part.header)]
    twice = [
        name
        for part in parts.values()
        for name in {*part.header}
        if part.header.count(name) > 1
    ]  # fmt: skip
    rows = np.concatenate(
        [
            np.full(part.n_rows, place << PART, dtype=np.int64) + _numbers(part)
            for place, part in enumerate(parts.values())
        ]
    )
    marks = {
        (place << PART) + number: mark
        for place, part in enumerate(parts.values())
        for number, mark in part.marks.items()
    }
    told = tuple(names.values())
    columns = [
        replace(_column(name, place, parts), rows=rows, parts=told)
        for place, name in enumerate(header, start=1)
        if any(name == column.name.strip() for part in parts.values() for column in part.columns)
    ]
    sizes = [part.n_rows for part in parts.values()]
    codes = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    columns.append(Column(VISIT, len(header) + 1, codes, tuple(names.values()), rows, parts=told))
    typed = any(part.typed for part in parts.values())
    return RawTable((*header, *twice, VISIT), tuple(columns), typed, marks)


def _numbers(part: RawTable) -> Rows:
    return part.columns[0].rows if part.columns else np.empty(0, dtype=np.int64)


def _column(name: str, place: int, parts: Mapping[str, RawTable]) -> Column:
    """Return the column of one name, its distinct cells numbered across the parts."""
    numbers: dict[tuple[type, Cell], int] = {}
    codes: list[Codes] = []
    labels: dict[Cell, str] = {}
    for part in parts.values():
        column = next((one for one in part.columns if one.name.strip() == name), None)
        if column is None:
            codes.append(np.full(part.n_rows, EMPTY, dtype=np.int32))
            continue
        labels |= column.labels
        known = [numbers.setdefault((type(cell), cell), len(numbers)) for cell in column.cells]
        codes.append(np.array([*known, EMPTY], dtype=np.int32)[column.codes])
    cells = tuple(cell for _, cell in numbers)
    return Column(name, place, np.concatenate(codes), cells, np.empty(0, np.int64), labels)
