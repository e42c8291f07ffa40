"""What was found in the records: problems, doubts, conversions, and what is missing.

A remark knows the value, for the author at a terminal. What may go into a log, the output of a
notebook or a build, is `Remark.problem`: the place and the rule, and the value only where it
tells nobody who the patient is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from declared import DataError, Problem

# Of one rule in one column: a registry in the wrong unit would fill the screen for hours.
MOST_LISTED = 20
MOST_DOUBTS = 5
# More cells of one value, or that one line mends, are one finding.
MOST_ALIKE = 3
# A measurement has few digits; more may be a telephone number.
SHORT_NUMBER = re.compile(r"[+-]?\d{0,4}(?:[.,]\d{1,4})?")


@dataclass(frozen=True)
class Withheld:
    """Stands for a value that may not leave the author's terminal."""

    def __repr__(self) -> str:
        """Say that there is a value, and nothing of it."""
        return "(not shown)"


@dataclass(frozen=True)
class PlainProblem(Problem):
    """A problem that need not be of one value."""

    def __str__(self) -> str:
        """Return place, value if there is one, and rule on one line."""
        return f"{self.where}: {self.rule}" if self.value is None else super().__str__()


@dataclass(frozen=True)
class Remark:
    """One thing to know about one place; rows and columns as a spreadsheet counts them."""

    rule: str  # what does not hold
    mend: str = ""  # what to do about it
    row: int | None = None
    column: str | None = None  # its name there
    position: int | None = None
    value: object = field(default=None, repr=False)
    label: str = field(default="", repr=False)  # what the file says that the value means
    part: str = ""  # the sheet or file, where there are several
    cells: int = 1  # how many there are of this value, of which this is the first
    known: bool = True  # whether the column has a name that the study definition gives
    shown: bool = False  # whether the value may be shown outside the author's terminal

    def problem(self) -> Problem:
        """Return what may be told anywhere."""
        row = "" if self.row is None else f"row {self.row}"
        name = self.column if self.known and self.column is not None else self.position
        column = "" if name is None else f"column {name}"
        place = ", ".join(filter(None, [self.part, row, column])) or "file"
        value = self.value if self.shown or self.value in ("", None) else Withheld()
        # A cell is mended where it stands; for many, a column or the file it takes more words.
        alone = row and self.cells == 1
        return PlainProblem(place, value, self.rule if alone or not self.mend else self.told)

    @property
    def counted(self) -> str:
        """The rule, and in how many cells it is broken if in more than this one."""
        return self.rule if self.cells == 1 else f"{self.rule}; {self.cells:,} cells like this"

    @property
    def told(self) -> str:
        """Rule and remedy in one sentence."""
        return ": ".join(filter(None, [self.counted, self.mend]))


class UnreadableError(DataError):
    """Records that are no table, or larger than can be read."""

    NAMES_NO_PATIENT: ClassVar[bool] = True

    def __init__(self, file: Path, remark: Remark) -> None:
        self.remark = remark
        super().__init__(file, [remark.problem()])


@dataclass(frozen=True)
class Conversion:
    """What was made of cells that are not as the study has them."""

    column: str  # its name in the records; empty for the whole file
    what: str
    cells: int | None = None  # how many


@dataclass(frozen=True)
class Recorded:
    """How many patients have a value in a column of the study."""

    column: str
    recorded: int
    missing: int


@dataclass
class Report:
    """Everything that was found in a file."""

    file: Path
    sheet: str | None = None
    problems: list[Remark] = field(default_factory=list)  # why the file is refused
    doubts: list[Remark] = field(default_factory=list)  # what is allowed, and worth a look
    conversions: list[Conversion] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    rows: list[Conversion] = field(default_factory=list)  # every row of the file, and its fate
    left_out: dict[str, int] = field(default_factory=dict)  # patients, by the reason (`only`)
    cohort: pd.DataFrame | None = None  # one row per patient, once nothing is wrong

    def refuse(self, remarks: Iterable[Remark], of: int) -> None:
        """Add the first problems of one kind, and how many there are more."""
        self.problems += _first(remarks, of, MOST_LISTED)

    def doubt(self, remarks: Iterable[Remark], of: int) -> None:
        """Add the first doubts of one kind, and how many there are more."""
        self.doubts += _first(remarks, of, MOST_DOUBTS)

    def convert(self, column: str, what: str, cells: int | None = None) -> None:
        """Say what was made of cells of a column, or of the whole file if none is named."""
        self.conversions.append(Conversion(column, what, cells))

    def unreadable(self, rule: str, mend: str = "", **where: object) -> UnreadableError:
        """Return the error of a file that cannot be read at all."""
        return UnreadableError(self.file, Remark(rule, mend, **where))  # type: ignore[arg-type]

    def sort(self) -> None:
        """Put what is wrong with all first, then with many cells; tell once what one line mends."""
        once: dict[object, Remark] = {}
        for one in self.problems:
            many = one.cells > MOST_ALIKE and is_of_file(one.mend)
            first = once.setdefault(one.mend if many else id(one), one)
            if first is not one:
                once[one.mend] = replace(first, cells=first.cells + one.cells)
        self.problems = [*once.values()]
        self.conversions.sort(key=lambda one: "left out" in one.what)
        self.problems.sort(key=lambda one: (one.row or 0, one.position or 0))
        self.problems.sort(key=lambda one: -one.cells if one.row else -(1 << 40))

    def as_data(self) -> dict[str, Any]:
        """Return everything as plain data, with values: for the author's own machine."""
        plain = {
            part: [asdict(one) for one in getattr(self, part)]
            for part in ("problems", "doubts", "rows", "conversions", "recorded")
        }
        for one in (*plain["problems"], *plain["doubts"]):
            one["value"] = None if one["value"] is None else str(one["value"])
        patients = None if self.cohort is None else len(self.cohort)
        return {"file": str(self.file), "sheet": self.sheet, "patients": patients, **plain}

    def refusal(self) -> DataError:
        """Return the error that lists every problem."""
        return DataError(self.file, [remark.problem() for remark in self.problems])


def _first(remarks: Iterable[Remark], of: int, most: int) -> Iterator[Remark]:
    last = None
    for last in islice(remarks, most):
        yield last
    if last is not None and of > most:
        rule = f"{last.rule}: in {of:,} rows, of which {most} are listed"
        yield replace(last, rule=rule, row=None, value=None)


def is_of_file(mend: str) -> bool:
    """Whether a line of the study definition mends it, in whichever column it is."""
    return mend.startswith("records: ") and not mend.startswith("records: columns")


def tells_nobody(value: object, words: Iterable[str] = ()) -> bool:
    """Whether a value is a short number or one of the study's own words."""
    if isinstance(value, int | float):
        return SHORT_NUMBER.fullmatch(f"{value:.15g}") is not None
    return isinstance(value, str) and (
        SHORT_NUMBER.fullmatch(value.strip()) is not None
        or value.strip().casefold() in {word.casefold() for word in words}
    )
