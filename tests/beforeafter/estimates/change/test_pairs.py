"""Pairs and what is made of them: small known answers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforeafter.estimates import changes, complete_pairs, paired_change
from beforeafter.estimates.change.mean_change import hedges_factor, percentage_change
from beforeafter.estimates.change.pairs import MOST_STEPS_PER_UNIT, NOISE_PER_UNIT, in_steps
from beforeafter.study import Study


def test_what_is_missing_may_be_none_or_nan() -> None:
    baseline, follow_up = (
        np.array(v, dtype=object) for v in ([7, None, 6, math.nan], [5, 4, None, 3])
    )
    before, after = complete_pairs(baseline, follow_up)
    assert (before.tolist(), after.tolist()) == ([7.0], [5.0])
    assert before.dtype == after.dtype == np.dtype(float)


@pytest.mark.parametrize(
    ("change", "counts", "per_unit"),
    [
        ([0.5, -1.5, 0.0], [1, -3, 0], 2),
        ([4.0, -6.0], [2, -3], 0.5),
        ([0.3, 0.2], [3, 2], 10),
        ([-2.5], [-1], 0.4),
    ],
)
def test_changes_are_counted_in_their_largest_common_step(
    change: list[float], counts: list[int], per_unit: float
) -> None:
    steps = in_steps(np.array(change))
    assert steps.counts.tolist() == counts
    assert steps.counts.dtype == np.int64
    assert steps.per_unit == per_unit


def test_one_size_among_hundreds_may_set_the_step() -> None:
    many = np.append(np.arange(400.0), 0.5)
    assert in_steps(many).per_unit == 2
    assert in_steps(np.append(many, 0.25)).per_unit == 4


@given(
    st.lists(st.integers(-3000, 3000), min_size=1, max_size=60),
    st.integers(1, MOST_STEPS_PER_UNIT),
)
def test_the_step_is_the_largest_that_divides_all_changes(
    numerators: list[int], denominator: int
) -> None:
    exact = [Fraction(numerator, denominator) for numerator in numerators]
    steps = in_steps(changes(np.zeros(len(exact)), np.array(exact, dtype=float)))
    assert math.gcd(*steps.counts.tolist()) == (1 if any(exact) else 0)
    np.testing.assert_allclose(steps.counts / steps.per_unit, np.array(exact, dtype=float))


def test_changes_without_a_step_are_counted_in_what_noise_leaves() -> None:
    steps = in_steps(np.array([1 / (MOST_STEPS_PER_UNIT + 1), math.sqrt(2)]))
    assert steps.per_unit == NOISE_PER_UNIT


def test_no_changes_have_no_steps() -> None:
    assert in_steps(np.array([])).counts.tolist() == []
    assert in_steps(np.zeros(2)).counts.tolist() == [0, 0]


def test_a_percentage_is_one_of_two() -> None:
    before, after = np.array([4.0, 8.0]), np.array([1.0, 8.0])
    assert percentage_change(before, after, "change_between_means") == -25
    assert percentage_change(before, after, "mean_of_individual_changes") == -37.5
    other: Any = "of_medians"
    with pytest.raises(AssertionError, match="of_medians"):
        percentage_change(before, after, other)


def test_hedges_factor_of_few() -> None:
    assert math.isnan(hedges_factor(1))
    # Γ(1) / (1 Γ(1/2)) and Γ(3/2) / (√(3/2) Γ(1))
    assert hedges_factor(2) == pytest.approx(1 / math.sqrt(math.pi), rel=1e-14)
    assert hedges_factor(3) == pytest.approx(math.sqrt(math.pi / 6), rel=1e-14)


@pytest.mark.parametrize("test", ["paired_t", "wilcoxon"])
def test_the_p_value_of_a_change_is_that_of_the_test_chosen(
    test: str, cohort: pd.DataFrame, study: Study
) -> None:
    analysis = study.analysis.model_copy(update={"test": test})
    result = paired_change(cohort, study.outcomes[2], analysis)
    assert result.t_test.p != result.wilcoxon.p
    assert result.change.p == {"paired_t": result.t_test, "wilcoxon": result.wilcoxon}[test].p
