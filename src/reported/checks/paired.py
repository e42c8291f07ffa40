"""The standard deviation of change, and the correlation of before with after, that p implies."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import sqrt

from reported.checks.p_values import UNBOUNDED, absolute, widened
from reported.claims.printed import Interval


def deviation_of_change(difference: Interval, t: Interval, n: int) -> Interval:
    r"""Return the standard deviations of change of n pairs that a paired t-test implies.

    Parameters
    ----------
    difference
        The mean changes that the printed means leave.
    t
        Absolute values of t, for a printed p those of `t_of_p`.
    n
        Number of pairs, at least 2.

    Returns
    -------
    Interval
        All values of :math:`|d| \sqrt{n} / t`, down to 0 where only a bound of p is printed.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.8.
    https://doi.org/10.1002/9781119536604.ch6
    """
    distance = absolute(difference)
    root = widened(sqrt(n), sqrt(n))
    low = distance.low * root.low / t.high if 0 < t.high < UNBOUNDED else Fraction(0)
    high = distance.high * root.high / t.low if t.low > 0 else UNBOUNDED
    return Interval(low, min(high, UNBOUNDED))


def correlation(before: Interval, after: Interval, change: Interval) -> Interval:
    r"""Return the correlations of before with after that three standard deviations imply.

    Parameters
    ----------
    before, after, change
        Standard deviations of the same pairs, those before and after above zero.

    Returns
    -------
    Interval
        Contains all values of :math:`r = (s_0^2 + s_1^2 - s_d^2) / (2 s_0 s_1)`. If it lies
        outside -1 to 1, the three cannot be of the same pairs.

    Notes
    -----
    r falls as the deviation of change grows. In :math:`s_0` it is rising or convex, and so in
    :math:`s_1`: it is greatest in a corner of the two, and least in a corner or where
    :math:`s_0^2 = s_1^2 - s_d^2`, there with :math:`r = s_0 / s_1`.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.8.
    https://doi.org/10.1002/9781119536604.ch6
    """
    corners = list(product((before.low, before.high), (after.low, after.high)))
    high = max(_correlation(first, last, change.low) for first, last in corners)
    low = min(_correlation(first, last, change.high) for first, last in corners)
    for one, other in ((before, after), (after, before)):
        for end in (other.low, other.high):
            flat = end**2 - change.high**2
            if one.low**2 < flat < one.high**2:
                low = min(low, widened(sqrt(flat), sqrt(flat)).low / end)
    return Interval(low, high)


def _correlation(before: Fraction, after: Fraction, change: Fraction) -> Fraction:
    return (before**2 + after**2 - change**2) / (2 * before * after)
