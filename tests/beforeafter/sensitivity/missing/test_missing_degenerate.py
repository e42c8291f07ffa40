"""Missing data at the edge: the documented outcome, never a warning (an error here)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from missing_cases import table, with_others

from beforeafter.estimates import flatten
from beforeafter.sensitivity import missing_data
from beforeafter.sensitivity.missing.imputation import complete, multiple_imputation, pool
from beforeafter.sensitivity.missing.missing import MissingData
from beforeafter.study import Study
from beforeafter.wording import NOT_ESTIMABLE, dropout_table, wording_of
from beforeafter.wording import numbers as texts

NAN = math.nan
Rows = list[tuple[float | None, ...]]


def analyse(rows: Rows, study: Study, others: int = 0, **changes: object) -> MissingData:
    return missing_data(table(rows), *with_others(study, others, **changes))


def unknown(result: object) -> set[str]:
    return {key for key, (value, *_) in flatten(result) if not math.isfinite(value)}


SPREAD = {"standard_error", "lower", "upper", "p"}
PAIRS: Rows = [(8, 5), (7, 6), (9, 4), (6, 6), (5, 3), (10, 6), (7, 5)]


@pytest.mark.parametrize("rows", [[], [(None, None)], [(None, 3.0), (None, 4.0)]])
def test_without_a_baseline_nothing_is_known(rows: Rows, study: Study) -> None:
    result = analyse(rows, study)
    assert result.dropout.n_baseline == 0
    assert result.multiple_imputation.n_patients == 0
    numbers = {key for key, _ in flatten(result)}
    known = {key for key in numbers - unknown(result) if ".n_" not in key}
    assert known <= {
        f"multiple_imputation.{name}"
        for name in (
            "between_variance",
            "degrees_of_freedom",
            "missing_information",
        )
    }


def test_everybody_lost_leaves_only_bounds(study: Study) -> None:
    result = analyse([(8.0, None), (6.0, None), (4.0, None)], study)
    imputed, point = result.multiple_imputation, result.tipping_point
    assert (result.dropout.seen.n_observed, result.dropout.lost.n_observed) == (0, 3)
    assert result.dropout.lost.mean == 6
    assert unknown(result.dropout) >= {"difference", "lower", "upper", "standardised_difference"}
    assert (imputed.n_patients, imputed.n_lost, imputed.n_predictors) == (3, 3, 0)
    assert unknown(imputed) >= {"mean", "missing_information"} | SPREAD
    assert result.baseline_carried_forward.mean == 0
    assert (point.worst_case.mean, point.best_case.mean) == (4, -6)
    assert {"delta", "room", "expected_change", "tipping_follow_up"} <= unknown(point)


@pytest.mark.parametrize(("n", "freedom"), [(0, 0), (1, 0), (2, 1), (7, 6)])
def test_with_nobody_lost_nothing_is_imputed(n: int, freedom: int, study: Study) -> None:
    result = analyse(PAIRS[:n], study)
    known, imputed = result.complete_cases, result.multiple_imputation
    assert (imputed.n_lost, imputed.n_predictors) == (0, 0)
    assert (imputed.between_variance, imputed.missing_information) == (0, 0)
    assert imputed.degrees_of_freedom == freedom
    assert imputed.within_variance == pytest.approx(known.standard_error**2, nan_ok=True)


def test_one_pair(study: Study) -> None:
    result = analyse([(8.0, 5.0), (6.0, None)], study)
    assert result.complete_cases.mean == -3
    assert result.baseline_carried_forward.mean == -1.5
    assert result.available_cases.mean == -2
    assert unknown(result.complete_cases) == SPREAD
    assert unknown(result.available_cases) == SPREAD
    assert unknown(result.multiple_imputation) >= {"mean"} | SPREAD
    assert math.isnan(result.tipping_point.delta)
    assert math.isnan(result.tipping_point.room)


def test_one_pair_among_others_says_nothing_of_the_correlation(study: Study) -> None:
    rows: Rows = [(8, 5), (6, None), (9, None), (None, 4), (None, 7)]
    found = analyse(rows, study).available_cases
    assert found.mean == pytest.approx(16 / 3 - 23 / 3)
    assert unknown(found) == SPREAD


def test_no_pairs_are_two_independent_samples(study: Study) -> None:
    found = analyse([(8, None), (6, None), (None, 3), (None, 4), (None, 1)], study).available_cases
    assert (found.n_patients, found.mean) == (5, pytest.approx(8 / 3 - 7))
    assert found.standard_error == pytest.approx(math.sqrt(2 / 2 + 7 / 3 / 3))
    assert found.lower < found.mean < found.upper


# Of the second the variances of the visits, set against each other, come out below zero.
@pytest.mark.parametrize(
    ("rows", "change"),
    [
        ([(8.3, 6.2), (7.1, 5.0), (6.9, 4.8), (9.4, 7.3), (3.3, 1.2)], -2.1),
        ([(3.8, 2.7), (1.3, 0.2), (9.2, 8.1)], -1.1),
    ],
)
def test_equal_changes_are_known_for_sure(rows: Rows, change: float, study: Study) -> None:
    result = analyse(rows, study)
    for found in (result.complete_cases, result.available_cases, result.multiple_imputation):
        assert found.standard_error == 0
        assert found.lower == found.upper == pytest.approx(change)
        assert math.isnan(found.p)


def test_a_perfect_fit_imputes_without_doubt(study: Study) -> None:
    rows: Rows = [(8, 4), (7, 3.5), (6, 3), (9, 4.5), (2, 1), (4, None), (10, None)]
    imputed = analyse(rows, study).multiple_imputation
    # Every follow-up is half the baseline: 46 / 2 / 7 less on average.
    assert imputed.mean == pytest.approx(-23 / 7)
    assert imputed.between_variance == pytest.approx(0, abs=1e-18)
    assert imputed.within_variance == pytest.approx(np.var([4, 3.5, 3, 4.5, 1, 2, 5], ddof=1) / 7)


def test_equal_follow_ups_are_imputed_as_they_are(study: Study) -> None:
    rows: Rows = [(8, 3.3), (7, 3.3), (6, 3.3), (9, 3.3), (5, 3.3), (4, None)]
    result = analyse(rows, study)
    assert result.tipping_point.expected_follow_up == pytest.approx(3.3)
    assert result.multiple_imputation.mean == pytest.approx(3.3 - 6.5)


def test_equal_follow_ups_and_baselines_have_no_interval_but_a_point(study: Study) -> None:
    result = analyse([(8, 3)] * 5 + [(8, None)] * 2, study)
    for found in (result.complete_cases, result.available_cases, result.multiple_imputation):
        assert (found.mean, found.lower, found.upper) == (-5, -5, -5)
        assert math.isnan(found.p)
    assert result.multiple_imputation.degrees_of_freedom > 0
    assert result.dropout.difference == 0
    assert (result.dropout.lower, result.dropout.upper) == (0, 0)
    assert math.isnan(result.dropout.standardised_difference)
    # Five of seven lost 5 points: those two must have gained 12.5 for a mean of zero, but a spread
    # appears on the way, and the interval is there first.
    assert 0 < result.tipping_point.delta < 17.5


def test_a_constant_baseline_predicts_nothing(study: Study) -> None:
    rows: Rows = [(8, 5), (8, 6), (8, 4), (8, 6), (8, 3), (8, None)]
    outcome, here = with_others(study)
    imputed = multiple_imputation(table(rows), outcome, here)
    assert imputed.n_predictors == 0
    # Without a predictor the expected follow-up is the mean of those seen.
    assert imputed.mean == pytest.approx(-3.2)


def test_a_baseline_constant_among_those_seen_only(study: Study) -> None:
    """Follow-up is imputed, not change: nobody seen tells what a baseline of 4 foretells."""
    rows: Rows = [(8, 5), (8, 6), (8, 4), (8, 6), (8, 3), (4, None)]
    outcome, here = with_others(study)
    imputed = multiple_imputation(table(rows), outcome, here)
    expected = (-16 + 4.8 - 4) / 6
    assert imputed.mean == pytest.approx(expected)


@pytest.mark.parametrize(("n_pairs", "estimable"), [(2, False), (4, False), (5, True)])
def test_a_regression_needs_three_degrees_of_freedom(
    n_pairs: int, estimable: bool, study: Study
) -> None:
    imputed = analyse([*PAIRS[:n_pairs], (8, None)], study).multiple_imputation
    assert imputed.n_predictors == 1
    assert math.isfinite(imputed.upper) == estimable


def test_predictors_are_as_many_as_the_pairs_carry(study: Study) -> None:
    random = np.random.default_rng(1)
    for n_pairs, expected in ((5, 1), (6, 2), (8, 2), (9, 3), (15, 5), (40, 5)):
        rows = random.normal(5, 1, (n_pairs + 1, 6))
        rows[-1, 1] = NAN
        assert analyse(rows.tolist(), study, 4).multiple_imputation.n_predictors == expected


def test_a_predictor_that_adds_nothing_is_left_out(study: Study) -> None:
    random = np.random.default_rng(2)
    b, f, a = random.normal(5, 1, (3, 40))
    f[30:] = NAN
    rows = np.column_stack([b, f, np.full(40, 3.3), 2 * b - 1, a, a + b])
    result = analyse(rows.tolist(), study, 4).multiple_imputation
    alone = analyse(np.column_stack([b, f, a]).tolist(), study, 1).multiple_imputation
    assert result.n_predictors == alone.n_predictors == 2
    assert result.mean == pytest.approx(alone.mean)
    assert result.p == pytest.approx(alone.p)


def test_a_predictor_not_known_in_everyone_is_left_out(study: Study) -> None:
    rows = np.random.default_rng(3).normal(5, 1, (20, 4))
    rows[15:, 1], rows[0, 2] = NAN, NAN
    assert analyse(rows.tolist(), study, 2).multiple_imputation.n_predictors == 2
    # Unknown in a patient who has no baseline, it does no harm.
    rows[0, 0] = NAN
    assert analyse(rows.tolist(), study, 2).multiple_imputation.n_predictors == 3


def test_one_lost_has_no_spread(study: Study) -> None:
    completed = complete(table([*PAIRS, (8, None)]), *with_others(study))
    assert completed is not None
    assert completed.lost_scatter == 0
    assert completed.lost_mean_variance > 0


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_what_does_not_hold_does_not_fall(better: str, study: Study) -> None:
    """No benefit, and harm beyond doubt: neither has a tipping point."""
    changes = (1, -1, 0, 1, -1, 0) if better == "lower" else (-3, -4, -5, -3, -4, -3)
    rows: Rows = [(b, b + c) for b, c in zip((5, 6, 7, 8, 9, 6), changes, strict=True)]
    result = analyse([*rows, (7, None)], study, better=better).tipping_point
    assert math.isnan(result.delta)
    assert math.isnan(result.tipping_change)
    assert math.isfinite(result.room)


def test_pooling_at_the_edge() -> None:
    assert unknown(pool(2, 0, 1, 10, 0.95)) >= {"lower", "upper", "p"}
    sure = pool(2, 0, 0, 10, 0.95)
    assert (sure.mean, sure.lower, sure.upper) == (2, 2, 2)
    nothing_missing = pool(2, 1, 0, math.inf, 0.95)
    assert nothing_missing.degrees_of_freedom == math.inf
    assert nothing_missing.upper == pytest.approx(2 + 1.959963984540054)
    assert nothing_missing.missing_information == 0


def test_what_is_not_estimable_says_so(study: Study) -> None:
    result = analyse([(8.0, 5.0), (6.0, None)], study)
    printed = texts(result, wording_of(study.outcomes[0], study))
    assert printed["tipping_point.delta"].text == NOT_ESTIMABLE
    assert printed["multiple_imputation.p"].text == f"P {NOT_ESTIMABLE}"
    assert printed["multiple_imputation.p"].n == 2
    assert printed["tipping_point.worst_case.mean"].n == 2
    assert printed["tipping_point.delta"].n == 1
    assert printed["dropout.difference"].n == 2


def test_a_million_patients_take_seconds(study: Study) -> None:
    random = np.random.default_rng(4)
    n = 1_000_000
    baseline = random.normal(7, 1.5, n)
    follow_up = np.where(random.random(n) < 0.1, NAN, baseline / 2 + random.normal(2, 1, n))
    data = pd.DataFrame({"baseline": baseline, "follow_up": follow_up, "other_1": baseline**2})
    imputed = multiple_imputation(data, *with_others(study, 1))
    assert imputed.n_patients == n
    assert imputed.mean == pytest.approx(-1.5, abs=0.01)


def test_the_baseline_of_few_lost_is_not_told(study: Study) -> None:
    rows = [*PAIRS, (9, None)]
    outcome, here = with_others(study)
    told = missing_data(table(rows), outcome, here, smallest=2).dropout
    whole = analyse(rows, study).dropout
    assert told.seen == whole.seen
    assert (told.lost.n_observed, whole.lost.mean) == (1, 9)
    assert {key for key in unknown(told) if "seen" not in key} == {
        *("lost.mean", "lost.standard_deviation", "difference", "lower", "upper"),
        "standardised_difference",
    }
    assert missing_data(table(rows), outcome, here, smallest=1).dropout.lost == whole.lost
    of = texts(missing_data(table(rows), outcome, here, smallest=2), wording_of(outcome, here))
    lines = dropout_table(here, {part.name: of for part in here.outcomes}).splitlines()
    assert "not\N{NO-BREAK SPACE}shown" in lines[2]
