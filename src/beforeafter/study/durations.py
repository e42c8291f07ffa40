"""Times to an event."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from beforeafter.study.plan import Decimals
from declared import Definition, Name, misfits, rising

Recorded = Literal["completed", "noticed"]


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
    # What sentences call it, beside the label.
    words: tuple[str, ...] = ()
    columns: TimeToEvent
    event: str
    event_free: str
    unit: str
    step: float = Field(gt=0)
    horizon: float = Field(gt=0)
    times: Annotated[tuple[Annotated[float, Field(gt=0)], ...], AfterValidator(rising)] = ()
    recorded: Recorded | None = None
    decimals: Decimals

    @property
    def abbreviation(self) -> str:
        """What it is called where there is little room."""
        return self.label

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
