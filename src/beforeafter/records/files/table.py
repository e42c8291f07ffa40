"""A table of cells as they stand in a file, each distinct cell of a column kept once.

A registry has a million rows and few distinct scores: what is asked of cells is asked of the
distinct ones, and memory is one small number for each cell.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Larger is no cohort, and would fill the memory of the machine.
MOST_BYTES = 2 * 1024**3
MOST_ROWS = 4_000_000
MOST_COLUMNS = 5_000
MOST_CELLS = 200_000_000
MOST_DISTINCT_TEXT = 500_000_000

EMPTY = -1
# Row numbers of several sheets or files in one table: the number of the part is above these bits.
PART = 32
# Under this name the visit of each row stands, where each has a sheet or file of its own.
VISIT = "(visit)"


@dataclass(frozen=True)
class Percent:
    """A number that a spreadsheet shows as a hundred times as much, with a sign of percent."""

    stored: float

    @property
    def text(self) -> str:
        """What is seen."""
        return f"{100 * self.stored:g} %"


@dataclass(frozen=True)
class Formula:
    """A cell that a spreadsheet computed, with the value that it stored."""

    text: str
    stored: str | float | date | Percent | None


@dataclass(frozen=True)
class ErrorCell:
    """A cell in which a spreadsheet could not compute."""

    text: str


@dataclass(frozen=True)
class MissingCode:
    """A value that the file itself declares to stand for missing."""

    text: str


Cell = str | int | float | date | Formula | ErrorCell | MissingCode | Percent
Rows = NDArray[np.int64]
Codes = NDArray[np.int32]
# Which of the columns of a header are kept, by place.
Choose = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True)
class Column:
    """A column of the file."""

    name: str
    position: int  # the first is 1
    codes: Codes  # which of the distinct cells stands in each row, -1 where none does; (rows,)
    cells: tuple[Cell, ...]  # the distinct ones
    rows: Rows  # the row of the file, as a spreadsheet counts, that each cell is in; (rows,)
    labels: dict[Cell, str] = field(default_factory=dict)  # what the file says that values mean
    parts: tuple[str, ...] = ()  # the sheets or files that rows are of, where there are several

    def take(self, chosen: NDArray[Any]) -> Column:
        """Return the column in some of its rows, with the cells that are there."""
        places, codes = np.unique(self.codes[chosen], return_inverse=True)
        there = places[places != EMPTY]
        renumbered = codes.astype(np.int32) - (len(places) - len(there))
        cells = tuple(self.cells[place] for place in there)
        return replace(self, codes=renumbered, rows=self.rows[chosen], cells=cells)


@dataclass(frozen=True)
class RawTable:
    """The columns of a file that are kept, in its order."""

    header: tuple[str, ...]  # the names of all its columns
    columns: tuple[Column, ...]
    typed: bool  # whether the file tells numbers from text
    marks: Mapping[int, str] = field(default_factory=dict)  # of rows: hidden, struck out

    @property
    def n_rows(self) -> int:
        """The number of rows below the header."""
        return len(self.columns[0].codes) if self.columns else 0


class TooLargeError(Exception):
    """A table beyond one of the limits."""


class TwiceError(ValueError):
    """A sheet in which two rows have one number."""


class _Distinct(dict[Hashable, int]):
    """Distinct cells, numbered as they come; blanks are empty."""

    def __init__(self) -> None:
        self.characters = 0

    def __missing__(self, cell: Hashable) -> int:
        if cell is None or (isinstance(cell, str) and (not cell or cell.isspace())):
            code = EMPTY
        else:
            code = self.count
            self.count += 1
            self.characters += len(cell) if isinstance(cell, str) else 0
        self[cell] = code
        return code

    count = 0


class Builder:
    """Makes a table from rows, a block of them at a time, of the columns at the places kept."""

    def __init__(self, header: Sequence[str], kept: Sequence[int], *, typed: bool) -> None:
        self._header = tuple(header)
        self._typed = typed
        self._kept = tuple(kept)
        self._distinct = [_Distinct() for _ in kept]
        self._codes = [array("i") for _ in kept]
        self._numbers = array("q")

    def add(self, numbers: Iterable[int], rows: Sequence[Sequence[object]]) -> None:
        """Add rows, each with a cell for every column of the header; raises `TooLargeError`."""
        self._numbers.extend(numbers)
        if len(self._numbers) > MOST_ROWS:
            raise TooLargeError(f"more than {MOST_ROWS:,} rows")
        if len(self._numbers) * len(self._kept) > MOST_CELLS:
            raise TooLargeError(f"more than {MOST_CELLS:,} cells")
        columns = list(zip(*rows, strict=True))
        for place, distinct, codes in zip(self._kept, self._distinct, self._codes, strict=True):
            codes.extend(map(distinct.__getitem__, columns[place]))
        if sum(distinct.characters for distinct in self._distinct) > MOST_DISTINCT_TEXT:
            raise TooLargeError(f"more than {MOST_DISTINCT_TEXT:,} characters of text")

    def table(self, marks: Mapping[int, str] | None = None) -> RawTable:
        """Return what was added, in the order of its row numbers."""
        rows = np.array(self._numbers, dtype=np.int64)
        columns = tuple(self._columns(rows))
        if (np.diff(rows) < 0).any():
            order = np.argsort(rows, kind="stable")
            columns = tuple(column.take(order) for column in columns)
        return RawTable(self._header, columns, self._typed, marks or {})

    def _columns(self, rows: Rows) -> Iterator[Column]:
        for place, distinct, codes in zip(self._kept, self._distinct, self._codes, strict=True):
            cells = tuple(cell for cell, code in distinct.items() if code != EMPTY)
            numbers = np.frombuffer(codes, dtype=np.int32) if codes else np.empty(0, np.int32)
            yield Column(self._header[place], place + 1, numbers, cells, rows)  # type: ignore[arg-type]


def check_width(header: Sequence[str]) -> None:
    """Raise `TooLargeError` where there are more columns than any study has."""
    if len(header) > MOST_COLUMNS:
        raise TooLargeError(f"{len(header):,} columns, at most {MOST_COLUMNS:,} are read")


def names_of(rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the names of columns from the rows of a header; an upper name holds for what follows.

    Of EN, nothing over J0, J30 come EN J0, EN J30.
    """
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if len(texts) == 1:
        return texts[0]
    width = max(map(len, texts), default=0)
    names = [""] * width
    for row in reversed(texts):
        held = ""
        for place, cell in enumerate([*row, *[""] * (width - len(row))]):
            held = cell.strip() or held
            above = held if names[place] else cell.strip()
            names[place] = f"{above} {names[place]}".strip() if above else names[place]
    return names


def is_skipped(cells: Iterable[object], skip: Sequence[str]) -> bool:
    """Whether a row holds a text that says, as declared, that it is no patient."""
    return bool(skip) and any(
        fnmatchcase(cell.strip().casefold(), pattern.casefold())
        for cell in cells
        if isinstance(cell, str)
        for pattern in skip
    )
