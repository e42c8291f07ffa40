"""Printed numbers as integer constraints on how many patients have which values.

The unknowns are counts: of patients with baseline a and follow-up b, of patients lost after
baseline a, of patients in a category. Values are counted in steps of their scale. Sums and sums of
squares are then integers, linear in the counts, and every printed number becomes an inequality
between integers, strict where the interval it stands for is open. Nothing is approximated, with
two exceptions, both toward the inside, so that whatever is found is certainly right:

- t², which has no exact value for a printed p, is rounded inward at its sixth decimal;
- the terms of the mean of individual percentages are rounded at their sixth decimal and the
  interval is narrowed by the greatest sum of these errors.

Where absence is to be proven, both are rounded toward the outside instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from ortools.sat.python import cp_model

from paincohort.study import Rating
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval
from reported.solver.sum_limits import PRECISION, SumLimits

Cell = tuple[int, ...]
Group = Mapping[Cell, cp_model.IntVar]
Intervals = Mapping[str, Interval]


@dataclass(frozen=True)
class CountModel:
    """Groups of patients, each with the number of patients in every cell of their values.

    Attributes
    ----------
    model
        The constraints.
    groups
        The counts.
    named
        Whether each claim holds only as long as it is assumed, so that the solver can name those
        that contradict each other.
    assumed
        The literal of each claim, where they are named.
    """

    model: cp_model.CpModel
    groups: tuple[Group, ...]
    named: bool = False
    assumed: dict[str, cp_model.IntVar] = field(default_factory=dict)

    @contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Add the constraints made inside as those of a claim."""
        first = len(self.model.proto.constraints)
        yield
        if self.named:
            literal = self.assumed[key] = self.model.new_bool_var(key)
            for index in range(first, len(self.model.proto.constraints)):
                self.model.proto.constraints[index].enforcement_literal.append(literal.index)
            self.model.add_assumption(literal)


@dataclass(frozen=True)
class Moments:
    """Sum, its square and n·(sum of squares) - sum² of n integers: what mean, SD and t need."""

    n: int
    total: cp_model.IntVar
    square: cp_model.IntVar
    spread: cp_model.IntVar


