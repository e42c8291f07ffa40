"""The study definition, read from `study.yml`: what was measured, which choices were made."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from paincohort.definitions import Definition, misfits, repeats, validate
from paincohort.errors import Problem
from paincohort.yaml_file import YamlFile, read_yaml

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def has_default(choices: dict[str, Any]) -> dict[str, Any]:
    """Refuse choices that leave out what holds for all that they do not name."""
    if "default" not in choices:
        raise ValueError("expected a default")
    return choices


Decimals = Annotated[dict[str, Annotated[int, Field(ge=0, le=12)]], AfterValidator(has_default)]
Ties = Literal["up", "down"]
PercentageDefinition = Literal["change_between_means", "mean_of_individual_changes"]
Test = Literal["paired_t", "wilcoxon"]


class Treatment(Definition):
    """One drug of the regimen."""

    name: Name
    label: str
    route: str
    dose: float = Field(gt=0)
    unit: str


class Protocol(Definition):
    """What was planned. Not every treatment is a drug, or an infusion."""

    design: str
    infusion_days: int | None = Field(default=None, gt=0)
    follow_up_day: int = Field(gt=0)
    treatments: tuple[Treatment, ...] = ()


class Analysis(Definition):
    """The choices that change a result."""

    percentage: PercentageDefinition
    test: Test
    confidence_level: float = Field(gt=0, lt=1)
    responder_thresholds: tuple[float, ...]
    seed: int = Field(ge=0)
    ties: Annotated[dict[str, Ties], AfterValidator(has_default)]


class Visits(Definition):
    """The two columns of an outcome."""

    baseline: str
    follow_up: str

    @property
    def pair(self) -> tuple[str, str]:
        """Both, in the order of time."""
        return self.baseline, self.follow_up


class MinimalImportantDifference(Definition):
    """The smallest change that matters to a patient, and who found it."""

    value: float = Field(gt=0)
    source: str


class Outcome(Definition):
    """A scale measured at baseline and at follow-up."""

    name: Name
    label: str
    instrument: str
    abbreviation: str
    role: Literal["primary", "secondary"]
    unit: str
    columns: Visits
    minimum: float
    maximum: float
    step: float = Field(gt=0)
    better: Literal["lower", "higher"]
    decimals: Decimals
    minimal_important_difference: MinimalImportantDifference | None = None

    @field_validator("maximum")
    @classmethod
    def _range_is_a_range(cls, maximum: float, info: ValidationInfo) -> float:
        if maximum <= info.data.get("minimum", -inf):
            raise ValueError(f"expected more than the minimum, {info.data['minimum']:g}")
        return maximum

    @property
    def benefit(self) -> Literal[-1, 1]:
        """The sign of a change for the better."""
        return -1 if self.better == "lower" else 1


class Group(Definition):
    """Categories counted together."""

    label: str
    codes: tuple[int, ...]


class Rating(Definition):
    """An ordered categorical outcome, coded 1, 2, … in the order of its categories."""

    name: Name
    label: str
    abbreviation: str
    column: str
    categories: tuple[str, ...]
    groups: dict[Name, Group]
    decimals: Decimals

    @field_validator("groups")
    @classmethod
    def _groups_have_categories(
        cls, groups: dict[str, Group], info: ValidationInfo
    ) -> dict[str, Group]:
        last = len(info.data.get("categories", ()))
        misfits(
            ((name, "codes"), list(group.codes), f"expected codes of categories, 1 to {last}")
            for name, group in groups.items()
            if last and not {*group.codes} <= {*range(1, last + 1)}
        )
        return groups


class TimeToEvent(Definition):
    """The two columns of a duration."""

    time: str
    event: str


class Duration(Definition):
    """A time from the end of treatment to an event, followed up to a horizon."""

    name: Name
    label: str
    columns: TimeToEvent
    event: str
    event_free: str
    unit: str
    step: float = Field(gt=0)
    horizon: float = Field(gt=0)
    decimals: Decimals


class Characteristic(Definition):
    """A column about the patient; used when the data have it."""

    name: Name
    label: str
    column: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None

    @property
    def is_number(self) -> bool:
        """Whether the column holds measurements rather than categories."""
        return self.unit is not None


class Study(Definition):
    """A before/after study: protocol, choices and everything that was measured."""

    protocol: Protocol
    analysis: Analysis
    outcomes: tuple[Outcome, ...]
    ratings: tuple[Rating, ...] = ()
    durations: tuple[Duration, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return {outcome.name: outcome for outcome in self.outcomes}[name]

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return {rating.name: rating for rating in self.ratings}[name]

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return {duration.name: duration for duration in self.durations}[name]


def read_study(file: Path) -> Study:
    """Read the study definition.

    Parameters
    ----------
    file
        A `study.yml`.

    Returns
    -------
    Study
        Protocol, choices, outcomes, ratings, durations and characteristics.

    Raises
    ------
    DataError
        If the file is missing, is not YAML or does not define a study.
    """
    return validate(Study, read_yaml(file), _used_twice)


def _used_twice(source: YamlFile) -> Iterator[Problem]:
    parts = ("outcomes", "ratings", "durations")
    yield from repeats(source, "name used twice", *((part, "*", "name") for part in parts))
    yield from repeats(source, "column used twice", ("outcomes", "*", "columns", "*"))
