"""The percentage change between two printed means."""

from __future__ import annotations

from itertools import product

from reported.claims.printed import Interval


def change_between(before: Interval, after: Interval) -> Interval:
    r"""Return the percentages by which the means behind two printed ones can differ.

    Parameters
    ----------
    before, after
        The numbers that the printed means may stand for; those before are above zero.

    Returns
    -------
    Interval
        All values of :math:`100 (m_1 - m_0) / m_0`.

    Notes
    -----
    The quotient is monotone in either mean, so its extremes are at the ends of both. It is the
    printed percentage only if both means are of the same patients, and if the percentage is that
    of the means rather than the mean of the percentages of each patient.

    References
    ----------
    Vickers AJ. The use of percentage change from baseline as an outcome in a controlled trial is
    statistically inefficient. BMC Med Res Methodol 2001;1:6. https://doi.org/10.1186/1471-2288-1-6
    """
    quotients = [
        (100 * (last - first) / first, first in before and last in after)
        for first, last in product((before.low, before.high), (after.low, after.high))
    ]
    # Of equal quotients one that is attained decides whether the end is in.
    low, low_open = min((quotient, not attained) for quotient, attained in quotients)
    high, high_closed = max(quotients)
    return Interval(low, high, not low_open, high_closed)
