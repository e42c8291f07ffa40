"""What single cells say: numbers, codes, categories, dates; and what is no such thing."""

import math
import re
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from beforeafter.records.columns import Field, Kind, Wanted
from beforeafter.records.files.table import Cell, ErrorCell, Formula, MissingCode, Percent
from beforeafter.records.files.words import LIKE_MISSING
from beforeafter.study import Records, code_text, plain_words

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
# As most programs number patients.
PLAIN_NAME = re.compile(r"[A-Za-z]*[0-9]+")
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
LONGEST_CODE, FEW_WORDS = 30, 3
PERCENT = "records: percent: shown where what is seen is meant, percent: stored where it is not"
EARLIEST = date(1900, 1, 1)


class Read(NamedTuple):
    """The value of a cell, None where it is missing, and what was done to get it."""

    value: float | str | bool | date | None
    how: str = ""


class Refused(NamedTuple):
    """Why a cell has no value, and what to do: where one line of `records` mends it, that line."""

    rule: str
    mend: str = ""


Reading = Read | Refused


@dataclass(frozen=True)
class Notation:
    """How a file writes what it says."""

    mark: Mark  # of decimals
    typed: bool  # whether the file tells numbers from text
    declared: Records  # words for events, the format of dates


def read_cell(cell: Cell, field: Field, notation: Notation) -> Reading:
    """Read a cell: what holds for every kind of column, then what it means, then what it says."""
    if _is_plain_name(cell, field.wanted):
        return Read(str(cell))
    return _read(cell, field, notation)


def _read(cell: Cell, field: Field, notation: Notation) -> Reading:
    bare, *how = _bare(cell, notation)
    if isinstance(bare, Refused):
        return bare
    if isinstance(bare, MissingCode):
        return Read(None, f"{bare.text}, missing by the file's own definition")
    if bare == "":
        return Read(None, "; ".join(how))
    code = code_of(bare)
    if notation.mark == "," and "," in code and WITH_COMMA.fullmatch(code):
        code = code.replace(",", ".")  # as YAML writes it
    if code in field.wanted.missing:
        return Read(None, f"{code}, declared to be missing")
    meaning = _meaning(bare, code, field, how)
    if code in (field.wanted.values or {}):
        notation = replace(notation, mark=".", typed=False)
    reading = READERS[field.wanted.kind](meaning, field.wanted, notation)
    if isinstance(reading, Refused):
        return reading
    return Read(reading.value, "; ".join(filter(None, [*how, reading.how])))


def _is_plain_name(cell: Cell, wanted: Wanted) -> bool:
    """Whether a cell names a patient and nothing else: a registry has a million of these."""
    return (
        wanted.kind == "patient"
        and isinstance(cell, str)
        and PLAIN_NAME.fullmatch(cell) is not None
        and not wanted.values
        and cell not in wanted.missing
    )


def _bare(
    cell: Cell, notation: Notation
) -> tuple[str | float | date | MissingCode | Refused, *tuple[str, ...]]:
    """Return what a cell holds, and in words what a program or a typist had put around it."""
    how: tuple[str, ...] = ()
    if isinstance(cell, Formula):
        if cell.stored is None:
            mend = "save it in a spreadsheet program"
            return (Refused("a formula without a stored value", mend),)
        cell, how = cell.stored, ("value that was stored for a formula",)
    if isinstance(cell, ErrorCell):
        mend = "correct the formula, or empty the cell"
        return (Refused("an error of the spreadsheet", mend),)
    if isinstance(cell, Percent):
        return _of_percent(cell, notation.declared.percent, how)
    if not isinstance(cell, str):
        return cell, *how
    text = cell.strip()
    if not text.isprintable() and any(unicodedata.category(sign) in INVISIBLE for sign in text):
        return (Refused("holds a line break or an invisible sign", "type it anew"),)
    return text, *how, *(() if text == cell else ("spaces around it taken off",))


def _of_percent(
    cell: Percent, meant: str | None, how: tuple[str, ...]
) -> tuple[float | Refused, *tuple[str, ...]]:
    asked = f"shown as {cell.text}, stored as {cell.stored:g}"
    if meant is None:
        return (Refused(asked, PERCENT),)
    number = percent_shown(cell) if meant == "shown" else cell.stored
    told = (*how, f"{asked}, read as {number:g}")
    return number, *told


def percent_shown(cell: Any) -> Any:
    """Return the number that is seen where a spreadsheet shows percent, and other cells as such."""
    # 0.07 is 7.000000000000001 hundredths.
    return round(100 * cell.stored, 10) if isinstance(cell, Percent) else cell


