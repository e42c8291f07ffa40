"""Scales measured at both visits."""

from math import inf
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from beforeafter.study.plan import Decimals
from declared import Definition, Name, misfits, rising, some

ITEM = "{item}"
BASELINE, FOLLOW_UP = "baseline", "follow_up"
# Finer steps are lost in the noise of binary numbers.
MOST_STEPS = 100_000


def has_place_for_item(pattern: str) -> str:
    """Refuse a pattern of columns that is not one column for each item."""
    if not pattern.count("{") == pattern.count("}") == pattern.count(ITEM) == 1:
        raise ValueError(f"expected {ITEM} once, where the columns have the number of the item")
    return pattern


ItemPattern = Annotated[str, AfterValidator(has_place_for_item)]


class Visits(Definition):
    """The columns of an outcome: at the two visits that are compared, and at `other` ones."""

    baseline: str
    follow_up: str
    other: dict[str, str] = Field(default_factory=dict)
    order: tuple[str, ...] = ()  # of all visits in time, where they have names of their own

    @property
    def pair(self) -> tuple[str, str]:
        """The two that are compared, in the order of time."""
        return self.baseline, self.follow_up

    @property
    def by_visit(self) -> dict[str, str]:
        """Every column, by the name of its visit."""
        columns = {BASELINE: self.baseline, FOLLOW_UP: self.follow_up, **self.other}
        return {visit: columns[visit] for visit in self.order if visit in columns} | columns


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


class Found(Definition):
    """What others found of a scale, from the least to the greatest, and who."""

    lowest: float = Field(ge=0)
    highest: float = Field(ge=0)
    source: str

    @field_validator("highest")
    @classmethod
    def _not_below_the_lowest(cls, highest: float, info: ValidationInfo) -> float:
        if highest < info.data.get("lowest", -inf):
            raise ValueError(f"expected the lowest or more, {info.data['lowest']:g}")
        return highest


class Reliability(Found):
    """The test-retest reliability of a scale, a share of the variance of those it was found in."""

    lowest: float = Field(ge=0, lt=1)
    highest: float = Field(ge=0, lt=1)


class RegressionToTheMean(Definition):
    """What patients chosen while a scale is extreme return to, supposed, and how fast.

    A `measurement_error`, the standard error of measurement in points, holds for other patients
    too; a `reliability` only for patients who differ as much as those it was found in.
    """

    reliability: Reliability | None = None
    measurement_error: Found | None = None
    usual_means: Annotated[tuple[float, ...], AfterValidator(some), AfterValidator(rising)]

    @model_validator(mode="after")
    def _has_one_of_both(self) -> Self:
        if (self.reliability is None) == (self.measurement_error is None):
            raise ValueError("expected measurement_error or reliability, and one of them only")
        return self

    def reliabilities(self, standard_deviation: float) -> tuple[float, float]:
        """Return the least and the greatest reliability in patients who differ so much.

        1 - e² / s² for an error of measurement e, and not below 0: Streiner and Norman, Health
        measurement scales, 2015. doi:10.1093/med/9780199685219.001.0001
        """
        if self.reliability:
            return self.reliability.lowest, self.reliability.highest
        error = cast("Found", self.measurement_error)
        low, high = ((end / standard_deviation) ** 2 for end in (error.lowest, error.highest))
        return max(0.0, 1 - high), max(0.0, 1 - low)


class Outcome(Definition):
    """A scale measured at baseline and at follow-up."""

    name: Name
    label: str
    instrument: str
    abbreviation: str
    # What sentences call it, beside label and abbreviation.
    words: tuple[str, ...] = ()
    role: Literal["primary", "secondary"]
    unit: str
    columns: Visits
    items: ItemColumns | None = None
    minimum: float
    maximum: float
    step: float | None = Field(default=None, gt=0)  # None: any number, as means of items are
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

    @field_validator("step")
    @classmethod
    def _step_can_be_checked(cls, step: float | None, info: ValidationInfo) -> float | None:
        low, high = (info.data.get(end, 0) for end in ("minimum", "maximum"))
        if step is not None and high - low > MOST_STEPS * step:
            raise ValueError("expected no step for a continuous scale: this is too fine to check")
        return step

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
