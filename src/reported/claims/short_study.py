"""The short form of `study.yml`, for audits: scales by name, or by range and step."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from beforeafter.study import PercentageDefinition, Study, Test
from declared import Definition, Name, Problem, YamlFile, nearest, read_yaml, validate

SCALES, LEFT_OUT = (Path(__file__).parent / f"{name}.yml" for name in ("scales", "left_out"))
COLUMNS = {"baseline": "before", "follow_up": "after"}
# Of a scale whose step nobody tells: so fine that the step excludes nothing that is printed.
UNKNOWN = 10_000
# Of times, each of which is counted, fewer are fine enough for the mean of half a dozen patients.
EXACT = 1000


class ShortScale(Definition):
    """A scale by its range; without a step any score may be had."""

    range: tuple[float, float]
    step: Annotated[float, Field(gt=0)] | None = None
    better: Literal["lower", "higher"] = "lower"
    names: tuple[str, ...] = ()
    reference: str = ""


class ShortDuration(Definition):
    """A time until an event, and when follow-up for it ends; without a step it is exact."""

    horizon: Annotated[float, Field(gt=0)]
    unit: str = "months"
    step: Annotated[float, Field(gt=0)] | None = None


class ShortStudy(Definition):
    """What a study measured, which percentage it prints and by which test."""

    scales: dict[Name, str | ShortScale] = Field(default_factory=dict)
    ratings: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    durations: dict[Name, ShortDuration] = Field(default_factory=dict)
    percentage: PercentageDefinition = "change_between_means"
    test: Test = "paired_t"


def is_short(source: YamlFile) -> bool:
    """Whether a study is given in the short form."""
    named = any(isinstance(ratings, dict) for _, ratings in source.each("ratings"))
    times = any(isinstance(durations, dict) for _, durations in source.each("durations"))
    return named or times or any(True for _ in source.each("scales"))


def read_short_study(source: YamlFile) -> Study:
    """Return the study that a short form stands for; what is wrong with it raises `DataError`."""
    short = validate(ShortStudy, source, _unknown_scale)
    left_out: dict[str, Any] = read_yaml(LEFT_OUT).content
    analysis = {"percentage": short.percentage, "test": short.test, **left_out["analysis"]}
    outcomes = [left_out["outcome"] | _outcome(*each) for each in short.scales.items()]
    ratings = [left_out["rating"] | _rating(*each) for each in short.ratings.items()]
    durations = [left_out["duration"] | _duration(*each) for each in short.durations.items()]
    whole = {
        "analysis": analysis,
        "outcomes": outcomes,
        "ratings": ratings,
        "durations": durations,
    }
    return Study.model_validate({"protocol": left_out["protocol"], **whole})


def _outcome(name: str, scale: str | ShortScale) -> dict[str, Any]:
    known = known_scales()[scale] if isinstance(scale, str) else scale
    low, high = known.range
    columns = {visit: f"{name}_{when}" for visit, when in COLUMNS.items()}
    step = known.step or (high - low) / UNKNOWN
    texts = dict.fromkeys(("name", "label", "instrument", "abbreviation"), name)
    bounds = {"minimum": low, "maximum": high, "step": step, "better": known.better}
    return {**texts, **bounds, "columns": columns}


def _rating(name: str, groups: tuple[str, ...]) -> dict[str, Any]:
    texts = dict.fromkeys(("name", "label", "abbreviation", "column"), name)
    each = {group: {"label": group, "codes": [code]} for code, group in enumerate(groups, start=1)}
    return {**texts, "categories": groups, "groups": each}


def _duration(name: str, given: ShortDuration) -> dict[str, Any]:
    columns = {"time": f"{name}_time", "event": f"{name}_event"}
    bounds = {"horizon": given.horizon, "step": given.step or given.horizon / EXACT}
    return {"name": name, "label": name, "unit": given.unit, "columns": columns, **bounds}


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
