"""Of other patients the same is told, and no count of few is what it is in the records."""

from __future__ import annotations

from collections import Counter
from itertools import combinations_with_replacement, islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter.disclosure import other_cohorts, with_values, write_values
from beforeafter.disclosure.measured import all_measured
from beforeafter.disclosure.search import Others, _cost, _Search
from beforeafter.estimates import paired_change
from beforeafter.study import Characteristic, Study, read_study
from beforeafter.wording import every_number, numbers

ROOT = Path(__file__).parents[3]
SMALLEST = 5
SEEN, LOST = 54, 6


@pytest.fixture(scope="module")
def study() -> Study:
    """Return the study with pain alone, and none of what else it reads."""
    whole = read_study(ROOT / "data/study.yml")
    parts = {"outcomes": whole.outcomes[:1], "ratings": (), "durations": ()}
    return whole.model_copy(update=parts | {"characteristics": (), "plausibility": ()})


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """Return made-up patients of whom six are not seen again."""
    rng = np.random.default_rng(11)
    before = np.clip(np.rint(rng.normal(7, 1.4, SEEN + LOST)), 0, 10)
    after = np.clip(np.rint(before - rng.normal(1.8, 1.9, SEEN + LOST)), 0, 10)
    after[SEEN:] = np.nan
    names = [f"P{row}" for row in range(SEEN + LOST)]
    return pd.DataFrame({"patient": names, "nrs_day0": before, "nrs_day30": after})


@pytest.fixture(scope="module")
def others(cohort: pd.DataFrame, study: Study) -> Others:
    return other_cohorts(cohort, study)


def counts(cohort: pd.DataFrame) -> dict[str, Counter[float]]:
    """Count the patients at each score and each change."""
    change, lost = cohort["nrs_day30"] - cohort["nrs_day0"], cohort["nrs_day30"].isna()
    before = cohort["nrs_day0"]
    columns = {"before": before[~lost], "lost": before[lost], "after": cohort["nrs_day30"]}
    return {
        name: Counter(values.dropna()) for name, values in (columns | {"change": change}).items()
    }


def test_no_count_of_few_can_be_known(cohort: pd.DataFrame, others: Others) -> None:
    ours, theirs = counts(cohort), [counts(other) for other in others.cohorts]
    few = [(q, x) for q, of in ours.items() for x, n in of.items() if n < SMALLEST]
    assert len(few) == others.n_free >= 10
    assert not others.lines
    for quantity, value in few:
        known = {other[quantity][value] for other in theirs}
        assert known - {ours[quantity][value]}, (quantity, value)


def test_nearly_all_that_is_told_is_the_same(
    cohort: pd.DataFrame, study: Study, others: Others
) -> None:
    ours = {key: of.text(of.value) for key, of in every_number(cohort, study).items()}
    differing = {
        key
        for other in others.cohorts
        for key, of in every_number(other, study).items()
        if of.text(of.value) != ours[key]
    }
    # The sum of signed ranks has as many values as there are ways to rank; nobody prints it.
    assert len(differing - {"nrs.wilcoxon.statistic"}) < 0.15 * len(ours)
    assert "nrs.change.mean" not in differing
    # Neither of all, nor of those seen twice: the six who were lost exchange among themselves.
    assert "nrs.baseline.standard_deviation" not in differing
    assert "nrs.paired_baseline.standard_deviation" not in differing


