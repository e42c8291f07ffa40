"""A printed number is its string: every number that rounds to it may be the one behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from paincohort.study import Ties
from reported.errors import UnreadableNumberError

NUMBER = re.compile(
    r"""(?: p \s* (?P<relation>[<=:]) \s* )?
        (?P<sign>[-+\N{MINUS SIGN}]?) \s*
        (?P<digits>\d+ (?:\.(?P<decimals>\d+))?) \s*
        (?: % | [a-z]+ )?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Interval:
    """The exact numbers from `low` to `high`, each end in or out."""

    low: Fraction
    high: Fraction
    low_closed: bool
    high_closed: bool

    def __contains__(self, value: Fraction | float) -> bool:
        """Whether the value lies inside."""
        above = self.low <= value if self.low_closed else self.low < value
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    @property
    def middle(self) -> Fraction:
        """The number halfway between the ends."""
        return (self.low + self.high) / 2

    def scaled(self, factor: Fraction) -> Interval:
        """Return the interval of `factor` times each number, for a positive factor."""
        return Interval(self.low * factor, self.high * factor, self.low_closed, self.high_closed)

    def squared(self) -> Interval:
        """Return the interval of the squares of the numbers that are not negative."""
        closed = self.low_closed or self.low < 0
        return Interval(max(self.low, Fraction(0)) ** 2, self.high**2, closed, self.high_closed)


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed, in the unit it is printed in (68.7 for "68.7 %").

    Attributes
    ----------
    value
        The number itself, exact.
    decimals
        How many decimals are printed.
    relation
        "<" where only a bound is printed ("p < 0.001").
    """

    value: Fraction
    decimals: int
    relation: Literal["=", "<"] = "="

    def interval(self, ties: Ties) -> Interval:
        """Return the numbers this one may stand for.

        Parameters
        ----------
        ties
            Where a number halfway between two printed ones goes: "up" is away from zero,
            "down" is toward zero.

        Returns
        -------
        Interval
            All numbers that round to the printed one. For "<", all from 0 up to the bound, which
            is out: only p-values are printed so, and they are never negative.
        """
        if self.relation == "<":
            return Interval(Fraction(0), self.value, low_closed=True, high_closed=False)
        half = Fraction(1, 2 * 10**self.decimals)
        inner, outer = ties == "up", ties == "down"
        return Interval(
            self.value - half,
            self.value + half,
            low_closed=inner if self.value > 0 else outer,
            high_closed=inner if self.value < 0 else outer,
        )


def parse(text: str) -> PrintedNumber:
    """Read a number from the string that was printed.

    Parameters
    ----------
    text
        For example "7.54", "- 15%", "+15.9 %", "p < 0.001", "p:0.0007", "3 months". A percent
        sign or one word after the number is its unit and does not change its value.

    Returns
    -------
    PrintedNumber
        Value, decimals and relation.

    Raises
    ------
    UnreadableNumberError
        If the string is not one number.
    """
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        raise UnreadableNumberError(
            f"{text!r} is not one printed number such as '7.54', '- 15%' or 'p < 0.001'"
        )
    sign = 1 if found["sign"] in {"", "+"} else -1
    return PrintedNumber(
        value=sign * Fraction(found["digits"]),
        decimals=len(found["decimals"] or ""),
        relation="<" if found["relation"] == "<" else "=",
    )
