"""Ordered categories in which patients rate themselves."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from beforeafter.study.plan import Decimals
from declared import Definition, Name, misfits


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
