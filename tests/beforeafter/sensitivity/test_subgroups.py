"""Subgroups: against R, a second implementation, and at the edges."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import naive_subgroups as naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from refused import refusal_of
from scipy import stats

from beforeafter.estimates import flatten, paired_change
from beforeafter.sensitivity import SubgroupAnalysis, subgroup_analyses, without_small
from beforeafter.sensitivity.subgroups import compare_subgroups, welch_difference, welch_test
from beforeafter.study import Characteristic, Study
from beforeafter.wording import numbers, subgroups_table, wording_of

R = Path(__file__).resolve().parents[2] / "r"
ANSWERS = pd.read_csv(R / "subgroups.csv", na_values=["NA"])
LEVELS = {"subgroups_two": 0.9}
NAN = math.nan
modest = settings(max_examples=40, deadline=None, derandomize=True)
GROUP = Characteristic(name="group", label="Group", column="group", subgroup=True)
AGE = Characteristic(name="age", label="Age", column="age", unit="years", cuts=(40, 65))
scores = st.integers(0, 100).map(lambda tenths: Fraction(tenths, 10))
members = st.lists(
    st.tuples(scores, scores, st.sampled_from(["a", "b", "c"])), min_size=2, max_size=40
)


def compare(
    patients: pd.DataFrame, study: Study, part: Characteristic = GROUP, level: float = 0.95
) -> SubgroupAnalysis:
    columns = study.outcomes[0].columns
    cohort = patients.rename(columns={"baseline": columns.baseline, "follow_up": columns.follow_up})
    analysis = study.analysis.model_copy(update={"confidence_level": level})
    return compare_subgroups(cohort, part, study.outcomes[0], analysis)


def table(rows: Sequence[tuple[float, float, object]], column: str = "group") -> pd.DataFrame:
    patients = pd.DataFrame(rows, columns=["baseline", "follow_up", column])
    return patients.astype({"baseline": float, "follow_up": float})


def values(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


@pytest.mark.parametrize("dataset", ANSWERS.dataset.unique())
def test_agrees_with_r(dataset: str, study: Study) -> None:
    patients = pd.read_csv(R / "data" / f"{dataset}.csv")
    result = compare(patients, study, level=LEVELS.get(dataset, 0.95))
    computed = values(result)
    rows = ANSWERS[ANSWERS.dataset == dataset]
    expected = dict(zip(rows.statistic.str.removeprefix("all."), rows.value, strict=True))
    assert set(computed) - set(expected) == {"n_pairs"}
    # Closed forms in double precision on both sides, R's answers with 15 digits.
    assert {key: computed[key] for key in expected} == pytest.approx(
        expected, rel=1e-10, nan_ok=True
    )


@modest
@given(rows=members)
def test_equals_the_naive_one(rows: list[tuple[Fraction, Fraction, str]], study: Study) -> None:
    result = compare(table([(float(b), float(f), g) for b, f, g in rows]), study)
    groups: dict[str, list[Fraction]] = {}
    for before, after, group in rows:
        groups.setdefault(group, []).append(after - before)
    assert {name: group.n_pairs for name, group in result.groups.items()} == {
        name: len(changes) for name, changes in groups.items()
    }
    for name, changes in groups.items():
        assert result.groups[name].mean == pytest.approx(float(naive.mean(changes)), abs=1e-9)
    samples = [changes for _, changes in sorted(groups.items()) if len(changes) > 1]
    if len(samples) < 2 or not all(len(set(sample)) > 1 for sample in samples):
        assert math.isnan(result.interaction.p)
        return
    statistic, within = naive.welch(samples)
    assert result.interaction.statistic == pytest.approx(float(statistic), rel=1e-8, abs=1e-12)
    assert result.interaction.df_within == pytest.approx(float(within), rel=1e-8)
    expected = stats.f.sf(float(statistic), len(samples) - 1, float(within))
    assert result.interaction.p == pytest.approx(expected, rel=1e-6)


@modest
@given(rows=members, seed=st.integers(0, 1000))
def test_order_of_patients_is_irrelevant(
    rows: list[tuple[Fraction, Fraction, str]], seed: int, study: Study
) -> None:
    plain = [(float(b), float(f), g) for b, f, g in rows]
    shuffled = random.Random(seed).sample(plain, len(plain))
    there, back = (values(compare(table(part), study)) for part in (plain, shuffled))
    assert back == pytest.approx(there, rel=1e-6, abs=1e-9, nan_ok=True)


@modest
@given(
    first=st.lists(st.integers(-20, 20), min_size=2, max_size=15),
    second=st.lists(st.integers(-20, 20), min_size=2, max_size=15),
)
def test_of_two_subgroups_test_and_interval_agree(first: list[int], second: list[int]) -> None:
    assume(len({*first}) > 1 and len({*second}) > 1)
    samples = [np.array(part, dtype=float) for part in (first, second)]
    test = welch_test(samples)
    assert test.p == pytest.approx(stats.ttest_ind(*samples, equal_var=False).pvalue, rel=1e-6)
    # The interval at level 1 - p has zero as one of its ends.
    if 1e-6 < test.p < 0.999:
        difference = welch_difference(samples[0], samples[1], 1 - test.p)
        ends = (abs(difference.lower), abs(difference.upper))
        assert min(ends) == pytest.approx(0, abs=1e-6)
    plain = welch_difference(samples[0], samples[1], 0.95)
    turned = welch_difference(samples[1], samples[0], 0.95)
    assert (turned.lower, turned.mean, turned.upper) == pytest.approx(
        (-plain.upper, -plain.mean, -plain.lower)
    )


@modest
@given(ages=st.lists(st.none() | st.integers(300, 800), min_size=1, max_size=30))
def test_a_number_on_a_cut_belongs_above(ages: list[int | None], study: Study) -> None:
    ages = [*ages, 400, 650]
    rows = [(8.0, 6.0, NAN if age is None else age / 10) for age in ages]
    result = compare(table(rows, "age"), study, AGE)
    known = [
        naive.age_group(Fraction(age, 10), [Fraction(40), Fraction(65)]) for age in ages if age
    ]
    assert [group.n_pairs for group in result.groups.values()] == [
        known.count(group) for group in range(3)
    ]
    assert {name: group.label for name, group in result.groups.items()} == {
        "below_40": "< 40",
        "from_40_and_below_65": "≥ 40 and < 65",
        "from_65": "≥ 65",
    }
    assert result.n_unknown == ages.count(None)


def test_each_subgroup_has_the_interval_of_its_patients_alone(
    cohort: pd.DataFrame, study: Study
) -> None:
    cohort["sex"] = ["female", "male", "female"] * 29 + ["male", None]
    outcome = study.outcomes[0]
    analyses = subgroup_analyses(cohort, outcome, study)
    assert list(analyses) == ["sex"]
    for name, group in analyses["sex"].groups.items():
        alone = paired_change(cohort[cohort.sex == name], outcome, study.analysis)
        assert group.n_pairs == alone.n_pairs
        seen = (group.mean, group.standard_deviation, group.lower, group.upper)
        change = alone.change
        assert seen == pytest.approx(
            (change.mean, change.standard_deviation, change.lower, change.upper)
        )


def test_without_the_columns_there_is_nothing(cohort: pd.DataFrame, study: Study) -> None:
    assert subgroup_analyses(cohort, study.outcomes[0], study) == {}
    assert subgroups_table({}, study.outcomes[0], study) == ""


def test_only_what_the_study_asks_for_forms_subgroups(cohort: pd.DataFrame, study: Study) -> None:
    cohort["age"], cohort["adverse_event"] = 70.0, "no"
    assert list(subgroup_analyses(cohort, study.outcomes[0], study)) == ["age"]


def test_small_subgroups_are_named(study: Study) -> None:
    rows = [(8.0, 8.0 - n % 3, "large") for n in range(10)] + [(8.0, n, "small") for n in range(9)]
    result = compare(table(rows), study)
    assert study.analysis.smallest_subgroup == 10
    assert result.few == ("small",)
    text = subgroups_table({"group": result}, study.outcomes[0], study)
    assert "small‡" in text
    assert "large‡" not in text


def test_subgroups_of_few_are_withheld_and_all_that_would_tell_them(study: Study) -> None:
    sizes = {"a": 12, "b": 7, "c": 2, None: 3}
    rows = [(8.0, 8.0 - k % 3, name) for name, size in sizes.items() for k in range(size)]
    whole = compare(table(rows), study)
    assert (list(whole.groups), whole.n_unknown) == (["a", "b", "c"], 3)
    shown = without_small(whole, 3)
    # One more than the smallest goes with it: it would be what is left of the total.
    assert list(shown.groups) == ["a", "b"]
    assert shown.groups["a"] == whole.groups["a"]
    told = numbers(shown, wording_of(study.outcomes[0], study))
    assert {key.split(".")[0] for key in told} == {"groups"}
    text = subgroups_table({"group": shown}, study.outcomes[0], study)
    assert ("not shown" in text, "not known" in text) == (True, False)
    assert without_small(whole, 2) == whole
    unknown = compare(table([row for row in rows if row[2] != "c"]), study)
    assert without_small(unknown, 3).n_unknown == 3
    known = without_small(compare(table([row for row in rows if row[2]]), study), 3)
    assert (list(known.groups), known.n_pairs, known.interaction) == (["a"], 21, None)


def test_declared_categories_keep_their_order_and_appear_without_patients(study: Study) -> None:
    part = GROUP.model_copy(update={"categories": ("low", "high", "absent")})
    result = compare(table([(8, 6, "high"), (8, 7, "low"), (7, 7, "low")]), study, part)
    assert [(k, group.n_pairs) for k, group in result.groups.items()] == [
        ("low", 2),
        ("high", 1),
        ("absent", 0),
    ]
    assert result.few == ("low", "high", "absent")
    assert math.isnan(result.groups["absent"].mean)
    assert math.isnan(result.interaction.p)
    assert result.difference is None


def test_a_single_patient_is_shown_and_not_tested(study: Study) -> None:
    result = compare(table([(8, 6, "a"), (8, 7, "a"), (9, 2, "b")]), study)
    assert result.groups["b"].mean == -7
    assert math.isnan(result.groups["b"].lower)
    assert (result.interaction.n_tested, result.interaction.df_between) == (2, 0)


def test_equal_changes_in_a_subgroup_leave_no_test(study: Study) -> None:
    # 31.4 - 30.4 and 33.1 - 32.1 are the same change, although their floats differ.
    rows = [(30.4, 31.4, "a"), (32.1, 33.1, "a"), (5, 6, "b"), (5, 8, "b")]
    result = compare(table(rows), study)
    assert result.groups["a"].lower == result.groups["a"].upper == 1
    assert math.isnan(result.interaction.statistic)
    assert result.difference is not None
    assert result.difference.mean == 1
    assert math.isnan(result.difference.lower)
    assert math.isnan(result.difference.upper)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(8.0, NAN, "a"), (NAN, 7.0, "b")],
        [(8.0, 7.0, None), (8.0, 6.0, None)],
    ],
)
def test_without_pairs_of_known_group_nothing_is_compared(
    rows: list[tuple[float, float, object]], study: Study
) -> None:
    result = compare(table(rows), study)
    assert (result.n_pairs, dict(result.groups), result.difference) == (0, {}, None)
    assert math.isnan(result.interaction.p)


def test_names_may_be_keys_and_are_never_the_same(study: Study) -> None:
    labels = ["CRPS I", "CRPS-I", "CRPS_I 2", "Névralgie", "T2 and below", "2nd", "神経痛", "頭痛"]
    rows = [(8.0, 6.0, label) for label in labels]
    result = compare(table(rows), study)
    assert [group.label for group in result.groups.values()] == sorted(labels)
    assert set(result.groups) == {
        "crps_i",
        "crps_i_2",
        "crps_i_2_2",
        "nevralgie",
        "t2_and_below",
        "group_2nd",
        "group",
        "group_2",
    }


def declaring(study: Study, name: str, categories: tuple[str, ...]) -> Study:
    """Return the study with the categories of a characteristic declared."""
    update = {"categories": categories}
    parts = [p.model_copy(update=update if p.name == name else {}) for p in study.characteristics]
    return study.model_copy(update={"characteristics": tuple(parts)})


def test_table_sets_the_subgroups_below_their_characteristic(
    cohort: pd.DataFrame, study: Study
) -> None:
    cohort["sex"] = ["female", "male", "female"] * 29 + ["male", None]
    cohort["diagnosis"] = ["neuropathy", "CRPS|I"] * 44 + ["rare"]
    assert set(subgroup_analyses(cohort, study.outcomes[0], study)) == {"sex"}
    study = declaring(study, "diagnosis", ("CRPS|I", "neuropathy", "rare"))
    analyses = subgroup_analyses(cohort, study.outcomes[0], study)
    lines = subgroups_table(analyses, study.outcomes[0], study).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == [
        "Sex",
        "",
        *[""] * bool(analyses["sex"].n_unknown),
        "Diagnosis",
        *[""] * (len(analyses["diagnosis"].groups) - 1),
    ]
    assert r"CRPS\|I" in "".join(lines)
    assert sum("0." in line.rsplit("|", 2)[-2] for line in lines[2:]) == 2


def test_table_of_subgroups_cell_by_cell(study: Study) -> None:
    rows = [
        *((8.0, 8.0 - n % 3, "large") for n in range(10)),
        *((8.0, 8 - n / 2, "small one") for n in range(4)),
        *((8.0, 7.0, None) for _ in range(2)),
    ]
    lines = subgroups_table({"group": compare(table(rows), study)}, study.outcomes[0], study)
    found = [
        [cell.strip().replace("\u00a0", "~") for cell in line.strip("|").split("|")]
        for line in lines.splitlines()
    ]
    assert found[0] == [
        "Characteristic",
        "Subgroup",
        "Pairs",
        "Mean change (CI)",
        "P for difference",
    ]
    assert [rule[0] + rule[-1] for rule in found[1]] == [":-", ":-", "-:", "-:", "-:"]
    assert found[2:] == [
        ["Group", "large", "10", "−0.90~(−1.53~to~−0.27)", "0.734"],
        ["", "small~one‡", "4", "−0.75~(−1.78~to~+0.28)", ""],
        ["", "not known", "2", "–", ""],
    ]


@pytest.mark.parametrize(
    ("place", "choice", "field", "rule"),
    [
        (0, {"subgroup": True}, "subgroup", "expected cuts"),
        (1, {"cuts": [3]}, "cuts", "expected subgroup"),
        (0, {"cuts": [65, 40]}, "cuts", "that rise"),
        (0, {"cuts": [18, 65]}, "cuts", "both sides"),
        (0, {"cuts": [65, 111]}, "cuts", "both sides"),
        (0, {"cuts": ["old"]}, "cuts.0", "expected a number"),
    ],
)
def test_choices_that_cannot_be_are_refused(
    place: int, choice: dict[str, Any], field: str, rule: str, tmp_path: Path
) -> None:
    message = refusal_of(lambda c: c["characteristics"][place].update(choice), tmp_path)
    assert message.startswith(f"study.yml, characteristics.{place}.{field}: ")
    assert rule in message


def test_a_smallest_subgroup_of_nobody_is_refused(tmp_path: Path) -> None:
    message = refusal_of(lambda c: c["analysis"].update(smallest_subgroup=0), tmp_path)
    assert message == "study.yml, analysis.smallest_subgroup: 0: expected more than 0"
