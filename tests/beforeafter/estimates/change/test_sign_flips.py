"""Sums of scores with random signs: listed, and by the normal approximation."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from beforeafter.estimates import hodges_lehmann, wilcoxon_signed_rank
from beforeafter.estimates.change.hypothesis_tests import (
    MOST_WORK,
    can_be_listed,
    permutation_test,
    positive_sums,
    two_sided,
)


@pytest.mark.parametrize(
    ("sizes", "highest", "ways"),
    [
        ([1, 2, 3], 6, [1, 1, 1, 2, 1, 1, 1]),
        ([3, 1, 2], 3, [1, 1, 1, 2]),
        ([2, 2], 4, [1, 0, 2, 0, 1]),
        ([1, 9], 1, [1, 1]),
        ([9, 1], 2, [1, 1, 0]),
        ([5], 0, [1]),
    ],
)
def test_each_sum_has_the_share_of_its_patterns(
    sizes: list[int], highest: int, ways: list[int]
) -> None:
    found = positive_sums(np.array(sizes), highest)
    assert found.tolist() == [number / 2 ** len(sizes) for number in ways]


def test_sums_are_listed_only_while_they_are_few() -> None:
    assert can_be_listed(np.array([MOST_WORK]))
    assert not can_be_listed(np.array([MOST_WORK + 1]))
    assert can_be_listed(np.arange(1, 351))
    assert not can_be_listed(np.arange(1, 1001))


@pytest.mark.parametrize("observed", [0, MOST_WORK + 1])
def test_of_one_score_too_large_to_list_the_sum_is_one_deviation_from_its_middle(
    observed: int,
) -> None:
    p = two_sided(np.array([MOST_WORK + 1]), observed)
    assert p == pytest.approx(2 * NormalDist().cdf(-1), rel=1e-12)


def test_many_pairs_agree_with_r() -> None:
    # > x <- 1:1000 * ifelse(1:1000 %% 20 < 11, 1, -1)
    # > wilcox.test(x, exact = FALSE, correct = FALSE)  V = 273250, p = 0.0118145476904922
    # > wilcox.test(x, exact = TRUE)                    p = 0.0117740312741202
    places = np.arange(1, 1001)
    change = np.where(places % 20 < 11, places, -places).astype(float)
    found = wilcoxon_signed_rank(change)
    assert found.statistic == 273250
    assert found.p == pytest.approx(0.0118145476904922, rel=1e-10)
    assert 2 * positive_sums(places, 500500 - 273250).sum() == pytest.approx(
        0.0117740312741202, rel=1e-10
    )


def test_many_pairs_have_the_interval_of_a_normal_sum_of_ranks() -> None:
    n, level = 1000, 0.95
    places = np.arange(1, n + 1)
    # Changes far apart, so that a mean of two tells its rank.
    change = np.cumsum(places.astype(float))
    means = np.sort(np.add.outer(change, change)[np.tril_indices(n)]) / 2
    found = hodges_lehmann(change, level)
    chance = NormalDist(places.sum() / 2, math.sqrt(np.square(places).sum()) / 2)
    rank = int(chance.inv_cdf((1 - level) / 2))
    assert (found.lower, found.upper) == (means[rank - 1], means[-rank])
    assert found.estimate == np.median(means)
    # Exactly, the interval has the level within a thousandth of what is left.
    beyond = 2 * positive_sums(places, rank - 1).sum()
    assert beyond == pytest.approx(1 - level, rel=1e-3)


def test_changes_of_many_decimals_are_summed_without_overflow() -> None:
    # Whole numbers of steps of 1e-9: the squares of some ten points would not fit 64 bits.
    change = np.round(np.random.default_rng(1).normal(0.5, 10, 900), 9)
    z = change.sum() / math.sqrt(float(np.square(change).sum()))
    assert permutation_test(change).p == pytest.approx(2 * NormalDist().cdf(-abs(z)), rel=1e-9)
