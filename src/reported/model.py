"""Printed numbers as integer constraints on how many patients have which values.

The unknowns are counts: of patients with baseline a and follow-up b, of patients lost after
baseline a, of patients in a category. Values are counted in steps of their scale. Sums and sums of
squares are then integers, linear in the counts, and every printed number becomes an inequality
between integers, strict where the interval it stands for is open. Nothing is approximated, with
two exceptions, both toward the inside, so that whatever is found is certainly right:

- t², which has no exact value for a printed p, is rounded inward at its sixth decimal;
- the terms of the mean of individual percentages are rounded at their sixth decimal and the
  interval is narrowed by the greatest sum of these errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from ortools.sat.python import cp_model
from scipy.stats import t as student

from paincohort.study import PercentageDefinition, Rating
from reported.lattice import Lattice
from reported.printed import Interval

PRECISION = 10**6

Cell = tuple[int, ...]
Group = Mapping[Cell, cp_model.IntVar]
Intervals = Mapping[str, Interval]


@dataclass(frozen=True)
class CountModel:
    """Groups of patients, each with the number of patients in every cell of their values."""

    model: cp_model.CpModel
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Moments:
    """Sum, its square and n·(sum of squares) - sum² of n integers: what mean, SD and t need."""

    n: int
    total: cp_model.IntVar
    square: cp_model.IntVar
    spread: cp_model.IntVar


def paired_model(
    lattice: Lattice,
    cells: Iterable[tuple[int, int]],
    sizes: tuple[int, int],
    definition: PercentageDefinition,
    intervals: Intervals,
) -> CountModel:
    """Return the cohorts whose scale has the printed numbers at baseline and follow-up.

    Parameters
    ----------
    lattice
        The values of the scale.
    cells
        The pairs of baseline and follow-up to count, in steps. A model without solution proves
        that the numbers contradict each other only if these are all pairs of the lattice.
    sizes
        Patients enrolled and patients followed up; the others are lost after baseline.
    definition
        Which percentage is printed.
    intervals
        What is printed, any of `baseline.mean`, `baseline.standard_deviation` (over all
        enrolled), `follow_up.mean`, `follow_up.standard_deviation`, `change.percentage` and
        `change.p` (over the pairs). Standard deviations have the divisor n - 1.

    Returns
    -------
    CountModel
        Groups: the pairs, those lost.

    Notes
    -----
    With D the sum of the changes of n pairs and Q the sum of their squares, the paired t-test has

    .. math:: t^2 = D^2 (n - 1) / (n Q - D^2).
    """
    model = cp_model.CpModel()
    n_enrolled, n_pairs = sizes
    pairs = _counts(model, cells, n_pairs)
    lost = _counts(model, ((level,) for level in lattice.levels), n_enrolled - n_pairs)

    baseline = _moments(model, (pairs, lost), lambda cell: cell[0], n_enrolled)
    follow_up = _moments(model, (pairs,), lambda cell: cell[1], n_pairs)
    _mean_and_deviation(model, baseline, lattice, intervals, "baseline")
    _mean_and_deviation(model, follow_up, lattice, intervals, "follow_up")
    if percentage := intervals.get("change.percentage"):
        _PERCENTAGES[definition](model, pairs, n_pairs, percentage)
    if p := intervals.get("change.p"):
        _p_value(model, _moments(model, (pairs,), _change, n_pairs), p)
    return CountModel(model, (pairs, lost))


def rating_model(rating: Rating, n: int, intervals: Intervals) -> CountModel:
    """Return the cohorts whose categories, grouped, have the printed proportions of n patients."""
    model = cp_model.CpModel()
    rated = _counts(model, ((code,) for code in Lattice.of_codes(rating).levels), n)
    for name, group in rating.groups.items():
        if proportion := intervals.get(f"{name}.proportion"):
            _within(
                model,
                100 * cp_model.LinearExpr.sum([rated[(code,)] for code in group.codes]),
                n,
                proportion,
            )
    return CountModel(model, (rated,))


def duration_model(lattice: Lattice, n: int, intervals: Intervals) -> CountModel:
    """Return the cohorts whose durations, restricted to the horizon, have the printed numbers.

    A duration equal to the horizon is one without event, hence the event-free proportion. The
    claims `restricted.mean` and `whole.mean` are the same mean, printed twice.
    """
    model = cp_model.CpModel()
    ended = _counts(model, ((level,) for level in lattice.levels), n)
    moments = _moments(model, (ended,), lambda cell: cell[0], n)
    for key in ("restricted", "whole"):
        _mean_and_deviation(model, moments, lattice, intervals, key)
    if proportion := intervals.get("event_free.proportion"):
        _within(model, 100 * ended[(lattice.levels[-1],)], n, proportion)
    return CountModel(model, (ended,))


def _counts(model: cp_model.CpModel, cells: Iterable[Cell], n: int) -> Group:
    group = {cell: model.new_int_var(0, n, f"n{cell}") for cell in cells}
    model.add(cp_model.LinearExpr.sum(list(group.values())) == n)
    return group


def _moments(
    model: cp_model.CpModel, groups: Iterable[Group], value: Callable[[Cell], int], n: int
) -> Moments:
    counts = [(count, value(cell)) for group in groups for cell, count in group.items()]
    variables, values = [count for count, _ in counts], [value for _, value in counts]
    greatest = max(map(abs, values))
    total = model.new_int_var(-n * greatest, n * greatest, "sum")
    squares = model.new_int_var(0, n * greatest**2, "sum of squares")
    square = model.new_int_var(0, (n * greatest) ** 2, "square of the sum")
    spread = model.new_int_var(0, (n * greatest) ** 2, "spread")
    model.add(total == cp_model.LinearExpr.weighted_sum(variables, values))
    model.add(squares == cp_model.LinearExpr.weighted_sum(variables, [x**2 for x in values]))
    model.add_multiplication_equality(square, [total, total])
    model.add(spread == n * squares - square)
    return Moments(n, total, square, spread)


def _mean_and_deviation(
    model: cp_model.CpModel, moments: Moments, lattice: Lattice, intervals: Intervals, key: str
) -> None:
    if mean := intervals.get(f"{key}.mean"):
        _within(model, moments.total, moments.n, mean.scaled(1 / lattice.step))
    if deviation := intervals.get(f"{key}.standard_deviation"):
        variance = deviation.squared().scaled(1 / lattice.step**2)
        _within(model, moments.spread, moments.n * (moments.n - 1), variance)


def _p_value(model: cp_model.CpModel, change: Moments, p: Interval) -> None:
    # The test is undefined when all changes are equal.
    model.add(change.spread >= 1)
    numerator = (change.n - 1) * change.square
    least = float(student.isf(float(p.high) / 2, change.n - 1)) ** 2
    least_inside = Fraction(floor(least * PRECISION) + 1, PRECISION)
    _at_least(model, numerator, change.spread, least_inside)
    if p.low > 0:
        greatest = float(student.isf(float(p.low) / 2, change.n - 1)) ** 2
        greatest_inside = Fraction(ceil(greatest * PRECISION) - 1, PRECISION)
        _at_least(model, -numerator, change.spread, -greatest_inside)


def _change_between_means(
    model: cp_model.CpModel, pairs: Group, _: int, percentage: Interval
) -> None:
    counts = list(pairs.values())
    baseline = cp_model.LinearExpr.weighted_sum(counts, [before for before, _ in pairs])
    change = cp_model.LinearExpr.weighted_sum(counts, [_change(cell) for cell in pairs])
    model.add(baseline >= 1)
    _within(model, 100 * change, baseline, percentage)


def _mean_of_individual_changes(
    model: cp_model.CpModel, pairs: Group, n: int, percentage: Interval
) -> None:
    # A percentage of a baseline of 0 is undefined, so no pair may have one.
    defined = {cell: count for cell, count in pairs.items() if cell[0] > 0}
    counts = list(defined.values())
    model.add(cp_model.LinearExpr.sum(counts) == n)
    terms = [round(Fraction(100 * PRECISION * _change(cell), cell[0])) for cell in defined]
    # Each rounded term is at most a half off.
    model.add_linear_constraint(
        cp_model.LinearExpr.weighted_sum(counts, terms),
        ceil(percentage.low * n * PRECISION) + n,
        floor(percentage.high * n * PRECISION) - n,
    )


_PERCENTAGES = {
    "change_between_means": _change_between_means,
    "mean_of_individual_changes": _mean_of_individual_changes,
}


def _change(cell: Cell) -> int:
    return cell[1] - cell[0]


def _within(
    model: cp_model.CpModel,
    numerator: cp_model.LinearExpr,
    denominator: cp_model.LinearExpr | int,
    interval: Interval,
) -> None:
    """Require numerator / denominator, the latter positive, to lie in the interval."""
    _at_least(model, numerator, denominator, interval.low, closed=interval.low_closed)
    _at_least(model, -numerator, denominator, -interval.high, closed=interval.high_closed)


def _at_least(
    model: cp_model.CpModel,
    numerator: cp_model.LinearExpr,
    denominator: cp_model.LinearExpr | int,
    bound: Fraction,
    *,
    closed: bool = True,
) -> None:
    # Integers: above the bound is the same as at least one more.
    excess = bound.denominator * numerator - bound.numerator * denominator
    model.add(excess >= (0 if closed else 1))
