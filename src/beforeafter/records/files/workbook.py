"""Spreadsheets: XLSX through openpyxl, and what is common to XLSX and ODS.

Both are zip archives of XML. What they unpack to is measured before anything is parsed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from beforeafter.records.files.table import (
    MOST_COLUMNS,
    MOST_ROWS,
    Builder,
    Cell,
    Choose,
    ErrorCell,
    Formula,
    RawTable,
    TooLargeError,
    check_width,
)
from beforeafter.records.report import Remark, Report
from beforeafter.study import Records

MOST_UNPACKED = 512 * 1024**2
MOST_UNPACKED_WITH_MERGED = 32 * 1024**2
MOST_PARTS = 10_000
# What is parsed takes forty times its size in memory until a row of it has been read.
MOST_WITHOUT_ROW = 16 * 1024**2
BLOCK = 1_000
BYTES_AT_ONCE = 1 << 20
# A tag may begin in one block of bytes and end in the next.
LONGEST_TAG = 64
# A sheet with nothing in so many rows is empty.
FIRST_ROWS = 1000
# What openpyxl raises for a damaged workbook; a DataError is none of these.
DAMAGE = (
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError, EOFError),
    *(zipfile.BadZipFile, zlib.error, AssertionError, OverflowError, NotImplementedError),
)
Plain = str | float | date | ErrorCell | None
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell[\s>/]")


@dataclass(frozen=True)
class Contents:
    """What the parts of an archive hold, as far as it changes how they are read."""

    unpacked: int
    has_formulas: bool
    has_merged_cells: bool


def look_into(file: Path, report: Report) -> Contents:
    """Unpack an archive once, keeping nothing, to know that it can be parsed."""
    formulas = merged = False
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
                raise report.unreadable(
                    f"unpacks to more than {MOST_UNPACKED // 1024**2:,} MiB",
                    "save the sheet as CSV if it is as large as that",
                )
            for part in parts:
                without_row = 0
                for block in _blocks(archive, part):
                    without_row = _without_row(part.filename, block, without_row)
                    if without_row > MOST_WITHOUT_ROW:
                        raise report.unreadable(
                            f"{MOST_WITHOUT_ROW // 1024**2} MiB of it have no row",
                            "save the sheet as CSV",
                        )
                    formulas = formulas or FORMULA.search(block) is not None
                    merged = merged or MERGED.search(block) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise report.unreadable(
            "damaged, truncated or encrypted", "open it in a spreadsheet program and save it anew"
        ) from None
    return Contents(unpacked, formulas, merged)


def _without_row(name: str, block: bytes, before: int) -> int:
    """Return how many bytes of a part have been parsed, after one more block, since its last row.

    Rows end in a sheet and in the texts that sheets share; pictures are not parsed.
    """
    if not name.endswith((".xml", ".rels")):
        return 0
    has_rows = name.startswith(("xl/worksheets/", "xl/sharedStrings")) or name == "content.xml"
    row = max(block.rfind(b"row"), block.rfind(b"si>")) if has_rows else -1
    return before + len(block) if row < 0 else len(block) - row


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the size that the part is said to have, so that it cannot be larger.
    with archive.open(part) as stream:
        end = b""
        while block := stream.read(BYTES_AT_ONCE):
            yield end + block
            end = block[-LONGEST_TAG:]


def one_sheet(visible: dict[str, bool], declared: Records, report: Report) -> str:
    """Return the name of the sheet to read: the one declared, or the only one that shows.

    `visible` says of each sheet with anything in it whether it shows.
    """
    if declared.sheet is not None:
        if declared.sheet in visible:
            return declared.sheet
        raise report.unreadable(
            "no sheet of that name, or nothing in it",
            f"there are {', '.join(visible)}",
            value=declared.sheet,
        )
    showing = [name for name, shows in visible.items() if shows]
    if len(showing) != 1:
        raise report.unreadable(
            f"{len(showing)} sheets have something in them"
            if showing
            else "no sheet that shows has anything in it",
            "name one: --sheet, or records: sheet in the study definition",
            value=", ".join(visible),
        )
    for name in visible:
        if name not in showing:
            report.doubts.append(Remark("a hidden sheet was not read", value=name))
    return showing[0]


def table_of(
    rows: Iterable[Sequence[Cell | None]], declared: Records, choose: Choose, report: Report
) -> RawTable:
    """Make a table of the rows of a sheet, the first being row 1."""
    numbered = enumerate(rows, start=1)
    first = next((row for number, row in numbered if number == declared.header_row), ())
    header = ["" if cell is None else str(cell) for cell in first]
    while header and not header[-1].strip():
        header.pop()
    if not header:
        raise report.unreadable(
            f"row {declared.header_row} holds no names of columns",
            "records: header_row in the study definition says where they are",
        )
    check_width(header)
    builder = Builder(header, choose(header), typed=True)
    width, beyond = len(header), []
    while block := list(islice(numbered, BLOCK)):
        if block[-1][0] > MOST_ROWS or max(len(row) for _, row in block) > MOST_COLUMNS:
            raise TooLargeError(f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns")
        filled = [
            (number, row) for number, row in block if any(cell not in (None, "") for cell in row)
        ]
        beyond += [
            number for number, row in filled if any(cell not in (None, "") for cell in row[width:])
        ]
        if filled:
            padding = [None] * width
            builder.add(
                [number for number, _ in filled],
                [(*row[:width], *padding[len(row) :]) for _, row in filled],
            )
    rule = "cells beyond the last column that has a name"
    report.refuse(
        (Remark(rule, "name the column, or empty them", row=row) for row in beyond), len(beyond)
    )
    return builder.table()


def read_xlsx(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read a sheet of an Excel workbook."""
    # A slow import, which the reader of a CSV file need not wait for.
    import openpyxl  # noqa: PLC0415

    contents = look_into(file, report)
    try:
        # openpyxl leaves a file open that it cannot read to the end.
        with file.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            report.sheet = one_sheet(_sheets(book), declared, report)
            if contents.has_merged_cells:
                _tell_merged(file, contents, report)
            rows = _rows(book, file, report.sheet, contents)
            return table_of(rows, declared, choose, report)
    except DAMAGE:
        # What openpyxl says of a damaged workbook may quote its cells.
        mend = "save it anew as .xlsx, or as CSV"
        raise report.unreadable("not a workbook that can be read", mend) from None


