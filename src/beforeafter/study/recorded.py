"""What a study definition says about the records of its patients: how they are to be read."""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from declared import Definition

A_DAY = datetime(2003, 12, 31)


def code_text(code: Any) -> str:
    """Return a code of the records as text: 999, 999.0 and "999" are the same code."""
    if isinstance(code, bool):
        raise ValueError("expected quotes around it: without them YAML makes it true or false")
    if isinstance(code, int):
        return str(code)
    if isinstance(code, float):
        return f"{code:.15g}"
    if isinstance(code, str) and code.strip():
        return code.strip()
    raise ValueError("expected a number, or text in quotes")


def _named(column: Any) -> Any:
    return {"name": column} if isinstance(column, str) else column


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)  # hex and zip are no encodings of text
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        raise ValueError("expected an encoding, such as utf-8, cp1252 or mac-roman") from None


def _tells_day(date_format: str) -> str:
    try:
        read = datetime.strptime(A_DAY.strftime(date_format), date_format)
    except (ValueError, re.error):  # the latter where a part is there twice
        read = None
    if read != A_DAY:
        raise ValueError("expected year, month and day, such as %d.%m.%Y")
    return date_format


Code = Annotated[str, BeforeValidator(code_text)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
DateFormat = Annotated[str, AfterValidator(_tells_day)]


class RecordedColumn(Definition):
    """A column of the records: its name there, its codes for missing, and what its values mean."""

    name: str
    missing: tuple[Code, ...] = ()
    values: dict[Code, Code] = Field(default_factory=dict)


class VisitRows(Definition):
    """Records with a row for each visit: the column of the visit, and what it says at which.

    Rows of `other` visits hold nothing but what is recorded once for each patient.
    """

    column: str
    baseline: Code
    follow_up: Code
    other: tuple[Code, ...] = ()


class Dates(Definition):
    """The columns of dates from which a duration is computed, in whole steps completed."""

    start: str
    event: str
    last_seen: str


class Records(Definition):
    """How the records are to be read, where they are not in the columns of the study.

    `columns` gives the column of the records for a column of the study. `ignore` names columns that
    the study has no use for; `*` in it stands for any characters. `date_format` is that of
    `datetime.strptime`; without it dates are year-month-day.
    """

    sheet: str | None = None
    header_row: int = Field(default=1, ge=1, le=1000)
    encoding: Encoding | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    date_format: DateFormat = "%Y-%m-%d"
    columns: dict[str, Annotated[RecordedColumn, BeforeValidator(_named)]] = Field(
        default_factory=dict
    )
    ignore: tuple[str, ...] = ()
    missing: tuple[Code, ...] = ()
    event_seen: tuple[Code, ...] = ("true",)
    event_not_seen: tuple[Code, ...] = ("false",)
    visits: VisitRows | None = None
    dates: dict[str, Dates] = Field(default_factory=dict)
