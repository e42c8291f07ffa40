"""What the printed numbers of two visits imply: change, its deviation, and the correlation."""

from fractions import Fraction
from itertools import product
from math import sqrt

from reported.checks.p_values import UNBOUNDED, widened
from reported.claims.printed import Interval


def change_between(before: Interval, after: Interval) -> Interval:
    """Return all values of :math:`100 (m_1 - m_0) / m_0` of the means behind two printed ones.

    Means before are above zero. The quotient is monotone in either mean, so its extremes are at the
    ends of both. It is the printed percentage only if both means are of the same patients.

    References
    ----------
    Vickers AJ. The use of percentage change from baseline as an outcome in a controlled trial is
    statistically inefficient. BMC Med Res Methodol 2001;1:6. https://doi.org/10.1186/1471-2288-1-6
    """
    quotients = [
        (100 * (last - first) / first, first in before and last in after)
        for first, last in product((before.low, before.high), (after.low, after.high))
    ]
    # Where two quotients are equal, the end is in if one of them is attained.
    low, low_open = min((quotient, not attained) for quotient, attained in quotients)
    high, high_closed = max(quotients)
    return Interval(low, high, not low_open, high_closed)


def deviation_of_change(difference: Interval, t: Interval, n: int) -> Interval:
    r"""Return the standard deviations of change of n pairs that a paired t-test implies.

    They are :math:`|d| \sqrt{n} / t`, for mean changes d that the printed means leave and absolute
    values of t; down to 0 where only a bound of p is printed.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.8.
    https://doi.org/10.1002/9781119536604.ch6
    """
    distance = difference.absolute()
    root = widened(sqrt(n), sqrt(n))
    low = distance.low * root.low / t.high if 0 < t.high < UNBOUNDED else Fraction(0)
    high = distance.high * root.high / t.low if t.low > 0 else UNBOUNDED
    return Interval(low, min(high, UNBOUNDED))


def correlation(before: Interval, after: Interval, change: Interval) -> Interval:
    """Return the correlations of before with after that three standard deviations imply.

    They are :math:`r = (s_0^2 + s_1^2 - s_d^2) / (2 s_0 s_1)`, s_0 and s_1 above zero; if all lie
    outside -1 to 1, the three cannot be of the same pairs. r falls as :math:`s_d` grows. In
    :math:`s_0` and in :math:`s_1` it is rising or convex: it is greatest in a corner of the two,
    and least in a corner or where :math:`s_0^2 = s_1^2 - s_d^2`, there with :math:`r = s_0 / s_1`.
    Reference: as of `deviation_of_change`.
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
