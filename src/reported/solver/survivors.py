"""Which numbers of patients no outcome refutes, and the smallest conflict at one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from beforeafter.study import Study
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, decide, provable


def survivors(study: Study, published: Published, candidates: Collection[int]) -> list[int]:
    """Return the numbers of patients followed up that no outcome refutes."""
    return [
        n
        for n in sorted(candidates)
        if not any(map(_refuted, constrained_outcomes(study, published, n)))
    ]


def smallest(keys: Sequence[str], allowed: Callable[[Collection[str]], bool]) -> list[str]:
    """Return those of the keys that are enough not to be allowed, none of them superfluous."""
    kept = list(keys)
    for key in keys:
        others = [other for other in kept if other != key]
        if not allowed(others):
            kept = others
    return kept


def smallest_conflict(outcome: ConstrainedOutcome) -> list[str]:
    """Return the smallest set of claims about an outcome that cannot hold together."""

    def allowed(keys: Collection[str]) -> bool:
        return not _refuted(replace(outcome, published=outcome.published.only(keys)))

    return smallest(outcome.published.keys_of(outcome.name), allowed)


def _refuted(outcome: ConstrainedOutcome) -> bool:
    return decide(outcome, thorough=provable(outcome)).answer is Answer.REFUTED
