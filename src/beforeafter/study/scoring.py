"""Scores of questionnaires from the answers to their items.

A questionnaire is data: its file says which codes its items have, what each answer counts for and
how many items must be answered. This module knows only how to add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from beforeafter.estimates.quantities import quantity
from declared.definitions import Definition, misfits, validate
from declared.errors import Problem
from declared.yaml_file import YamlFile, read_yaml

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Misfit = tuple[tuple[str, ...], object, str]


def _as_text(number: object) -> object:
    # YAML reads the number of an item as a number; `2a` would be text.
    return str(number) if type(number) is int else number


def _readable_worth(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        raise ValueError(
            "expected code, reversed, or a list of numbers, one for each code"
        ) from None


Item = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[0-9]+[a-z]?$")]
# What an answer counts for: its code, the code as seen from the other end, or a weight per code.
Worth = Annotated[Literal["code", "reversed"] | tuple[float, ...], WrapValidator(_readable_worth)]


class Source(Definition):
    """Where the scoring was published."""

    text: str
    doi: Annotated[str, Field(pattern=r"^10\.\d+/\S+$")] | None = None


class Answers(Definition):
    """Items that are answered by the same codes."""

    items: tuple[Item, ...]
    codes: tuple[int, ...]

    @field_validator("codes")
    @classmethod
    def _codes_ascend(cls, codes: tuple[int, ...]) -> tuple[int, ...]:
        if not codes or list(codes) != sorted(set(codes)):
            raise ValueError("expected whole numbers, each greater than the one before")
        return codes


class Score(Definition):
    """One number made of the answers to some of the items."""

    label: str
    combine: Literal["sum", "mean"]
    least_answered: int = Field(gt=0)
    items: dict[Item, Worth] = Field(min_length=1)
    constant: float = 0


class Instrument(Definition):
    """A questionnaire: its items, their codes, and the scores made of them."""

    name: Name
    label: str
    version: str
    sources: tuple[Source, ...]
    answers: tuple[Answers, ...]
    scores: dict[Name, Score]

    @field_validator("answers")
    @classmethod
    def _items_have_one_set_of_codes(cls, answers: tuple[Answers, ...]) -> tuple[Answers, ...]:
        items = [item for group in answers for item in group.items]
        twice = sorted({item for item in items if items.count(item) > 1})
        if twice:
            raise ValueError(f"item given twice: {', '.join(twice)}")
        return answers

    @field_validator("scores")
    @classmethod
    def _scores_use_the_items(
        cls, scores: dict[str, Score], info: ValidationInfo
    ) -> dict[str, Score]:
        codes = _codes(info.data.get("answers", ()))
        misfits(
            ((name, *field), value, rule)
            for name, score in scores.items()
            for field, value, rule in _misfits_of(score, codes)
            if codes
        )
        return scores

    @property
    def codes(self) -> dict[str, tuple[int, ...]]:
        """The codes that each item may have, by item."""
        return _codes(self.answers)

    def worth(self, score: str) -> dict[str, NDArray[np.float64]]:
        """Return what each answer counts for, by item, in the order of the item's codes."""
        return {
            item: _counts_for(self.codes[item], worth)
            for item, worth in self.scores[score].items.items()
        }

    def range(self, score: str) -> tuple[float, float]:
        """Return the least and the greatest value that a score can have."""
        worth, rules = self.worth(score).values(), self.scores[score]
        share = len(worth) if rules.combine == "mean" else 1
        least, greatest = sum(w.min() for w in worth), sum(w.max() for w in worth)
        return float(least / share + rules.constant), float(greatest / share + rules.constant)


@dataclass(frozen=True)
class Completeness:
    """How many patients answered enough of the items for a score.

    Attributes
    ----------
    n_patients
        All, those seen no more included.
    n_complete
        Answered every item.
    n_prorated
        Answered enough, but not every item: the score is filled up.
    n_too_few
        Answered some items, too few for a score.
    n_unanswered
        Answered none.
    """

    n_patients: int = quantity("count")
    n_complete: int = quantity("count")
    n_prorated: int = quantity("count")
    n_too_few: int = quantity("count")
    n_unanswered: int = quantity("count")


def read_instrument(file: Path) -> Instrument:
    """Read the definition of a questionnaire.

    Parameters
    ----------
    file
        A YAML file; its name, without the ending, is the name of the instrument.

    Returns
    -------
    Instrument
        Items, codes and scores.

    Raises
    ------
    DataError
        If the file is missing, is not YAML or does not define an instrument, with the lines.
    """
    return validate(Instrument, read_yaml(file), _named_otherwise)


