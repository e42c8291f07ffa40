"""What single cells say: numbers, codes, categories, dates; and what is no such thing."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from paincohort.records.columns import Field, Kind, Wanted
from paincohort.records.declared import Records, code_text
from paincohort.records.report import Conversion, Finding, Report, tells_nobody
from paincohort.records.table import EMPTY, Cell, ErrorCell, Formula, MissingCode

Mark = Literal[".", ",", "unclear"]
NUMBERS = {
    ".": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"),
    ",": re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)"),
    "unclear": re.compile(r"[+-]?[0-9]+"),
}
WITH_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
WITH_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})[.,]0+")
# 1,234 may be one and a bit, or more than a thousand.
LIKE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
# A spreadsheet shows a long number like this, its last digits gone.
ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
# What people and programs write where nothing was measured.
LIKE_MISSING = frozenset(
    "na|n/a|n.a.|nan|nd|n.d.|null|none|nil|missing|unknown|<na>|#n/a|-|--|.|?|*|x".split("|")  # noqa: SIM905
)
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
DECLARE_MISSING = "if it stands for missing, declare it under records: missing"
EARLIEST = date(1900, 1, 1)
MAY_BE_SHOWN = {"number", "event", "category", "visit"}


class Read(NamedTuple):
    """The value of a cell, None where it is missing, and what was done to get it."""

    value: float | str | bool | date | None
    how: str = ""


class Refused(NamedTuple):
    """Why a cell has no value, and what to do."""

    rule: str
    mend: str = ""


Reading = Read | Refused


@dataclass(frozen=True)
class Notation:
    """How a file writes what it says.

    Attributes
    ----------
    mark
        The decimal mark.
    typed
        Whether the file tells numbers from text.
    declared
        Words for events, the format of dates.
    """

    mark: Mark
    typed: bool
    declared: Records


@dataclass(frozen=True)
class Values:
    """What a column says, once for each of its distinct cells.

    Attributes
    ----------
    field
        The column as it stands in the file.
    distinct
        Shape (distinct cells + 1,): their values, and last the value of an empty cell. Missing is
        nan, or None where values are no numbers.
    refused
        Shape (distinct cells + 1,): which of them have none.
    """

    field: Field
    distinct: NDArray[Any]
    refused: NDArray[np.bool_]

    @property
    def values(self) -> NDArray[Any]:
        """The value in each row; shape (rows,)."""
        return self.distinct[self.field.column.codes]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Whether each row has something, a value or what is refused; shape (rows,)."""
        missing: NDArray[np.bool_] = pd.isna(self.distinct) & ~self.refused
        return ~missing[self.field.column.codes]


def decimal_mark(fields: Iterable[Field], declared: Records, report: Report) -> Mark:
    """Return the decimal mark of a file: declared, or found where all numbers agree on it.

    Where some have a comma and others a point, the point is taken: each comma is refused then,
    with its place.
    """
    if declared.decimal:
        return declared.decimal
    texts = [
        cell.strip()
        for field in fields
        if field.wanted.kind == "number"
        for cell in field.column.cells
        if isinstance(cell, str)
    ]
    commas = [text for text in texts if WITH_COMMA.fullmatch(text)]
    if not commas or any(WITH_POINT.fullmatch(text) for text in texts):
        return "."
    if all(LIKE_THOUSANDS.fullmatch(text) for text in commas):
        return "unclear"
    report.conversions.append(Conversion("", "decimal comma in numbers, read as such"))
    return ","


def read_cells(field: Field, notation: Notation, report: Report) -> Values:
    """Read the cells of a column.

    Parameters
    ----------
    field
        What stands in the file, and what it is in the study.
    notation
        How the file writes it.
    report
        Is told of each cell that has no value, and of what was converted.

    Returns
    -------
    Values
        A value for each distinct cell.
    """
    readings = [_read(cell, field, notation) for cell in field.column.cells]
    values = [reading.value if isinstance(reading, Read) else None for reading in readings]
    _tell_refused(field, readings, report)
    _tell_conversions(field, readings, report)
    return Values(
        field,
        _array([*values, None], field.wanted.kind),
        np.array([isinstance(reading, Refused) for reading in readings] + [False]),
    )


