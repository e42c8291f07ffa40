"""Spreadsheets: XLSX through openpyxl, and what is common to XLSX and ODS.

Libraries that read both (calamine) know neither formats of numbers nor hidden and struck-out rows.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from beforeafter.records.files.archive import look_into
from beforeafter.records.files.table import (
    MOST_COLUMNS,
    MOST_ROWS,
    Builder,
    Cell,
    Choose,
    ErrorCell,
    Formula,
    Percent,
    RawTable,
    TooLargeError,
    TwiceError,
    check_width,
    names_of,
)
from beforeafter.records.report import Remark, Report
from beforeafter.study import Records

BLOCK = 1_000
# A sheet with nothing in so many rows is empty.
FIRST_ROWS = 1000
# What openpyxl raises for a damaged workbook; a DataError is none of these.
DAMAGE = (
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError, EOFError),
    *(zipfile.BadZipFile, zlib.error, AssertionError, OverflowError, NotImplementedError),
)
# Of a format: a sign of percent in it is typed behind the number, which is what it is.
LITERAL = re.compile(r'"[^"]*"|\\.')
FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"
STRUCK_OUT, PARTLY = "struck out", "struck out in part"


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
    numbered: Iterable[tuple[int, Sequence[Cell | None]]],
    declared: Records,
    choose: Choose,
    report: Report,
    marks: Mapping[int, str],
) -> RawTable:
    """Make a table of the numbered rows of a sheet; `marks` is filled while they are read."""
    numbered, above, last = iter(numbered), {}, declared.header_row[-1]
    for number, row in numbered:
        above[number] = row
        if number == last:
            break
    header = names_of([above.get(number, ()) for number in declared.header_row])
    while header and not header[-1].strip():
        header.pop()
    if not header:
        raise report.unreadable(
            f"row {last} holds no names of columns",
            "records: header_row in the study definition says where they are",
        )
    check_width(header)
    builder = Builder(header, choose(header), typed=True)
    width, beyond = len(header), []
    below = chain(((number, row) for number, row in above.items() if number > last), numbered)
    while block := list(islice(below, BLOCK)):
        if block[-1][0] > MOST_ROWS or max(len(row) for _, row in block) > MOST_COLUMNS:
            raise TooLargeError(f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns")
        filled = [
            (number, row)
            for number, row in block
            if number > last and any(cell not in (None, "") for cell in row)
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
    if beyond and "" in declared.ignore:
        report.convert("", f"{rule}, left out as declared", len(beyond))
    elif beyond:
        mend = 'name the column, or empty them; or records: ignore: [""] leaves them out'
        report.problems.append(Remark(rule, mend, row=beyond[0], cells=len(beyond)))
    return builder.table(marks)


def read_xlsx(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read a sheet of an Excel workbook."""
    # A slow import, which the reader of a CSV file need not wait for.
    import openpyxl  # noqa: PLC0415

    look_into(file, report)
    try:
        # openpyxl leaves a file open that it cannot read to the end.
        with file.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            report.sheet = one_sheet(_sheets(book), declared, report)
            sheet = Sheet(book[report.sheet])
            table = table_of(sheet.rows(), declared, choose, report, sheet.marks)
            sheet.tell(declared, report)
            return table
    except TwiceError as error:
        mend = "open it in a spreadsheet program, look for what is lost, and save it anew"
        raise report.unreadable(str(error), mend) from None
    except DAMAGE:
        # What openpyxl says of a damaged workbook may quote its cells.
        mend = "save it anew as .xlsx, or as CSV"
        raise report.unreadable("not a workbook that can be read", mend) from None


def _sheets(book: Any) -> dict[str, bool]:
    return {
        sheet.title: sheet.sheet_state == "visible"
        for sheet in book.worksheets
        if any(
            cell is not None for _, row in islice(Sheet(sheet).rows(), FIRST_ROWS) for cell in row
        )
    }


