"""p-values that follow from what is printed of a test, as intervals that rounding leaves.

Distribution functions are floating-point. Every interval made from them is widened by far more
than their error, so that nothing is refuted by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from scipy import stats

from reported.claims.printed import Interval

# The relative error of distribution functions is below 1e-12 wherever a p-value is printed.
MARGIN = Fraction(1, 10**9)
# Stands for a statistic, or a deviation, that nothing bounds.
UNBOUNDED = Fraction(10**12)


def widened(low: float, high: float) -> Interval:
    """Return the interval between two numbers, not negative, with the error of floats added."""
    ends = [min(Fraction(min(end, float(UNBOUNDED))), UNBOUNDED) for end in (low, high)]
    return Interval(ends[0] * (1 - MARGIN), ends[1] * (1 + MARGIN))


def t_of_p(p: Interval, freedom: int) -> Interval:
    """Return the absolute values of t whose two-sided p-value may be the printed one."""
    low, high = (
        float(stats.t.isf(float(min(max(end, Fraction(0)), Fraction(1))) / 2, freedom))
        for end in (p.high, p.low)
    )
    return widened(low, high)


@dataclass(frozen=True)
class PrintedGroup:
    """What is printed of one group of patients."""

    n: int
    mean: Interval
    deviation: Interval


def unpaired_p(first: PrintedGroup, second: PrintedGroup) -> Interval:
    r"""Return the two-sided p-values that an unpaired t-test of two groups can have.

    Parameters
    ----------
    first, second
        Printed means and standard deviations (divisor n - 1, not 0) with their n, each at least 2.

    Returns
    -------
    Interval
        Contains the p-values of Student's test, with the pooled variance, and of Welch's.

    Notes
    -----
    p falls as the means move apart and as the standard deviations shrink. Welch's degrees of
    freedom lie between :math:`\min(n_1, n_2) - 1` and :math:`n_1 + n_2 - 2`.

    References
    ----------
    Welch BL. The generalization of Student's problem. Biometrika 1947;34:28-35.
    https://doi.org/10.1093/biomet/34.1-2.28
    """
    difference = absolute(difference_of(second.mean, first.mean))
    freedom = first.n + second.n - 2
    fewest = min(first.n, second.n) - 1
    p_values = []
    for distance, deviations in (
        (difference.high, (first.deviation.low, second.deviation.low)),
        (difference.low, (first.deviation.high, second.deviation.high)),
    ):
        a, b = (max(deviation, Fraction(0)) ** 2 for deviation in deviations)
        pooled = ((first.n - 1) * a + (second.n - 1) * b) / freedom
        pooled *= Fraction(1, first.n) + Fraction(1, second.n)
        separate = a / first.n + b / second.n
        for variance, freedoms in ((pooled, (freedom,)), (separate, (freedom, fewest))):
            t = float(distance) / sqrt(variance) if variance else float(UNBOUNDED)
            p_values += [2 * float(stats.t.sf(t, degrees)) for degrees in freedoms]
    return widened(min(p_values), max(p_values))


def difference_of(after: Interval, before: Interval) -> Interval:
    """Return all differences of a number in one interval less a number in the other."""
    return Interval(
        after.low - before.high,
        after.high - before.low,
        after.low_closed and before.high_closed,
        after.high_closed and before.low_closed,
    )


def absolute(numbers: Interval) -> Interval:
    """Return the least closed interval with the absolute values of the numbers."""
    low, high = sorted((abs(numbers.low), abs(numbers.high)))
    return Interval(Fraction(0) if numbers.low < 0 < numbers.high else low, high)
