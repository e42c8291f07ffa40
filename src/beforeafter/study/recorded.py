"""What a study definition says about the records of its patients: how they are to be read."""

import codecs
import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from declared import Definition

A_DAY = datetime(2003, 12, 31)
LAST_HEADER = 1000


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


class RecordedVisits(Definition):
    """Where each visit is: its value in a column, its suffix of columns, its sheet, or its file.

    `match` says whether codes of patients that are alike but for case or zeros are of one patient
    (`alike`) or of two (`exact`). Rows of `other` visits hold nothing but what is recorded once for
    each patient. `{column: visit, baseline: J0, follow_up: J30}` is short for two `values`.
    """

    column: str | None = None
    values: dict[str, Code] = Field(default_factory=dict)
    suffixes: dict[str, str] = Field(default_factory=dict)
    sheets: dict[str, str] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    other: tuple[Code, ...] = ()
    match: Literal["exact", "alike"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, short: Any) -> Any:
        if not isinstance(short, dict) or not {"baseline", "follow_up"} & {*short}:
            return short
        values = {name: short[name] for name in ("baseline", "follow_up") if name in short}
        rest = {name: what for name, what in short.items() if name not in values}
        return rest | {"values": values | rest.get("values", {})}

    @model_validator(mode="after")
    def _in_one_place(self) -> Self:
        if sum(map(bool, (self.values, self.suffixes, self.sheets, self.files))) != 1:
            raise ValueError("expected one of values, suffixes, sheets, files, with each visit")
        if (self.column is None) != (not self.values):
            raise ValueError("expected column and values together")
        signs = [*self.named.values(), *self.other]
        twice = sorted({sign for sign in signs if signs.count(sign) > 1})
        if twice:
            raise ValueError(f"expected another for each visit: {twice[0]} stands for two of them")
        return self

    @property
    def named(self) -> dict[str, str]:
        """What stands for each visit, by its name."""
        return self.values or self.suffixes or self.sheets or self.files

    @property
    def in_rows(self) -> bool:
        """Whether each visit of a patient is a row of its own."""
        return not self.suffixes


class Dates(Definition):
    """The columns of dates from which a duration is computed, in whole steps completed."""

    start: str
    event: str
    last_seen: str


def _listed(codes: Any) -> Any:
    return codes if isinstance(codes, list | tuple) else (codes,)


Codes = Annotated[tuple[Code, ...], BeforeValidator(_listed)]
RowNumber = Annotated[int, Field(ge=1)]
Rows = Annotated[tuple[RowNumber, ...], BeforeValidator(_listed), Field(min_length=1)]


class Records(Definition):
    """How the records are to be read, where they are not in the columns of the study.

    `columns` gives the column of the records for a column of the study, or with visits for an
    outcome. `ignore` names columns that the study has no use for; `*` in it stands for any
    characters. `date_format`, one or several, is that of `datetime.strptime`; without it dates are
    year-month-day.
    `header_row` may be several rows, whose names are put together. Rows that are no patients are
    passed over by what stands in them (`skip`) or by the numbers of the first and last of patients
    (`rows`); `only` takes the rows that have one of some values in a column. `marked` says whether
    rows that are hidden or struck out are read, `percent` whether 0.5 shown as 50 % is 0.5 or 50,
    `numbered` that patients have no codes, each row being one.
    """

    sheet: str | None = None
    header_row: Rows = (1,)
    rows: tuple[RowNumber, RowNumber] | None = None
    skip: Codes = ()
    only: dict[str, Codes] = Field(default_factory=dict)
    marked: Literal["read", "skip"] | None = None
    numbered: bool = False
    encoding: Encoding | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    percent: Literal["stored", "shown"] | None = None
    date_format: Annotated[tuple[DateFormat, ...], BeforeValidator(_listed)] = ("%Y-%m-%d",)
    columns: dict[str, Annotated[RecordedColumn, BeforeValidator(_named)]] = Field(
        default_factory=dict
    )
    ignore: tuple[str, ...] = ()
    missing: tuple[Code, ...] = ()
    event_seen: tuple[Code, ...] = ("true",)
    event_not_seen: tuple[Code, ...] = ("false",)
    visits: RecordedVisits | None = None
    dates: dict[str, Dates] = Field(default_factory=dict)

    @field_validator("header_row")
    @classmethod
    def _follow_each_other(cls, rows: tuple[int, ...]) -> tuple[int, ...]:
        if [*rows] != [*range(rows[0], rows[0] + len(rows))] or rows[-1] > LAST_HEADER:
            raise ValueError(f"expected rows that follow each other, none beyond {LAST_HEADER}")
        return rows

    @field_validator("rows")
    @classmethod
    def _first_and_last(cls, rows: tuple[int, int] | None) -> tuple[int, int] | None:
        if rows and rows[0] > rows[1]:
            raise ValueError("expected the first row and the last")
        return rows