def _sheets(book: Any) -> dict[str, bool]:
    """Return the sheets with anything in them, and whether they show."""
    return {
        sheet.title: sheet.sheet_state == "visible"
        for sheet in book.worksheets
        if any(
            cell.value is not None for row in islice(_all_rows(sheet), FIRST_ROWS) for cell in row
        )
    }


def _rows(book: Any, file: Path, sheet: str, contents: Contents) -> Iterator[list[Cell | None]]:
    values = map(_cells, _all_rows(book[sheet]))
    if not contents.has_formulas:
        yield from values
        return
    import openpyxl  # noqa: PLC0415

    # One reading knows what was stored for a formula, another the formula.
    with file.open("rb") as stream:
        written = openpyxl.load_workbook(stream, read_only=True)
        for row, formulas in zip(values, _all_rows(written[sheet]), strict=True):
            yield [
                Formula(str(cell.value), value)
                if cell.data_type == "f" and not isinstance(value, ErrorCell)
                else value
                for value, cell in zip(row, formulas, strict=True)
            ]


def _all_rows(sheet: Any) -> Iterator[Iterable[Any]]:
    # The size that a sheet claims for itself may be less than what is in it.
    sheet.reset_dimensions()
    rows: Iterator[Iterable[Any]] = sheet.iter_rows()
    return rows


def _cells(row: Iterable[Any]) -> list[Plain]:
    return [
        ErrorCell(str(cell.value)) if cell.data_type == "e" else plain(cell.value) for cell in row
    ]


def _tell_merged(file: Path, contents: Contents, report: Report) -> None:
    """Report the merged cells of the sheet; only the first of them has a value."""
    import openpyxl  # noqa: PLC0415

    if contents.unpacked > MOST_UNPACKED_WITH_MERGED:
        raise report.unreadable("large, and has merged cells", "split them, or save it as CSV")
    # Only a workbook that is read as a whole knows them.
    sheet = openpyxl.load_workbook(file)[str(report.sheet)]
    for cells in sheet.merged_cells.ranges:
        rule = f"cells {cells.coord} are merged"
        report.problems.append(Remark(rule, "split them, and fill in each", row=cells.min_row))


def plain(value: Any) -> str | float | date | None:
    """Return the value of a cell as one of the kinds that a table has."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float | date) or value is None:
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)
