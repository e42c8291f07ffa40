"""Printed numbers as integer constraints on how many patients have which values.

Two things are rounded toward the inside, so that what is found is right, or, where absence is to be
proven, toward the outside: t² at its sixth decimal, and the terms of the mean of individual
percentages, where the interval is narrowed by the greatest sum of their errors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, floor

from ortools.sat.python import cp_model

from beforeafter.study import Outcome
from reported.claims.lattice import Lattice
from reported.claims.printed import Intervals
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.count_model import Cell, CountModel, Counts, Moments
from reported.solver.sum_limits import PRECISION, SumLimits

CHANGE = ("change.mean", "change.standard_deviation", "change.p", "change.t")


def model_of(
    outcome: ConstrainedOutcome,
    margin: int,
    cells: Iterable[Cell] | None = None,
    model: cp_model.CpModel | None = None,
) -> CountModel:
    """Return the counts of values that satisfy the claims about an outcome.

    A margin of 1 is inside what p-values allow, -1 outside. `cells` are the pairs to count, in
    steps; None counts all, and only then no solution is a proof. A `model` of others is added to.
    """
    if not isinstance(outcome.what, Outcome):
        return _column_model(outcome, model)
    levels = outcome.lattice.levels
    pairs = product(levels, levels) if cells is None else cells
    return _paired_model(outcome.sums(margin), pairs, model)


def totals_model(
    sums: SumLimits, cells: Iterable[Cell], lost: Iterable[int], totals: tuple[int, int, int]
) -> CountModel:
    """Return the cohorts of a scale with given totals, for which every printed number is linear.

    The totals are the sums of all baselines, of values at follow-up, and of the pairs' baselines.
    """
    n_enrolled, n = sums.sizes
    everyone, after, start = totals
    counted = CountModel.of((cells, n), (((level,) for level in lost), n_enrolled - n))
    pairs = counted.groups[:1]

    def require(groups: Sequence[Counts], value: Callable[[Cell], int], allowed: range) -> None:
        total = counted.total(groups, value)
        counted.model.add_linear_constraint(total, allowed.start, allowed.stop - 1)

    require(counted.groups, lambda cell: cell[0], range(everyone, everyone + 1))
    require(counted.groups, lambda cell: cell[0] ** 2, sums.squares("baseline", everyone))
    require(pairs, lambda cell: cell[1], range(after, after + 1))
    require(pairs, lambda cell: cell[1] ** 2, sums.squares("follow_up", after))
    require(pairs, lambda cell: cell[0], range(start, start + 1))
    require(pairs, lambda cell: _change(cell) ** 2, sums.square_changes(after - start))
    if sums.definition == "mean_of_individual_changes" and "change.percentage" in sums.intervals:
        _mean_of_individual_changes(counted, sums)
    return counted


def _paired_model(
    sums: SumLimits, cells: Iterable[Cell], model: cp_model.CpModel | None
) -> CountModel:
    n_enrolled, n_pairs = sums.sizes
    lost = ((level,) for level in sums.lattice.levels), n_enrolled - n_pairs
    counted = CountModel.of((cells, n_pairs), lost, model=model)
    pairs = counted.groups[:1]
    baseline = counted.moments(counted.groups, lambda cell: cell[0], n_enrolled)
    follow_up = counted.moments(pairs, lambda cell: cell[1], n_pairs)
    _mean_and_deviation(counted, baseline, sums.lattice, sums.intervals, "baseline")
    _mean_and_deviation(counted, follow_up, sums.lattice, sums.intervals, "follow_up")
    if "change.percentage" in sums.intervals:
        between_means = sums.definition == "change_between_means"
        (_change_between_means if between_means else _mean_of_individual_changes)(counted, sums)
    if any(key in sums.intervals for key in CHANGE):
        change = counted.moments(pairs, _change, n_pairs)
        _mean_and_deviation(counted, change, sums.lattice, sums.intervals, "change")
        for key in ("change.p", "change.t"):
            if key in sums.intervals:
                alone = {key: sums.intervals[key]}
                _squared_t(counted, change, replace(sums, intervals=alone))
    return counted


def _column_model(outcome: ConstrainedOutcome, model: cp_model.CpModel | None) -> CountModel:
    lattice, n, intervals = outcome.lattice, outcome.n, outcome.intervals
    counted = CountModel.of((((level,) for level in lattice.levels), n), model=model)
    (counts,) = counted.groups
    if outcome.means:
        moments = counted.moments(counted.groups, lambda cell: cell[0], n)
        for key in outcome.means:
            _mean_and_deviation(counted, moments, lattice, intervals, key)
    for key, levels in outcome.shares.items():
        if key in intervals:
            members = cp_model.LinearExpr.sum([counts[(level,)] for level in levels])
            counted.require_within(100 * members, n, intervals[key])
    return counted


def _mean_and_deviation(
    counted: CountModel, moments: Moments, lattice: Lattice, intervals: Intervals, key: str
) -> None:
    n = moments.n
    if mean := intervals.get(f"{key}.mean"):
        counted.require_within(moments.total, n, mean.scaled(1 / lattice.step))
    if deviation := intervals.get(f"{key}.standard_deviation"):
        variance = deviation.squared().scaled(1 / lattice.step**2)
        counted.require_within(moments.spread, n * (n - 1), variance)


def _squared_t(counted: CountModel, change: Moments, sums: SumLimits) -> None:
    numerator = (change.n - 1) * change.square
    least, greatest = sums.squared_t
    counted.require_at_least(numerator, change.spread, least)
    if least:
        # Where nothing changes there is no test.
        counted.model.add(change.square >= 1)
    if greatest is not None:
        if not sums.may_be_one:
            # Where all changes are equal t is infinite.
            counted.model.add(change.spread >= 1)
        counted.require_at_least(-numerator, change.spread, -greatest)


def _change_between_means(counted: CountModel, sums: SumLimits) -> None:
    pairs = counted.groups[:1]
    baseline, change = counted.total(pairs, lambda cell: cell[0]), counted.total(pairs, _change)
    if sums.lattice.levels[0] < 0:
        return  # Of a sum below 0 it is printed with either sign; the verifier looks at it.
    counted.model.add(baseline >= 1)
    counted.require_within(100 * change, baseline, sums.intervals["change.percentage"])


def _mean_of_individual_changes(counted: CountModel, sums: SumLimits) -> None:
    percentage = sums.intervals["change.percentage"]
    # Patients with a baseline of 0 have no percentage and are left out.
    defined = {cell: count for cell, count in counted.groups[0].items() if cell[0]}
    n = counted.total([defined], lambda _: 1)
    counted.model.add(n >= 1)
    # Each rounded term is at most a half off.
    total = counted.total(
        [defined], lambda cell: round(Fraction(100 * PRECISION * _change(cell), cell[0]))
    )
    counted.model.add(total >= (ceil(percentage.low * PRECISION) + sums.margin) * n)
    counted.model.add(total <= (floor(percentage.high * PRECISION) - sums.margin) * n)


def _change(cell: Cell) -> int:
    return cell[1] - cell[0]
