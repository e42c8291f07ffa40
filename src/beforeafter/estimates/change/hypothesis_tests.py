"""Tests of no change in patients measured twice, as if chance alone gave each change its sign."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from beforeafter.estimates.change.pairs import Integers, in_steps, varies
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats
from beforeafter.study import Test

# Additions that a table of all sums may take: a few tenths of a second.
MOST_WORK = 50_000_000
# With fewer steps to a patient, rounding would be coarser than the normal distribution.
FEWEST_STEPS = 100


def doubled_signed_ranks(changes: Integers | Floats, patients: Integers) -> tuple[Integers, int]:
    """Rank distinct changes, each of so many patients, by their size; zeros are then left out.

    Ties share the mean of their ranks. Returned are twice the rank, a whole number, of each patient
    who changed, and their sum over those whose change is positive.
    """
    _, group = np.unique(np.abs(changes), return_inverse=True)
    tied = np.bincount(group, patients).astype(np.int64)
    doubled: Integers = (2 * np.cumsum(tied) - tied + 1)[group]
    moved = changes != 0
    ranks: Integers = np.repeat(doubled[moved], patients[moved])
    return ranks, int((doubled * patients)[changes > 0].sum())


def can_be_listed(sizes: Integers) -> bool:
    """Whether the sums of so many scores of these sizes are few enough to be listed."""
    return len(sizes) * int(sizes.sum()) <= MOST_WORK


def listable(scores: Integers) -> Integers:
    """Round scores, whole numbers, whose sums are too many to the finest grid that can be listed.

    Scores stay as they are where their sums can be listed, and where they are so many that the sum
    is as good as normal (some 700). Else the steps are coarser, on average hundreds of thousands to
    a score when these are few and never below `FEWEST_STEPS`; scores that were equal stay so.
    """
    sizes, n = np.abs(scores), len(scores)
    # Rounding may add half a step to each.
    most = MOST_WORK // n - n
    if can_be_listed(sizes) or most < FEWEST_STEPS * n:
        return scores
    coarse: Integers = np.rint(scores * (most / int(sizes.sum()))).astype(np.int64)
    return coarse


def positive_sums(sizes: Integers, highest: int) -> Floats:
    """Probability of each sum of the positive scores when every sign is a fair coin.

    Of the sums 0, 1, …, `highest`; sizes are absolute scores, whole numbers. Exact but for
    rounding: only positive numbers are added, so that each has nearly all its digits, down to
    1e-308.

    References
    ----------
    Pagano M, Tritchler D. On obtaining permutation distributions in polynomial time. 1983.
    doi:10.1080/01621459.1983.10477990
    """
    probability = np.zeros(highest + 1)
    probability[0] = 1.0
    for size in map(int, sizes):
        probability /= 2
        # The old values are read before the new ones are written.
        probability[size:] += probability[:-size].copy()
    return probability


def two_sided(sizes: Integers, observed: int) -> float:
    r"""Probability of a sum of the positive scores at least as far from its middle as observed.

    `sizes` are absolute scores, whole numbers, shape (scores,). Exact while the sums can be listed.
    Beyond, by the central limit theorem, the sum is normal about :math:`\sum s / 2` with variance
    :math:`\sum s^2 / 4`.
    """
    total = int(sizes.sum())
    extreme = min(observed, total - observed)
    if can_be_listed(sizes):
        return min(1.0, 2 * float(positive_sums(sizes, extreme).sum()))
    z = (2 * extreme - total) / math.sqrt(float(np.square(sizes, dtype=float).sum()))
    return float(2 * special.ndtr(z))


@dataclass(frozen=True)
class TestResult:
    """A test statistic and its two-sided p-value."""

    __test__ = False  # pytest must not take it for a test

    statistic: float = quantity("statistic")
    p: float = quantity("p")


NOT_TESTED = TestResult(math.nan, math.nan)


def paired_t_test(change: Floats) -> TestResult:
    """Student's t-test of a mean change of zero, two-sided.

    t has n - 1 degrees of freedom; nan below two pairs or when all changes are equal.
    """
    if not varies(change):
        return NOT_TESTED
    result = stats.ttest_1samp(change, 0)
    return TestResult(float(result.statistic), float(result.pvalue))


def wilcoxon_signed_rank(change: Floats) -> TestResult:
    """Wilcoxon's signed-rank test of changes symmetric about zero.

    The statistic is the sum of the ranks of the positive changes; nan when no change differs from
    zero.

    Notes
    -----
    Zeros are ranked and their ranks then left out (Pratt). Equal changes share the mean of their
    ranks. The p-value is exact, ties and zeros included, while the sums can be listed (up to some
    350 pairs); beyond, it is that of the normal approximation.

    References
    ----------
    Wilcoxon F. Individual comparisons by ranking methods. 1945. doi:10.2307/3001968

    Pratt JW. Remarks on zeros and ties in the Wilcoxon signed rank procedures. 1959.
    doi:10.1080/01621459.1959.10501526
    """
    if not change.any():
        return NOT_TESTED
    values, patients = np.unique(change, return_counts=True)
    ranks, positive = doubled_signed_ranks(values, patients)
    return TestResult(positive / 2, two_sided(ranks, positive))


def permutation_test(change: Floats) -> TestResult:
    """Fisher's test that each change could as well have had the other sign.

    The mean change, and the share of all sign patterns whose mean is at least as far from zero; nan
    when no change differs from zero.

    Notes
    -----
    All :math:`2^n` patterns are counted, not sampled: as changes of a scale are whole numbers of
    steps, few sums are different. Where they are too many, `listable` rounds the changes. Of more
    patients than that serves the sum over the root of the sum of squares is standard normal.

    References
    ----------
    Fisher RA. The design of experiments. 1935, section 21.
    """
    counts = in_steps(change).counts
    if not counts.any():
        return NOT_TESTED
    counts = listable(counts[counts != 0])
    positive = int(counts.clip(min=0).sum())
    return TestResult(float(change.mean()), two_sided(np.abs(counts), positive))


# What `analysis.test` in study.yml may name.
TESTS: dict[Test, Callable[[Floats], TestResult]] = {
    "paired_t": paired_t_test,
    "wilcoxon": wilcoxon_signed_rank,
}
