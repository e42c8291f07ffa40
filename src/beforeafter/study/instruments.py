"""Questionnaires: which codes their items have, and what each answer counts for in a score.

A questionnaire is data. This module knows what its file must hold, and what its scores can be.
"""

from collections.abc import Iterator
from functools import reduce
from operator import add
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from declared import Definition, Name, Problem, YamlFile, misfits, read_yaml, validate

Codes = tuple[int, ...]
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


class ScoringSource(Definition):
    """Where the scoring was published."""

    text: str
    doi: Annotated[str, Field(pattern=r"^10\.\d+/\S+$")] | None = None


class Answers(Definition):
    """Items that are answered by the same codes."""

    items: tuple[Item, ...]
    codes: Codes

    @field_validator("codes")
    @classmethod
    def _codes_ascend(cls, codes: Codes) -> Codes:
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
    sources: tuple[ScoringSource, ...]
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
    def codes(self) -> dict[str, Codes]:
        """The codes that each item may have, by item."""
        return _codes(self.answers)

    def worth(self, score: str) -> dict[str, tuple[float, ...]]:
        """Return what each answer counts for, by item, in the order of the item's codes."""
        return {
            item: _counts_for(self.codes[item], worth)
            for item, worth in self.scores[score].items.items()
        }

    def range(self, score: str) -> tuple[float, float]:
        """Return the least and the greatest value that a score can have."""
        worth, rules = self.worth(score).values(), self.scores[score]
        share = len(worth) if rules.combine == "mean" else 1
        # One by one: from Python 3.12 on `sum` adds floats another way, and the last digit differs.
        least, greatest = (reduce(add, map(end, worth)) for end in (min, max))
        return least / share + rules.constant, greatest / share + rules.constant


def read_instrument(file: Path) -> Instrument:
    """Read the definition of a questionnaire, a YAML file that has its name; raises `DataError`."""
    return validate(Instrument, read_yaml(file), _named_otherwise)


def _codes(answers: tuple[Answers, ...]) -> dict[str, Codes]:
    return {item: group.codes for group in answers for item in group.items}


def _misfits_of(score: Score, codes: dict[str, Codes]) -> Iterator[Misfit]:
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
        rule = f"expected all {len(items)} items: "
        rule += "with other codes or weights none stands for another"
        yield ("least_answered",), score.least_answered, rule


def _alike(score: Score, codes: dict[str, Codes]) -> bool:
    """Whether the items count alike, so that the mean of some may stand for another."""
    weighted = any(isinstance(worth, tuple) for worth in score.items.values())
    return not weighted and len({codes[item] for item in score.items if item in codes}) <= 1


def _named_otherwise(source: YamlFile) -> Iterator[Problem]:
    for field, name in source.each("name"):
        if name != source.path.stem:
            yield source.problem(field, name, f"expected the name of the file, {source.path.stem}")


def _counts_for(codes: Codes, worth: Worth) -> tuple[float, ...]:
    if worth == "code":
        return tuple(map(float, codes))
    if worth == "reversed":
        return tuple(float(codes[0] + codes[-1] - code) for code in codes)
    return tuple(worth)