def paired_model(
    sums: SumLimits, cells: Iterable[tuple[int, int]], lost: Iterable[int], *, named: bool = False
) -> CountModel:
    """Return the cohorts whose scale has the printed numbers at baseline and follow-up.

    Parameters
    ----------
    sums
        What is printed of the scale: any of `baseline.mean`, `baseline.standard_deviation` (over
        all enrolled), `follow_up.mean`, `follow_up.standard_deviation`, `change.percentage` and
        `change.p` (over the pairs). Standard deviations have the divisor n - 1.
    cells, lost
        The pairs of baseline and follow-up, and the baselines of those lost, to count, in steps. A
        model without solution proves that the numbers contradict each other only if these are all
        of the lattice.
    named
        Whether to let the solver name claims that contradict each other.

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
    n_enrolled, n_pairs = sums.sizes
    pairs = _counts(model, cells, n_pairs)
    gone = _counts(model, ((level,) for level in lost), n_enrolled - n_pairs)
    counted = CountModel(model, (pairs, gone), named)

    baseline = _moments(model, (pairs, gone), lambda cell: cell[0], n_enrolled)
    follow_up = _moments(model, (pairs,), lambda cell: cell[1], n_pairs)
    _mean_and_deviation(counted, baseline, sums.lattice, sums.intervals, "baseline")
    _mean_and_deviation(counted, follow_up, sums.lattice, sums.intervals, "follow_up")
    if "change.percentage" in sums.intervals:
        with counted.claimed("change.percentage"):
            _PERCENTAGES[sums.definition](counted, sums)
    if "change.p" in sums.intervals:
        change = _moments(model, (pairs,), _change, n_pairs)
        with counted.claimed("change.p"):
            _p_value(model, change, sums)
    return counted


def totals_model(
    sums: SumLimits,
    cells: Iterable[tuple[int, int]],
    lost: Iterable[int],
    totals: tuple[int, int, int],
) -> CountModel:
    """Return the cohorts of a scale with given totals, for which every printed number is linear.

    Parameters
    ----------
    sums
        What is printed.
    cells, lost
        Pairs of values, and baselines of those lost, to count.
    totals
        Sums of all baselines, of the values at follow-up, and of the baselines of the pairs.
    """
    model = cp_model.CpModel()
    n_enrolled, n = sums.sizes
    everyone, after, start = totals
    pairs = _counts(model, cells, n)
    gone = _counts(model, ((level,) for level in lost), n_enrolled - n)

    def among(groups: Iterable[Group], value: Callable[[Cell], int], allowed: range) -> None:
        counts = [(count, value(cell)) for group in groups for cell, count in group.items()]
        variables, values = zip(*counts, strict=True)
        total = cp_model.LinearExpr.weighted_sum(variables, values)
        model.add_linear_constraint(total, allowed.start, allowed.stop - 1)

    among((pairs, gone), lambda cell: cell[0], range(everyone, everyone + 1))
    among((pairs, gone), lambda cell: cell[0] ** 2, sums.squares("baseline", everyone))
    among((pairs,), lambda cell: cell[1], range(after, after + 1))
    among((pairs,), lambda cell: cell[1] ** 2, sums.squares("follow_up", after))
    among((pairs,), lambda cell: cell[0], range(start, start + 1))
    among((pairs,), lambda cell: _change(cell) ** 2, sums.square_changes(after - start))
    counted = CountModel(model, (pairs, gone))
    if sums.definition == "mean_of_individual_changes" and "change.percentage" in sums.intervals:
        _mean_of_individual_changes(counted, sums)
    return counted


def rating_model(
    rating: Rating, n: int, intervals: Intervals, *, named: bool = False
) -> CountModel:
    """Return the cohorts whose categories, grouped, have the printed proportions of n patients."""
    model = cp_model.CpModel()
    rated = _counts(model, ((code,) for code in Lattice.of_codes(rating).levels), n)
    counted = CountModel(model, (rated,), named)
    for name, group in rating.groups.items():
        if proportion := intervals.get(f"{name}.proportion"):
            members = cp_model.LinearExpr.sum([rated[(code,)] for code in group.codes])
            with counted.claimed(f"{name}.proportion"):
                _within(model, 100 * members, n, proportion)
    return counted


def duration_model(
    lattice: Lattice, n: int, intervals: Intervals, *, named: bool = False
) -> CountModel:
    """Return the cohorts whose durations, restricted to the horizon, have the printed numbers.

    A duration equal to the horizon is one without event, hence the event-free proportion. The
    claims `restricted.mean` and `whole.mean` are the same mean, printed twice.
    """
    model = cp_model.CpModel()
    ended = _counts(model, ((level,) for level in lattice.levels), n)
    counted = CountModel(model, (ended,), named)
    moments = _moments(model, (ended,), lambda cell: cell[0], n)
    for key in ("restricted", "whole"):
        _mean_and_deviation(counted, moments, lattice, intervals, key)
    if proportion := intervals.get("event_free.proportion"):
        with counted.claimed("event_free.proportion"):
            _within(model, 100 * ended[(lattice.levels[-1],)], n, proportion)
    return counted


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
    counted: CountModel, moments: Moments, lattice: Lattice, intervals: Intervals, key: str
) -> None:
    model = counted.model
    if mean := intervals.get(f"{key}.mean"):
        with counted.claimed(f"{key}.mean"):
            _within(model, moments.total, moments.n, mean.scaled(1 / lattice.step))
    if deviation := intervals.get(f"{key}.standard_deviation"):
        variance = deviation.squared().scaled(1 / lattice.step**2)
        with counted.claimed(f"{key}.standard_deviation"):
            _within(model, moments.spread, moments.n * (moments.n - 1), variance)


def _p_value(model: cp_model.CpModel, change: Moments, sums: SumLimits) -> None:
    # The test is undefined when all changes are equal.
    model.add(change.spread >= 1)
    numerator = (change.n - 1) * change.square
    least, greatest = sums.squared_t
    _at_least(model, numerator, change.spread, least)
    if greatest is not None:
        _at_least(model, -numerator, change.spread, -greatest)


def _change_between_means(counted: CountModel, sums: SumLimits) -> None:
    pairs = counted.groups[0]
    counts = list(pairs.values())
    baseline = cp_model.LinearExpr.weighted_sum(counts, [before for before, _ in pairs])
    change = cp_model.LinearExpr.weighted_sum(counts, [_change(cell) for cell in pairs])
    counted.model.add(baseline >= 1)
    _within(counted.model, 100 * change, baseline, sums.intervals["change.percentage"])


def _mean_of_individual_changes(counted: CountModel, sums: SumLimits) -> None:
    n, percentage = sums.sizes[1], sums.intervals["change.percentage"]
    # A percentage of a baseline of 0 or less is undefined, so no pair may have one.
    defined = {cell: count for cell, count in counted.groups[0].items() if cell[0] > 0}
    counts = list(defined.values())
    counted.model.add(cp_model.LinearExpr.sum(counts) == n)
    terms = [round(Fraction(100 * PRECISION * _change(cell), cell[0])) for cell in defined]
    # Each rounded term is at most a half off.
    counted.model.add_linear_constraint(
        cp_model.LinearExpr.weighted_sum(counts, terms),
        ceil(percentage.low * n * PRECISION) + sums.margin * n,
        floor(percentage.high * n * PRECISION) - sums.margin * n,
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
