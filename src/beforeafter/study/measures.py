"""What is measured besides scales: ratings, times to an event, and what else is known."""

import unicodedata
from math import inf
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from beforeafter.study.plan import Decimals
from declared import Definition, Name, misfits, rising

Recorded = Literal["completed", "noticed"]


def plain_words(text: str) -> str:
    """Return a text without what differs by chance: case, accents, spaces and underscores."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("_", " ")
    return " ".join("".join(sign for sign in letters if not unicodedata.combining(sign)).split())


def _distinct(categories: tuple[str, ...]) -> tuple[str, ...]:
    plain = [plain_words(category) for category in categories]
    misfits(
        ((place,), categories[place], "category given twice, case, accents and spaces apart")
        for place, words in enumerate(plain)
        if words in plain[:place]
    )
    return categories


Categories = Annotated[tuple[str, ...], AfterValidator(_distinct)]


class Group(Definition):
    """Categories counted together."""

    label: str
    codes: tuple[int, ...]


class Rating(Definition):
    """An ordered categorical outcome, coded 1, 2, … in the order of its categories."""

    name: Name
    label: str
    abbreviation: str
    # What sentences call it, beside label and abbreviation.
    words: tuple[str, ...] = ()
    column: str
    categories: Categories
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
    categories: Categories | None = None
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
