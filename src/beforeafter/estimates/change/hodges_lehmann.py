"""The typical change, without asking that changes are normal."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from beforeafter.estimates.change.hypothesis_tests import (
    can_be_listed,
    doubled_signed_ranks,
    two_sided,
)
from beforeafter.estimates.change.pairs import Integers, in_steps
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats


@dataclass(frozen=True)
class PseudoMedian:
    """Hodges and Lehmann's estimate of the centre of the changes, with its interval."""

    estimate: float = quantity("change")
    lower: float = quantity("change")
    upper: float = quantity("change")


def hodges_lehmann(change: Floats, confidence_level: float) -> PseudoMedian:
    """Median of the means of all pairs of changes, each with itself included.

    All nan without changes; the limits nan where even the widest interval, from the least to the
    greatest change, has less than the confidence level (below 6 pairs at 95%).

    Notes
    -----
    The interval inverts the exact signed-rank test that stands beside it, ties included: it spans
    all centres from which `wilcoxon_signed_rank` finds the changes not to differ. A limit may be a
    centre that is itself rejected, when all centres just within are not. Where sums of ranks are
    too many to be listed (beyond some 350 pairs) the limits are the means of pairs at ranks c and
    N + 1 - c of all N = n (n + 1) / 2, ties aside, by the normal approximation.

    References
    ----------
    Hodges JL, Lehmann EL. Estimates of location based on rank tests. 1963.
    doi:10.1214/aoms/1177704172

    Bauer DF. Constructing confidence sets using rank statistics. 1972.
    doi:10.1080/01621459.1972.10481279
    """
    n = len(change)
    if not n:
        return PseudoMedian(math.nan, math.nan, math.nan)
    n_means = n * (n + 1) // 2
    steps = in_steps(change)
    values, patients = np.unique(steps.counts, return_counts=True)
    middle = _pair_sums(values, patients, np.array([(n_means + 1) // 2, n_means // 2 + 1]))
    if can_be_listed(2 * np.arange(1, n + 1)):
        limits = _exact_limits(values, patients, confidence_level)
    else:
        rank = _critical_rank(n, confidence_level)
        limits = _pair_sums(values, patients, np.array([rank, n_means + 1 - rank])).tolist()
    estimate, lower, upper = (
        float(part) / (2 * steps.per_unit) for part in (middle.sum() / 2, *limits)
    )
    # At levels of a few per cent a coarse scale may have no centre that is not rejected.
    return PseudoMedian(estimate, min(lower, estimate), max(upper, estimate))


def _exact_limits(
    values: Integers, patients: Integers, confidence_level: float
) -> tuple[float, float]:
    """Return the least and the greatest sum of two changes that the test allows as twice a centre.

    `values` are distinct changes in order, `patients` how many have each. Nan where every centre,
    however far, is allowed.
    """
    n = int(patients.sum())
    if 2.0 ** (1 - n) > 1 - confidence_level:
        return math.nan, math.nan
    sums, counts = _listed_sums(values, patients)
    # Twice the candidates: each sum, and one place between each two.
    candidates = np.repeat(2 * sums, 2)[:-1]
    candidates[1::2] += np.diff(sums)

    @cache
    def allowed(place: int) -> bool:
        if not 0 <= place < len(candidates):
            return False
        away = 4 * values - candidates[place]
        if not away.any():
            return True
        return two_sided(*doubled_signed_ranks(away, patients)) > 1 - confidence_level

    # Where no change is zero and none has two signs, the sum of the positive ranks is the number of
    # sums above; its variance is known. So the search begins near its end.
    above = counts.sum() - np.cumsum(counts)
    z = float(stats.norm.ppf((1 - confidence_level) / 2))
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - np.sum(patients**3 - patients) / 48)
    far = z * spread
    first = int(np.searchsorted(-above, -(counts.sum() / 2 - far)))
    last = int(np.searchsorted(-above, -(counts.sum() / 2 + far)))
    low = _outermost(2 * first + 1, -1, len(candidates), allowed)
    high = _outermost(2 * last - 1, 1, len(candidates), allowed)
    return float(sums[low // 2]), float(sums[(high + 1) // 2])


def _listed_sums(values: Integers, patients: Integers) -> tuple[Integers, Integers]:
    """Return the distinct sums of two changes in order, and of how many pairs each is."""
    pairs = np.outer(patients, patients)
    # Each pair of two patients is counted once, a patient with himself too.
    pairs[np.diag_indices_from(pairs)] += patients
    sums, place = np.unique(np.add.outer(values, values), return_inverse=True)
    return sums, np.rint(np.bincount(place.ravel(), pairs.ravel()) / 2).astype(np.int64)


def _outermost(start: int, step: int, n: int, allowed: Callable[[int], bool]) -> int:
    """Return the last allowed place in a direction, a single one that is not being passed over."""
    nearest_first = (place for away in range(n) for place in (start - away, start + away))
    place = next((place for place in nearest_first if allowed(place)), start)
    while allowed(place + step) or allowed(place + 2 * step):
        place += step if allowed(place + step) else 2 * step
    return place


def _pair_sums(values: Integers, patients: Integers, ranks: Integers) -> Integers:
    """Return the sums at ranks among the sums of all pairs, by halving where they can be."""
    up_to = np.append(0, np.cumsum(patients))

    def n_at_most(totals: Integers) -> Integers:
        others = np.searchsorted(values, totals[:, np.newaxis] - values, side="right")
        twice = np.searchsorted(values, totals // 2, side="right")
        # Each pair of two patients was counted from either side, a patient with himself once.
        counted: Integers = (up_to[others] @ patients + up_to[twice]) // 2
        return counted

    low, high = np.full(len(ranks), 2 * values[0]), np.full(len(ranks), 2 * values[-1])
    while (low < high).any():
        middle = (low + high) // 2
        enough = n_at_most(middle) >= ranks
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return low


def _critical_rank(n: int, confidence_level: float) -> int:
    """Return the rank from either end with about the confidence level between."""
    tail = (1 - confidence_level) / 2
    mean, variance = n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24
    return int(mean + float(stats.norm.ppf(tail)) * math.sqrt(variance))