def test_only_what_costs_too_much_is_not_looked_at_to_its_end(
    cohort: pd.DataFrame, study: Study
) -> None:
    (measured,) = all_measured(cohort, study)
    search = _Search(measured, cohort, SMALLEST)
    costs = set()
    for way in search.shifts.last_ways():
        for one in islice(search.shifts.exchanges(way, {0, 1, 2}, {}), 4):
            unlike = search._unlike(one)
            costs.add(cost := _cost(unlike))
            assert search._unlike(one, most=cost + 1) == unlike
            for most in range(1, cost + 1, max(1, cost // 3)):
                assert most <= _cost(search._unlike(one, most)) <= cost
    assert len(costs) > 2


def test_others_are_as_many_on_the_scale_and_seen_at_the_same_visits(
    cohort: pd.DataFrame, others: Others
) -> None:
    for other in others.cohorts:
        assert other["nrs_day0"].between(0, 10).all()
        assert other["nrs_day30"].isna().sum() == LOST
        assert not set(other["patient"]) & set(cohort["patient"])


def test_values_are_dealt_anew(cohort: pd.DataFrame, others: Others) -> None:
    """Who has the third score is somebody else, so that no two numbers can be of one patient."""
    for other in others.cohorts:
        same = (other[["nrs_day0", "nrs_day30"]] == cohort[["nrs_day0", "nrs_day30"]]).all(axis=1)
        assert same.mean() < 0.3


def test_where_many_have_each_value_there_is_another_cohort_all_the_same(study: Study) -> None:
    before = np.repeat([8.0, 7.0, 6.0], 40)
    cohort = pd.DataFrame({"nrs_day0": before, "nrs_day30": before - np.tile([2.0, 3.0], 60)})
    found = other_cohorts(cohort.assign(patient=[f"P{row}" for row in range(120)]), study)
    assert (found.n_free, len(found.cohorts)) == (0, 1)
    assert found.cohorts[0]["nrs_day0"].tolist() != before.tolist()
    assert sorted(found.cohorts[0]["nrs_day0"]) == sorted(before)


def test_six_lost_are_not_worked_out(cohort: pd.DataFrame, study: Study, others: Others) -> None:
    """Mean and deviation of six leave few sets of scores; what they share must not be of few."""
    lost = numbers_of_lost(cohort, study)
    agreeing = [numbers_of_lost(other, study) == lost for other in others.cohorts]
    left = [
        scores
        for scores in combinations_with_replacement(range(11), LOST)
        if texts(np.array(scores, dtype=float)) == lost
    ]
    certain = set.intersection(*({*Counter(scores).items()} for scores in left))
    # Were one sure, a cohort in which it is not has another mean or deviation: it is withheld.
    assert not certain or not all(agreeing)


def texts(scores: np.ndarray) -> tuple[str, str]:
    return f"{scores.mean():.2f}", f"{scores.std(ddof=1):.2f}"


def numbers_of_lost(cohort: pd.DataFrame, study: Study) -> tuple[str, str]:
    of = every_number(cohort, study)
    key = "nrs.missing.dropout.lost."
    return tuple(of[key + end].text(of[key + end].value) for end in ("mean", "standard_deviation"))


def test_the_score_of_one_who_was_lost_is_not_what_all_have_less_what_pairs_have(
    cohort: pd.DataFrame, study: Study
) -> None:
    """Many have that score: it is not of few, but what is told of him alone is."""
    one = cohort[: SEEN + 1].reset_index(drop=True)
    one.loc[SEEN, "nrs_day0"] = one["nrs_day0"].mode()[0]
    others = other_cohorts(one, study).cohorts
    assert {*one["nrs_day0"][SEEN:]} != {score for of in others for score in of["nrs_day0"][SEEN:]}
    told = [every_number(of, study) for of in (one, *others)]
    whole, pairs = (
        [
            {of[key].text(of[key].value) for of in told}
            for key in (f"{name}.mean", f"{name}.standard_deviation")
        ]
        for name in ("nrs.baseline", "nrs.paired_baseline")
    )
    # What is of all may be withheld, and nothing of those whose change is told.
    assert max(map(len, whole)) > 1
    assert max(map(len, pairs)) == 1


def test_few_recurrences_and_few_patients_of_a_ward_are_not_known(study: Study) -> None:
    """Wards are not declared: whoever reads the column counts them all the same."""
    whole = read_study(ROOT / "data/study.yml")
    parts = {"outcomes": study.outcomes, "durations": whole.durations}
    ward = Characteristic(name="ward", label="Ward", column="ward")
    harm = next(part for part in whole.characteristics if part.name == "adverse_event")
    few = study.model_copy(update=parts | {"characteristics": (ward, harm)})
    event = np.arange(40) < 3
    records = pd.DataFrame(
        {
            "patient": [f"P{row}" for row in range(40)],
            "nrs_day0": np.repeat([7.0, 8.0], 20),
            "nrs_day30": np.repeat([5.0, 6.0], 20),
            "relief_months": np.where(event, 3.0, 6.0),
            "recurrence_observed": pd.array(event, "boolean"),
            "ward": ["East"] * 2 + ["West"] * 38,
            "adverse_event": ["yes"] + ["no"] * 39,
        }
    )
    found = other_cohorts(records, few)
    others = found.cohorts
    assert {int(of["recurrence_observed"].sum()) for of in others} - {3}
    assert {int((of["adverse_event"] == "yes").sum()) for of in others} - {1}
    assert {int(of["ward"].value_counts().min()) for of in others} - {2}
    assert not found.lines
    assert all(of["recurrence_observed"].dtype == "boolean" for of in others)


def test_values_come_back_from_their_file(cohort: pd.DataFrame, tmp_path: Path) -> None:
    mixed = cohort.assign(words=["NA", None] * 30, event=pd.array([True, None] * 30, "boolean"))
    write_values(mixed, tmp_path / "values.csv")
    back = with_values(mixed, tmp_path / "values.csv")
    pd.testing.assert_frame_equal(back.fillna({"words": ""}), mixed.fillna({"words": ""}))


def test_of_records_no_number_has_more_digits_than_its_text(
    cohort: pd.DataFrame, study: Study
) -> None:
    of = numbers(paired_change(cohort, study["nrs"]))
    assert of["change.mean"].value == float(of["change.mean"].text.replace("\N{MINUS SIGN}", "-"))
    assert of["change.p"].text == "P < 0.001"
    assert of["change.p"].value == 0.001
    nobody = study.with_data(reconstructed=True)
    exact = numbers(paired_change(cohort, nobody["nrs"]))
    assert exact["change.mean"].value != of["change.mean"].value
    assert exact["change.mean"].text == of["change.mean"].text
