"""Missing data: agreement with the naive implementation, symmetries, limits."""

from __future__ import annotations

import math
import random
from dataclasses import asdict
from fractions import Fraction

import naive
import naive_missing
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from missing_cases import table, with_others

from beforeafter.estimates import flatten
from beforeafter.sensitivity import missing_data
from beforeafter.sensitivity.missing.cases import (
    available_cases,
    complete_cases,
    filled_cases,
)
from beforeafter.sensitivity.missing.imputation import complete, multiple_imputation, pool
from beforeafter.sensitivity.missing.missing import dropout, tipping_point
from beforeafter.study import Study

modest = settings(max_examples=40, deadline=None, derandomize=True)
few = settings(max_examples=15, deadline=None, derandomize=True)

scores = st.integers(0, 100).map(lambda tenths: Fraction(tenths, 10))
patients = st.lists(st.tuples(st.none() | scores, st.none() | scores), max_size=25)
Row = tuple[Fraction, Fraction | None, Fraction]


@st.composite
def cohorts(draw: st.DrawFn) -> list[Row]:
    """Eight to twenty seen, up to five lost; pain falls in most, so that conclusions occur."""
    seen = draw(st.lists(st.tuples(scores, scores, scores), min_size=8, max_size=20))
    lost = draw(st.lists(st.tuples(scores, st.none(), scores), min_size=1, max_size=5))
    return [*((b, f * 6 / 10, a) for b, f, a in seen), *lost]


def close(expected: float | Fraction) -> object:
    return pytest.approx(float(expected), rel=1e-9, abs=1e-9, nan_ok=True)


