"""The claims of a publication, read from `published.yml`.

A publication seldom says how it computed what it prints. What its arithmetic settles is written
once, under `reading` in the file. One further reading is made in the code: p-values are those of
the paired t-test.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from beforeafter.study import Ties
from declared import Check, Definition, Problem, YamlFile, has_default, read_yaml, repeats, validate
from reported.claims.errors import ReportedError, UnreadableNumberError
from reported.claims.printed import EXAMPLES, Convention, Interval, PrintedNumber, parse


def _readable(text: str) -> str:
    try:
        parse(text)
    except UnreadableNumberError:
        raise ValueError(f"expected {EXAMPLES}") from None
    return text


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", text):
        raise ValueError("expected a key such as 'pain.baseline.mean'")
    return text


Key = Annotated[str, AfterValidator(_key)]
PrintedText = Annotated[str, AfterValidator(_readable)]
Rounding = Literal[Ties, Convention]


class PrintedSource(Definition):
    """Where the claims are printed."""

    citation: str
    part: str


class Reading(Definition):
    """What the publication leaves unsaid and its arithmetic settles.

    Without `n_follow_up` it is decided from the printed numbers.
    """

    n_enrolled: int = Field(ge=2)
    n_follow_up: int | None = Field(default=None, ge=2)
    ties: Annotated[dict[str, Rounding], AfterValidator(has_default)]

    @field_validator("n_follow_up")
    @classmethod
    def _followed_were_enrolled(cls, followed: int | None, info: ValidationInfo) -> int | None:
        enrolled = info.data.get("n_enrolled")
        if followed is not None and enrolled is not None and followed > enrolled:
            raise ValueError(f"expected no more than n_enrolled, {enrolled}")
        return followed

    @property
    def followed_up(self) -> int:
        """How many patients were followed up, as the reading says.

        Raises
        ------
        ReportedError
            If the reading leaves it open.
        """
        if self.n_follow_up is None:
            raise ReportedError(
                "reading.n_follow_up is not given: `reported audit` tells what is possible"
            )
        return self.n_follow_up

    @property
    def any_number(self) -> range:
        """The numbers of patients that have a mean change and may have been followed up."""
        return range(2, self.n_enrolled + 1)

    def convention(self, quantity: str) -> Convention:
        """Return how a kind of number is rounded; ties go up or down as the study's do."""
        rounding = self.ties.get(quantity, self.ties["default"])
        if rounding == "up":
            return "half_up"
        return "half_down" if rounding == "down" else rounding


class Claim(Definition):
    """One printed number and the key of the computed number that answers it."""

    key: Key
    printed: PrintedText
    place: str
    reads: PrintedText | None = None

    @property
    def quantity(self) -> str:
        """What kind of number it is: the last part of its key."""
        return self.key.rpartition(".")[2]

    @property
    def number(self) -> PrintedNumber:
        """What is printed, with the sign that the words around it give."""
        return parse(self.reads or self.printed)


class Published(Definition):
    """All claims of one publication."""

    source: PrintedSource
    reading: Reading
    claims: tuple[Claim, ...]

    @property
    def printed(self) -> dict[str, str]:
        """What is printed of each number, by key, letter for letter."""
        return {claim.key: claim.printed for claim in self.claims}

    def interval(self, claim: Claim) -> Interval:
        """Return the numbers that a claim may stand for, rounded as its kind is."""
        return claim.number.interval(self.reading.convention(claim.quantity))

    def keys_of(self, name: str) -> tuple[str, ...]:
        """Return the keys of the claims about one outcome."""
        keys = (claim.key for claim in self.claims)
        return tuple(key for key in keys if key.startswith(f"{name}."))

    def about(self, name: str) -> dict[str, Interval]:
        """Return the intervals claimed of one outcome, by the rest of their keys."""
        return {
            claim.key.removeprefix(f"{name}."): self.interval(claim)
            for claim in self.only(self.keys_of(name)).claims
        }

    def reread(self, **reading: object) -> Published:
        """Return the publication as if some of it were read otherwise."""
        changed = self.reading.model_copy(update=reading)
        return self.model_copy(update={"reading": changed})

    def only(self, keys: Collection[str]) -> Published:
        """Return the publication as if it had printed some of its claims only."""
        claims = tuple(claim for claim in self.claims if claim.key in keys)
        return self.model_copy(update={"claims": claims})


def read_published(file: Path, *checks: Check) -> Published:
    """Read the printed claims.

    Parameters
    ----------
    file
        A `published.yml`.
    checks
        What else is asked of the file.

    Returns
    -------
    Published
        Source, reading and claims, in the order of the file.

    Raises
    ------
    DataError
        If the file is missing or not YAML, a field is unknown or missing, a string is not a
        number, a key is claimed twice, or a check finds something.
    """
    return validate(Published, read_yaml(file), _claimed_twice, *checks)


def _claimed_twice(source: YamlFile) -> Iterator[Problem]:
    return repeats(source, "key claimed twice", ("claims", "*", "key"))
