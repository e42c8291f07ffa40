"""What the tests assume, to be looked at: that the changes are normal."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from beforeafter.estimates import Floats, Integers, changes, pairs_of, varies
from beforeafter.study import Outcome, of_part

# More points than these run together on any page.
MOST_POINTS = 2000


@dataclass(frozen=True)
class NormalQuantiles:
    """Sorted changes in standard deviations beside those of a normal sample of the same size.

    The limits, pointwise, are those in a normal sample from which its own mean and standard
    deviation were taken. All of shape (points,).
    """

    observed: Floats  # changes minus their mean, divided by their standard deviation
    expected: Floats  # median of each in a normal sample of mean 0 and standard deviation 1
    lower: Floats
    upper: Floats

    def told(self) -> dict[str, dict[str, float]]:
        """Return three of the points, which are published; of none, none."""
        n = len(self.expected)
        places = {"first": 0, "middle": n // 2, "last": n - 1} if n else {}
        return {
            name: {end: float(values[at]) for end, values in vars(self).items()}
            for name, at in places.items()
        }


@of_part()
def quantiles_of(
    cohort: pd.DataFrame, outcome: Outcome, confidence_level: float, smallest: int = 0
) -> NormalQuantiles:
    """Set the changes of an outcome beside what a normal sample would give."""
    return normal_quantiles(changes(*pairs_of(cohort, outcome)), confidence_level, smallest)


def normal_quantiles(change: Floats, confidence_level: float, smallest: int = 0) -> NormalQuantiles:
    """Set the changes beside what a normal sample would give.

    Parameters
    ----------
    change
        Follow-up minus baseline, shape (pairs,).
    confidence_level
        Of the limits, at each point by itself, 0 to 1.
    smallest
        Where it is not zero, no point is of fewer patients: each is the mean of so many
        neighbours, and so are its limits.

    Returns
    -------
    NormalQuantiles
        Of every change up to 2,000; of more, of so many at most, the least and the greatest among
        them. Empty when the changes do not vary.

    Notes
    -----
    The i-th of n uniform numbers has a beta distribution with parameters i and n + 1 - i; its
    median and limits are turned into normal quantiles. These are limits for a known mean and
    standard deviation. Measured from its own, a sample stays nearer to the line: at the share p of
    a large sample the variance is not p (1 - p) / φ(z)², but less by 1 + z² / 2 (Durbin), z being
    the normal quantile of p. By the root of what is left the limits are drawn in. That makes them
    a little wide in small samples (97% for 95 at ten, 95.5 at 40). A test of normality is not
    made: it says nothing in small samples, and in large ones finds what does not matter to a mean.

    References
    ----------
    Wilk MB, Gnanadesikan R. Probability plotting methods for the analysis of data. 1968.
    doi:10.1093/biomet/55.1.1

    Durbin J. Weak convergence of the sample distribution function when parameters are estimated.
    1973. doi:10.1214/aos/1176342365
    """
    if not varies(change):
        return NormalQuantiles(*4 * [np.array([])])
    n = len(change)
    order = _ranks(n)
    tail = (1 - confidence_level) / 2
    observed = np.sort((change - change.mean()) / change.std(ddof=1))[order - 1]
    uniform = stats.beta.ppf([[0.5], [tail], [1 - tail]], order, n + 1 - order)
    normal: Floats = np.asarray(special.ndtri(uniform))
    expected = normal[0]
    kept = _kept_by_own_mean_and_spread(expected)
    lower, upper = expected + kept * (normal[1:] - expected)
    parts = (_of_neighbours(part, smallest) for part in (observed, expected, lower, upper))
    return NormalQuantiles(*parts)


def _of_neighbours(sorted_values: Floats, smallest: int) -> Floats:
    """Return the means of neighbours, so many that none has fewer; of too few, nothing."""
    if not smallest:
        return sorted_values
    groups = np.array_split(sorted_values, max(len(sorted_values) // smallest, 1))
    return np.array([group.mean() for group in groups if len(group) >= smallest])


def _kept_by_own_mean_and_spread(z: Floats) -> Floats:
    """Return what is left of the standard error of quantiles, as a share of that for known ones."""
    taken = (1 + z**2 / 2) * stats.norm.pdf(z) ** 2
    kept: Floats = np.sqrt(1 - taken / (special.ndtr(z) * special.ndtr(-z)))
    return kept


def _ranks(n: int) -> Integers:
    """Return the ranks to show of n: all, or some in even steps on the axis of normal quantiles."""
    if n <= MOST_POINTS:
        return np.arange(1, n + 1)
    reach = special.ndtri(0.5 / n)
    even = special.ndtr(np.linspace(reach, -reach, MOST_POINTS))
    return np.unique(np.rint(n * even + 0.5).astype(np.int64))
