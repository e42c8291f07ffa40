"""Ordered categories in which patients rate themselves."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, field_validator

from beforeafter.study.plan import Decimals
from declared import Definition, Name, misfits


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
