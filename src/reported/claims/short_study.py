"""The short form of `study.yml`, for audits: scales by name, or by range and step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from beforeafter.study import PercentageDefinition, Study, Test
from declared import Definition, Name, Problem, YamlFile, nearest, read_yaml, validate

SCALES = Path(__file__).parent / "scales.yml"
# Of a scale whose step nobody tells: so fine that the step excludes nothing that is printed.
UNKNOWN = 10_000


class ShortScale(Definition):
    """A scale by its range; without a step any score may be had."""

    range: tuple[float, float]
    step: Annotated[float, Field(gt=0)] | None = None
    better: Literal["lower", "higher"] = "lower"
    reference: str = ""


class ShortStudy(Definition):
    """The scales of a study, which percentage it prints and by which test."""

    scales: dict[Name, str | ShortScale]
    percentage: PercentageDefinition = "change_between_means"
    test: Test = "paired_t"


def is_short(source: YamlFile) -> bool:
    """Whether a study is given in the short form."""
    return any(True for _ in source.each("scales"))


def read_short_study(source: YamlFile) -> Study:
    """Return the study that a short form stands for; what is wrong with it raises `DataError`."""
    short = validate(ShortStudy, source, _unknown_scale)
    analysis: dict[str, Any] = {
        "percentage": short.percentage,
        "test": short.test,
        "confidence_level": 0.95,
    }
    analysis |= {"responder_thresholds": (), "seed": 1, "ties": {"default": "up"}}
    protocol = {"design": "as printed", "follow_up_day": 1}
    outcomes = [_outcome(name, scale) for name, scale in short.scales.items()]
    whole = {"protocol": protocol, "analysis": analysis, "outcomes": outcomes}
    return Study.model_validate(whole)


def _outcome(name: str, scale: str | ShortScale) -> dict[str, Any]:
    known = _known()[scale] if isinstance(scale, str) else scale
    low, high = known.range
    texts = dict.fromkeys(("label", "instrument", "abbreviation"), name)
    return {
        "name": name,
        **texts,
        "role": "primary",
        "unit": "points",
        "columns": {"baseline": f"{name}_before", "follow_up": f"{name}_after"},
        "minimum": low,
        "maximum": high,
        "step": known.step or (high - low) / UNKNOWN,
        "better": known.better,
        "decimals": {"default": 2},
    }


@cache
def _known() -> dict[str, ShortScale]:
    source = read_yaml(SCALES)
    return {str(field[0]): ShortScale.model_validate(each) for field, each in source.each("*")}


def _unknown_scale(source: YamlFile) -> Iterator[Problem]:
    for field, scale in source.each("scales", "*"):
        if isinstance(scale, str) and scale not in _known():
            rule = (
                f"no scale that is known by name, give range and step; {nearest(scale, _known())}"
            )
            yield source.problem(field, scale, rule)
