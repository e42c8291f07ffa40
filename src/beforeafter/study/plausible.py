"""Which values of one patient do not go together."""

from typing import Self

from pydantic import Field, model_validator

from declared import Definition, Name

# What a limit may be set to, by the kind of what was measured.
QUANTITIES = {
    "outcomes": ("improvement", "baseline", "follow_up"),
    "ratings": ("category",),
    "durations": ("time",),
}


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
