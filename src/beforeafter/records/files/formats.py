"""The table of a file, by the reader it needs, or one of several sheets or files of visits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from beforeafter.records.files import table
from beforeafter.records.files.binary import read_parquet, read_statistics
from beforeafter.records.files.delimited import read_delimited
from beforeafter.records.files.opendocument import read_ods
from beforeafter.records.files.table import MOST_BYTES, Choose, RawTable
from beforeafter.records.files.workbook import read_xlsx
from beforeafter.records.report import Report
from beforeafter.study import Records, plain_words

Reader = Callable[[Path, Records, Choose, Report], RawTable]
READERS: dict[str, Reader] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".ods": read_ods,
    ".parquet": read_parquet,
    ".sav": partial(read_statistics, "read_sav"),
    ".zsav": partial(read_statistics, "read_sav"),
    ".dta": partial(read_statistics, "read_dta"),
}
# In these no row holds the names of the columns.
NAME_THEIR_COLUMNS = {".parquet", ".sav", ".zsav", ".dta"}
# What begins like this is no text, whatever it is called.
BEGINNINGS = {
    b"PK\x03\x04": {".xlsx", ".xlsm", ".ods"},
    b"PAR1": {".parquet"},
    b"$FL2": {".sav"},
    b"$FL3": {".zsav", ".sav"},
    b"\xd0\xcf\x11\xe0": set(),
}


def read_table(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read the cells of a file.

    `choose` says which columns are kept; the report is told what was found out on the way. What is
    no table, or larger than can be read, is an `UnreadableError`.
    """
    suffix = file.suffix.lower()
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(4)
    except FileNotFoundError:
        raise report.unreadable("no such file", value=str(file), shown=True) from None
    except OSError as error:
        raise report.unreadable(f"cannot be read: {error.strerror}") from None
    if size == 0:
        raise report.unreadable("the file is empty")
    if size > MOST_BYTES:
        raise report.unreadable(f"larger than {MOST_BYTES // 1024**2:,} MiB")
    if suffix not in READERS or suffix not in BEGINNINGS.get(start, READERS):
        kinds = ", ".join(READERS)
        raise report.unreadable(
            "of a kind that is not read, or not what its name says", f"read are {kinds}"
        )
    try:
        return READERS[suffix](file, declared, choose, report)
    except table.TooLargeError as error:
        raise report.unreadable(str(error), "a cohort is smaller") from None


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
        report.convert(name, f"{part.n_rows:,} rows read of the {visit.replace('_', '-')} visit")
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
            report.convert(name, f"is column {ours} of an earlier part")
    columns = tuple(replace(one, name=header[one.position - 1]) for one in part.columns)
    return replace(part, header=header, columns=columns)


def _stacked(parts: Sequence[RawTable], names: tuple[str, ...]) -> RawTable:
    header = [*dict.fromkeys(name for part in parts for name in part.header)]
    twice = [name for part in parts for name in {*part.header} if part.header.count(name) > 1]
    nothing = np.empty(0, dtype=np.int64)
    numbers = [part.columns[0].rows if part.columns else nothing for part in parts]
    rows = np.concatenate([(place << table.PART) + of for place, of in enumerate(numbers)])
    marks = {
        (place << table.PART) + number: mark
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
    columns.append(table.Column(table.VISIT, len(header) + 1, codes, names, rows, parts=names))
    typed = any(part.typed for part in parts)
    return RawTable((*header, *twice, table.VISIT), tuple(columns), typed, marks)


def _column(name: str, place: int, parts: Sequence[RawTable]) -> table.Column:
    """Return the column of one name, its distinct cells numbered across the parts."""
    numbers: dict[tuple[type, table.Cell], int] = {}
    codes: list[table.Codes] = []
    labels: dict[table.Cell, str] = {}
    for part in parts:
        column = next((one for one in part.columns if one.name == name), None)
        if column is None:
            codes.append(np.full(part.n_rows, table.EMPTY, dtype=np.int32))
            continue
        labels |= column.labels
        known = [numbers.setdefault((type(cell), cell), len(numbers)) for cell in column.cells]
        codes.append(np.array([*known, table.EMPTY], dtype=np.int32)[column.codes])
    cells = tuple(cell for _, cell in numbers)
    return table.Column(name, place, np.concatenate(codes), cells, np.empty(0, np.int64), labels)
