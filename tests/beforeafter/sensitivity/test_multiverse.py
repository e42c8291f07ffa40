"""The specification curve: each entry against the textbook, and what they agree on together."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import naive
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.estimates import flatten
from beforeafter.sensitivity import Specification, SpecifiedChange, multiverse, specification_curve
from beforeafter.sensitivity.missing.cases import available_cases
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.sensitivity.multiverse import Multiverse
from beforeafter.study import Outcome, Study

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
    return {(one.missing, one.test, one.percentage): change for one, change in curve.items()}


def filled(patients: Patients, missing: str) -> list[tuple[Fraction, Fraction]]:
    stand_in = {"baseline_carried_forward": None, "worst_score": Fraction(10)}
    if missing == "complete_cases":
        return [(b, f) for b, f in patients if f is not None]
    score = stand_in[missing]
    return [(b, f if f is not None else b if score is None else score) for b, f in patients]


@modest
@given(patients=patients)
def test_filled_in_specifications_equal_the_naive_ones(patients: Patients, study: Study) -> None:
    curve = curve_of(patients, study.outcomes[0], study)
    for missing in ("complete_cases", "baseline_carried_forward", "worst_score"):
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
        "available_cases": available_cases(table, outcome, 0.95),
        "multiple_imputation": multiple_imputation(table, outcome, alone),
        "imputation_shifted": multiple_imputation(table, outcome, alone, minimal.value),
    }
    for missing, result in expected.items():
        found = curve[missing, "paired_t", "change_between_means"]
        assert found.percentage == pytest.approx(100 * result.mean / base)
        assert (found.lower, found.p) == (pytest.approx(100 * result.lower / base), result.p)
        assert found.n_patients == result.n_patients
    shifted, plain = (
        curve[missing, "paired_t", "change_between_means"].percentage
        for missing in ("imputation_shifted", "multiple_imputation")
    )
    # Two of nine are two points worse.
    assert shifted - plain == pytest.approx(100 * 2 * 2 / 9 / base)


def test_without_a_minimal_difference_nothing_is_shifted(study: Study) -> None:
    outcome = study.outcomes[0].model_copy(update={"minimal_important_difference": None})
    with_it = curve_of(MIXED, study.outcomes[0], study)
    without = curve_of(MIXED, outcome, study)
    assert {missing for missing, *_ in with_it} - {missing for missing, *_ in without} == {
        "imputation_shifted"
    }
    assert (len(with_it), len(without)) == (15, 14)


def one(percentage: float, lower: float, upper: float, p: float) -> SpecifiedChange:
    return SpecifiedChange(80, percentage, lower, upper, p)


def together(study: Study, name: str, changes: list[SpecifiedChange]) -> Multiverse:
    curve = {
        Specification("complete_cases", "paired_t", f"{place}"): change  # type: ignore[arg-type]
        for place, change in enumerate(changes)
    }
    return multiverse(curve, study.outcome(name), 0.95)


def test_what_all_agree_on_depends_on_which_direction_is_better(study: Study) -> None:
    changes = [one(-20, -30, -10, 0.001), one(-5, -12, 2, 0.2), one(8, 1, 15, 0.03)]
    falls, rises = (together(study, name, changes) for name in ("nrs", "sf12_mental"))
    assert falls == Multiverse(3, 1, 3, 1, 8, -20, 0.2)
    assert rises == Multiverse(3, 1, 3, 1, -20, 8, 0.2)


def test_below_zero_a_change_for_the_better_stays_one(study: Study) -> None:
    scale = study.outcomes[0].model_copy(update={"minimum": -10.0})
    fallen = [(Fraction(b), Fraction(b - 2 - b % 2)) for b in (-6, -5, -4, -6, -5, -4, -3)]
    curve = curve_of([*fallen, (Fraction(-5), None)], scale, study)
    complete = [change for (missing, *_), change in curve.items() if missing == "complete_cases"]
    assert all(change.upper < 0 for change in complete)


def test_complete_cases_are_counted_by_themselves(study: Study) -> None:
    curve = {
        Specification("complete_cases", "paired_t", "change_between_means"): one(-20, -30, -10, 0),
        Specification("complete_cases", "wilcoxon", "change_between_means"): one(-5, -12, 2, 0.2),
        Specification("worst_score", "paired_t", "change_between_means"): one(-9, -16, -2, 0.01),
    }
    found = multiverse(curve, study.outcome("nrs"), 0.95)
    assert (found.n_specifications, found.n_better) == (3, 2)
    assert (found.n_complete, found.n_better_complete) == (2, 1)


def test_what_could_not_be_estimated_does_not_count(study: Study) -> None:
    unknown = one(-9, math.nan, math.nan, 0.5)
    assert together(study, "nrs", [unknown, one(-20, -30, -10, 0.001)]).n_specifications == 1
    nothing = together(study, "nrs", [unknown])
    values = {key: value for key, (value, *_) in flatten(nothing)}
    assert [values.pop(key) for key in [*values] if key.startswith("n_")] == [0] * 4
    assert all(map(math.isnan, values.values()))


@pytest.mark.parametrize("patients", [[], [(Fraction(7), None)], [(Fraction(0), Fraction(3))] * 8])
def test_degenerate_cohorts_have_nothing_to_say(patients: Patients, study: Study) -> None:
    curve = curve_of(patients, study.outcomes[0], study)
    assert all(math.isnan(change.lower) for change in curve.values())
    assert together(study, "nrs", list(curve.values())).n_specifications == 0
