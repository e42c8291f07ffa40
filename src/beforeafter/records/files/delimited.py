"""Text files with a row on each line: CSV with any delimiter, in any usual encoding."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from beforeafter.records.files.table import (
    MOST_ROWS,
    Builder,
    Choose,
    RawTable,
    check_width,
    is_skipped,
    names_of,
)
from beforeafter.records.report import Remark, Report
from beforeafter.study import Records

LONGEST_LINE = 1_000_000
# Few enough to stay in the cache of the processor.
BLOCK = 1_000
BYTES_AT_ONCE = 1 << 20
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
MISFITS = {
    "more": "a text or number that holds the delimiter needs quotes around it",
    "fewer": "is the file complete? each row has a cell for every column, empty or not",
}
WESTERN = "cp1252"
# What western words have beyond ASCII. In Mac and DOS encodings the same bytes are other signs; a
# row of three such letters is another alphabet; Â or Ã before another sign is UTF-8, cut off.
NOT_WESTERN = re.compile(r"[^\x00-\x7fÀ-ÖØ-öø-ÿœ’°µ²€\xa0]|[À-ÖØ-öø-ÿ]{3}|[ÂÃ][^\x00-\x7f]")


def read_delimited(file: Path, declared: Records, choose: Choose, report: Report) -> RawTable:
    """Read a text file; the report is told of its encoding and of rows that do not fit."""
    encoding = _encoding(file, declared.encoding, report)
    with file.open(encoding=encoding, newline="") as stream:
        first, last = declared.header_row[0], declared.header_row[-1]
        delimiter = declared.delimiter or _delimiter(stream, first, last, choose, report)
        stream.seek(0)
        rows = _rows(stream, delimiter, report)
        header = names_of(list(islice(rows, first - 1, last)))
        if not any(name.strip() for name in header):
            raise report.unreadable(f"row {last} holds no names of columns")
        check_width(header)
        return _table(header, rows, declared, choose, report)


def _table(
    header: Sequence[str],
    rows: Iterator[list[str]],
    declared: Records,
    choose: Choose,
    report: Report,
) -> RawTable:
    builder, misfits, width = Builder(header, choose(header), typed=False), [], len(header)
    numbered = enumerate(rows, start=declared.header_row[-1] + 1)
    first, last = declared.rows or (0, MOST_ROWS)
    while block := list(islice(numbered, BLOCK)):
        filled = [(number, row) for number, row in block if first <= number <= last and any(row)]
        if declared.skip:
            filled = [
                (number, [*row, *[""] * width][:width] if is_skipped(row, declared.skip) else row)
                for number, row in filled
            ]
        fitting = [(number, row) for number, row in filled if len(row) == width]
        if len(fitting) < len(filled):
            misfits += [(number, len(row)) for number, row in filled if len(row) != width]
        if fitting:
            builder.add(*zip(*fitting, strict=True))
    _tell_misfits(misfits, width, report)
    return builder.table()


def _tell_misfits(misfits: Sequence[tuple[int, int]], width: int, report: Report) -> None:
    for what, mend in MISFITS.items():
        rows = [number for number, cells in misfits if (cells > width) == (what == "more")]
        rule = f"{what} cells than columns"
        report.refuse((Remark(rule, mend, row=row) for row in rows), len(rows))


def _rows(stream: TextIO, delimiter: str, report: Report) -> Iterator[list[str]]:
    reader = csv.reader(_lines(stream, report), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        # The reader's own words hold nothing of the cells.
        raise report.unreadable(
            f"line {reader.line_num} is not a row of a table: {error}",
            "look for a quote that is never closed, or one inside a text",
        ) from None


def _lines(stream: TextIO, report: Report) -> Iterator[str]:
    line = ""
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), ""), start=1):
        if len(line) == LONGEST_LINE:
            raise report.unreadable(
                f"line {number} is longer than {LONGEST_LINE:,} characters", "is this a table?"
            )
        yield line
    if line and not line.endswith(("\n", "\r")):
        mend = "is the file complete? its last cell may be cut off"
        report.doubts.append(Remark("the last line has no end", mend))


def _encoding(file: Path, declared: str | None, report: Report) -> str:
    with file.open("rb") as stream:
        start = stream.read(4)
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark)), None)
    may_be_utf8 = marked == "utf-8-sig" or (marked is None and declared is None)
    if may_be_utf8 and _decodes(file, "utf-8"):
        return "utf-8-sig"
    encoding = marked or declared or WESTERN
    guessed, why = encoding == WESTERN and declared is None, ""
    if not _decodes(file, encoding):
        why = f"not text in {encoding if marked or declared else 'UTF-8'}"
    elif guessed and any(NOT_WESTERN.search(text) for text in _decoded(file, WESTERN)):
        why = "not UTF-8, and its encoding cannot be told for certain"
    if why:
        mend = "set records: encoding in the study definition, such as cp1252, mac-roman or cp850"
        raise report.unreadable(why, mend)
    report.convert("", f"text in {encoding}, read as such")
    return encoding


def _decoded(file: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open("rb") as stream:
        while block := stream.read(BYTES_AT_ONCE):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _decodes(file: Path, encoding: str) -> bool:
    try:
        return not any("\0" in text for text in _decoded(file, encoding))
    except UnicodeError:
        return False


def _delimiter(stream: TextIO, first: int, last: int, choose: Choose, report: Report) -> str:
    """Return what parts the header into the most columns of the study, or else into the most."""
    headers = {}
    for delimiter in DELIMITERS:
        stream.seek(0)
        lines = (line[:LONGEST_LINE] for line in iter(lambda: stream.readline(LONGEST_LINE), ""))
        try:
            rows = csv.reader(lines, delimiter=delimiter)
            headers[delimiter] = names_of(list(islice(rows, first - 1, last)))
        except csv.Error:
            continue
    scores = {
        delimiter: (len(choose(header)), len(header)) for delimiter, header in headers.items()
    }
    best = max(scores, key=lambda delimiter: scores[delimiter], default=",")
    if best != ",":
        report.convert("", f"{DELIMITERS[best]} between cells, read as such")
    return best
