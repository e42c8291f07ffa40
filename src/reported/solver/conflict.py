"""The smallest set of printed numbers that cannot hold together."""

from __future__ import annotations

from collections.abc import Collection

from ortools.sat.python import cp_model

from beforeafter.study import Outcome, Study
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, decide
from reported.solver.printed_constraints import model_of


def conflict(study: Study, published: Published, candidates: Collection[int]) -> tuple[str, ...]:
    """Return claims that no number of patients allows together, none of them superfluous.

    Parameters
    ----------
    study
        What was measured: outcomes whose claims together leave no number of patients.
    published
        The claims.
    candidates
        The numbers of patients followed up that are in question.

    Returns
    -------
    tuple of str
        Keys of claims. The solver names those it needed for each number of patients; then each
        one is left out again if the others suffice.
    """
    needed = set[str]()
    for n in sorted(candidates):
        outcomes = constrained_outcomes(study, published, n)
        first = next(filter(_refuted, outcomes), None)
        needed |= _sufficient(first) if first else set()
    kept = [claim.key for claim in published.claims if claim.key in needed]
    if _possible(study, published.only(kept), candidates):
        # What the solver needed for each n need not be enough for another way of deciding it.
        names = [outcome.name for outcome in constrained_outcomes(study, published, 0)]
        kept = [claim.key for claim in published.claims if claim.key.partition(".")[0] in names]
    for key in list(kept):
        others = [other for other in kept if other != key]
        if not _possible(study, published.only(others), candidates):
            kept = others
    return tuple(kept)


def survivors(study: Study, published: Published, candidates: Collection[int]) -> list[int]:
    """Return the numbers of patients followed up that no outcome refutes."""
    return [n for n in sorted(candidates) if _allowed(study, published, n)]


def _possible(study: Study, published: Published, candidates: Collection[int]) -> bool:
    # Few are followed up seldom.
    return any(_allowed(study, published, n) for n in sorted(candidates, reverse=True))


def _allowed(study: Study, published: Published, n: int) -> bool:
    return not any(map(_refuted, constrained_outcomes(study, published, n)))


def _refuted(outcome: ConstrainedOutcome) -> bool:
    return decide(outcome).answer is Answer.REFUTED


def _sufficient(outcome: ConstrainedOutcome) -> set[str]:
    """Return claims that contradict each other, perhaps more than are needed."""
    claimed = set(outcome.intervals)
    by_sums = isinstance(outcome.what, Outcome) and not outcome.sums().possible()
    # Of a scale too fine, the solver could not look among all values.
    if outcome.exhaustive and not by_sums:
        counted = model_of(outcome, -1, named=True)
        solver, status = counted.solve(outcome.study.analysis.seed)
        if status == cp_model.INFEASIBLE:
            assumed = set(solver.sufficient_assumptions_for_infeasibility())
            named = {key for key, literal in counted.assumed.items() if literal.index in assumed}
            claimed = named or claimed
    return {f"{outcome.name}.{key}" for key in claimed}
