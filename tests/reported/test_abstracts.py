"""Published abstracts and true studies made up, each with what the audit must say.

The cases and what is expected of them are in `cases/`, from the report that asked for them.
"""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import pytest
from typer.testing import CliRunner

from reported import Audit, audit_claims, joint_audit, read_study_and_published
from reported.cli import app
from reported.readings import FREED

CASES = Path(__file__).parent / "cases"
STATUS = {
    "chemist2022pharmacy": 0,
    "donohue2020tfesi": 1,
    "probe_missing": 0,
    "probe_wilcoxon": 0,
    "probe_zero": 0,
    "scirp2021ketamine": 0,
    "sigtermans2009ketamine": 3,
    "yousef2013magnesium": 3,
}


def audited(name: str) -> Audit:
    files = CASES / name / "study.yml", CASES / name / "published.yml"
    return audit_claims(*read_study_and_published(*files))


@pytest.mark.parametrize("name", STATUS)
def test_each_case_gives_what_is_expected(name: str) -> None:
    files = [str(CASES / name / "published.yml"), "--study", str(CASES / name / "study.yml")]
    audit = CliRunner().invoke(app, ["audit", *files, "--json"])
    assert audit.exit_code == STATUS[name]
    assert json.loads(audit.stdout)["status"] == STATUS[name]


def test_a_p_that_no_paired_test_gives_may_be_one_between_arms_and_is_found_at_once() -> None:
    audited("probe_zero")  # imports take seconds
    start = perf_counter()
    (conflict,) = audited("yousef2013magnesium").conflicts
    assert perf_counter() - start < 2
    assert "nrs.change.p" in conflict.claims
    assert conflict.unless == (FREED, "the p-value is of another test, such as one between arms")


def test_averaged_ratings_are_named_as_what_allows_a_mean() -> None:
    (conflict,) = audited("sigtermans2009ketamine").conflicts
    assert conflict.claims == ("cohort.n_follow_up", "nrs.follow_up.mean")[1:]
    assert any("averages of ratings" in reading for reading in conflict.unless)


def test_a_percentage_of_no_number_of_patients_is_refuted_under_every_reading() -> None:
    audit = audited("donohue2020tfesi")
    (conflict,) = audit.conflicts
    assert conflict.unless == ()
    assert len(conflict.tried) > 2
    assert audit.sentence.startswith("The printed number responder.responder.proportion (51%)")


def test_the_p_of_signed_ranks_is_looked_at_alone_and_with_the_scores() -> None:
    audit = audited("probe_wilcoxon")
    assert audit.not_used == {}
    assert "wilcoxon test" in {finding.check for finding in audit.findings}


@pytest.mark.parametrize("name", ["donohue2020tfesi", "probe_missing", "yousef2013magnesium"])
def test_where_there_is_much_to_decide_the_verdict_is_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = audited(name)
    monkeypatch.setattr(joint_audit, "THOROUGH", 0)
    assert (audited(name).status, audited(name).sentence) == (whole.status, whole.sentence)
