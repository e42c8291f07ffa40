"""The study definition, read from `study.yml`: what was measured, which choices were made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from paincohort.errors import DataError, Problem

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _has_default(choices: dict[str, Any]) -> dict[str, Any]:
    if "default" not in choices:
        raise ValueError("needs a default")
    return choices


Decimals = Annotated[dict[str, Annotated[int, Field(ge=0, le=12)]], AfterValidator(_has_default)]
Ties = Literal["up", "down"]
PercentageDefinition = Literal["change_between_means", "mean_of_individual_changes"]
Test = Literal["paired_t", "wilcoxon"]
Model = TypeVar("Model", bound=BaseModel)


class Definition(BaseModel):
    """A part of the study definition: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Treatment(Definition):
    """One drug of the regimen."""

    name: Name
    label: str
    route: str
    dose: float = Field(gt=0)
    unit: str


class Protocol(Definition):
    """What was planned."""

    design: str
    infusion_days: int = Field(gt=0)
    follow_up_day: int = Field(gt=0)
    treatments: tuple[Treatment, ...]


class Analysis(Definition):
    """The choices that change a result."""

    percentage: PercentageDefinition
    test: Test
    confidence_level: float = Field(gt=0, lt=1)
    responder_thresholds: tuple[float, ...]
    seed: int = Field(ge=0)
    ties: Annotated[dict[str, Ties], AfterValidator(_has_default)]


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

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Outcome:
        if self.maximum <= self.minimum:
            raise ValueError(f"maximum {self.maximum} is not above minimum {self.minimum}")
        return self

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

    @model_validator(mode="after")
    def _groups_have_categories(self) -> Rating:
        known = set(range(1, len(self.categories) + 1))
        for name, group in self.groups.items():
            if unknown := set(group.codes) - known:
                raise ValueError(f"group {name} has codes without a category: {sorted(unknown)}")
        return self


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

    @model_validator(mode="after")
    def _names_differ(self) -> Study:
        names = [outcome.name for outcome in self.outcomes]
        names += [rating.name for rating in self.ratings]
        names += [duration.name for duration in self.durations]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"names used twice: {sorted(twice)}")
        columns = [column for outcome in self.outcomes for column in outcome.columns.pair]
        if twice := {column for column in columns if columns.count(column) > 1}:
            raise ValueError(f"columns used twice: {sorted(twice)}")
        return self

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return {outcome.name: outcome for outcome in self.outcomes}[name]

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return {rating.name: rating for rating in self.ratings}[name]

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return {duration.name: duration for duration in self.durations}[name]


def read_yaml(file: Path) -> Any:
    """Read a YAML file safely.

    Raises
    ------
    DataError
        If the file is missing or is not YAML, with the line and column.
    """
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(file, [Problem("file", str(file), "no such file")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "file"
        raise DataError(file, [Problem(place, error.problem, "not valid YAML")]) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(file, [Problem("file", str(error), "not valid YAML")]) from None


def validate(model: type[Model], content: Any, file: Path) -> Model:
    """Check the content of a YAML file against its model.

    Raises
    ------
    DataError
        With every field that is missing, unknown or outside its bounds.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [
            Problem(".".join(map(str, found["loc"])) or "file", found["input"], found["msg"])
            for found in error.errors()
        ]
        raise DataError(file, problems) from None


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
    return validate(Study, read_yaml(file), file)
