"""Means of samples whose spreads may differ, compared: Welch's tests."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from beforeafter.estimates import Floats, quantity, varies


@dataclass(frozen=True)
class Interaction:
    """Test of equal mean changes in all subgroups."""

    n_tested: int = quantity("count")
    df_between: int = quantity("count")
    statistic: float = quantity("statistic")
    df_within: float = quantity("statistic")
    p: float = quantity("p")


@dataclass(frozen=True)
class Difference:
    """Mean change of the second of two subgroups minus that of the first."""

    mean: float = quantity("change")
    lower: float = quantity("change")
    upper: float = quantity("change")


def welch_test(samples: list[Floats]) -> Interaction:
    """Test that means are equal, with spreads that may differ: Welch's analysis of variance.

    Of the changes of each subgroup, each of at least two patients. nan below two subgroups, and
    where a subgroup has all changes equal, whose weight would be without bound.

    Notes
    -----
    R's `oneway.test`. For two subgroups the statistic is the square of Welch's t.

    References
    ----------
    Welch BL. On the comparison of several mean values: an alternative approach. 1951.
    doi:10.2307/2332579
    """
    n, between = sum(map(len, samples)), max(len(samples) - 1, 0)
    if not between or not all(map(varies, samples)):
        return Interaction(n, between, math.nan, math.nan, math.nan)
    result = stats.f_oneway(*samples, equal_var=False)
    within = _welch_df(samples)
    return Interaction(n, between, float(result.statistic), within, float(result.pvalue))


def _welch_df(samples: list[Floats]) -> float:
    """Degrees of freedom within groups, which scipy uses and does not return."""
    size = np.array([len(sample) for sample in samples])
    weight = size / np.array([sample.var(ddof=1) for sample in samples])
    uncertainty = ((1 - weight / weight.sum()) ** 2 / (size - 1)).sum()
    return float((len(samples) ** 2 - 1) / (3 * uncertainty))


def welch_difference(first: Floats, second: Floats, confidence_level: float) -> Difference:
    """Difference of two mean changes, second minus first, with the interval of Welch's t.

    Each is of at least two patients; there is no interval where either has all changes equal.
    """
    difference = float(second.mean() - first.mean())
    if not (varies(first) and varies(second)):
        return Difference(difference, math.nan, math.nan)
    interval = stats.ttest_ind(second, first, equal_var=False).confidence_interval(confidence_level)
    return Difference(difference, float(interval.low), float(interval.high))
