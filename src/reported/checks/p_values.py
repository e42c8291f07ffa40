"""p-values that follow from what is printed of a test, as intervals that rounding leaves.

Distribution functions are floating-point. Every interval made from them is widened by far more
than their error, so that nothing is refuted by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from scipy import stats

from reported.claims.errors import UnreadableNumberError
from reported.claims.printed import Convention, Interval, parse

# The relative error of distribution functions is below 1e-12 wherever a p-value is printed.
MARGIN = Fraction(1, 10**9)
# Stands for a statistic, or a deviation, that nothing bounds.
UNBOUNDED = Fraction(10**12)

REPORT = re.compile(
    r"\s*(?P<test>[tFr])\s*\((?P<freedom>\d+(?:\s*,\s*\d+)?)\)\s*=(?P<statistic>.+),(?P<p>.+)"
)


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


@dataclass(frozen=True)
class Recomputed:
    """The p-values that a printed test statistic can have, and whether the printed one is one."""

    p: Interval
    consistent: bool


def recompute(report: str, convention: Convention) -> Recomputed:
    r"""Recompute the two-sided p-value of a printed t, F or r.

    Parameters
    ----------
    report
        For example "t(28) = 2.20, p = .03", "F(2, 28) = 2.20, p = .15", "r(28) = .22, p < .05".
    convention
        How statistic and p-value were rounded.

    Raises
    ------
    UnreadableNumberError
        If the string is no such report.

    Notes
    -----
    For a correlation :math:`t = r \sqrt{\nu / (1 - r^2)}`. F is one-sided, as its test is.

    References
    ----------
    Nuijten MB et al. The prevalence of statistical reporting errors in psychology (1985-2013).
    Behav Res Methods 2016;48:1205-1226. https://doi.org/10.3758/s13428-015-0664-2
    """
    found = REPORT.fullmatch(report)
    freedom = [int(digits) for digits in found["freedom"].split(",")] if found else []
    if found is None or len(freedom) != (2 if found["test"] == "F" else 1):
        raise UnreadableNumberError(f"{report!r} is not a test such as 't(28) = 2.20, p = .03'")
    statistic = absolute(parse(found["statistic"]).interval(convention))
    ends = []
    for end in (float(statistic.high), float(statistic.low)):
        if found["test"] == "F":
            ends.append(float(stats.f.sf(end, *freedom)))
        else:
            rest = max(1 - end**2, 0.0) if found["test"] == "r" else freedom[0]
            t = end * sqrt(freedom[0] / rest) if rest else float(UNBOUNDED)
            ends.append(2 * float(stats.t.sf(t, freedom[0])))
    p = widened(*ends)
    return Recomputed(p, p.meets(parse(found["p"]).interval(convention)))


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
