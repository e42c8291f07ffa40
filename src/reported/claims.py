"""The claims of a publication, read from `published.yml`.

What is printed seldom says how it was computed. What the arithmetic of this abstract settles is
written once, under `reading` there; that its p-values are those of the paired t-test is the one
further reading made here, because an unpaired test cannot give them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from paincohort.errors import DataError, Problem
from paincohort.study import Definition, Ties, read_yaml, validate
from reported.errors import ReportedError
from reported.printed import Convention, Interval, PrintedNumber, parse


def _readable(text: str) -> str:
    parse(text)
    return text


PrintedText = Annotated[str, AfterValidator(_readable)]
Rounding = Literal[Ties, Convention]

# Ties that go up or down, as the study definition says it.
CONVENTIONS: dict[Rounding, Convention] = {
    "up": "half_up",
    "down": "half_down",
    "half_up": "half_up",
    "half_down": "half_down",
    "half_even": "half_even",
    "truncation": "truncation",
    "either": "either",
}


class Source(Definition):
    """Where the claims are printed."""

    citation: str
    part: str


class Reading(Definition):
    """What the publication leaves unsaid and its arithmetic settles.

    Without `n_follow_up` it is decided from the printed numbers.
    """

    n_enrolled: int = Field(gt=1)
    n_follow_up: int | None = Field(default=None, gt=1)
    ties: dict[str, Rounding]

    @model_validator(mode="after")
    def _followed_were_enrolled(self) -> Reading:
        if self.n_follow_up is not None and self.n_follow_up > self.n_enrolled:
            raise ValueError(f"n_follow_up {self.n_follow_up} is above n_enrolled")
        if "default" not in self.ties:
            raise ValueError("ties need a default")
        return self

    @property
    def followed_up(self) -> int:
        """How many patients were followed up, for what cannot go on without knowing it.

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

    def convention(self, quantity: str) -> Convention:
        """Return how a kind of number is rounded."""
        return CONVENTIONS[self.ties.get(quantity, self.ties["default"])]


class Claim(Definition):
    """One printed number and the key of the computed number that answers it."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
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

    source: Source
    reading: Reading
    claims: tuple[Claim, ...]

    def interval(self, claim: Claim) -> Interval:
        """Return the numbers that a claim may stand for, rounded as its kind is."""
        return claim.number.interval(self.reading.convention(claim.quantity))

    def about(self, name: str) -> dict[str, Interval]:
        """Return the intervals claimed of one outcome, by the rest of their keys."""
        return {
            claim.key.removeprefix(f"{name}."): self.interval(claim)
            for claim in self.claims
            if claim.key.startswith(f"{name}.")
        }


def read_published(file: Path) -> Published:
    """Read the printed claims.

    Parameters
    ----------
    file
        A `published.yml`.

    Returns
    -------
    Published
        Source, reading and claims, in the order of the file.

    Raises
    ------
    DataError
        If the file is missing or not YAML, a field is unknown or missing, a string is not a
        number, or a key is claimed twice.
    """
    published = validate(Published, read_yaml(file), file)
    keys = Counter(claim.key for claim in published.claims)
    if twice := [key for key, times in keys.items() if times > 1]:
        raise DataError(file, [Problem("claims", key, "key claimed twice") for key in twice])
    return published
