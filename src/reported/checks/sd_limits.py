"""The least and the greatest standard deviation that scores with a given sum can have."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from reported.claims.lattice import Lattice


def squares_limits(n: int, total: int, levels: range) -> tuple[int, int]:
    """Return the least and the greatest sum of squares of n integers with a given sum.

    Parameters
    ----------
    n
        Number of scores.
    total
        Their sum in steps, between n times the least and n times the greatest level.
    levels
        The values of a score, in steps.

    Notes
    -----
    Moving two scores one step apart raises the sum of squares. It is least when no two scores
    differ by more than one step, and greatest when at most one is not at an end of the scale.
    """
    share, rest = divmod(total, n)
    least = (n - rest) * share**2 + rest * (share + 1) ** 2
    low, high = levels[0], levels[-1]
    at_top, above = divmod(total - n * low, high - low or 1)
    # What is left for one score between the ends; none is left over when all are at the top.
    between = (low + above) ** 2 - low**2
    return least, at_top * high**2 + (n - at_top) * low**2 + between


def sd_limits(n: int, total: int, lattice: Lattice) -> tuple[float, float]:
    r"""Return the least and the greatest standard deviation, with the divisor n - 1.

    Parameters
    ----------
    n
        Number of scores, at least 2.
    total
        Their sum in steps.
    lattice
        The values of a score.

    Notes
    -----
    With the sum :math:`S` and the sum of squares :math:`Q` in steps of :math:`g`,
    :math:`s^2 = g^2 (Q - S^2 / n) / (n - 1)`.

    References
    ----------
    Wallrich L, Brown NJL. rsprite2, `sd_limits`. https://doi.org/10.32614/CRAN.package.rsprite2
    """
    least, greatest = squares_limits(n, total, lattice.levels)
    return _deviation(n, total, least, lattice.step), _deviation(n, total, greatest, lattice.step)


def _deviation(n: int, total: int, squares: int, step: Fraction) -> float:
    return float(step) * sqrt((squares - Fraction(total**2, n)) / (n - 1))
