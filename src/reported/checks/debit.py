"""DEBIT: whether zeros and ones can have the printed mean and standard deviation."""

from __future__ import annotations

from fractions import Fraction

from reported.claims.printed import Interval


def debit(mean: Interval, deviation: Interval, n: int) -> bool:
    """Return whether some proportion that rounds to the mean has the standard deviation.

    Both are of n zeros and ones; the standard deviation has the divisor n - 1.

    Notes
    -----
    Zeros and ones with the mean :math:`m` have the variance :math:`n m (1 - m) / (n - 1)`, which
    is greatest at :math:`m = 1/2`. Whether :math:`n m` is an integer is not asked: that is GRIM,
    and both at once is `grimmer` with the levels 0 and 1.

    References
    ----------
    Heathers JAJ, Brown NJL. DEBIT: a simple consistency test for binary data. 2019.
    https://osf.io/5vb3u
    """
    low, high = max(mean.low, Fraction(0)), min(mean.high, Fraction(1))
    if low > high:
        return False
    # The spread m (1 - m) at each end. Of equal ones, that of an end that is in comes first.
    ends = sorted([(low * (1 - low), low not in mean), (high * (1 - high), high not in mean)])
    half = Fraction(1, 2)
    top = (half**2, False) if low < half < high else ends[1]
    spread = Interval(ends[0][0], top[0], not ends[0][1], not top[1])
    return spread.scaled(Fraction(n, n - 1)).meets(deviation.squared())
