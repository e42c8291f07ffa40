"""The smallest set of printed numbers that cannot hold together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ortools.sat.python import cp_model

from paincohort.study import Outcome, Study
from reported.claims.published import Published
from reported.solver.cohorts.nearest import run
from reported.solver.constrained_outcome import ConstrainedOutcome, Measurement, constrain
from reported.solver.decide import Answer, decide


def conflict(
    study: Study,
    published: Published,
    whats: Sequence[Measurement],
    candidates: Collection[int],
) -> tuple[str, ...]:
    """Return claims that no n allows together, none of them superfluous.

    Parameters
    ----------
    study
        What was measured.
    published
        The claims.
    whats
        The outcomes whose claims together leave no n.
    candidates
        The numbers of patients followed up that are in question.

    Returns
    -------
    tuple of str
        Keys of claims. The solver names those it needed for each n; then each one is left out
        again if the others suffice.
    """
    needed = set[str]()
    left = set(candidates)
    for what in whats:
        for n in sorted(left):
            outcome = constrain(study, published, what, n)
            if decide(outcome, study).answer is Answer.REFUTED:
                left.discard(n)
                needed |= _sufficient(outcome, study)
    kept = [claim.key for claim in published.claims if claim.key in needed]
    if _possible(study, published.only(kept), whats, candidates):
        # What the solver needed for each n need not be enough for another way of deciding it.
        names = tuple(f"{what.name}." for what in whats)
        kept = [claim.key for claim in published.claims if claim.key.startswith(names)]
    for key in list(kept):
        others = [other for other in kept if other != key]
        if not _possible(study, published.only(others), whats, candidates):
            kept = others
    return tuple(kept)


def survivors(
    study: Study, published: Published, whats: Sequence[Measurement], candidates: Collection[int]
) -> list[int]:
    """Return the numbers of patients followed up that no outcome refutes."""
    return [n for n in sorted(candidates) if _allowed(study, published, whats, n)]


def _possible(
    study: Study, published: Published, whats: Sequence[Measurement], candidates: Collection[int]
) -> bool:
    # Few are followed up seldom.
    return any(_allowed(study, published, whats, n) for n in sorted(candidates, reverse=True))


def _allowed(study: Study, published: Published, whats: Sequence[Measurement], n: int) -> bool:
    return all(
        decide(constrain(study, published, what, n), study).answer is not Answer.REFUTED
        for what in whats
    )


def _sufficient(outcome: ConstrainedOutcome, study: Study) -> set[str]:
    """Return claims that contradict each other, perhaps more than are needed."""
    claimed = set(outcome.intervals)
    by_sums = isinstance(outcome.what, Outcome) and not outcome.sums().possible()
    # Of a scale too fine, the solver could not look among all values.
    if outcome.exhaustive and not by_sums:
        counted = outcome.model(-1, named=True)
        solver, status = run(counted, study.analysis.seed)
        if status == cp_model.INFEASIBLE:
            assumed = set(solver.sufficient_assumptions_for_infeasibility())
            named = {key for key, literal in counted.assumed.items() if literal.index in assumed}
            claimed = named or claimed
    return {f"{outcome.name}.{key}" for key in claimed}
