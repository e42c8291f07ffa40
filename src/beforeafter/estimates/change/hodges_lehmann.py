"""The typical change, without asking that changes are normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from beforeafter.estimates.change.pairs import Integers, in_steps
from beforeafter.estimates.change.sign_flips import can_be_listed, positive_sums
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

    Parameters
    ----------
    change
        Follow-up minus baseline, shape (pairs,).
    confidence_level
        0 to 1.

    Returns
    -------
    PseudoMedian
        All nan without changes; the limits nan where even the widest interval, from the least to
        the greatest change, has less than the confidence level (below 6 pairs at 95%).

    Notes
    -----
    The limits are the centres that the signed-rank test does not reject: the means of two
    changes (Walsh averages) at ranks c and N + 1 - c of all N = n (n + 1) / 2, with c from the
    distribution of the signed-rank sum without ties, which makes them conservative with ties: a
    limit may be zero where the exact signed-rank test, which knows the ties, has a small p-value.
    Means are never listed but counted, in n log n: changes are whole numbers of steps.

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
    rank = _critical_rank(n, confidence_level)
    middle = [(n_means + 1) // 2, n_means // 2 + 1]
    ranks = np.array([*middle, rank, n_means + 1 - rank] if rank else middle)
    means = (_pair_sums(values, patients, ranks) / (2 * steps.per_unit)).tolist()
    return PseudoMedian((means[0] + means[1]) / 2, *(means[2:] or (math.nan, math.nan)))


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


# Depends on the number of changes alone, and is asked for again in every analysis of a cohort.
@cache
def _critical_rank(n: int, confidence_level: float) -> int:
    """Return the greatest rank from either end with the confidence level between; 0: none."""
    tail, ranks = (1 - confidence_level) / 2, np.arange(1, n + 1)
    if can_be_listed(ranks):
        # Of a symmetric distribution less than a half is needed.
        return int((np.cumsum(positive_sums(ranks, n * (n + 1) // 4)) <= tail).sum())
    mean, variance = n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24
    return int(mean + stats.norm.ppf(tail) * math.sqrt(variance))
