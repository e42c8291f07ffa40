"""p-values that follow from what is printed of a test, as intervals that rounding leaves.

Distribution functions are floating-point: every interval made from them is widened.
"""

from fractions import Fraction
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from reported.claims.printed import Interval

# The relative error of distribution functions is below 1e-12 wherever a p-value is printed.
MARGIN = Fraction(1, 10**9)
# Stands for a statistic, or a deviation, that nothing bounds.
UNBOUNDED = Fraction(10**12)


def widened(low: float, high: float) -> Interval:
    """Return the interval between two numbers of 0 or more, widened by the error of floats."""
    ends = [min(Fraction(min(end, float(UNBOUNDED))), UNBOUNDED) for end in (low, high)]
    return Interval(ends[0] * (1 - MARGIN), ends[1] * (1 + MARGIN))


def t_of_p(p: Interval, freedom: int) -> Interval:
    """Return the absolute values of t whose two-sided p-value may be the printed one."""
    low, high = (
        float(stats.t.isf(float(min(max(end, Fraction(0)), Fraction(1))) / 2, freedom))
        for end in (p.high, p.low)
    )
    return widened(low, high)


def unpaired_p(
    sizes: tuple[int, int], means: tuple[Interval, Interval], deviations: tuple[Interval, Interval]
) -> Interval:
    r"""Return the two-sided p-values of Student's and of Welch's test of two groups.

    p falls as the means move apart and as the standard deviations (divisor n - 1) shrink. Welch's
    degrees of freedom lie between :math:`\min(n_1, n_2) - 1` and :math:`n_1 + n_2 - 2`.

    References
    ----------
    Welch BL. The generalization of Student's problem. Biometrika 1947;34:28-35.
    https://doi.org/10.1093/biomet/34.1-2.28
    """
    difference = difference_of(means[1], means[0]).absolute()
    freedom, fewest = sum(sizes) - 2, min(sizes) - 1
    p_values = []
    for distance, ends in (
        (difference.high, [deviation.low for deviation in deviations]),
        (difference.low, [deviation.high for deviation in deviations]),
    ):
        a, b = (max(end, Fraction(0)) ** 2 for end in ends)
        pooled = ((sizes[0] - 1) * a + (sizes[1] - 1) * b) / freedom
        pooled *= Fraction(1, sizes[0]) + Fraction(1, sizes[1])
        separate = a / sizes[0] + b / sizes[1]
        for variance, freedoms in ((pooled, (freedom,)), (separate, (freedom, fewest))):
            t = float(distance) / sqrt(variance) if variance else float(UNBOUNDED)
            p_values += [2 * float(stats.t.sf(t, degrees)) for degrees in freedoms]
    return widened(min(p_values), max(p_values))


def proportions_p(counts: tuple[int, ...], sizes: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return the p of so many in two groups of some sizes, by each rule of the usual programmes.

    They are chi-squared with and without corrections, z without a common share, the ratio of
    likelihoods, and Fisher's exact test with one side doubled or both added; and those of one side.
    """
    n, everyone = sizes[0], sum(sizes)
    inside = sum(counts)
    if inside in {0, everyone}:
        return np.ones(1)
    shares = [k / m for k, m in zip(counts, sizes, strict=True)]
    apart, share, unit = abs(shares[0] - shares[1]), inside / everyone, sum(1 / m for m in sizes)
    root = sqrt(share * (1 - share) * unit)
    own = sqrt(sum(x * (1 - x) / m for x, m in zip(shares, sizes, strict=True))) or root
    z = [apart / root, max(apart - unit / 2, 0) / root, apart / own]
    z.append(apart / root * sqrt((everyone - 1) / everyone))
    table = [[k, m - k] for k, m in zip(counts, sizes, strict=True)]
    ratio = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    chance = stats.hypergeom(everyone, inside, n).pmf(np.arange(n + 1))
    seen = chance[counts[0]]
    side = min(chance[: counts[0] + 1].sum(), chance[counts[0] :].sum())
    exact = [chance[chance <= seen * (1 + 1e-7)].sum(), 2 * side, 2 * side - seen]
    both = np.minimum(1, np.concatenate([2 * stats.norm.sf(z), [ratio.pvalue], exact]))
    return np.concatenate([both, both / 2])


def difference_of(after: Interval, before: Interval) -> Interval:
    """Return all differences of a number in one interval less a number in the other."""
    return Interval(
        after.low - before.high,
        after.high - before.low,
        after.low_closed and before.high_closed,
        after.high_closed and before.low_closed,
    )