def _meaning(
    bare: str | float | date, code: str, field: Field, how: list[str]
) -> str | float | date:
    """Return what a code stands for, by the study definition or by the labels of the file."""
    declared, label = field.wanted.values or {}, field.column.labels.get(bare, "").strip()
    for known in (code, label):
        if known in declared:
            how.append(f"{known} → {declared[known]}, as declared")
            return declared[known]
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


def number_of(cell: object) -> float:
    """Return what a cell holds as a number; nan if it holds none, or one too large to square."""
    while isinstance(cell, Formula | Percent):
        cell = cell.stored
    number = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else math.nan
    text = cell.strip() if isinstance(cell, str) else ""
    if any(NUMBERS[mark].fullmatch(text) for mark in ".,"):
        number = float(text.replace(",", "."))
    return float(number) if abs(number) < sys.float_info.max**0.5 else math.nan


def _number(cell: str | float | date, wanted: Wanted, notation: Notation) -> Reading:
    if isinstance(cell, date):
        return Refused("a date, not a number", "a spreadsheet makes dates of numbers: type it anew")
    if isinstance(cell, int | float):
        return Read(float(cell)) if math.isfinite(cell) else Refused("not a finite number")
    if not NUMBERS[notation.mark].fullmatch(cell):
        if word := _word_of(cell, wanted):
            code = wanted.words.index(word) + 1
            return Read(float(code), f"{cell} → {code}, the category {word}")
        return _no_number(cell, wanted, notation.mark)
    number = float(cell.replace(",", "."))
    if not math.isfinite(number):
        return Refused("not a finite number")
    how = ["number stored as text"] if notation.typed else []
    return Read(number, "; ".join([*how, *(["decimal comma"] if "," in cell else [])]))


def _word_of(text: str, wanted: Wanted) -> str | None:
    """Return the category of the study that a text is, case, accents and spaces apart."""
    plain = plain_words(text)
    return next((word for word in wanted.words if plain_words(word) == plain), None)


def _no_number(text: str, wanted: Wanted, mark: Mark) -> Refused:
    if text.casefold() in LIKE_MISSING or (text.isalpha() and not wanted.words):
        return Refused("not a number", _as_missing(text))
    if mark == "unclear" and LIKE_THOUSANDS.fullmatch(text):
        return Refused("a decimal comma or thousands", 'records: decimal tells which, "," or "."')
    if WITH_COMMA.fullmatch(text) or WITH_POINT.fullmatch(text):
        return Refused("not a number with the decimal mark of the file", "records: decimal sets it")
    if wanted.words:
        rule = f"not a number, nor a category: {', '.join(wanted.words)}"
        return Refused(rule, _with_values(text, wanted))
    mend = "type a number, or leave the cell empty"
    return Refused("not a number", f"{mend}; or {_with_values(text, wanted)}")


def _as_missing(text: str) -> str:
    return f'records: missing: ["{text}"] declares that it stands for missing'


def _with_values(text: str, wanted: Wanted) -> str:
    """Return the line of study.yml in which it can be said what a code means."""
    code = f'"{text}"' if len(text) <= LONGEST_CODE else '"…"'
    means = " or ".join(wanted.words) if 0 < len(wanted.words) <= FEW_WORDS else "…"
    return (
        f"records: columns: {wanted.ours}: {{name: {wanted.theirs}, values: {{{code}: {means}}}}}"
    )


def _event(cell: str | float | date, _: Wanted, notation: Notation) -> Reading:
    text, declared = code_of(cell), notation.declared
    for truth, words in ((True, declared.event_seen), (False, declared.event_not_seen)):
        if text in words:
            return Read(truth)
        if text.casefold() in map(str.casefold, words):
            return Read(truth, f"{text} → {str(truth).lower()}")
    words = (*declared.event_seen, *declared.event_not_seen)
    code = f'"{text}"' if len(text) <= LONGEST_CODE else '"…"'
    mend = f"records: event_seen: [{code}], or event_not_seen: [{code}]"
    return Refused(" or ".join(words), mend)


def _category(cell: str | float | date, wanted: Wanted, _: Notation) -> Reading:
    text = code_of(cell)
    if text not in wanted.words and text.casefold() in LIKE_MISSING:
        return Refused("looks like a code for missing", _as_missing(text))
    if isinstance(cell, date):
        return Refused("a date, not a category", "type it anew")
    if wanted.words and text not in wanted.words:
        if word := _word_of(text, wanted):
            return Read(word, f"{text} → {word}")
        return Refused(f"one of {', '.join(wanted.words)}", _with_values(text, wanted))
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
    found, patterns = cell, notation.declared.date_format
    for pattern in patterns:
        with suppress(ValueError):
            found = found if isinstance(found, date) else datetime.strptime(str(cell), pattern)
    if not isinstance(found, date):
        mend = "records: date_format says how dates are written, in one way or several"
        return Refused(f"no date written as {' or '.join(patterns)}", mend)
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
