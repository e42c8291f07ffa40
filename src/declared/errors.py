"""What goes wrong with data, said so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from reprlib import Repr

# A value is shown so that it is recognised; a whole mapping would hide what is wrong with it.
SHORT = Repr()
SHORT.maxdict, SHORT.maxlist, SHORT.maxstring, SHORT.maxother = 2, 4, 200, 200


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of a file, with its line where lines are counted."""

    where: str
    value: object
    rule: str
    line: int | None = None

    def __str__(self) -> str:
        """Return place, value and rule on one line."""
        place = self.where if self.line is None else f"line {self.line}, {self.where}"
        value = "nothing" if self.value is None else SHORT.repr(self.value)
        return f"{place}: {value}: {self.rule}"


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