def score_items(answers: pd.DataFrame, instrument: Instrument, score: str) -> pd.Series[float]:
    """Score a questionnaire from the answers to its items.

    Parameters
    ----------
    answers
        One row per patient, one float column per item, named as in the instrument (`"1"`, `"2"`,
        …), which holds codes, and nan where nothing was answered. Items that the score does not
        use, and other columns, are passed over.
    instrument
        The questionnaire.
    score
        Which of its scores.

    Returns
    -------
    pandas.Series
        The score of each patient, on the index of `answers`: nan with fewer than
        `least_answered` items answered.

    Raises
    ------
    KeyError
        If a column of an item is missing, or the instrument has no such score.
    ValueError
        If an answer is none of the codes of its item.

    Notes
    -----
    With k items of which a are answered, s the sum of what the answers count for, and c the
    constant, a sum is c + s k / a and a mean is c + s / a.

    Unanswered items thus count as the mean of the patient's answered ones (person-mean
    imputation), and the score is not rounded: a prorated sum need not be a whole number.

    References
    ----------
    Bell ML, Fairclough DL, Fiero MH, Butow PN. Handling missing items in the Hospital Anxiety and
    Depression Scale: a simulation study. BMC Res Notes 2016;9:479.
    doi:10.1186/s13104-016-2284-z
    """
    rules = instrument.scores[score]
    total, answered = _tally(answers, instrument, score)
    enough = np.where(answered >= rules.least_answered, answered, np.nan)
    # The share of a complete questionnaire is exactly 1, so that nothing is lost by rounding.
    share = len(rules.items) / enough if rules.combine == "sum" else 1 / enough
    return pd.Series(rules.constant + total * share, index=answers.index, name=score)


def completeness(answers: pd.DataFrame, instrument: Instrument, score: str) -> Completeness:
    """Count the patients whose score is complete, prorated or missing.

    Parameters
    ----------
    answers, instrument, score
        As for `score_items`.

    Returns
    -------
    Completeness
        The four last counts add up to the first.

    Raises
    ------
    KeyError, ValueError
        As `score_items` does.
    """
    rules = instrument.scores[score]
    _, answered = _tally(answers, instrument, score)
    complete, enough = answered == len(rules.items), answered >= rules.least_answered
    return Completeness(
        n_patients=len(answers),
        n_complete=int(complete.sum()),
        n_prorated=int((enough & ~complete).sum()),
        n_too_few=int((~enough & (answered > 0)).sum()),
        n_unanswered=int((answered == 0).sum()),
    )


def _codes(answers: tuple[Answers, ...]) -> dict[str, tuple[int, ...]]:
    return {item: group.codes for group in answers for item in group.items}


def _misfits_of(score: Score, codes: dict[str, tuple[int, ...]]) -> Iterator[Misfit]:
    items = score.items
    for item, worth in items.items():
        if item not in codes:
            yield ("items", item), item, "expected an item that `answers` gives codes"
        elif isinstance(worth, tuple) and len(worth) != len(codes[item]):
            rule = f"expected {len(codes[item])} weights, one for each code"
            yield ("items", item), list(worth), rule
    if score.least_answered > len(items):
        rule = f"expected no more than the {len(items)} items of the score"
        yield ("least_answered",), score.least_answered, rule
    elif score.least_answered < len(items) and not _alike(score, codes):
        # Filled up with the mean of other items, the score could even leave its range.
        rule = (
            f"expected all {len(items)} items: with other codes or weights none stands for another"
        )
        yield ("least_answered",), score.least_answered, rule


def _alike(score: Score, codes: dict[str, tuple[int, ...]]) -> bool:
    """Whether the items count alike, so that the mean of some may stand for another."""
    weighted = any(isinstance(worth, tuple) for worth in score.items.values())
    return not weighted and len({codes[item] for item in score.items if item in codes}) <= 1


def _named_otherwise(source: YamlFile) -> Iterator[Problem]:
    for field, name in source.each("name"):
        if name != source.path.stem:
            yield source.problem(field, name, f"expected the name of the file, {source.path.stem}")


def _counts_for(codes: tuple[int, ...], worth: Worth) -> NDArray[np.float64]:
    if worth == "code":
        return np.array(codes, dtype=float)
    if worth == "reversed":
        return np.array([codes[0] + codes[-1] - code for code in codes], dtype=float)
    return np.array(worth)


def _tally(
    answers: pd.DataFrame, instrument: Instrument, score: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up what is answered, and count it: a sum and a number of items for each patient."""
    total, answered = np.zeros((2, len(answers)))
    codes = instrument.codes
    for item, worth in instrument.worth(score).items():
        given = answers[item].to_numpy(dtype=float)
        there = ~np.isnan(given)
        total[there] += worth[_positions(given[there], codes[item], item)]
        answered += there
    return total, answered


def _positions(given: NDArray[np.float64], codes: tuple[int, ...], item: str) -> NDArray[np.int64]:
    known = np.array(codes)
    places = np.minimum(np.searchsorted(known, given), len(known) - 1)
    unknown = given[known[places] != given]
    if unknown.size:
        raise ValueError(f"item {item}: {unknown[0]:g} is none of the codes {codes}")
    return places
