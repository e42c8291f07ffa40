"""Decisions and conflicts against every cohort of a tiny study, and on the abstract."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

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


@pytest.mark.parametrize("codes", [([1], [2]), ([1, 2], [3]), ([1], [2, 3]), ([1, 2], [2])])
def test_ratings_are_decided_as_by_counting_every_way(
    codes: tuple[list[int], list[int]], study: Study, published: Published
) -> None:
    names, (like, *_) = ("better", "worse"), study.ratings[0].groups.values()
    groups = {
        name: like.model_copy(update={"codes": tuple(some)})
        for name, some in zip(names, codes, strict=True)
    }
    rating = study.ratings[0].model_copy(
        update={"name": "able", "categories": ("a", "b", "c"), "groups": groups}
    )
    alone = study.model_copy(update={"outcomes": (), "durations": (), "ratings": (rating,)})
    rng = Random(1)
    for _ in range(60):
        n = rng.randint(3, 8)
        shares = [round(100 * rng.randint(0, n) / n) for _ in names]
        keys = [f"able.{name}.proportion" for name in names]
        claims = tuple(
            Claim(key=key, printed=f"{share} %", place="test")
            for key, share in zip(keys, shares, strict=True)
        )
        printed = published.reread(n_enrolled=n).model_copy(update={"claims": claims})
        outcome = ConstrainedOutcome(alone, printed, rating, n)
        decision = decide(outcome)
        allowed = any(
            all(
                Fraction(100 * sum(counted[code - 1] for code in some), n) in outcome.intervals[key]
                for key, some in zip(outcome.intervals, codes, strict=True)
            )
            for counted in product(range(n + 1), repeat=3)
            if sum(counted) == n
        )
        assert decision.answer is (Answer.NOT_REFUTED if allowed else Answer.REFUTED)
        if decision.certificate:
            assert outcome.holds(decision.certificate)


@pytest.mark.parametrize("printed", [*PRINTED, {"follow_up.mean": "1.3"}])
def test_what_is_known_of_one_rounding_changes_no_answer_of_another(
    printed: dict[str, str], study: Study, published: Published
) -> None:
    """1.25 of 4 is printed as 1.3 where ties go up, and not where they go down."""
    small, claims = tiny(study, published, 5, printed)
    up, down = (claims.reread(ties={"default": rule}) for rule in ("up", "down"))
    scale, numbers = small.outcomes[0], range(2, 6)
    known = {scale.name: {n: decide(ConstrainedOutcome(small, up, scale, n)) for n in numbers}}
    found = survivors(small, down, numbers, known)
    assert found == survivors(small, down, numbers)
    if printed == {"follow_up.mean": "1.3"}:
        assert 4 in survivors(small, up, numbers)
        assert 4 not in found
