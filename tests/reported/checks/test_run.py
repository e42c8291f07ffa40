"""What the checks find in this publication, and in it read otherwise."""

from __future__ import annotations

import pytest

from beforeafter.study import Study
from reported.checks.run import run_checks
from reported.claims.findings import AuditFinding
from reported.claims.published import Claim, Published


@pytest.fixture(scope="module")
def findings(study: Study, published: Published) -> list[AuditFinding]:
    return run_checks(published, study)


def reread(published: Published, **reading: object) -> Published:
    changed = published.reading.model_copy(update=reading)
    return published.model_copy(update={"reading": changed})


def replaced(published: Published, **printed: str) -> Published:
    texts = {key.replace("__", "."): text for key, text in printed.items()}
    claims = tuple(
        Claim(key=claim.key, printed=texts.get(claim.key, claim.printed), place=claim.place)
        if claim.key in texts
        else claim
        for claim in published.claims
    )
    return published.model_copy(update={"claims": claims})


def explained(findings: list[AuditFinding], check: str, claim: str) -> list[str]:
    found = [each for each in findings if each.check == check and claim in each.claims]
    return [finding.explanation for finding in found]


def refuted(published: Published, study: Study) -> set[tuple[str, ...]]:
    return {finding.claims for finding in run_checks(published, study) if finding.refuted}


def test_nothing_is_refuted_under_the_stated_reading(findings: list[AuditFinding]) -> None:
    assert [finding for finding in findings if finding.refuted] == []


def test_every_claim_of_an_outcome_is_examined_but_a_lone_change_and_times(
    findings: list[AuditFinding], published: Published
) -> None:
    examined = {key for finding in findings for key in finding.claims}
    left = {claim.key for claim in published.claims} - examined
    # Times are left to the joint model.
    assert {key for key in left if not key.startswith(("protocol.", "cohort.", "relief."))} == {
        "npsi.change.percentage",
        "npsi.change.p",
    }


def test_the_arithmetic_is_shown(findings: list[AuditFinding]) -> None:
    assert explained(findings, "GRIM", "nrs.follow_up.mean") == [
        "80 times a mean in [5.585, 5.595) is a sum in [446.8, 447.6): 447"
    ]
    assert explained(findings, "percentages", "pgic.improved.proportion") == [
        "55/80 = 68.75 %",
    ]


def test_patients_followed_up_are_found_unaided(study: Study, published: Published) -> None:
    found = run_checks(reread(published, n_follow_up=None), study)
    assert not [finding for finding in found if finding.refuted]
    assert explained(found, "patients followed up", "nrs.follow_up.mean") == [
        "possible for all: 80"
    ]


def test_no_patients_followed_up_fit_where_numbers_contradict(
    study: Study, published: Published
) -> None:
    changed = replaced(published, nrs__follow_up__mean="5.57")
    found = run_checks(reread(changed, n_follow_up=None), study)
    assert explained(found, "patients followed up", "nrs.follow_up.mean") == [
        "possible for all: none"
    ]


def test_the_change_of_one_scale_is_not_that_of_its_printed_means(
    findings: list[AuditFinding],
) -> None:
    (explanation,) = explained(findings, "change", "hads_anxiety.change.percentage")
    assert explanation.startswith(
        "the printed means differ by (-17.4373, -17.2763) %, outside the printed change, "
        "(-14.5, -13.5] %"
    )
    for name in ("nrs", "sf12_mental", "sf12_physical", "hads_depression"):
        (explanation,) = explained(findings, "change", f"{name}.change.percentage")
        assert "which meets the printed change" in explanation


def test_that_change_is_refuted_if_nobody_was_lost(study: Study, published: Published) -> None:
    everyone = reread(published, n_follow_up=89)
    keys = ("baseline.mean", "follow_up.mean", "change.percentage")
    change = tuple(f"hads_anxiety.{key}" for key in keys)
    assert change in refuted(everyone, study)
    individual = study.analysis.model_copy(update={"percentage": "mean_of_individual_changes"})
    assert change not in refuted(everyone, study.model_copy(update={"analysis": individual}))


@pytest.mark.parametrize("name", ["sf12_mental", "sf12_physical", "hads_anxiety"])
def test_an_unpaired_test_cannot_give_the_printed_p(
    name: str, findings: list[AuditFinding]
) -> None:
    (explanation,) = explained(findings, "unpaired test", f"{name}.change.p")
    assert "cannot give the printed p" in explanation


@pytest.mark.parametrize(
    ("name", "why"),
    [("nrs", "p < 0.001 is wide"), ("hads_depression", "a mean of 10 is any from 9.5 to 10.5")],
)
def test_an_unpaired_test_can_give_the_printed_p(
    name: str, why: str, findings: list[AuditFinding]
) -> None:
    (explanation,) = explained(findings, "unpaired test", f"{name}.change.p")
    assert "agrees with the printed p" in explanation, why


def test_p_implies_a_correlation(findings: list[AuditFinding]) -> None:
    (explanation,) = explained(findings, "implied correlation", "sf12_physical.change.p")
    assert "a correlation in [0.472001, 0.571357]" in explanation


def test_a_correlation_beyond_one_refutes_if_nobody_was_lost(
    study: Study, published: Published
) -> None:
    changed = replaced(published, sf12_physical__change__p="p = 0.9")
    impossible = [
        claims
        for claims in refuted(reread(changed, n_follow_up=89), study)
        if "sf12_physical.change.p" in claims
    ]
    assert len(impossible) == 1
    assert "sf12_physical.change.p" not in {key for c in refuted(changed, study) for key in c}


def test_only_the_smallest_contradictions_are_reported(study: Study, published: Published) -> None:
    contradictions = refuted(reread(published, n_follow_up=89), study)
    assert ("nrs.follow_up.mean",) in contradictions
    assert not any(set(one) < set(other) for one in contradictions for other in contradictions)
