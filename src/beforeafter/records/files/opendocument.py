"""Spreadsheets in the OpenDocument format.

Read here, as the libraries that are there as wheels take a cell with an error for an empty one.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from beforeafter.records.files import table
from beforeafter.records.files.archive import look_into
from beforeafter.records.files.workbook import PARTLY, STRUCK_OUT, one_sheet, table_of
from beforeafter.records.report import Remark, Report
from beforeafter.study import Records

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
THROUGH = f"{STYLE}text-line-through-style"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}
NUMBERS = {"float", "percentage", "currency"}
Row = list[table.Cell | None]


def read_ods(file: Path, declared: Records, choose: table.Choose, report: Report) -> table.RawTable:
    """Read a sheet of an OpenDocument spreadsheet."""
    look_into(file, report)
    try:
        with zipfile.ZipFile(file) as archive:
            with archive.open("content.xml") as content:
                sheets = _sheets(content)
            report.sheet = one_sheet(sheets, declared, report)
            with archive.open("content.xml") as content:
                marks: dict[int, str] = {}
                rows = _rows(content, report, marks, declared.header_row)
                return table_of(rows, declared, choose, report, marks)
    except (KeyError, ValueError, ParseError):
        raise report.unreadable(
            "not a spreadsheet that can be read", "save it anew, or as CSV"
        ) from None


def _sheets(content: IO[bytes]) -> dict[str, bool]:
    hidden, sheets, style, name, filled = set(), {}, "", "", False
    for event, element in iterparse(content, ("start", "end")):
        if element.tag == f"{STYLE}style":
            style = element.get(f"{STYLE}name", "")
        elif element.tag == f"{STYLE}table-properties":
            if element.get(f"{TABLE}display") == "false":
                hidden.add(style)
        elif element.tag == f"{TABLE}table":
            if event == "start":
                name, filled = element.get(f"{TABLE}name", ""), False
            elif filled:
                sheets[name] = element.get(f"{TABLE}style-name") not in hidden
        elif element.tag in CELLS and event == "end":
            filled = filled or _cell(element) is not None
        if event == "end" and element.tag == f"{TABLE}table-row":
            element.clear()
    return sheets


def _rows(
    content: IO[bytes], report: Report, marks: dict[int, str], header: tuple[int, ...]
) -> Iterator[tuple[int, Row]]:
    inside, number, struck = False, 0, set()
    for event, element in iterparse(content, ("start", "end")):
        if element.tag == f"{TABLE}table":
            inside = event == "start" and element.get(f"{TABLE}name") == report.sheet
        elif element.tag == f"{STYLE}style" and event == "end":
            properties = element.find(f"{STYLE}text-properties")
            line = "none" if properties is None else properties.get(THROUGH, "none")
            if line != "none":
                struck.add(element.get(f"{STYLE}name"))
        elif element.tag == f"{TABLE}table-row" and event == "end":
            times = int(element.get(f"{TABLE}number-rows-repeated", "1"))
            row, mark = _row(element, number + 1, report, struck, header) if inside else ([], "")
            if element.get(f"{TABLE}visibility") in {"collapse", "filter"}:
                mark = "hidden"
            element.clear()
            # The rest of a sheet is one empty row, repeated a million times.
            for repeated in range(number + 1, number + 1 + times) if row else ():
                if repeated > table.MOST_ROWS:
                    raise table.TooLargeError(f"more than {table.MOST_ROWS:,} rows")
                if mark:
                    marks[repeated] = mark
                yield repeated, row
            number += times if inside else 0


def _row(
    element: Element, number: int, report: Report, struck: set[str | None], header: tuple[int, ...]
) -> tuple[Row, str]:
    row: Row = []
    crossed = []
    for cell in element:
        if cell.tag not in CELLS:
            continue
        spans = [int(cell.get(f"{TABLE}number-{way}-spanned", "1")) for way in ("columns", "rows")]
        if spans != [1, 1] and number + spans[1] > header[-1] + (len(header) > 1):
            rule, mend = "merged cells", "split them, and fill in each"
            report.problems.append(Remark(rule, mend, row=number, position=len(row) + 1))
        value, times = _cell(cell), int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        if value is not None:
            crossed.append(cell.get(f"{TABLE}style-name") in struck)
        # Likewise the rest of a row is one empty cell; beyond what is read, no more is kept.
        row += [value] * min(times, table.MOST_COLUMNS + 1 - len(row))
    while row and row[-1] is None:
        row.pop()
    return row, (STRUCK_OUT if all(crossed) else PARTLY) if any(crossed) else ""


def _cell(element: Element) -> table.Cell | None:
    # Only its own lines: a comment on a cell has lines too.
    text = "\n".join("".join(line.itertext()) for line in element.findall(f"{TEXT}p"))
    kind = element.get(f"{OFFICE}value-type")
    formula = element.get(f"{TABLE}formula")
    if element.get(f"{CALC}value-type") == "error" or (formula and text.startswith("#")):
        return table.ErrorCell(text)
    value: str | float | datetime | table.Percent | None = text or None
    if kind in NUMBERS:
        number = float(element.get(f"{OFFICE}value", ""))
        value = table.Percent(number) if kind == "percentage" else number
    elif kind == "boolean":
        value = element.get(f"{OFFICE}boolean-value", "")
    elif kind == "date":
        value = datetime.fromisoformat(element.get(f"{OFFICE}date-value", ""))
    return value if formula is None else table.Formula(formula, value)
