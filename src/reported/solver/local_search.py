"""Cohorts that satisfy the claims, by steps from drawn ones.

A step moves one patient, or two in opposite directions, at one visit or at both, in every chain at
once. It is undone where it leads away from the claims. The distance is 0 only where all hold.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache

import numpy as np

from beforeafter.study import Outcome, Rating
from reported.claims.printed import Interval
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.prior_draw import Levels, Vector, draw
from reported.solver.sum_limits import PRECISION

# The longest step, as a share of the scale.
LONGEST = 0.15
# How often baseline and follow-up move together, which leaves the change as it is.
TOGETHER = 1 / 3
# Fewer pairs have no correlation to draw.
FEWEST_DRAWN = 4
# How many cohorts are drawn to find one, and how many steps are made before looking whether it is.
DRAWN, EACH = 4, 25

# Of a scale, all baselines, those followed up first, and the values at follow-up; of the others,
# their one column. Each has the shape (chains, patients).
State = tuple[Levels, ...]


def find_cohort(outcome: ConstrainedOutcome, repairs: int) -> tuple[Levels, ...]:
    """Return a cohort that satisfies the claims, or nothing if `repairs` steps found none."""
    state = _Search(outcome).repaired(repairs)
    return as_groups(outcome, [column[0] for column in state]) if len(state[0]) else ()


def as_groups(outcome: ConstrainedOutcome, columns: Sequence[Levels]) -> tuple[Levels, ...]:
    """Return the columns of one cohort as the values of its groups, shape (patients, values)."""
    if not isinstance(outcome.what, Outcome):
        return (columns[0][:, np.newaxis],)
    before, after = columns
    return np.column_stack([before[: outcome.n], after]), before[outcome.n :, np.newaxis]


class _Search:
    """Chains of cohorts, drawn and led by steps toward the claims."""

    def __init__(self, outcome: ConstrainedOutcome) -> None:
        self.outcome = outcome
        self.distance = Distance(outcome)
        self.rng = np.random.default_rng(
            [outcome.study.analysis.seed, *outcome.sizes, *outcome.name.encode()]
        )

    def repaired(self, repairs: int) -> State:
        """Return drawn cohorts that were led to the claims, as soon as one was."""
        cohorts = [self._draw() for _ in range(DRAWN)]
        state = tuple(np.array(column) for column in zip(*cohorts, strict=True))
        for _ in range(repairs // EACH):
            if (self.distance(state) == 0).any():
                break
            here = self.distance(state)
            for _ in range(EACH):
                here = self._step(state, here)
        good = self.distance(state) == 0
        return tuple(column[good] for column in state)

    def _draw(self) -> State:
        outcome = self.outcome
        first, *lost = draw(outcome.what, outcome.intervals, outcome.sizes, self.rng)
        if isinstance(outcome.what, Outcome):
            return np.append(first[:, 0], lost[0]), first[:, 1]
        if isinstance(outcome.what, Rating):
            return (first[:, 0],)
        levels = outcome.lattice.levels
        ranks = first[:, 0].argsort().argsort()
        return (levels[0] + ranks * len(levels) // len(ranks),)

    def _step(self, state: State, here: Vector) -> Vector:
        """Move one patient or two of each chain, and back where that leads away from the claims."""
        rng, levels = self.rng, self.outcome.lattice.levels
        together = rng.random() < TOGETHER
        moving = state if together else (state[rng.integers(len(state))],)
        chains, patients = moving[-1].shape
        rows = np.arange(chains)
        first, second = rng.integers(patients, size=(2, chains))
        length = 1 if rng.random() < 1 / 2 else max(1, round(LONGEST * len(levels)))
        move = rng.integers(-length, length + 1, chains)
        back = move * rng.integers(2, size=chains)
        outside = np.zeros(chains, dtype=bool)
        for column in moving:
            column[rows, first] += move
            column[rows, second] -= back
            moved = np.stack([column[rows, first], column[rows, second]])
            outside |= ((moved < levels[0]) | (moved > levels[-1])).any(axis=0)
        there = self.distance(state)
        undone = outside | (there > here)
        for column in moving:
            column[rows, second] += back * undone
            column[rows, first] -= move * undone
        return np.where(undone, here, there)


class Distance:
    """How far cohorts are from the claims about an outcome, shape (chains,)."""

    def __init__(self, outcome: ConstrainedOutcome) -> None:
        self._outcome = outcome
        self._intervals = outcome.intervals
        self._sums = outcome.sums(margin=1)
        self._allowed = cache(self._allowed_moments)

    def __call__(self, state: State) -> Vector:
        """Return 0 for each chain that satisfies all claims."""
        of_claims = self._scale if isinstance(self._outcome.what, Outcome) else self._column
        terms = list(of_claims(*state))
        return np.sum(terms, axis=0) if terms else np.zeros(len(state[0]))

    def _scale(self, before: Levels, after: Levels) -> Iterator[Vector]:
        n = after.shape[1]
        start, total = before[:, :n], after.sum(axis=1)
        changes = after - start
        change = changes.sum(axis=1)
        yield from self._moments(before, "baseline")
        yield from self._moments(after, "follow_up")
        if percentage := self._intervals.get("change.percentage"):
            if self._sums.definition == "change_between_means":
                yield _ratio(100 * change, total - change, percentage)
            else:
                yield from self._individual(start, changes, percentage)
        yield from self._moments(changes, "change")
        if {"change.p", "change.t"} & self._intervals.keys():
            spread = n * (changes**2).sum(axis=1) - change**2
            explained = (n - 1) * change**2 * PRECISION
            least, greatest = self._sums.squared_t
            yield _beyond(int(least * PRECISION) * spread - explained, explained)
            if least:
                yield (change == 0).astype(float)
            if greatest is not None:
                yield _beyond(explained - int(greatest * PRECISION) * spread, explained)
                if not self._sums.may_be_one:
                    yield _beyond(1 - spread)

    def _moments(self, values: Levels, key: str) -> Iterator[Vector]:
        n = values.shape[1]
        totals, spreads = self._allowed(key, n)
        if totals is None and spreads is None:
            return
        total = values.sum(axis=1)
        if totals is not None:
            yield _outside(total, totals)
        if spreads is not None:
            yield _outside(n * (values**2).sum(axis=1) - total**2, spreads)

    def _allowed_moments(self, key: str, n: int) -> tuple[range | None, range | None]:
        """Return the sums, and n·(sum of squares) - sum², that mean and deviation allow."""
        step = self._outcome.lattice.step
        mean = self._intervals.get(f"{key}.mean")
        deviation = self._intervals.get(f"{key}.standard_deviation")
        totals = mean.scaled(Fraction(n) / step).integers if mean else None
        if deviation is None:
            return totals, None
        return totals, deviation.squared().scaled(Fraction(n * (n - 1)) / step**2).integers

    def _individual(self, start: Levels, changes: Levels, percentage: Interval) -> Iterator[Vector]:
        defined = start != 0
        n = defined.sum(axis=1)
        terms = np.rint(100 * PRECISION * changes / np.where(defined, start, 1)).astype(int)
        total = np.where(defined, terms, 0).sum(axis=1)
        inside = percentage.scaled(PRECISION).integers
        yield _beyond(1 - n)
        yield _beyond((inside.start + 1) * n - total, total)
        yield _beyond(total - (inside.stop - 2) * n, total)

    def _column(self, values: Levels) -> Iterator[Vector]:
        for key in self._outcome.means:
            yield from self._moments(values, key)
        for key, levels in self._outcome.shares.items():
            if proportion := self._intervals.get(key):
                members = np.isin(values, levels).sum(axis=1)
                yield _outside(members, proportion.scaled(Fraction(values.shape[1], 100)).integers)


def _outside(values: Levels, allowed: range) -> Vector:
    low, high = allowed.start, allowed.stop - 1
    return _beyond(low - values, values) + _beyond(values - high, values)


def _ratio(numerator: Levels, denominator: Levels, interval: Interval) -> Vector:
    low, high = interval.low, interval.high
    numerator, denominator = numerator * np.sign(denominator), abs(denominator)
    below = low.numerator * denominator - low.denominator * numerator
    above = high.denominator * numerator - high.numerator * denominator
    return (
        _beyond(1 - denominator)
        + _beyond(below + (not interval.low_closed), denominator)
        + _beyond(above + (not interval.high_closed), denominator)
    )


def _beyond(excess: Levels, scale: Levels | int = 1) -> Vector:
    """Return what is above 0, in proportion to the numbers it is the difference of."""
    return np.asarray(np.maximum(excess, 0) / (1 + np.abs(scale)))
