"""The numbers that the paper prints together, and a build that stops where they contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from beforeafter.estimates import paired_change
from beforeafter.records import read_cohort
from beforeafter.study import Study, read_study
from beforeafter.wording import numbers, wording_of
from reported import ReportedError, check_own_numbers

DATA = Path(__file__).resolve().parents[2] / "data"
Texts = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def own() -> Study:
    return read_study(DATA / "study.yml").with_data(reconstructed=True)


@pytest.fixture(scope="module")
def printed(own: Study) -> Texts:
    cohort = read_cohort(DATA / "cohort.csv", own)
    return {
        part.name: {
            key: number.text
            for key, number in numbers(
                paired_change(cohort, part, own.analysis), wording_of(part, own)
            ).items()
        }
        for part in own.outcomes
    }


def test_the_numbers_of_this_paper_agree(own: Study, printed: Texts) -> None:
    made = check_own_numbers(printed, own)
    assert not any(one.refuted for one in made)
    assert {one.check for one in made} >= {
        "GRIM",
        "GRIMMER",
        "change",
        "change of the means",
        "correlation",
        "t-test",
        "p-value",
    }
    assert {one.claims[0].partition(".")[0] for one in made} == {part.name for part in own.outcomes}


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (("nrs", "paired_follow_up.standard_deviation", "2.45"), "correlation"),
        (("sf12_mental", "paired_baseline.standard_deviation", "9.7"), "correlation"),
        (("hads_anxiety", "baseline.standard_deviation", "14.7"), "GRIMMER"),
        (("nrs", "baseline.mean", "7.545"), "GRIM"),
        (("hads_anxiety", "paired_baseline.mean", "11.35"), "change of the means"),
        (("npsi", "change.percentage", "−20%"), "change"),
        (("hads_depression", "t_test.p", "P = 0.0112"), "p-value"),
        (("nrs", "t_test.statistic", "−9.53"), "t-test"),
    ],
)
def test_a_wrong_number_stops_the_build(
    spoil: tuple[str, str, str], check: str, own: Study, printed: Texts
) -> None:
    name, key, wrong = spoil
    spoilt = printed | {name: printed[name] | {key: wrong}}
    with pytest.raises(ReportedError, match="the paper's own numbers contradict") as refused:
        check_own_numbers(spoilt, own)
    assert any(
        f"{name}.{key} ({wrong})" in line and f": {check}: " in line
        for line in str(refused.value).splitlines()
    ), str(refused.value)


def test_what_is_no_number_is_not_used(own: Study, printed: Texts) -> None:
    unknown = {key: "not estimable" for key in printed["nrs"] if "n_" not in key}
    made = check_own_numbers(printed | {"nrs": printed["nrs"] | unknown}, own)
    assert not [one for one in made if one.claims[0].startswith("nrs.")]


def test_totals_of_records_may_be_filled_up(own: Study, printed: Texts) -> None:
    """A total of which an answer is missing need not be a score of the scale."""
    records = own.with_data(reconstructed=False)
    spoilt = printed | {"hads_anxiety": printed["hads_anxiety"] | {"baseline.mean": "11.355"}}
    check_own_numbers(spoilt, records)
    with pytest.raises(ReportedError, match="GRIM"):
        check_own_numbers(spoilt, own)
