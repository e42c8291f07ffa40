"""The columns of a cohort as exact numbers."""

import csv
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from declared import DataError, Problem

# Whether an event was seen, as a number.
TRUTH = {"true": "1", "false": "0"}


class ExactColumns:
    """The columns of a cohort, from the cells of each patient; an empty one is a missing value.

    A column that is not there, is no number or has fewer than two values raises `DataError`.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]], file: Path) -> None:
        self.rows, self._file = list(rows), file

    @classmethod
    def in_file(cls, file: Path) -> "ExactColumns":
        """Return the columns of a CSV file with a header; a missing one raises DataError."""
        try:
            with file.open(encoding="utf-8", newline="") as stream:
                return cls(csv.DictReader(stream), file)
        except FileNotFoundError:
            raise DataError(file, [Problem("file", str(file), "no such file")]) from None

    def complete(self, *names: str) -> list[tuple[Fraction, ...]]:
        """Return the values of some columns for the patients who have all of them."""
        found = [
            tuple(self._number(row, line, name) for name in names)
            for line, row in enumerate(self.rows, start=2)
            if all(row.get(name) != "" for name in names)
        ]
        if len(found) <= 1:
            raise self._error(" and ".join(names), len(found), "needs two values or more")
        return found

    def _number(self, row: Mapping[str, str], line: int, name: str) -> Fraction:
        if name not in row:
            raise self._error("header", name, "no such column")
        try:
            return _fraction(row[name])
        except (TypeError, ValueError):
            raise self._error(f"line {line}, {name}", row[name], "not a number") from None

    def _error(self, where: str, value: object, rule: str) -> DataError:
        return DataError(self._file, [Problem(where, value, rule)])


@cache
def _fraction(text: str) -> Fraction:
    """Read a number; the same few are read again and again."""
    return Fraction(TRUTH.get(text, text))
