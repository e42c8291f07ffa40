"""Scores of a questionnaire once more, patient by patient and in fractions.

Nothing here is shared with `src/beforeafter`: what an answer counts for is looked up in a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Worth = Mapping[str, Mapping[int, Fraction]]
Answered = Mapping[str, int | None]


def score(
    answers: Answered, worth: Worth, constant: Fraction, least: int, *, mean: bool
) -> Fraction | None:
    given = [worth[item][code] for item in worth if (code := answers[item]) is not None]
    if len(given) < least:
        return None
    filled = sum(given, Fraction(0)) / len(given)
    return constant + (filled if mean else filled * len(worth))


def scores(
    patients: Sequence[Answered], worth: Worth, constant: Fraction, least: int, *, mean: bool
) -> list[Fraction | None]:
    return [score(answers, worth, constant, least, mean=mean) for answers in patients]
