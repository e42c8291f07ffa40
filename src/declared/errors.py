"""What goes wrong with what people write, said so that they can mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from reprlib import Repr
from typing import ClassVar

# A value is shown so that it is recognised; a whole mapping would hide what is wrong with it.
SHORT = Repr()
SHORT.maxdict, SHORT.maxlist, SHORT.maxstring, SHORT.maxother = 2, 4, 200, 200


class ExplainedError(Exception):
    """An error whose message says all that its reader needs: it is shown without a traceback.

    A class says NAMES_NO_PATIENT of itself if its messages may be shown whoever the records are of:
    they name places and rules, and a value only where that tells nobody who the patient is.
    """


class UnknownNameError(ExplainedError):
    """A name that a study or a paper does not have; its message has the names that it does have."""

    NAMES_NO_PATIENT: ClassVar[bool] = True


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


class DataError(ExplainedError):
    """A file that cannot be analysed; lists every problem found in it.

    Parameters
    ----------
    file
        The file that was read.
    problems
        What is wrong, each with its place, its value and the rule it breaks.
    """

    NAMES_NO_PATIENT: ClassVar[bool] = True

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file.name}, {problem}" for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a question for the nearest known words, or all of them where none is near."""
    words = sorted(known)
    near = get_close_matches(word, words)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"expected one of {', '.join(words)}"
