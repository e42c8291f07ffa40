"""The ratio of two means of the same patients."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from beforeafter.estimates import FEWEST_FOR_SPREAD, Floats

# Far finer than any scale, far coarser than the error of a sum: what is smaller is zero.
NEGLIGIBLE = 1e-9


def ratio_of_means(
    numerator: Floats, denominator: Floats, confidence_level: float
) -> tuple[float, float, float]:
    """Mean of one quantity in units of the mean of another.

    Parameters
    ----------
    numerator, denominator
        Two quantities of the same patients, shape (patients,).
    confidence_level
        0 to 1.

    Returns
    -------
    tuple of float
        The ratio and the limits of Fieller: the ratios θ for which Student's t does not reject a
        mean of zero of numerator - θ denominator. nan without patients or with a denominator of
        zero; limits nan for one patient, and where the mean of the denominator does not differ
        from zero, for then the ratios that are not rejected have no end.

    Notes
    -----
    Exact for normal quantities, however they are correlated. The limits solve a quadratic equation
    and need not lie as far below the ratio as above.

    References
    ----------
    Fieller EC. Some problems in interval estimation. 1954.
    doi:10.1111/j.2517-6161.1954.tb00159.x
    """
    n = len(numerator)
    if not n or abs(below := float(denominator.mean())) < NEGLIGIBLE:
        return math.nan, math.nan, math.nan
    above = float(numerator.mean())
    if n < FEWEST_FOR_SPREAD:
        return above / below, math.nan, math.nan
    chance = stats.t.ppf((1 + confidence_level) / 2, n - 1) ** 2 / n
    (var_above, cov), (_, var_below) = chance * np.cov(numerator, denominator)
    # a θ² - 2 b θ + c <= 0
    a, b, c = below**2 - var_below, above * below - cov, above**2 - var_above
    if a <= 0:
        return above / below, math.nan, math.nan
    root = math.sqrt(max(b * b - a * c, 0))
    return above / below, float(b - root) / a, float(b + root) / a