def _array(values: list[Any], kind: Kind) -> NDArray[Any]:
    if kind == "number":
        return np.array([math.nan if value is None else value for value in values], dtype=float)
    filled = np.empty(len(values), dtype=object)
    filled[:] = values
    return filled


def _read(cell: Cell, field: Field, notation: Notation) -> Reading:
    """Read a cell: what holds for every kind of column, then what it means, then what it says."""
    how: list[str] = []
    try:
        bare = _bare(cell, how)
    except _RefusalError as refusal:
        return refusal.why
    if isinstance(bare, MissingCode):
        return Read(None, f"{bare.text}, missing by the file's own definition")
    if bare == "":
        return Read(None, "; ".join(how))
    code = code_of(bare)
    if code in field.wanted.missing:
        return Read(None, f"{code}, declared to be missing")
    meaning = _meaning(bare, code, field, how)
    reading = READERS[field.wanted.kind](meaning, field.wanted, notation)
    if isinstance(reading, Refused):
        return reading
    return Read(reading.value, "; ".join(filter(None, [*how, reading.how])))


class _RefusalError(Exception):
    def __init__(self, rule: str, mend: str) -> None:
        self.why = Refused(rule, mend)


def _bare(cell: Cell, how: list[str]) -> str | float | date | MissingCode:
    """Return what a cell holds, without what a program or a typist put around it."""
    if isinstance(cell, Formula):
        if cell.stored is None:
            raise _RefusalError(
                "a formula without a stored value", "save it in a spreadsheet program"
            )
        how.append("value that was stored for a formula")
        cell = cell.stored
    if isinstance(cell, ErrorCell):
        raise _RefusalError("an error of the spreadsheet", "correct the formula, or empty the cell")
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if text != cell:
        how.append("spaces around it taken off")
    if not text.isprintable() and any(unicodedata.category(sign) in INVISIBLE for sign in text):
        raise _RefusalError("holds a line break or an invisible sign", "type it anew")
    return text


def _meaning(
    bare: str | float | date, code: str, field: Field, how: list[str]
) -> str | float | date:
    """Return what a code stands for, by the study definition or by the labels of the file."""
    declared, label = field.wanted.values or {}, field.column.labels.get(bare, "").strip()
    if code in declared:
        how.append(f"{code} → {declared[code]}, as declared")
        return declared[code]
    if label and _means(label, field.wanted):
        how.append(f"{code} → {label}, its label in the file")
        return label
    return bare


def _means(label: str, wanted: Wanted) -> bool:
    """Whether the label of a value says what it is in the study; a number is what it is."""
    return wanted.kind == "category" or (
        wanted.kind == "event" and label.casefold() in map(str.casefold, wanted.words)
    )


def code_of(cell: str | float | date) -> str:
    """Return a value as a code: 999, 999.0 and the text 999.0 are the code 999; 007 is another."""
    if isinstance(cell, int | float):
        return code_text(cell)
    text = str(cell)
    return re.split("[.,]", text)[0] if WHOLE.fullmatch(text) else text


def _number(cell: str | float | date, _: Wanted, notation: Notation) -> Reading:
    if isinstance(cell, date):
        return Refused("a date, not a number", "a spreadsheet makes dates of numbers: type it anew")
    if isinstance(cell, int | float):
        return Read(float(cell)) if math.isfinite(cell) else Refused("not a finite number")
    if not NUMBERS[notation.mark].fullmatch(cell):
        return _no_number(cell, notation.mark)
    number = float(cell.replace(",", "."))
    if not math.isfinite(number):
        return Refused("not a finite number")
    how = ["number stored as text"] if notation.typed else []
    return Read(number, "; ".join([*how, *(["decimal comma"] if "," in cell else [])]))


def _no_number(text: str, mark: Mark) -> Refused:
    if text.casefold() in LIKE_MISSING:
        return Refused("not a number", DECLARE_MISSING)
    if mark == "unclear" and LIKE_THOUSANDS.fullmatch(text):
        return Refused("a decimal comma or thousands", 'records: decimal tells which, "," or "."')
    if WITH_COMMA.fullmatch(text) or WITH_POINT.fullmatch(text):
        return Refused("not a number with the decimal mark of the file", "records: decimal sets it")
    return Refused("not a number", "type a number, or leave the cell empty")


