"""What was planned, the choices that change a result, and what one patient cannot have."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from declared import Definition, Name, has_default

Decimals = Annotated[dict[str, Annotated[int, Field(ge=0, le=12)]], AfterValidator(has_default)]
Ties = Literal["up", "down"]
PercentageDefinition = Literal["change_between_means", "mean_of_individual_changes"]
Test = Literal["paired_t", "wilcoxon"]
# What a limit may be set to, by the kind of what was measured.
QUANTITIES = {
    "outcomes": ("improvement", "baseline", "follow_up"),
    "ratings": ("category",),
    "durations": ("time",),
}


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
    # Of records: a smaller count of patients is not printed. Zero: every count is.
    smallest_count: int = Field(default=5, ge=0)
    # Records of patients are compared with what was printed about them only if asked.
    compare_with_published: bool = False


class Limits(Definition):
    """The values a condition holds for, both ends included."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("expected at_least, at_most or both")
        return self


class Implausibility(Definition):
    """Conditions that together make a patient implausible.

    Attributes
    ----------
    together
        By quantity: the `improvement` of an outcome, in its better direction, its `baseline` or
        `follow_up`, the `category` of a rating, by code, or the `time` of a duration.
    """

    name: Name
    label: str
    together: dict[str, Limits] = Field(min_length=2)
