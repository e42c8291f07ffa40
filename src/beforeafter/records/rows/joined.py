"""One table of several sheets or files, one for each visit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from beforeafter.records.columns import VISIT
from beforeafter.records.files.formats import read_table
from beforeafter.records.files.table import EMPTY, PART, Cell, Choose, Codes, Column, RawTable
from beforeafter.records.report import Conversion, Report
from beforeafter.study import Records, plain_words


def read_tables(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read a file, or the sheets or files of the visits, one below the other.

    Files of visits are looked for in the folder of `file`, or in `file` if that is a folder. In a
    table of several parts a column VISIT says which part each row is of; columns whose names differ
    by case, accents and spaces alone are one.
    """
    visits = declared.visits
    if visits is None or not (visits.sheets or visits.files):
        return read_table(file, declared, choose, report)
    folder = file if file.is_dir() else file.parent
    if visits.files and file != folder and file.name not in visits.files.values():
        names = ", ".join(visits.files.values())
        raise report.unreadable("not a file of a visit", f"records: visits: files has {names}")
    parts: list[RawTable] = []
    known: dict[str, str] = {}
    for visit, name in visits.named.items():
        told = replace(report, file=folder / name) if visits.files else report
        sheet = name if visits.sheets else declared.sheet
        part = _read_part(told, declared.model_copy(update={"sheet": sheet}), choose, known)
        known = {plain_words(name): name for name in part.header} | known
        what = f"{part.n_rows:,} rows read of the {visit.replace('_', '-')} visit"
        report.conversions.append(Conversion(name, what))
        parts.append(part)
    report.sheet = None
    return _stacked(parts, tuple(visits.named.values()))


def _read_part(
    report: Report, declared: Records, choose: Choose, known: Mapping[str, str]
) -> RawTable:
    """Read a part, its columns under the names that earlier parts have for them."""

    def named(header: Sequence[str]) -> tuple[str, ...]:
        plain = [plain_words(name) for name in header]
        return tuple(
            known.get(words, name.strip()) if plain.count(words) == 1 else name.strip()
            for words, name in zip(plain, header, strict=True)
        )

    part = read_table(report.file, declared, lambda header: choose(named(header)), report)
    header = named(part.header)
    for ours, name in zip(header, part.header, strict=True):
        if ours != name.strip():
            report.conversions.append(Conversion(name, f"is column {ours} of an earlier part"))
    columns = tuple(replace(one, name=header[one.position - 1]) for one in part.columns)
    return replace(part, header=header, columns=columns)


def _stacked(parts: Sequence[RawTable], names: tuple[str, ...]) -> RawTable:
    header = [*dict.fromkeys(name for part in parts for name in part.header)]
    twice = [name for part in parts for name in {*part.header} if part.header.count(name) > 1]
    nothing = np.empty(0, dtype=np.int64)
    numbers = [part.columns[0].rows if part.columns else nothing for part in parts]
    rows = np.concatenate([(place << PART) + of for place, of in enumerate(numbers)])
    marks = {
        (place << PART) + number: mark
        for place, part in enumerate(parts)
        for number, mark in part.marks.items()
    }
    kept = {column.name for part in parts for column in part.columns}
    columns = [
        replace(_column(name, place, parts), rows=rows, parts=names)
        for place, name in enumerate(header, start=1)
        if name in kept
    ]
    codes = np.repeat(np.arange(len(parts), dtype=np.int32), [part.n_rows for part in parts])
    columns.append(Column(VISIT, len(header) + 1, codes, names, rows, parts=names))
    typed = any(part.typed for part in parts)
    return RawTable((*header, *twice, VISIT), tuple(columns), typed, marks)


def _column(name: str, place: int, parts: Sequence[RawTable]) -> Column:
    """Return the column of one name, its distinct cells numbered across the parts."""
    numbers: dict[tuple[type, Cell], int] = {}
    codes: list[Codes] = []
    labels: dict[Cell, str] = {}
    for part in parts:
        column = next((one for one in part.columns if one.name == name), None)
        if column is None:
            codes.append(np.full(part.n_rows, EMPTY, dtype=np.int32))
            continue
        labels |= column.labels
        known = [numbers.setdefault((type(cell), cell), len(numbers)) for cell in column.cells]
        codes.append(np.array([*known, EMPTY], dtype=np.int32)[column.codes])
    cells = tuple(cell for _, cell in numbers)
    return Column(name, place, np.concatenate(codes), cells, np.empty(0, np.int64), labels)
