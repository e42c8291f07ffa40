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


def test_every_claim_of_an_outcome_is_examined_but_a_lone_change(
    findings: list[AuditFinding], published: Published
) -> None:
    examined = {key for finding in findings for key in finding.claims}
    left = {claim.key for claim in published.claims} - examined
    assert {key for key in left if not key.startswith(("protocol.", "cohort."))} == {
        "npsi.change.percentage",
        "npsi.change.p",
    }


def test_the_arithmetic_is_shown(findings: list[AuditFinding]) -> None:
    assert explained(findings, "GRIM", "nrs.follow_up.mean") == [
        "80 times a mean in [5.585, 5.595) is a sum in [446.8, 447.6): 447"
    ]
    assert explained(findings, "percentages", "pgic.improved.proportion") == [
        "55/80 = 68.75 %",
        "55/80 = 68.75 %; 29/80 = 36.25 %",
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


def test_the_convention_of_each_kind_of_number_is_inferred(findings: list[AuditFinding]) -> None:
    rounding = {
        finding.claims[-1].rpartition(".")[2]: finding.explanation.split("; ")
        for finding in findings
        if finding.check == "rounding"
    }
    fits = {
        kind: {each.removesuffix(" fits") for each in verdicts if each.endswith(" fits")}
        for kind, verdicts in rounding.items()
    }
    assert fits["mean"] == {"half_up", "half_even", "either"}
    assert fits["proportion"] == {"half_down", "truncation", "either"}
    assert len(fits["standard_deviation"]) == 5
    assert "half_down not (hads_anxiety.follow_up.mean)" in rounding["mean"]


def test_rounded_complements_explain_the_low_percentages(findings: list[AuditFinding]) -> None:
    assert [
        finding.explanation for finding in findings if finding.check == "complement rounded"
    ] == [
        "55/80 = 68.75 % is 68.7 % if the remaining 31.25 % were rounded (half_up) to 31.3 first",
        "29/80 = 36.25 % is 36.2 % if the remaining 63.75 % were rounded (half_up) to 63.8 first",
        "18/80 = 22.5 % is 22% if the remaining 77.5 % were rounded (half_up) to 78 first",
    ]


def test_rounded_parts_explain_a_percentage_that_no_count_gives(
    study: Study, published: Published
) -> None:
    changed = replaced(published, pgic__much_improved__proportion="37.6 %")
    found = run_checks(changed, study)
    assert ("pgic.much_improved.proportion",) in {each.claims for each in found if each.refuted}
    (explanation,) = explained(found, "sum of rounded parts", "pgic.much_improved.proportion")
    assert explanation.endswith("each rounded (half_up), add up to 37.6 %")
