"""The least and greatest value of a statistic over all cohorts that satisfy the claims.

Every bound is proven; it is exact where a cohort that the verifier accepts attains it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
from ortools.sat.python import cp_model

from beforeafter.study import Outcome, Study
from reported.claims.errors import ImpossibleClaimsError, ReportedError, UnknownStatisticError
from reported.claims.published import Published
from reported.solver.bounds.statistics import Statistic, statistics
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.count_model import CountModel
from reported.solver.decide import Answer, decide
from reported.solver.patient_sums import Weights
from reported.solver.printed_constraints import model_of, totals_model
from reported.solver.prior_draw import Levels
from reported.solver.relaxation import ProvenBound, Relaxation

# How often the allowed sums are split where the relaxation proves too little.
SPLITS = 12
# The solver's deterministic time: among a few pairs of values, and among all.
SEARCH, PROOF = 1.0, 2.0


@dataclass(frozen=True)
class End:
    """One end: what no cohort goes beyond, and what one attains, with that cohort."""

    bound: Fraction
    attained: Fraction
    certificate: tuple[Levels, ...]


@dataclass(frozen=True)
class Bounds:
    """Both ends of a statistic."""

    statistic: Statistic
    low: End
    high: End

    def is_exact(self, end: End) -> bool:
        """Whether an end is attained, but for the rounding of weights."""
        return abs(end.bound - end.attained) <= 2 * self.statistic.rounding


def statistic_bounds(study: Study, published: Published, key: str) -> Bounds:
    """Return the least and greatest value of a statistic over all cohorts.

    Parameters
    ----------
    study, published
        What was measured, and the claims; their reading says how many were followed up.
    key
        Of the statistic, such as `pain.worsened.proportion`.

    Returns
    -------
    Bounds
        Proven ends, each with the cohort that comes nearest to it.

    Raises
    ------
    UnknownStatisticError, ImpossibleClaimsError, ReportedError
        If the statistic is no ratio of weighted counts of what was measured, no cohort has all that
        is claimed, or it is of percentages and all pairs were found to start at 0.
    """
    outcomes = constrained_outcomes(study, published, published.reading.followed_up)
    by_name = {outcome.name: outcome for outcome in outcomes}
    name = key.partition(".")[0]
    if name not in by_name:
        raise UnknownStatisticError(key, list(by_name))
    known = {statistic.key: statistic for statistic in statistics(by_name[name])}
    if key not in known:
        raise UnknownStatisticError(key, list(known))
    return bounds_of(by_name[name], known[key])


def bounds_of(outcome: ConstrainedOutcome, statistic: Statistic) -> Bounds:
    """Return the least and greatest value of a statistic of an outcome."""
    high = _greatest(outcome, statistic, statistic.weights)
    low = _greatest(outcome, statistic, -statistic.weights)
    return Bounds(statistic, End(-low.bound, -low.attained, low.certificate), high)


def _greatest(outcome: ConstrainedOutcome, statistic: Statistic, weights: Weights) -> End:
    """Return the upper end, looking at every number of pairs that have no percentage."""
    first = outcome.lattice.levels[0]
    decided = decide(outcome)
    best = decided.certificate
    if not best:
        proven = decided.answer is Answer.REFUTED
        raise ImpossibleClaimsError(outcome.name, outcome.intervals, proven=proven)
    if not statistic.divisor(best):
        best = _with_a_percentage(outcome, best)
    attained = limit = Fraction(weights.total(best, first), statistic.divisor(best))
    numbers: Sequence[int | None] = _numbers_of_zeros(outcome) if statistic.of_baseline else [None]
    for zeros in numbers:
        divisor = statistic.n - (zeros or 0)
        begin = _Found(floor(attained * divisor))
        if divisor == statistic.divisor(best):
            begin = _Found(weights.total(best, first), best)
        found, bound = _Search(outcome, weights, zeros, begin).greatest()
        if found.weight > attained * divisor:
            attained, best = Fraction(found.weight, divisor), found.levels
        limit = max(limit, attained, Fraction(bound, divisor))
    return End(limit * statistic.unit + statistic.rounding, attained * statistic.unit, best)


def _with_a_percentage(outcome: ConstrainedOutcome, best: tuple[Levels, ...]) -> tuple[Levels, ...]:
    """Return a cohort in which some pairs do not start at 0, instead of one in which all do."""
    at_zero = _starts_at_zero(outcome)
    others = Weights(1 - at_zero.followed, at_zero.lost)
    found, _ = _Search(outcome, others, None, _Found(0, best)).greatest()
    if not found.weight:
        raise ReportedError(f"{outcome.name}: of pairs that all start at 0 there is no percentage")
    return found.levels


def _starts_at_zero(outcome: ConstrainedOutcome) -> Weights:
    """Return the weights whose total is how many pairs start at 0."""
    levels = np.array(outcome.lattice.levels)
    starts = np.repeat((levels == 0)[:, np.newaxis], len(levels), axis=1).astype(np.int64)
    return Weights(starts, 0 * levels)


def _numbers_of_zeros(outcome: ConstrainedOutcome) -> range:
    """Return how many pairs can start at 0, where others remain."""
    if 0 not in outcome.lattice.levels:
        return range(1)
    relaxed = Relaxation(outcome.sums(), _starts_at_zero(outcome))
    return range(min(relaxed.greatest(relaxed.allowed, 0).value, outcome.n - 1) + 1)


@dataclass(frozen=True)
class _Found:
    """A cohort and its weight; without a cohort, the weight that one must exceed."""

    weight: int
    levels: tuple[Levels, ...] = ()


@dataclass(frozen=True)
class _Search:
    """The search for the cohort of greatest weight, from one that satisfies the claims."""

    outcome: ConstrainedOutcome
    weights: Weights
    zeros: int | None
    start: _Found

    def greatest(self) -> tuple[_Found, int]:
        """Return the heaviest cohort found, and a proven bound on the weight of all."""
        if not isinstance(self.outcome.what, Outcome):
            return self._among_all(self.start, None)
        relaxation = Relaxation(self.outcome.sums(), self.weights, self.zeros)
        best, allowed = self.start, relaxation.allowed
        parts = [(relaxation.greatest(allowed, best.weight), allowed)]
        for _ in range(SPLITS):
            relaxed, allowed = parts[-1]
            best = self._near(relaxed, best)
            halves = (
                [] if relaxed.value <= best.weight or self.outcome.exhaustive else allowed.halves()
            )
            if not halves:
                break
            parts[-1:] = [(relaxation.greatest(half, best.weight), half) for half in halves]
            parts.sort(key=lambda part: part[0].value)
        bound = max(parts[-1][0].value, best.weight)
        if best.weight < bound and self.outcome.exhaustive:
            return self._among_all(best, bound)
        return best, bound

    def _near(self, relaxed: ProvenBound, best: _Found) -> _Found:
        """Search the values that cohorts near the bound are made of."""
        sums = self.outcome.sums(margin=1)
        near, gone = set(relaxed.pairs), set(relaxed.lost)
        if best.levels:
            near |= set(map(tuple, best.levels[0].tolist()))
            gone |= set(best.levels[1][:, 0].tolist())
        for totals in relaxed.totals:
            if best.weight < relaxed.value:
                model = totals_model(sums, sorted(near), sorted(gone), totals)
                best, _ = self._solved(model, best, relaxed.value, SEARCH)
        return best

    def _among_all(self, best: _Found, bound: int | None) -> tuple[_Found, int]:
        counted = model_of(self.outcome, -1)
        if best.levels:
            _hint(counted, best.levels)
        return self._solved(counted, best, bound, PROOF)

    def _solved(
        self, counted: CountModel, best: _Found, bound: int | None, effort: float
    ) -> tuple[_Found, int]:
        total = self._total(counted)
        counted.model.add(total > best.weight)
        if bound is not None:
            counted.model.add(total <= bound)
        if self.zeros is not None:
            starts = [count for cell, count in counted.groups[0].items() if cell[0] == 0]
            counted.model.add(cp_model.LinearExpr.sum(starts) == self.zeros)
        counted.model.maximize(total)
        solver, status = counted.solve(self.outcome.study.analysis.seed, effort)
        if status == cp_model.INFEASIBLE:
            return best, best.weight
        proven = floor(solver.best_objective_bound + 1 / 2)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            found = counted.values(solver)
            if self.outcome.holds(found):
                best = _Found(round(solver.objective_value), found)
        return best, proven if bound is None else min(bound, proven)

    def _total(self, counted: CountModel) -> cp_model.LinearExpr:
        """Return the weight of the patients counted."""
        first = self.outcome.lattice.levels[0]
        variables: list[cp_model.IntVar] = []
        weights: list[int] = []
        for group, table in zip(
            counted.groups, (self.weights.followed, self.weights.lost), strict=False
        ):
            variables += group.values()
            weights += table[tuple((np.array(list(group)) - first).T)].tolist()
        return cp_model.LinearExpr.weighted_sum(variables, weights)


def _hint(counted: CountModel, hint: Sequence[Levels]) -> None:
    for group, levels in zip(counted.groups, hint, strict=False):
        cells, times = np.unique(levels, axis=0, return_counts=True)
        there = dict(zip(map(tuple, cells.tolist()), times.tolist(), strict=True))
        for cell, count in group.items():
            counted.model.add_hint(count, there.get(cell, 0))
