"""What goes wrong with data, said so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of a file."""

    where: str
    value: object
    rule: str

    def __str__(self) -> str:
        """Return place, value and rule on one line."""
        return f"{self.where}: {self.value!r}: {self.rule}"


class DataError(Exception):
    """A file that cannot be analysed; lists every problem found in it.

    Parameters
    ----------
    file
        The file that was read.
    problems
        What is wrong, each with its place, its value and the rule it breaks.
    """

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file.name}, {problem}" for problem in self.problems))


class NoPatientsError(Exception):
    """An estimand that has no patients."""