def _event(cell: str | float | date, _: Wanted, notation: Notation) -> Reading:
    text, declared = code_of(cell), notation.declared
    for truth, words in ((True, declared.event_seen), (False, declared.event_not_seen)):
        if text in words:
            return Read(truth)
        if text.casefold() in map(str.casefold, words):
            return Read(truth, f"{text} → {str(truth).lower()}")
    words = (*declared.event_seen, *declared.event_not_seen)
    mend = "records: event_seen and event_not_seen may name other words"
    return Refused(" or ".join(words), mend)


def _category(cell: str | float | date, wanted: Wanted, _: Notation) -> Reading:
    text = code_of(cell)
    if text not in wanted.words and text.casefold() in LIKE_MISSING:
        return Refused("looks like a code for missing", DECLARE_MISSING)
    if isinstance(cell, date):
        return Refused("a date, not a category", "type it anew")
    return Read(text)


def _patient(cell: str | float | date, _: Wanted, __: Notation) -> Reading:
    text = cell if isinstance(cell, str) else code_of(cell)
    if ROUNDED.fullmatch(text):
        mend = "format the column as text, and type it anew"
        return Refused("a spreadsheet has rounded this number", mend)
    if text.casefold() in LIKE_MISSING:
        return Refused("looks like a code for missing", "every patient needs a code of his own")
    return Read(text)


def _visit(cell: str | float | date, _: Wanted, __: Notation) -> Reading:
    return Read(code_of(cell))


def _date(cell: str | float | date, _: Wanted, notation: Notation) -> Reading:
    pattern = notation.declared.date_format
    try:
        found = cell if isinstance(cell, date) else datetime.strptime(str(cell), pattern)
    except ValueError:
        mend = "records: date_format says how dates are written"
        return Refused(f"no date written as {pattern}", mend)
    day = found.date() if isinstance(found, datetime) else found
    if not EARLIEST <= day <= date.today():
        return Refused("a date before 1900 or after today", "correct the date")
    return Read(day)


READERS: dict[Kind, Callable[[str | float | date, Wanted, Notation], Reading]] = {
    "patient": _patient,
    "visit": _visit,
    "number": _number,
    "event": _event,
    "category": _category,
    "date": _date,
}


def _tell_refused(field: Field, readings: list[Reading], report: Report) -> None:
    kinds: dict[Refused, list[int]] = defaultdict(list)
    for place, reading in enumerate(readings):
        if isinstance(reading, Refused):
            kinds[reading].append(place)
    for why, places in kinds.items():
        chosen = np.zeros(len(readings) + 1, dtype=bool)
        chosen[places] = True
        tell_cells(field, chosen[field.column.codes], why, report)


def tell_cells(field: Field, broken: NDArray[np.bool_], why: Refused, report: Report) -> None:
    """Report the cells of a column that break a rule.

    Parameters
    ----------
    field
        The column.
    broken
        Shape (rows,): which rows.
    why
        The rule, and what to do.
    report
        Is told.
    """
    rows = np.flatnonzero(broken)
    report.refuse((finding(field, int(row), why) for row in rows), len(rows))


def finding(field: Field, row: int, why: Refused) -> Finding:
    """Return what is wrong with the cell of a column in one row."""
    column, wanted = field.column, field.wanted
    code = column.codes[row]
    cell = "" if code == EMPTY else column.cells[code]
    value = cell.text if isinstance(cell, Formula | ErrorCell | MissingCode) else cell
    return Finding(
        why.rule,
        why.mend,
        int(column.rows[row]),
        wanted.theirs,
        column.position,
        value,
        shown=wanted.kind in MAY_BE_SHOWN
        and (isinstance(cell, ErrorCell) or tells_nobody(value, _words(wanted))),
    )


def _words(wanted: Wanted) -> tuple[str, ...]:
    return (*wanted.words, *(wanted.values or ()), *wanted.missing, *LIKE_MISSING)


def _tell_conversions(field: Field, readings: list[Reading], report: Report) -> None:
    codes, name = field.column.codes, field.wanted.theirs
    counts = np.bincount(codes[codes != EMPTY], minlength=len(readings))
    cells: dict[str, int] = defaultdict(int)
    for reading, count in zip(readings, counts, strict=True):
        if isinstance(reading, Read) and reading.how:
            cells[reading.how] += int(count)
    report.conversions += [Conversion(name, what, count) for what, count in cells.items()]
