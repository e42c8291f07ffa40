"""What printed numbers say about the sums behind them, by integer arithmetic alone.

Of a scale nothing is printed but sums, in its steps: S1 and Q1, of all baselines and of their
squares; S2 and Q2, those at follow-up; B, of the baselines of the pairs; and R, of their squared
changes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import ceil, floor, sqrt

from scipy.stats import t as student

from beforeafter.study import PercentageDefinition
from reported.checks.moments import squares, squares_limits, sums
from reported.checks.p_values import difference_of
from reported.checks.paired import change_between
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval, Intervals

# t² has no exact value for a printed p; it is rounded at this decimal.
PRECISION = 10**6
VISITS = ("baseline", "follow_up")
# More than any sum: what a percentage leaves open.
EVERYTHING = Fraction(10**12)
# More pairs of sums than these are not looked at one by one.
MOST_PAIRS = 200_000
# Square roots are floating-point: nothing is excluded by less than their error.
SLACK = 1 + 1e-9
# The change, in per cent, to a sum of 0, whatever it began with.
NOTHING_LEFT = Fraction(-100)


@dataclass(frozen=True)
class SumLimits:
    """The sums that a printed scale allows, of patients enrolled and followed up (sizes).

    As t² is rounded, a margin of 1 rounds it toward the inside, so that what is found is right; -1
    toward the outside, so that what is excluded is wrong.
    """

    lattice: Lattice
    sizes: tuple[int, int]
    intervals: Intervals
    definition: PercentageDefinition
    margin: int = -1

    def totals(self, visit: str) -> range:
        """Return the sums at a visit that give its printed mean."""
        return self._totals[visit]

    @cached_property
    def _totals(self) -> dict[str, range]:
        levels = self.lattice.levels
        anything = Interval(levels[0] * self.lattice.step, levels[-1] * self.lattice.step)
        means = {visit: self.intervals.get(f"{visit}.mean", anything) for visit in VISITS}
        return {visit: sums(mean, self._n(visit), self.lattice) for visit, mean in means.items()}

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
        low, high = self._any_start
        if (changes := self.changes) is not None:
            low, high = max(low, total - changes.stop + 1), min(high, total - changes.start)
        percentage = self._between_means
        if percentage is None:
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

    @cached_property
    def changes(self) -> range | None:
        """The sums of changes that give a printed mean change."""
        mean = self.intervals.get("change.mean")
        return mean.scaled(Fraction(self.sizes[1]) / self.lattice.step).integers if mean else None

    @cached_property
    def _any_start(self) -> tuple[int, int]:
        """The least and greatest B that the sums of all baselines leave."""
        n, (low, high) = self.sizes[1], self._ends
        everyone, lost = self.totals("baseline"), self.sizes[0] - n
        if not everyone:
            return n * low, n * high
        return max(n * low, everyone[0] - lost * high), min(n * high, everyone[-1] - lost * low)

    @property
    def _ends(self) -> tuple[int, int]:
        return self.lattice.levels[0], self.lattice.levels[-1]

    @property
    def _between_means(self) -> Interval | None:
        """The printed change between means; of a sum that may be below 0 its sign says nothing."""
        defined = self.definition == "change_between_means"
        if not defined or min(self._ends[0], self._any_start[0]) < 0 >= self._any_start[0]:
            return None
        return self.intervals.get("change.percentage")

    @cached_property
    def square_changes(self) -> Callable[[int], range]:
        """The sums R of squared changes that give the printed p with a sum of changes."""
        return cache(self._square_changes)

    def _square_changes(self, change: int) -> range:
        n = self.sizes[1]
        span = self.lattice.levels[-1] - self.lattice.levels[0]
        low, high = squares_limits(n, change, range(-span, span + 1))
        if deviation := self.intervals.get("change.standard_deviation"):
            printed = squares(deviation, n, change, self.lattice.step)
            low, high = max(low, printed.start), min(high, printed.stop - 1)
        if {"change.p", "change.t"} & self.intervals.keys():
            least, greatest = self.squared_t
            # t² = D²(n - 1) / (n R - D²). Where all changes are equal it is infinite, or there is
            # no test: of no change at all, some programmes print a p of 1.
            if greatest is not None and (change or not self.may_be_one):
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
        """The least and the greatest t² that is printed, or None, by t or p, where p may be 0."""
        least = Fraction(0)
        greatest: Fraction | None = None
        if p := self.intervals.get("change.p"):
            # Rounding may reach beyond 1, but no p does; at 1, which has t = 0, none is rounded.
            if 1 not in p:
                least = Fraction(max(floor(self._scaled_square(p.high)) + self.margin, 0))
            if p.low > 0:
                greatest = Fraction(max(ceil(self._scaled_square(p.low)) - self.margin, 0))
        if t := self.intervals.get("change.t"):
            square = t.squared().scaled(PRECISION)
            outward = self.margin < 0
            low = floor(square.low) if outward else ceil(square.low)
            high = ceil(square.high) if outward else floor(square.high)
            least = max(least, Fraction(low))
            greatest = Fraction(high) if greatest is None else min(greatest, Fraction(high))
        return least / PRECISION, None if greatest is None else greatest / PRECISION

    @property
    def may_be_one(self) -> bool:
        """Whether p may be 1, which some programmes print where nothing changes."""
        return "change.p" in self.intervals and 1 in self.intervals["change.p"]

    def _scaled_square(self, p: Fraction) -> float:
        return float(student.isf(float(p) / 2, self.sizes[1] - 1)) ** 2 * PRECISION

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield sums S2 and B that leave room for squares and for squared changes."""
        for total in self.totals("follow_up"):
            moved = (start for start in self.starts(total) if self.moved(start, total))
            yield from ((total, start) for start in moved)

    @cached_property
    def size(self) -> int:
        """How many pairs of sums there are, at most."""
        totals = self.totals("follow_up")
        return len(totals) * len(self.starts(totals[len(totals) // 2])) if totals else 0

    def possible(self) -> bool:
        """Whether there are sums at all; of too many, by means and deviations alone."""
        if not any(self.squares("baseline", total) for total in self.totals("baseline")):
            return False
        return self._roughly() and (self.size > MOST_PAIRS or any(True for _ in self.pairs()))

    def moved(self, start: int, total: int) -> range:
        """Return the sums R that some correlation of the visits leaves, given B and S2."""
        n, change = self.sizes[1], total - start
        printed, before = self.square_changes(change), self._square_starts(start)
        after = self.squares("follow_up", total)
        if not (printed and after) or before[0] > before[1]:
            return range(0)
        (low, high), (low_after, high_after) = (
            [sqrt(max(n * square - centre**2, 0)) for square in squares]
            for squares, centre in ((before, start), ((after[0], after[-1]), total))
        )
        apart = max(low - high_after, low_after - high, 0)
        least = ceil((apart**2 / SLACK + change**2) / n)
        most = floor(((high + high_after) ** 2 * SLACK + change**2) / n)
        first = max(printed[0], least + (least - change) % 2)
        return range(first, min(printed[-1], most) + 1, 2)

    def _square_starts(self, start: int) -> tuple[int, int]:
        """Return the least and greatest sum of squares of the pairs' baselines."""
        n_enrolled, n = self.sizes
        lost = n_enrolled - n
        least, greatest = squares_limits(n, start, self.lattice.levels)
        totals = self.totals("baseline")
        if not lost:
            printed = self.squares("baseline", start) if start in totals else range(0)
            return (printed[0], printed[-1]) if printed else (1, 0)
        low, high = self._square_baselines
        ends = totals[0] - start, totals[-1] - start
        nearest = 0 if ends[0] <= 0 <= ends[1] else min(ends, key=abs)
        first, last = self.lattice.levels[0], self.lattice.levels[-1]
        farthest = max(end * (first + last) for end in ends) - lost * first * last
        return max(least, low - farthest), min(greatest, high - nearest**2 // lost)

    @cached_property
    def _square_baselines(self) -> tuple[int, int]:
        if not any(key.startswith("baseline.") for key in self.intervals):
            # Every sum is possible, and there are too many to look at each.
            levels, n = self.lattice.levels, self.sizes[0]
            nearest = min(levels, key=abs)
            return n * nearest**2, n * max(levels[0] ** 2, levels[-1] ** 2)
        found = [s for total in self.totals("baseline") if (s := self.squares("baseline", total))]
        return min(each[0] for each in found), max(each[-1] for each in found)

    def _roughly(self) -> bool:
        """Whether numbers that need not be sums of steps can have means, deviations and t."""
        least, greatest = self.squared_t
        if greatest is not None and least > greatest:
            return False
        (low, high), step, n = self._ends, self.lattice.step, self.sizes[1]
        least_start, most_start = self._any_start
        first = Interval(least_start * step / n, most_start * step / n)
        last = self.intervals.get("follow_up.mean", Interval(low * step, high * step))
        change = difference_of(last, first)
        change = change.within(self.intervals.get("change.mean", change))
        percentage = self._between_means if first.low > 0 else None
        agrees = percentage is None or change_between(first, last).meets(percentage)
        if change.low > change.high or not agrees:
            return False
        # n scores have at most the deviation of as many at either end; n - 1 makes it no larger
        # than the range.
        any_deviation = Interval(Fraction(0), (high - low) * step)
        sd_first, sd_last = (
            self.intervals.get(f"{v}.standard_deviation", any_deviation) for v in VISITS
        )
        if self.sizes[0] != n:
            sd_first = any_deviation
        far = change.absolute().high
        closest = max(change.low, -change.high, Fraction(0))
        if greatest and closest**2 * n / greatest > (sd_first.high + sd_last.high) ** 2:
            return False
        apart = max(sd_first.low - sd_last.high, sd_last.low - sd_first.high, Fraction(0))
        return not (least and far**2 * n / least < apart**2)

    def _start(self, total: int, percentage: Fraction) -> Fraction:
        factor = 1 + percentage / 100
        return total / factor if total * factor > 0 else EVERYTHING

    def _n(self, visit: str) -> int:
        return self.sizes[0 if visit == "baseline" else 1]
