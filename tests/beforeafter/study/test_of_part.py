"""Functions called with a part of a study ask the study for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from beforeafter.estimates import paired_change, rating_proportions, responder_proportions
from beforeafter.records import read_cohort
from beforeafter.study import Study, key_of, read_study

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(ROOT / "data/study.yml")


def test_a_part_brings_what_the_function_takes(study: Study) -> None:
    cohort = read_cohort(ROOT / "data/cohort.csv", study)
    given = paired_change(cohort, study.outcome("nrs"), study.analysis)
    assert paired_change(cohort, study["nrs"]) == given


def test_what_may_not_be_told_of_few_is_not_forgotten(study: Study) -> None:
    cohort = read_cohort(ROOT / "data/cohort.csv", study)
    cohort["pgic"] = [1.0] * 2 + [4.0] * (len(cohort) - 2)
    assert not rating_proportions(cohort, study["pgic"])["improved"].is_told
    assert rating_proportions(cohort, study["pgic"], smallest=0)["improved"].is_told
    nobody = study.with_data(reconstructed=True)
    assert rating_proportions(cohort, nobody["pgic"])["improved"].is_told
    assert (study.smallest_count, nobody.smallest_count) == (5, 0)


def test_a_result_remembers_its_key_and_others_have_none(study: Study) -> None:
    cohort = read_cohort(ROOT / "data/cohort.csv", study)
    shares = responder_proportions(cohort, study["nrs"])
    known = key_of(shares)
    assert known
    part, key = known
    assert (part.definition.name, key) == ("nrs", "responders")
    assert key_of(dict(shares)) is None
    assert key_of(responder_proportions(cohort, study.outcome("nrs"), study)) is None


def test_better_is_what_the_scale_says(study: Study) -> None:
    cohort = read_cohort(ROOT / "data/cohort.csv", study)
    for name in ("nrs", "sf12_mental"):
        assert study[name].surely_better(paired_change(cohort, study[name]).change)
    fell = paired_change(cohort, study["nrs"]).change
    assert not study["sf12_mental"].surely_better(fell)


def test_scales_are_named_as_sentences_name_them(study: Study) -> None:
    assert study.outcome("nrs").words == ("pain", "numeric rating scale")
    assert study.primary.definition.name == "nrs"
    assert [*study.parts][-2:] == ["pgic", "relief"]
