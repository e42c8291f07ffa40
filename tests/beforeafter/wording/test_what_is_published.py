"""What a notebook publishes: keys, texts and names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from beforeafter.estimates import paired_change, patient_flow
from beforeafter.notebook import glimpse, open_study, texts
from beforeafter.records import read_cohort
from beforeafter.study import read_study
from beforeafter.wording import label_of, numbers, published_numbers, wording_of
from declared import ExplainedError

ROOT = Path(__file__).parents[3]
STUDY = read_study(ROOT / "data/study.yml").with_data(reconstructed=True)
COHORT = read_cohort(ROOT / "data/cohort.csv", STUDY)


def test_a_result_of_a_part_is_published_under_its_key_in_its_wording() -> None:
    change = paired_change(COHORT, STUDY["nrs"])
    found = published_numbers(change, None)
    expected = numbers(change, wording_of(STUDY.outcome("nrs"), STUDY))
    assert found == {f"nrs.{key}": number for key, number in expected.items()}
    assert numbers(change) == expected


def test_a_mapping_gives_the_keys() -> None:
    ready = SimpleNamespace(text="1")
    what = {"cohort": patient_flow(COHORT, STUDY), "claims": {"n_met": 44}, "a.b": ready}
    found = published_numbers(what | {"nrs.ends": {"low": 1.256}}, STUDY)
    assert found["cohort.n_enrolled"].text == "89"
    assert (found["claims.n_met"].text, found["claims.n_met"].rule) == ("44", "whole number")
    assert found["a.b"] is ready
    assert (found["nrs.ends.low"].text, found["nrs.ends.low"].unit) == ("1.26", "points")


def test_the_study_publishes_what_was_planned() -> None:
    assert published_numbers(STUDY, STUDY)["protocol.follow_up_day"].text == "30"


@pytest.mark.parametrize("what", [1, 1.5, "text", {"a.b": "text"}, {"a.b": True}, {"a.b": None}])
def test_anything_else_is_refused_with_how_to_publish(what: object) -> None:
    with pytest.raises(ExplainedError, match="write publish"):
        published_numbers(what, STUDY)


def test_without_a_wording_there_are_no_numbers() -> None:
    with pytest.raises(ExplainedError, match="nothing says how"):
        numbers(patient_flow(COHORT, STUDY))


def test_numbers_have_names_that_people_read() -> None:
    assert (
        label_of("nrs.change.standard_deviation", STUDY)
        == "Pain intensity: SD of the patients’ changes"
    )
    assert label_of("cohort.n_lost", STUDY) == "Cohort: patients lost to follow-up"
    assert label_of("nrs.change.p", None) == "Nrs: change of the mean, P of the paired t-test"


def test_a_notebook_begins_with_study_patients_scales_and_whose_they_are(tmp_path: Path) -> None:
    own = ROOT / "data/cohort.csv"
    opened = open_study(ROOT / "data/study.yml", own, own)
    assert opened.study.reconstructed
    assert opened.summary.startswith("89 patients, reconstructed, of nobody; measured: Pain inten")
    assert opened.scales["nrs"] == {
        "label": "Pain intensity",
        "words": ["Pain intensity", "NRS", "pain", "numeric rating scale"],
        "better": "lower",
    }
    assert opened.scales["relief"]["better"] is None
    assert texts({"claims.n_met": 1})["claims.n_met"].text == "1"
    assert not open_study(ROOT / "data/study.yml", own, tmp_path / "no.csv").study.reconstructed


def test_rows_are_shown_of_nobody_and_counts_of_patients() -> None:
    rows = str(glimpse(COHORT, STUDY["nrs"]))
    assert rows.splitlines()[0].split() == ["nrs_day0", "nrs_day30"]
    assert len(rows.splitlines()) == 5
    records = STUDY.with_data(reconstructed=False)
    few = COHORT.copy()
    few.loc[3:, "nrs_day30"] = None
    told = "nrs_day0: 89 patients\nnrs_day30: not shown"
    assert repr(glimpse(few, records["nrs"])) == told
    assert glimpse(COHORT, records["pgic"]).startswith("pgic: ")
