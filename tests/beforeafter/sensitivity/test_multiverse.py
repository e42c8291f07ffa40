"""The specification curve: each entry against the textbook, and what they agree on together."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.estimates import flatten
from beforeafter.sensitivity import SpecifiedChange, multiverse, specification_curve
from beforeafter.sensitivity.missing.cases import available_cases
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.sensitivity.multiverse import Multiverse
from beforeafter.sensitivity.regression_alone import change_at_usual_mean
from beforeafter.study import Estimand, Outcome, Study

modest = settings(max_examples=40, deadline=None, derandomize=True)
scores = st.integers(0, 10).map(Fraction)
Patients = list[tuple[Fraction, Fraction | None]]
patients = st.lists(st.tuples(scores, st.none() | scores), min_size=7, max_size=14)
MIXED: Patients = [
    (Fraction(b), None if f is None else Fraction(f))
    for b, f in [(8, 5), (7, 7), (10, 4), (6, None), (9, 8), (0, 1), (5, None), (8, 3), (7, 2)]
]


def curve_of(
    patients: Patients, outcome: Outcome, study: Study
) -> dict[tuple[str, str, str], SpecifiedChange]:
    table = pd.DataFrame(
        [[float(b), math.nan if f is None else float(f)] for b, f in patients],
        columns=list(outcome.columns.pair),
    )
    alone = study.model_copy(update={"outcomes": (outcome,)})
    curve = specification_curve(table, outcome, alone)
    return {
        (one.lost, one.test, one.percentage): change
        for one, change in curve.items()
        if one.usual_mean is None
    }


def filled(patients: Patients, missing: str) -> list[tuple[Fraction, Fraction]]:
    stand_in = {"no_change": None, "worst_score": Fraction(10)}
    if missing == "left_out":
        return [(b, f) for b, f in patients if f is not None]
    score = stand_in[missing]
    return [(b, f if f is not None else b if score is None else score) for b, f in patients]


@modest
@given(patients=patients)
def test_filled_in_specifications_equal_the_naive_ones(patients: Patients, study: Study) -> None:
    curve = curve_of(patients, study.outcomes[0], study)
    for missing in ("left_out", "no_change", "worst_score"):
        pairs = filled(patients, missing)
        if not any(b for b, _ in pairs):
            continue
        changes, base = [f - b for b, f in pairs], naive.mean([b for b, _ in pairs])
        own = [(f - b) / b for b, f in pairs if b]
        middle = statistics.median(naive.walsh_averages(changes))
        of_own = statistics.median(naive.walsh_averages(own))
        expected = {
            ("paired_t", "change_between_means"): 100 * naive.mean(changes) / base,
            ("paired_t", "mean_of_individual_changes"): 100 * naive.mean(own),
            ("wilcoxon", "change_between_means"): 100 * middle / base,
            ("wilcoxon", "mean_of_individual_changes"): 100 * of_own,
        }
        for (test, percentage), value in expected.items():
            found = curve[missing, test, percentage]
            assert found.percentage == pytest.approx(float(value), abs=1e-6)
            assert found.n_patients == len(own if percentage.startswith("mean") else changes)


def test_interval_and_p_say_the_same(study: Study) -> None:
    for change in curve_of(MIXED, study.outcomes[0], study).values():
        if math.isfinite(change.lower):
            assert change.lower <= change.percentage <= change.upper
            assert (change.lower > 0 or change.upper < 0) == (change.p < 0.05)


def test_what_is_no_mean_of_pairs_is_taken_from_where_it_is_tested(study: Study) -> None:
    outcome = study.outcomes[0]
    before, after = outcome.columns.pair
    rows = [(float(b), math.nan if f is None else float(f)) for b, f in MIXED]
    table = pd.DataFrame(rows, columns=[before, after])
    alone = study.model_copy(update={"outcomes": (outcome,)})
    curve, base = curve_of(MIXED, outcome, study), table[before].mean()
    minimal = outcome.minimal_important_difference
    assert minimal is not None
    expected = {
        "both_visits": available_cases(table, outcome, 0.95),
        "imputed": multiple_imputation(table, outcome, alone),
        "imputed_minus_mid": multiple_imputation(table, outcome, alone, minimal.value),
    }
    for missing, result in expected.items():
        found = curve[missing, "paired_t", "change_between_means"]
        assert found.percentage == pytest.approx(100 * result.mean / base)
        assert (found.lower, found.p) == (pytest.approx(100 * result.lower / base), result.p)
        assert found.n_patients == result.n_patients
    shifted, plain = (
        curve[missing, "paired_t", "change_between_means"].percentage
        for missing in ("imputed_minus_mid", "imputed")
    )
    # Two of nine are two points worse.
    assert shifted - plain == pytest.approx(100 * 2 * 2 / 9 / base)


def test_without_a_minimal_difference_nothing_is_shifted(study: Study) -> None:
    outcome = study.outcomes[0].model_copy(update={"minimal_important_difference": None})
    with_it = curve_of(MIXED, study.outcomes[0], study)
    without = curve_of(MIXED, outcome, study)
    assert {missing for missing, *_ in with_it} - {missing for missing, *_ in without} == {
        "imputed_minus_mid"
    }
    assert (len(with_it), len(without)) == (15, 14)


def named(study: Study, name: str) -> Estimand:
    return next(one for one in study.estimands if one.name == name)


def one(percentage: float, lower: float, upper: float, p: float) -> SpecifiedChange:
    return SpecifiedChange(80, percentage, lower, upper, p)


def together(study: Study, name: str, changes: list[SpecifiedChange]) -> Multiverse:
    ways = [one for one in study.estimands if one.is_change and one.lost == "left_out"]
    curve = dict(zip([one for one in ways if one.usual_mean is None], changes, strict=False))
    return multiverse(curve, study.outcome(name), 0.95)


def test_what_all_agree_on_depends_on_which_direction_is_better(study: Study) -> None:
    changes = [one(-20, -30, -10, 0.001), one(-5, -12, 2, 0.2), one(8, 1, 15, 0.03)]
    falls, rises = (together(study, name, changes) for name in ("nrs", "sf12_mental"))
    assert falls == Multiverse(3, 1, 3, 1, 3, 1, 8, -20, 0.2)
    assert rises == Multiverse(3, 1, 3, 1, 3, 1, -20, 8, 0.2)


def test_below_zero_a_change_for_the_better_stays_one(study: Study) -> None:
    scale = study.outcomes[0].model_copy(update={"minimum": -10.0})
    fallen = [(Fraction(b), Fraction(b - 2 - b % 2)) for b in (-6, -5, -4, -6, -5, -4, -3)]
    curve = curve_of([*fallen, (Fraction(-5), None)], scale, study)
    complete = [change for (missing, *_), change in curve.items() if missing == "left_out"]
    assert all(change.upper < 0 for change in complete)


def test_complete_cases_are_counted_by_themselves(study: Study) -> None:
    curve = {
        named(study, "mean_seen"): one(-20, -30, -10, 0),
        named(study, "median_seen"): one(-5, -12, 2, 0.2),
        named(study, "mean_worst"): one(-9, -16, -2, 0.01),
        named(study, "beyond_regression"): one(-3, -9, 3, 0.3),
    }
    found = multiverse(curve, study.outcome("nrs"), 0.95)
    assert (found.n_specifications, found.n_better) == (4, 2)
    assert (found.n_complete, found.n_better_complete) == (2, 1)
    assert (found.n_but_for_regression, found.n_better_but_for_regression) == (3, 2)
    assert not found.all_better_but_for_regression


def test_what_could_not_be_estimated_does_not_count(study: Study) -> None:
    unknown = one(-9, math.nan, math.nan, 0.5)
    assert together(study, "nrs", [unknown, one(-20, -30, -10, 0.001)]).n_specifications == 1
    nothing = together(study, "nrs", [unknown])
    values = {key: value for key, (value, *_) in flatten(nothing)}
    assert [values.pop(key) for key in [*values] if key.startswith("n_")] == [0] * 6
    assert all(map(math.isnan, values.values()))


@pytest.mark.parametrize("patients", [[], [(Fraction(7), None)], [(Fraction(0), Fraction(3))] * 8])
def test_degenerate_cohorts_have_nothing_to_say(patients: Patients, study: Study) -> None:
    curve = curve_of(patients, study.outcomes[0], study)
    assert all(math.isnan(change.lower) for change in curve.values())
    assert together(study, "nrs", list(curve.values())).n_specifications == 0


def table_of(patients: Patients, outcome: Outcome) -> pd.DataFrame:
    rows = [(float(b), math.nan if f is None else float(f)) for b, f in patients]
    return pd.DataFrame(rows, columns=list(outcome.columns.pair))


def alone(study: Study) -> Study:
    return study.model_copy(update={"outcomes": study.outcomes[:1]})


def test_the_table_of_the_study_is_what_is_analysed(study: Study) -> None:
    outcome, two = study.outcomes[0], ("mean_worst", "mean_seen")
    some = study.model_copy(
        update={"outcomes": (outcome,), "estimands": tuple(named(study, name) for name in two)}
    )
    curve = specification_curve(table_of(MIXED, outcome), outcome, some)
    assert [one.name for one in curve] == [*two]
    every = specification_curve(table_of(MIXED, outcome), outcome, alone(study))
    assert [*every] == [one for one in study.estimands if one.is_change]
    assert {one.lost for one in every} >= {"worst_score", "imputed_minus_mid"}


def test_a_usual_mean_leaves_what_the_patients_own_slope_leaves(study: Study) -> None:
    outcome, way = study.outcomes[0], named(study, "beyond_regression")
    pairs = [(float(b), float(f)) for b, f in MIXED if f is not None]
    before, after = (np.array(scores) for scores in zip(*pairs, strict=True))
    own = change_at_usual_mean(before, after, 4, 0.95)
    found = specification_curve(table_of(MIXED, outcome), outcome, alone(study))[way]
    assert (found.percentage, found.upper) == pytest.approx(
        (100 * own.mean / before.mean(), 100 * own.upper / before.mean())
    )
    assert (found.n_patients, found.p) == (len(pairs), own.p)
    without = outcome.model_copy(update={"regression_to_the_mean": None})
    assert way not in specification_curve(table_of(MIXED, without), without, alone(study))


def test_this_paper_falls_short_only_of_the_usual_mean(cohort: pd.DataFrame, study: Study) -> None:
    curve = specification_curve(cohort, study.outcome("nrs"), study)
    found = multiverse(curve, study.outcome("nrs"), 0.95)
    assert (found.n_specifications, found.n_better, found.n_but_for_regression) == (16, 15, 15)
    assert found.all_better_but_for_regression
    left = curve[named(study, "beyond_regression")]
    assert left.lower < 0 < left.upper
