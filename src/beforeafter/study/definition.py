"""The study definition: what was measured, which choices were made."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator

from beforeafter.study.recorded import Records
from beforeafter.study.scoring import Instrument, Name
from declared.definitions import Definition, misfits

ITEM = "{item}"


def has_default(choices: dict[str, Any]) -> dict[str, Any]:
    """Refuse choices that leave out what holds for all that they do not name."""
    if "default" not in choices:
        raise ValueError("expected a default")
    return choices


def has_place_for_item(pattern: str) -> str:
    """Refuse a pattern of columns that is not one column for each item."""
    if not pattern.count("{") == pattern.count("}") == pattern.count(ITEM) == 1:
        raise ValueError(f"expected {ITEM} once, where the columns have the number of the item")
    return pattern


def some(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse no numbers at all."""
    if not values:
        raise ValueError("expected one number or more")
    return values


def rising(values: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse numbers that do not rise, so that none is there twice."""
    if any(after <= before for before, after in pairwise(values)):
        raise ValueError("expected numbers that rise")
    return values


Decimals = Annotated[dict[str, Annotated[int, Field(ge=0, le=12)]], AfterValidator(has_default)]
ItemPattern = Annotated[str, AfterValidator(has_place_for_item)]
Ties = Literal["up", "down"]
PercentageDefinition = Literal["change_between_means", "mean_of_individual_changes"]
Test = Literal["paired_t", "wilcoxon"]
Recorded = Literal["completed", "noticed"]


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
    smallest_subgroup: int = Field(default=10, gt=0)
    imputations: int = Field(default=100, ge=2)
    # Of records: a smaller count of patients is not printed. Zero: every count is.
    smallest_count: int = Field(default=5, ge=0)
    # Records of patients are compared with what was printed about them only if asked.
    compare_with_published: bool = False


class Visits(Definition):
    """The two columns of an outcome."""

    baseline: str
    follow_up: str

    @property
    def pair(self) -> tuple[str, str]:
        """Both, in the order of time."""
        return self.baseline, self.follow_up


class ItemColumns(Definition):
    """The columns of the items from which an outcome is scored, for data that have them."""

    instrument: Name
    score: Name
    baseline: ItemPattern
    follow_up: ItemPattern

    @property
    def visits(self) -> tuple[str, str]:
        """The patterns of both visits, in the order of time."""
        return self.baseline, self.follow_up


class MinimalImportantDifference(Definition):
    """The smallest change that matters to a patient, and who found it."""

    value: float = Field(gt=0)
    source: str


class Reliability(Definition):
    """The test-retest reliability of a scale, from the least found to the greatest, and by whom."""

    lowest: float = Field(ge=0, lt=1)
    highest: float = Field(ge=0, lt=1)
    source: str

    @field_validator("highest")
    @classmethod
    def _not_below_the_lowest(cls, highest: float, info: ValidationInfo) -> float:
        if highest < info.data.get("lowest", -inf):
            raise ValueError(f"expected the lowest or more, {info.data['lowest']:g}")
        return highest


class RegressionToTheMean(Definition):
    """What patients chosen while a scale is extreme return to, supposed, and how fast."""

    reliability: Reliability
    usual_means: Annotated[tuple[float, ...], AfterValidator(some), AfterValidator(rising)]


class Outcome(Definition):
    """A scale measured at baseline and at follow-up."""

    name: Name
    label: str
    instrument: str
    abbreviation: str
    role: Literal["primary", "secondary"]
    unit: str
    columns: Visits
    items: ItemColumns | None = None
    minimum: float
    maximum: float
    step: float = Field(gt=0)
    better: Literal["lower", "higher"]
    decimals: Decimals
    minimal_important_difference: MinimalImportantDifference | None = None
    regression_to_the_mean: RegressionToTheMean | None = None

    @field_validator("maximum")
    @classmethod
    def _range_is_a_range(cls, maximum: float, info: ValidationInfo) -> float:
        if maximum <= info.data.get("minimum", -inf):
            raise ValueError(f"expected more than the minimum, {info.data['minimum']:g}")
        return maximum

    @field_validator("regression_to_the_mean")
    @classmethod
    def _usual_means_are_on_the_scale(
        cls, choice: RegressionToTheMean | None, info: ValidationInfo
    ) -> RegressionToTheMean | None:
        low, high = info.data.get("minimum", -inf), info.data.get("maximum", inf)
        misfits(
            (("usual_means", place), mean, f"expected a score of the scale, {low:g} to {high:g}")
            for place, mean in enumerate(choice.usual_means if choice else ())
            if not low <= mean <= high
        )
        return choice

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
    """A time from the end of treatment to an event, followed up to a horizon.

    `times` are those at which the share without event is reported. `recorded` says what a recorded
    time k of a patient with the event stands for: `completed`, k without event, which came within
    one step after; `noticed`, a visit at k that found it, one step after the last without. Where
    it is not given, times are exact.
    """

    name: Name
    label: str
    columns: TimeToEvent
    event: str
    event_free: str
    unit: str
    step: float = Field(gt=0)
    horizon: float = Field(gt=0)
    times: Annotated[tuple[Annotated[float, Field(gt=0)], ...], AfterValidator(rising)] = ()
    recorded: Recorded | None = None
    decimals: Decimals

    @field_validator("times")
    @classmethod
    def _times_are_followed(
        cls, times: tuple[float, ...], info: ValidationInfo
    ) -> tuple[float, ...]:
        horizon = info.data.get("horizon", inf)
        misfits(
            ((place,), time, f"expected no more than the horizon, {horizon:g}")
            for place, time in enumerate(times)
            if time > horizon
        )
        return times


class Characteristic(Definition):
    """A column about the patient; used when the data have it.

    `subgroup` compares the changes between its categories, `cuts` between the numbers below a cut
    and those from it on.
    """

    name: Name
    label: str
    column: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    subgroup: bool = False
    cuts: Annotated[tuple[float, ...], AfterValidator(rising)] = ()

    @field_validator("subgroup")
    @classmethod
    def _categories_form_subgroups(cls, subgroup: bool, info: ValidationInfo) -> bool:
        if subgroup and info.data.get("unit") is not None:
            raise ValueError("expected cuts: a number has no categories to compare")
        return subgroup

    @field_validator("cuts")
    @classmethod
    def _numbers_are_cut(cls, cuts: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if cuts and info.data.get("unit") is None:
            raise ValueError("expected subgroup: only a number, which has a unit, can be cut")
        low, high = (info.data.get(end) for end in ("minimum", "maximum"))
        if cuts and (
            (low is not None and cuts[0] <= low) or (high is not None and cuts[-1] > high)
        ):
            raise ValueError("expected cuts with patients possible on both sides")
        return cuts

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
    records: Records = Records()
    # Read from files of their own, so no field of this one.
    _instruments: dict[str, Instrument] = PrivateAttr(default_factory=dict)

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return {outcome.name: outcome for outcome in self.outcomes}[name]

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return {rating.name: rating for rating in self.ratings}[name]

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return {duration.name: duration for duration in self.durations}[name]

    def ends(self, outcome: Outcome) -> tuple[float, float]:
        """Return the worst and the best score that anyone can have on a scale.

        A weighted score has no patient at 0 or 100: where it is known how an outcome is scored,
        the ends are those that answers can give.
        """
        ends = outcome.minimum, outcome.maximum
        if outcome.items and outcome.items.instrument in self._instruments:
            ends = self._instruments[outcome.items.instrument].range(outcome.items.score)
        return ends if outcome.benefit > 0 else ends[::-1]

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The questionnaires by their names."""
        return self._instruments

    def with_instruments(self, instruments: Mapping[str, Instrument]) -> Self:
        """Return the study with its questionnaires."""
        study = self.model_copy()
        study._instruments = dict(instruments)
        return study
