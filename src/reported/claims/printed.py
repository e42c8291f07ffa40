"""A printed number stands for every number that rounds to its string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from reported.claims.errors import UnreadableNumberError

Convention = Literal["half_up", "half_down", "half_even", "truncation", "either"]
Relation = Literal["=", "<", ">"]

# Hyphens and dashes that are set for a minus.
MINUS = r"\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}"
# How "<", "=" and ">" are set. "p ≤ 0.001" is read as one of the numbers up to 0.001.
RELATIONS = "<≤‹>≥›=:"
READ: dict[str, Relation] = {"<": "<", "≤": "<", "‹": "<", ">": ">", "≥": ">", "›": ">"}
NOT_SIGNIFICANT = re.compile(r"(?:p\s*[=:]?\s*)?n\.?\s?s\.?", re.IGNORECASE)
# No number in print has more digits, and thousands of them are not read by int().
NUMBER = re.compile(
    rf"""(?: [a-z] [\w-]{{0,8}}? \s* (?= [{RELATIONS}] ) )? (?P<relation> [{RELATIONS}] )? \s*
        (?P<sign>[+{MINUS}]?) \s*
        (?P<whole>\d{{0,30}}) (?: [.,·] (?P<decimals>\d{{1,30}}) | (?<=\d) ) \s*
        (?: % | [a-z]+ )? [*†‡]{{0,3}}""",
    re.VERBOSE | re.IGNORECASE,
)
EXAMPLES = "one printed number such as '7.54', '- 15%' or 'p < 0.001'"


@dataclass(frozen=True)
class Interval:
    """The exact numbers from `low` to `high`, each end in or out."""

    low: Fraction
    high: Fraction
    low_closed: bool = True
    high_closed: bool = True

    def __contains__(self, value: Fraction | float) -> bool:
        """Whether the value lies inside."""
        above = self.low <= value if self.low_closed else self.low < value
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    def __str__(self) -> str:
        """Return the ends, a square bracket where they are in, a round one where they are out."""
        left, right = "(["[self.low_closed], ")]"[self.high_closed]
        return f"{left}{float(self.low):.6g}, {float(self.high):.6g}{right}"

    @property
    def middle(self) -> Fraction:
        """The number halfway between the ends."""
        return (self.low + self.high) / 2

    @property
    def integers(self) -> range:
        """The integers inside."""
        first = ceil(self.low) if self.low_closed else floor(self.low) + 1
        last = floor(self.high) if self.high_closed else ceil(self.high) - 1
        return range(first, last + 1)

    def scaled(self, factor: Fraction | int) -> Interval:
        """Return the interval of `factor` times each number, for a positive factor."""
        return Interval(self.low * factor, self.high * factor, self.low_closed, self.high_closed)

    def shifted(self, offset: Fraction) -> Interval:
        """Return the interval of `offset` plus each number."""
        return Interval(self.low + offset, self.high + offset, self.low_closed, self.high_closed)

    def squared(self) -> Interval:
        """Return the interval of the squares of the numbers that are not negative."""
        closed = self.low_closed or self.low < 0
        return Interval(max(self.low, Fraction(0)) ** 2, self.high**2, closed, self.high_closed)

    def within(self, other: Interval) -> Interval:
        """Return the numbers in both; none is left where the ends have changed places."""
        low, low_in = max((self.low, not self.low_closed), (other.low, not other.low_closed))
        high, high_in = min((self.high, self.high_closed), (other.high, other.high_closed))
        return Interval(low, high, not low_in, high_in)

    def absolute(self) -> Interval:
        """Return the least closed interval with the absolute values of the numbers."""
        low, high = sorted((abs(self.low), abs(self.high)))
        return Interval(Fraction(0) if self.low < 0 < self.high else low, high)

    def meets(self, other: Interval) -> bool:
        """Whether some number lies in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low < high or (low == high and low in self and low in other)


# What is printed of one thing, by key.
Intervals = Mapping[str, Interval]


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed, in the unit it is printed in (68.7 for "68.7 %"); the value is exact.

    The relation is "<" or ">" where only a bound is printed, as in "p < 0.001"; it is `closed`
    where the bound itself is in, as in "p ≤ 0.001".
    """

    value: Fraction
    decimals: int
    relation: Relation = "="
    closed: bool = False

    @property
    def unit(self) -> Fraction:
        """One unit of the last decimal."""
        return Fraction(1, 10**self.decimals)

    def interval(self, convention: Convention) -> Interval:
        """Return the numbers that round to this one.

        Halfway between two printed numbers, "half_up" goes away from zero, "half_down" toward zero,
        "half_even" to the even last digit, "either" to any of the two; "truncation" goes toward
        zero from everywhere. For "<" they begin at 0 and for ">" they end at 1, the bound out, as
        only p-values are printed so.
        """
        if self.relation == "<":
            return Interval(Fraction(0), self.value, high_closed=self.closed)
        if self.relation == ">":
            return Interval(self.value, Fraction(1), low_closed=self.closed)
        if convention == "truncation":
            return Interval(
                self.value - (self.unit if self.value <= 0 else 0),
                self.value + (self.unit if self.value >= 0 else 0),
                low_closed=self.value > 0,
                high_closed=self.value < 0,
            )
        # The end nearer to zero, and the other, from which a half comes toward zero.
        inner, outer = {
            "half_up": (True, False),
            "half_down": (False, True),
            "half_even": (self.value / self.unit % 2 == 0,) * 2,
            "either": (True, True),
        }[convention]
        return Interval(
            self.value - self.unit / 2,
            self.value + self.unit / 2,
            low_closed=inner if self.value > 0 else outer,
            high_closed=inner if self.value < 0 else outer,
        )


def parse(text: str) -> PrintedNumber:
    """Read a number from the string that was printed; another raises `UnreadableNumberError`.

    For example "7.54", "7,54", ".03", "- 15%", "P‹0·001", "3 months"; "ns" is a p-value above 0.05.
    """
    text = text.strip()
    if NOT_SIGNIFICANT.fullmatch(text):
        return PrintedNumber(Fraction(5, 100), 2, ">")
    found = NUMBER.fullmatch(text)
    if found is None:
        raise UnreadableNumberError(f"{text!r} is not {EXAMPLES}")
    decimals = found["decimals"] or ""
    if "," in text and len(decimals) == 3 and int(found["whole"] or 0):  # noqa: PLR2004
        raise UnreadableNumberError(f"{text!r} is not {EXAMPLES}: are these thousands?")
    sign = 1 if found["sign"] in {"", "+"} else -1
    return PrintedNumber(
        value=sign * Fraction(int(found["whole"] + decimals), 10 ** len(decimals)),
        decimals=len(decimals),
        relation=READ.get(found["relation"] or "", "="),
        closed=found["relation"] in {"≤", "≥"},
    )
