"""What the columns of the records say: a value for each distinct cell, and every cell told of."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import (
    LIKE_THOUSANDS,
    WITH_COMMA,
    WITH_POINT,
    Mark,
    Notation,
    Read,
    Reading,
    Refused,
    read_cell,
)
from beforeafter.records.columns import Field
from beforeafter.records.files.table import EMPTY, PART, ErrorCell, Formula, MissingCode, Percent
from beforeafter.records.files.words import LIKE_MISSING
from beforeafter.records.report import (
    MOST_ALIKE,
    Conversion,
    Remark,
    Report,
    is_of_file,
    tells_nobody,
)
from beforeafter.study import Records

# Begins the mend of a whole column.
OTHER_UNIT = "is the column in"
ALIKE = "codes of patients are alike but for case or zeros, each with rows of other visits"
MAY_BE_SHOWN = {"number", "event", "category", "visit"}


@dataclass(frozen=True)
class Values:
    """What a column says, once for each of its distinct cells, and last for an empty one.

    Missing is nan, or None where values are no numbers.
    """

    field: Field
    distinct: NDArray[Any]  # values, shape (distinct cells + 1,)
    refused: NDArray[np.bool_]  # which cells have none, shape (distinct cells + 1,)

    @property
    def values(self) -> NDArray[Any]:
        """The value in each row; shape (rows,)."""
        return self.distinct[self.field.column.codes]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Whether each row has something, a value or what is refused; shape (rows,)."""
        missing: NDArray[np.bool_] = pd.isna(self.distinct) & ~self.refused
        return ~missing[self.field.column.codes]


def plain_code(code: str) -> str:
    """Return the code of a patient without case, zeros before numbers, and signs before those."""
    return re.sub(
        r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"\s|(?<=[^\W\d])[._-]", "", code.casefold())
    )


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
    report.convert("", "decimal comma in numbers, read as such")
    return ","


def read_cells(field: Field, notation: Notation, report: Report) -> Values:
    """Read the cells of a column, a value for each that is distinct.

    The report is told of each cell that has no value, and of what was converted.
    """
    readings = [read_cell(cell, field, notation) for cell in field.column.cells]
    values = [reading.value if isinstance(reading, Read) else None for reading in readings]
    _tell_refused(field, readings, report)
    _tell_conversions(field, readings, report)
    return Values(
        field,
        np.array([*values, None], dtype=float if field.wanted.kind == "number" else object),
        np.array([isinstance(reading, Refused) for reading in readings] + [False]),
    )


def _tell_refused(field: Field, readings: list[Reading], report: Report) -> None:
    kinds: dict[object, list[int]] = defaultdict(list)
    for place, reading in enumerate(readings):
        if isinstance(reading, Refused):
            kinds[reading.mend if is_of_file(reading.mend) else reading].append(place)
    for places in kinds.values():
        why = cast("Refused", readings[places[0]])
        chosen = np.zeros(len(readings) + 1, dtype=bool)
        chosen[places] = True
        tell_cells(field, chosen[field.column.codes], why, report)


def tell_cells(field: Field, broken: NDArray[np.bool_], why: Refused, report: Report) -> None:
    """Report the cells of a column in the rows, shape (rows,), that break a rule."""
    rows = np.flatnonzero(broken)
    _, first, place, times = np.unique(
        field.column.codes[rows], return_index=True, return_inverse=True, return_counts=True
    )
    if len(rows) > MOST_ALIKE and (is_of_file(why.mend) or why.mend.startswith(OTHER_UNIT)):
        report.problems.append(replace(remark(field, int(rows[0]), why), cells=len(rows)))
        return
    # One finding for a value that stands in many cells; a few are told of one by one.
    most = 1 if field.wanted.words else MOST_ALIKE
    told = (times[place] <= most) | (first[place] == np.arange(len(rows)))
    cells = np.where(times > most, times, 1)[place]
    remarks = (
        replace(remark(field, int(rows[at]), why), cells=int(cells[at]))
        for at in np.flatnonzero(told)
    )
    report.refuse(remarks, int(told.sum()))


def remark(field: Field, row: int, why: Refused) -> Remark:
    """Return what is wrong with the cell of a column in one row."""
    column, wanted = field.column, field.wanted
    words = (*wanted.words, *(wanted.values or ()), *wanted.missing, *LIKE_MISSING)
    code = column.codes[row]
    cell = "" if code == EMPTY else column.cells[code]
    part, number = divmod(int(column.rows[row]), 1 << PART)
    value: object = cell
    if isinstance(cell, Formula) and cell.stored is not None:
        value = cell.stored
    if isinstance(value, Formula | ErrorCell | MissingCode | Percent):
        value = value.text
    return Remark(
        why.rule,
        why.mend,
        number,
        wanted.theirs,
        column.position,
        value,
        label=column.labels.get(cell, ""),
        part=column.parts[part] if column.parts else "",
        shown=wanted.kind in MAY_BE_SHOWN
        and (isinstance(cell, ErrorCell) or tells_nobody(value, words)),
    )


def _tell_conversions(field: Field, readings: list[Reading], report: Report) -> None:
    codes, name = field.column.codes, field.wanted.theirs
    counts = np.bincount(codes[codes != EMPTY], minlength=len(readings))
    cells: dict[str, int] = defaultdict(int)
    for reading, count in zip(readings, counts, strict=True):
        if isinstance(reading, Read) and reading.how and count:
            cells[reading.how] += int(count)
    report.conversions += [Conversion(name, what, count) for what, count in cells.items()]
