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
    names: tuple[str, ...] = ()
    reference: str = ""


class ShortStudy(Definition):
    """The scales and categories of a study, which percentage it prints and by which test."""

    scales: dict[Name, str | ShortScale] = Field(default_factory=dict)
    ratings: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    percentage: PercentageDefinition = "change_between_means"
    test: Test = "paired_t"


def is_short(source: YamlFile) -> bool:
    """Whether a study is given in the short form."""
    named = any(isinstance(ratings, dict) for _, ratings in source.each("ratings"))
    return named or any(True for _ in source.each("scales"))


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
    ratings = [_rating(name, groups) for name, groups in short.ratings.items()]
    whole = {"protocol": protocol, "analysis": analysis, "outcomes": outcomes, "ratings": ratings}
    return Study.model_validate(whole)


def _outcome(name: str, scale: str | ShortScale) -> dict[str, Any]:
    known = known_scales()[scale] if isinstance(scale, str) else scale
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


def _rating(name: str, groups: tuple[str, ...]) -> dict[str, Any]:
    texts = dict.fromkeys(("label", "abbreviation", "column"), name)
    each = {group: {"label": group, "codes": [code]} for code, group in enumerate(groups, start=1)}
    parts = {"categories": groups, "groups": each, "decimals": {"default": 0}}
    return {"name": name, **texts, **parts}


@cache
def known_scales() -> dict[str, ShortScale]:
    """Return the usual scales by their names."""
    source = read_yaml(SCALES)
    return {str(field[0]): ShortScale.model_validate(each) for field, each in source.each("*")}


def _unknown_scale(source: YamlFile) -> Iterator[Problem]:
    for field, scale in source.each("scales", "*"):
        if isinstance(scale, str) and scale not in known_scales():
            near = nearest(scale, known_scales())
            rule = f"no scale that is known by name, give range and step; {near}"
            yield source.problem(field, scale, rule)