class Sheet:
    """A sheet of an open workbook, row by row under the numbers that rows have in the file.

    The rows of openpyxl leave out what stands out of order, and do not tell which are hidden; its
    cells have a formula, or what was stored for it.
    """

    def __init__(self, sheet: Any) -> None:
        from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415

        book = sheet.parent
        self._sheet = sheet
        self._styles: dict[int, tuple[bool, bool]] = {}
        self._parser = WorkSheetParser(
            sheet._get_source(),
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._without_formula, self._parser.parse_cell = self._parser.parse_cell, self._parsed
        self.marks: dict[int, str] = {}

    def _parsed(self, element: Element) -> dict[str, Any]:
        """Return a cell with its stored value, and with its formula if it has one."""
        has_formula = element.find(FORMULA) is not None
        formula = str(self._parser.parse_formula(element)) if has_formula else None
        cell: dict[str, Any] = self._without_formula(element)
        return cell | {"formula": formula}

    def rows(self) -> Iterator[tuple[int, list[Cell | None]]]:
        """Yield numbers and cells of rows; a number that stands there twice is damage."""
        seen = set()
        with self._parser.source:
            for number, cells in self._parser.parse():
                if cells and number in seen:
                    raise TwiceError(f"two rows have the number {number}")
                if len({cell["column"] for cell in cells}) < len(cells):
                    raise TwiceError(f"two cells of row {number} are in the same column")
                seen.add(number)
                attributes = self._parser.row_dimensions.pop(str(number), {})
                if attributes.get("hidden") in {"1", "true"} or attributes.get("ht") == "0":
                    self.marks[number] = "hidden"
                yield number, self._row(number, cells)

    def _row(self, number: int, cells: Iterable[dict[str, Any]]) -> list[Cell | None]:
        row: list[Cell | None] = []
        struck = []
        for cell in cells:
            value, place = cell["value"], cell["column"] - 1
            if place > 2 * MOST_COLUMNS:
                raise TooLargeError(f"more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns")
            row += [None] * (place + 1 - len(row))
            if value is not None:
                is_percent, is_struck = self._style(cell["style_id"])
                struck.append(is_struck)
                if cell["data_type"] == "e":
                    row[place] = ErrorCell(str(value))
                elif is_percent and isinstance(value, int | float) and not isinstance(value, bool):
                    row[place] = Percent(float(value))
                else:
                    row[place] = _plain(value)
            if cell["formula"] is not None and not isinstance(row[place], ErrorCell):
                row[place] = Formula(cell["formula"], row[place])
        if any(struck):
            self.marks[number] = STRUCK_OUT if all(struck) else PARTLY
        return row

    def _style(self, style: int) -> tuple[bool, bool]:
        """Return whether a style shows percent, and strikes out."""
        if style not in self._styles:
            from openpyxl.cell.read_only import ReadOnlyCell  # noqa: PLC0415

            cell = ReadOnlyCell(self._sheet, 1, 1, 0, "n", style)
            shown = LITERAL.sub("", cell.number_format)
            self._styles[style] = "%" in shown, bool(cell.font.strike)
        return self._styles[style]

    def tell(self, declared: Records, report: Report) -> None:
        """Report merged cells, of which only the first has a value, and hidden columns."""
        merged = self._parser.merged_cells
        for cells in merged.mergeCell if merged else ():
            if cells.max_row > declared.header_row[-1] - (len(declared.header_row) == 1):
                rule = f"cells {cells.coord} are merged"
                report.problems.append(
                    Remark(rule, "split them, and fill in each", row=cells.min_row)
                )
        hidden = [
            letter
            for letter, column in self._parser.column_dimensions.items()
            if column.get("hidden") in {"1", "true"}
        ]
        if hidden:
            what = f"hidden columns from {', '.join(hidden)} on are read like the others"
            report.convert("", what)


def _plain(value: Any) -> str | float | date | None:
    """Return the value of a cell as one of the kinds that a table has."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | int | float | date | None) else str(value)
