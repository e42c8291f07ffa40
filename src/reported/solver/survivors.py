"""Which numbers of patients no outcome refutes."""

from __future__ import annotations

from collections.abc import Collection

from beforeafter.study import Study
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, decide


def survivors(study: Study, published: Published, candidates: Collection[int]) -> list[int]:
    """Return the numbers of patients followed up that no outcome refutes."""
    return [n for n in sorted(candidates) if _allowed(study, published, n)]


def _allowed(study: Study, published: Published, n: int) -> bool:
    return not any(map(_refuted, constrained_outcomes(study, published, n)))


def _refuted(outcome: ConstrainedOutcome) -> bool:
    return decide(outcome).answer is Answer.REFUTED
