"""What printed numbers say about the sums behind them, by integer arithmetic alone.

Of all the patients, a scale prints nothing but sums: S1 and Q1, the sum and the sum of squares of
all baselines; S2 and Q2, those at follow-up; B, the sum of the baselines of those followed up; and
R, the sum of their squared changes. Values are counted in steps of the scale. Whatever the scale,
these are six integers, so that scales too fine to count every pair of values are decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from scipy.stats import t as student

from beforeafter.study import PercentageDefinition
from reported.checks.grim import sums
from reported.checks.grimmer import squares, squares_limits
from reported.claims.lattice import Lattice
from reported.claims.printed import Intervals

# t² has no exact value for a printed p; it is rounded at this decimal.
PRECISION = 10**6
# More than any sum: what a percentage leaves open.
EVERYTHING = Fraction(10**12)
# The change, in per cent, to a sum of 0, whatever it began with.
NOTHING_LEFT = Fraction(-100)


@dataclass(frozen=True)
class SumLimits:
    """The sums that a printed scale allows.

    Parameters
    ----------
    lattice
        The values of the scale.
    sizes
        Patients enrolled, and followed up.
    intervals
        What is printed, by keys such as `baseline.mean`.
    definition
        Which percentage is printed. That of single patients says nothing about sums.
    margin
        t² is rounded: 1 rounds toward the inside, so that what is found is right; -1 toward the
        outside, so that what is excluded is wrong.
    """

    lattice: Lattice
    sizes: tuple[int, int]
    intervals: Intervals
    definition: PercentageDefinition
    margin: int = -1

    def totals(self, visit: str) -> range:
        """Return the sums at a visit that give its printed mean."""
        n, levels = self._n(visit), self.lattice.levels
        if mean := self.intervals.get(f"{visit}.mean"):
            return sums(mean, n, self.lattice)
        return range(n * levels[0], n * levels[-1] + 1)

    def squares(self, visit: str, total: int) -> range:
        """Return the sums of squares at a visit that go with a sum; their parity is its own."""
        n = self._n(visit)
        least, greatest = squares_limits(n, total, self.lattice.levels)
        if deviation := self.intervals.get(f"{visit}.standard_deviation"):
            printed = squares(deviation, n, total, self.lattice.step)
            return range(max(least, printed.start), min(greatest + 1, printed.stop), 2)
        return range(least, greatest + 1, 2)

    def starts(self, total: int) -> range:
        """Return the sums B of the pairs' baselines that go with a sum at follow-up."""
        n, levels = self.sizes[1], self.lattice.levels
        low, high = n * levels[0], n * levels[-1]
        lost = self.sizes[0] - n
        everyone = self.totals("baseline")
        if everyone:
            low = max(low, everyone[0] - lost * levels[-1])
            high = min(high, everyone[-1] - lost * levels[0])
        percentage = self.intervals.get("change.percentage")
        if percentage is None or self.definition != "change_between_means":
            return range(low, high + 1)
        if not total:
            return range(max(low, 1), high + 1) if NOTHING_LEFT in percentage else range(0)
        ends = [self._start(total, end) for end in (percentage.low, percentage.high)]
        low, high = max(low, floor(min(ends)), 1), min(high, ceil(max(ends)))
        inside = [
            start
            for start in (low, low + 1, high - 1, high)
            if low <= start <= high and Fraction(100 * (total - start), start) in percentage
        ]
        return range(min(inside), max(inside) + 1) if inside else range(0)

    def square_changes(self, change: int) -> range:
        """Return the sums R of squared changes that give the printed p with a sum of changes."""
        n = self.sizes[1]
        span = self.lattice.levels[-1] - self.lattice.levels[0]
        low, high = squares_limits(n, change, range(-span, span + 1))
        if "change.p" in self.intervals:
            least, greatest = self.squared_t
            # t² = D²(n - 1) / (n R - D²), and not all changes may be equal.
            low = max(low, change**2 // n + 1)
            if least > 0:
                high = min(high, floor(change**2 * (1 + (n - 1) / least) / n))
            if greatest is not None and change:
                if greatest == 0:
                    return range(0)
                low = max(low, ceil(change**2 * (1 + (n - 1) / greatest) / n))
        return range(low + (low - change) % 2, high + 1, 2)

    @cached_property
    def squared_t(self) -> tuple[Fraction, Fraction | None]:
        """The least and the greatest t² of the printed p; the latter None where p may be 0."""
        p = self.intervals["change.p"]
        # Rounding may reach beyond 1, but no p does; at 1, which has t = 0, nothing is rounded.
        least = 0 if 1 in p else max(floor(self._scaled_square(p.high)) + self.margin, 0)
        if p.low <= 0:
            return Fraction(least, PRECISION), None
        greatest = max(ceil(self._scaled_square(p.low)) - self.margin, 0)
        return Fraction(least, PRECISION), Fraction(greatest, PRECISION)

    def _scaled_square(self, p: Fraction) -> float:
        return float(student.isf(float(p) / 2, self.sizes[1] - 1)) ** 2 * PRECISION

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the sums S2 and B that leave room for squares and for squared changes."""
        for total in self.totals("follow_up"):
            if self.squares("follow_up", total):
                for start in self.starts(total):
                    if self.square_changes(total - start):
                        yield total, start

    def possible(self) -> bool:
        """Whether there are sums at all; if not, the printed numbers contradict each other."""
        everyone = any(self.squares("baseline", total) for total in self.totals("baseline"))
        return everyone and next(self.pairs(), None) is not None

    def _start(self, total: int, percentage: Fraction) -> Fraction:
        factor = 1 + percentage / 100
        return total / factor if total * factor > 0 else EVERYTHING

    def _n(self, visit: str) -> int:
        return self.sizes[0 if visit == "baseline" else 1]
