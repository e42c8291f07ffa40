"""What else is known of the patients."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, field_validator

from beforeafter.study.ratings import Categories
from declared import Definition, Name, rising


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
