"""The claims of a publication, read from `published.yml`.

What the publication does not say of its arithmetic stands under `reading` in the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from beforeafter.study import Ties
from declared import Check, Definition, Name, Problem, YamlFile, has_default, read_yaml, validate
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
ClaimedTest = Literal[
    "paired_t",
    "wilcoxon",
    "sign",
    "mcnemar",
    "between_arms",
    "unpaired_t",
    "mann_whitney",
    "unknown",
]

# Numbers of a change that can be printed, and what no check models: which of its definitions is
# meant is seldom said.
NOT_MODELLED = {
    "z": "which test it is of, and its correction for ties, are open",
    "d": "by which standard deviation the change was divided is open",
    "r": "whether it is a correlation or the size of an effect is open",
    "r_p": "it is looked at beside r alone",
}
OF_TEST = {"p", "t", "f"}
SIGNS = {"sign", "wilcoxon"}
FOLLOWED_UP = "cohort.n_follow_up"


class PrintedSource(Definition):
    """Where the claims are printed."""

    citation: str
    part: str


class Reading(Definition):
    """What the publication leaves unsaid and its arithmetic settles.

    Without `n_follow_up` it is decided for each outcome by itself. `visits` names those beside
    baseline and follow-up, `arms` how many patients each arm had.
    """

    n_enrolled: int = Field(ge=2)
    visits: tuple[Name, ...] = ()
    arms: dict[Name, Annotated[int, Field(ge=2)]] = Field(default_factory=dict)
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
        """How many patients were followed up; a ReportedError if the reading leaves it open."""
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
    """One printed number and the key of the computed number that answers it.

    `n` is the number of patients printed with it, `arm` the arm it is of, `test` the test of a p.
    A p between arms has no arm: `pain.follow_up.p`, `able.yes.p`. So is that of McNemar's test
    named, beside `able.baseline.yes.count` and `able.yes.proportion`.
    """

    key: Key
    printed: PrintedText
    place: str
    reads: PrintedText | None = None
    n: int | None = Field(default=None, ge=2)
    arm: Name | None = None
    test: ClaimedTest | None = None

    @property
    def name(self) -> str:
        """What it is about: the first part of its key."""
        return self.key.partition(".")[0]

    def test_in(self, test: str) -> str:
        """Return of which test it is, where p is by default of `test`."""
        return self.test or test

    def not_used(self, test: str) -> str:
        """Return why nothing models it, where p is by default of `test`; empty if it is."""
        paired = self.test_in(test) == "paired_t" and ".change." in self.key
        if self.quantity in OF_TEST and not paired:
            alone = "looked at alone, " if self.test_in(test) in SIGNS else ""
            of = self.test_in(test).replace("_", " ")
            return f"{self.quantity} of another test: {alone}{of}"
        return NOT_MODELLED.get(self.quantity, "")

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

    @property
    def n_printed(self) -> int | None:
        """How many were followed up, where that is printed."""
        found = (claim for claim in self.claims if claim.key == FOLLOWED_UP)
        return next((int(claim.number.value) for claim in found), None)

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

    def visit(self, key: str) -> str:
        """Return which of the further visits a key is of; follow-up if it names none."""
        return _visit(key, self.reading.visits)

    def canonical(self, key: str) -> str:
        """Return the key as if its visit were the follow-up."""
        return canonical(key, self.reading.visits)

    def modelled(self, test: str) -> Published:
        """Return the publication without the claims that nothing models."""
        claims = tuple(claim for claim in self.claims if not claim.not_used(test))
        return self.model_copy(update={"claims": claims})

    def reread(self, **reading: object) -> Published:
        """Return the publication as if some of it were read otherwise."""
        changed = self.reading.model_copy(update=reading)
        return self.model_copy(update={"reading": changed})

    def only(self, keys: Collection[str]) -> Published:
        """Return the publication as if it had printed some of its claims only."""
        claims = tuple(claim for claim in self.claims if claim.key in keys)
        return self.model_copy(update={"claims": claims})


def canonical(key: str, visits: Collection[object]) -> str:
    """Return a key as if its visit were the follow-up: `a.day_7.mean`, `a.day_7.change.p`."""
    if _visit(key, visits) == "follow_up":
        return key
    name, _, *kind = key.split(".")
    return ".".join([name, *kind] if kind[1:] else [name, "follow_up", *kind])


def _visit(key: str, visits: Collection[object]) -> str:
    _, *rest = key.split(".")
    # Only ratings have groups, and only theirs are at a baseline of their own.
    named = rest[1:] and (rest[0] in visits or (rest[0] == "baseline" and rest[2:]))
    return rest[0] if named else "follow_up"


def read_published(file: Path, *checks: Check) -> Published:
    """Read the printed claims, in the order of the file.

    Parameters
    ----------
    file, checks
        A `published.yml`, and what else is asked of it.

    Raises
    ------
    DataError
        If the file is missing or not YAML, a field is unknown or missing, a string is not a
        number, a key is claimed twice, or a check finds something.
    """
    return validate(Published, read_yaml(file), _claimed_twice, *checks)


def _claimed_twice(source: YamlFile) -> Iterator[Problem]:
    lines: dict[tuple[str, str], int] = {}
    for field, claim in source.each("claims", "*"):
        if isinstance(claim, dict) and isinstance(key := claim.get("key"), str):
            pair, line = (key, str(claim.get("arm"))), source.line((*field, "key"))
            if (first := lines.setdefault(pair, line)) != line:
                rule = f"key claimed twice, first in line {first}"
                yield source.problem((*field, "key"), key, rule)
