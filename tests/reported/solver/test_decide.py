"""Decisions and conflicts against every cohort of a tiny study, and on the abstract."""

from __future__ import annotations

import pytest
from tiny import cohorts, tiny

from beforeafter.study import Study
from reported.claims.published import Claim, Published
from reported.joint_audit import audit_claims
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.decide import Answer, decide, survivors

PRINTED = [
    {"baseline.mean": "1.8", "baseline.standard_deviation": "1.1", "follow_up.mean": "1.25"},
    {"baseline.mean": "2.4", "follow_up.mean": "1.33", "change.percentage": "-43%"},
    {"follow_up.mean": "1.5", "follow_up.standard_deviation": "1.7", "baseline.mean": "2.0"},
    {"follow_up.mean": "0.5", "follow_up.standard_deviation": "2.1"},
]


@pytest.mark.parametrize("printed", PRINTED)
def test_every_n_is_decided_as_by_enumeration(
    printed: dict[str, str], study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 5, printed)
    for n in range(2, 6):
        outcome = ConstrainedOutcome(small, claims, small.outcomes[0], n)
        decision = decide(outcome)
        expected = Answer.NOT_REFUTED if any(cohorts(5, n, outcome.intervals)) else Answer.REFUTED
        assert decision.answer is expected
        if decision.certificate:
            assert outcome.holds(decision.certificate)


def test_the_conflict_has_no_claim_too_many(study: Study, published: Published) -> None:
    small, claims = tiny(study, published, 5, PRINTED[3] | {"baseline.mean": "2.0"})
    (found,) = audit_claims(small, claims).conflicts
    assert found.claims == ("scale.follow_up.mean", "scale.follow_up.standard_deviation")


def test_the_conflict_has_the_printed_number_of_patients(
    study: Study, published: Published
) -> None:
    # A mean of 1.5 has an even number of patients.
    small, claims = tiny(study, published, 5, {"follow_up.mean": "1.5"})
    followed = Claim(key="cohort.n_follow_up", printed="3", place="test")
    claims = claims.model_copy(update={"claims": (*claims.claims, followed)})
    refuted = [found.claims for found in audit_claims(small, claims).findings if found.refuted]
    assert ("cohort.n_follow_up", "scale.follow_up.mean") in refuted
    assert ("scale.follow_up.mean",) not in refuted


def test_the_ratings_and_the_scales_leave_80(study: Study, published: Published) -> None:
    assert survivors(study, published, range(2, 90)) == [80]


def test_percentages_that_go_up_at_ties_leave_nothing(study: Study, published: Published) -> None:
    ratings = study.model_copy(update={"outcomes": (), "durations": ()})
    up = published.reread(ties={"default": "up"})
    assert survivors(ratings, up, range(2, 90)) == []