def numbers(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


@modest
@given(patients=patients)
def test_means_equal_the_naive_ones(patients: list[naive.Pair], study: Study) -> None:
    assume(len(naive.pairs(patients)) > 1)
    outcome, _ = with_others(study)
    data = table(patients)
    cases = {
        complete_cases(data, outcome, 0.95): naive.changes(patients),
        filled_cases(data, outcome, 0.95): naive_missing.completed(patients, None),
        filled_cases(data, outcome, 0.95, 3): naive_missing.completed(patients, Fraction(3)),
    }
    for found, changes in cases.items():
        assert found.n_patients == len(changes)
        assert found.mean == close(naive.mean(changes))
        # A root of a difference: equal changes have an error of 1e-9 rather than zero.
        assert found.standard_error == pytest.approx(
            naive_missing.error_of_mean(changes), rel=1e-9, abs=2e-9
        )


@modest
@given(patients=patients)
def test_available_cases_equal_the_naive_ones(patients: list[naive.Pair], study: Study) -> None:
    assume(len(naive.pairs(patients)) > 1)
    found = available_cases(table(patients), with_others(study)[0], 0.95)
    baselines = [b for b, _ in patients if b is not None]
    follow_ups = [f for _, f in patients if f is not None]
    assert found.n_patients == sum(pair != (None, None) for pair in patients)
    assert found.mean == close(naive.mean(follow_ups) - naive.mean(baselines))
    # The squares are rounded at 1e-16 of some hundred: 1e-7 where they should cancel.
    assert found.standard_error == pytest.approx(naive_missing.available_error(patients), abs=1e-6)


@modest
@given(rows=cohorts())
def test_who_is_lost_equals_the_naive_answer(rows: list[Row], study: Study) -> None:
    patients = [(b, f) for b, f, _ in rows]
    seen, lost = naive_missing.seen(patients), naive_missing.lost(patients)
    found = dropout(table([*patients, (None, Fraction(3))]), with_others(study)[0], 0.95)
    assert (found.seen.n_observed, found.lost.n_observed) == (len(seen), len(lost))
    assert found.n_baseline == len(patients)
    assert found.seen.mean == close(naive.mean(seen))
    assert found.difference == close(naive.mean(lost) - naive.mean(seen))
    if len(lost) == 1:
        assert math.isnan(found.standardised_difference)
    elif len({*seen}) + len({*lost}) > 2:
        expected = naive_missing.standardised_difference(patients)
        assert found.standardised_difference == close(expected)
        assert found.lower < found.difference < found.upper


@modest
@given(
    estimate=scores,
    within=scores.filter(bool),
    between=scores,
    complete_df=st.integers(1, 200),
)
def test_pooling_equals_the_naive_one(
    estimate: Fraction, within: Fraction, between: Fraction, complete_df: int
) -> None:
    found = pool(float(estimate), float(within), float(between), complete_df, 0.95)
    assert found.mean == close(estimate)
    assert found.standard_error == close(math.sqrt(within + between))
    df = naive_missing.barnard_rubin(within, between, complete_df)
    assert found.degrees_of_freedom == close(df)
    # Barnard and Rubin: never more than if nothing were missing.
    assert found.degrees_of_freedom < complete_df
    assert 0 < found.missing_information <= 1


def imputed_by_hand(rows: list[Row], times: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sum of squares of the changes of those lost, every value drawn."""
    known = [((float(b), float(a)), float(f)) for b, f, a in rows if f is not None]
    unknown = [(float(b), float(a)) for b, f, a in rows if f is None]
    dice, means, squares = random.Random(1), [], []
    for _ in range(times):
        values = naive_missing.impute(known, unknown, dice)
        drawn = [value - b for value, (b, _) in zip(values, unknown, strict=True)]
        centre = sum(drawn) / len(drawn)
        means.append(centre)
        squares.append(sum((change - centre) ** 2 for change in drawn))
    return np.array(means), np.array(squares)


@pytest.mark.parametrize("n_lost", [1, 2, 3, 7])
def test_the_limit_is_that_of_drawn_values(n_lost: int, study: Study) -> None:
    """`src` never draws a value; what it says of endlessly many must not show it."""
    dice = random.Random(n_lost)
    rows: list[Row] = []
    for i in range(20 + n_lost):
        b = Fraction(dice.randrange(40, 100), 10)
        a = b * 3 + Fraction(dice.randrange(0, 90), 10)
        f = b / 2 + a / 8 + Fraction(dice.randrange(-15, 15), 10)
        rows.append((b, f if i < 20 else None, a))
    times = 3000
    completed = complete(table(rows), *with_others(study, 1))
    assert completed is not None
    means, squares = imputed_by_hand(rows, times)
    for found, drawn in ((completed.lost_mean, means), (completed.lost_scatter, squares)):
        assert found == pytest.approx(drawn.mean(), abs=4 * drawn.std() / math.sqrt(times))
    # The kurtosis of a t-distribution with 17 degrees of freedom is below 4.
    close_to = 4 * math.sqrt(3 / times)
    assert completed.lost_mean_variance == pytest.approx(means.var(), rel=close_to)


@few
@given(rows=cohorts(), seed=st.integers(0, 2**32))
def test_the_order_of_the_patients_does_not_matter(
    rows: list[Row], seed: int, study: Study
) -> None:
    outcome, here = with_others(study, 1)
    other = random.Random(seed).sample(rows, len(rows))
    one, two = (numbers(missing_data(table(order), outcome, here)) for order in (rows, other))
    assert one == pytest.approx(two, rel=1e-6, abs=1e-6, nan_ok=True)


@few
@given(rows=cohorts(), shift=st.integers(-50, 50))
def test_a_shift_moves_the_mean_by_the_share_of_those_lost(
    rows: list[Row], shift: int, study: Study
) -> None:
    n_lost = sum(f is None for _, f, _ in rows)
    for better, worse in (("lower", 1), ("higher", -1)):
        outcome, here = with_others(study, 1, better=better)
        data = table(rows)
        moved, unmoved = (multiple_imputation(data, outcome, here, by) for by in (shift, 0))
        assert moved.mean - unmoved.mean == close(worse * shift * n_lost / len(rows))
        assert moved.between_variance == close(unmoved.between_variance)
        assert moved.n_lost == n_lost


@few
@given(rows=cohorts())
def test_at_the_tipping_point_the_interval_ends_at_zero(rows: list[Row], study: Study) -> None:
    outcome, here = with_others(study, 1)
    data = table(rows)
    point = tipping_point(data, outcome, here)
    unmoved = multiple_imputation(data, outcome, here)
    assert math.isnan(point.delta) == (not unmoved.upper < 0)
    if math.isnan(point.delta):
        return
    at = multiple_imputation(data, outcome, here, point.delta)
    assert at.upper == pytest.approx(0, abs=1e-9)
    assert multiple_imputation(data, outcome, here, 0.999 * point.delta).upper < 0
    assert multiple_imputation(data, outcome, here, 1.001 * point.delta).upper > 0
    assert point.tipping_change == close(point.expected_change + point.delta)
    assert point.tipping_follow_up - point.expected_follow_up == close(point.delta)
    assert point.room == close(outcome.maximum - point.expected_follow_up)
    assert point.worst_case.mean >= unmoved.mean or point.room < 0


@few
@given(rows=cohorts())
def test_a_scale_turned_over_gives_the_same_answers_turned_over(
    rows: list[Row], study: Study
) -> None:
    turned = [(10 - b, None if f is None else 10 - f, 10 - a) for b, f, a in rows]
    outcome, here = with_others(study, 1, minimum=0, maximum=10)
    other, there = with_others(study, 1, minimum=0, maximum=10, better="higher")
    one = tipping_point(table(rows), outcome, here)
    two = tipping_point(table(turned), other, there)
    assert one.expected_change == close(-two.expected_change)
    assert one.room == close(two.room)
    assert one.delta == pytest.approx(two.delta, rel=1e-6, nan_ok=True)
    for mine, its in ((one.worst_case, two.worst_case), (one.best_case, two.best_case)):
        assert mine.mean == close(-its.mean)
        assert mine.lower == close(-its.upper)
        assert mine.p == close(its.p)


@few
@given(rows=cohorts())
def test_the_unit_of_a_predictor_does_not_matter(rows: list[Row], study: Study) -> None:
    outcome, here = with_others(study, 1)
    data = table(rows)
    other = data.assign(other_1=1000 - 50 * data.other_1)
    one, two = (multiple_imputation(part, outcome, here) for part in (data, other))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, abs=1e-9, nan_ok=True)


@modest
@given(rows=cohorts())
def test_with_nobody_lost_every_estimate_is_the_complete_one(rows: list[Row], study: Study) -> None:
    outcome, here = with_others(study, 1)
    result = missing_data(table([row for row in rows if row[1] is not None]), outcome, here)
    expected = asdict(result.complete_cases)
    point = result.tipping_point
    for found in (
        result.available_cases,
        result.baseline_carried_forward,
        result.multiple_imputation,
        point.worst_case,
        point.best_case,
    ):
        assert {key: asdict(found)[key] for key in expected} == pytest.approx(
            expected, rel=1e-6, abs=1e-9, nan_ok=True
        )
    assert result.multiple_imputation.missing_information == 0
    assert point.n_lost == 0
    assert math.isnan(point.delta)


@modest
@given(rows=cohorts(), follow_up=scores)
def test_a_patient_without_baseline_counts_only_among_the_available(
    rows: list[Row], follow_up: Fraction, study: Study
) -> None:
    outcome, here = with_others(study, 1)
    before = missing_data(table(rows), outcome, here)
    after = missing_data(table([*rows, (None, follow_up, None)]), outcome, here)
    assert after.available_cases.n_patients == before.available_cases.n_patients + 1
    for name in ("dropout", "complete_cases", "multiple_imputation", "tipping_point"):
        one, two = (numbers(getattr(result, name)) for result in (before, after))
        assert two == pytest.approx(one, rel=0, abs=0, nan_ok=True)
