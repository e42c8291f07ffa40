"""Tests of no change in patients measured twice."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from beforeafter.estimates.change.pairs import in_steps, varies
from beforeafter.estimates.change.sign_flips import doubled_signed_ranks, listable, two_sided
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats
from beforeafter.study import Test


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
    Zeros are ranked and their ranks then left out. Dropped before ranking, as Pratt showed, they
    make a patient who turns from unchanged to worse count as evidence for the better. Equal
    changes share the mean of their ranks. The p-value is exact, ties and zeros included, while
    the sums can be listed (up to some 350 pairs); beyond, it is that of the normal approximation.

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
    steps, few sums are different. Where they are too many to be listed, as of weighted sums with
    five decimals, changes are rounded to the finest grid on which they can be; all patterns are
    still counted. Of more patients than that serves (`listable`) the sum of the changes over the
    root of the sum of their squares is standard normal.

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
