"""How far apart rank sums must be, by the sum of changes and that of their squares alone.

Every cohort with these sums has a distance above a bound by multipliers: the least of distance
less multiples of both sums, over all changes, whatever their sums. For given multipliers it is
found by choosing how many changes there are of each size, from the least size to the greatest:
all of a size are then rises, or all falls.
"""

from itertools import product
from math import isqrt

import numpy as np
import numpy.typing as npt

from reported.checks.signs_and_ranks import ranks_with
from reported.claims.printed import Interval
from reported.solver.sum_limits import SumLimits

Floats = npt.NDArray[np.float64]
Ends = tuple[int, int]
# Of more pairs of sums none are looked at, but the sum of changes alone.
LISTED = 2000
# How many values each multiplier takes at once, and how often these are drawn closer.
VALUES, ROUNDS = 5, 8
CLOSER = 0.5
# Distances are whole numbers: nothing is excluded by less than the error of floats.
SLACK = 1e-6


def excluded_by_ranks(sums: SumLimits, test: str, p: Interval) -> bool:
    """Whether no changes with sums that are allowed have a printed p of signed ranks."""
    if test != "wilcoxon":
        return False
    n, levels = sums.sizes[1], sums.lattice.levels
    if sums.size <= LISTED:
        found = [(total - start, sums.moved(start, total)) for total, start in sums.pairs()]
    else:
        found = [(change, sums.square_changes(change)) for change in sums.changes or ()]
    if not found:
        return False
    change = min(each for each, _ in found), max(each for each, _ in found)
    square = min(moved[0] for _, moved in found), max(moved[-1] for _, moved in found)
    # Where a p may not be had with so many zeros, every distance is enough.
    nearest, farthest = np.full((2, n + 1), np.inf), np.full((2, n + 1), -np.inf)
    for (ranked, zeros), spans in ranks_with(p, n).items():
        nearest[int(ranked), zeros] = spans[0][0]
        farthest[int(ranked), zeros] = spans[-1][1]
    falls = -change[1], -change[0]
    sizes = range(1, max(1, min(len(levels) - 1, isqrt(square[1]))) + 1)
    apart = [_exceeds(n, sizes, side, square, farthest) for side in (change, falls)]
    if any(apart):
        return True
    # Neither so far up, nor so far down, as the nearest distance.
    return all(_exceeds(n, sizes, side, square, -nearest) for side in (change, falls))


def _exceeds(n: int, sizes: range, change: Ends, square: Ends, asked: Floats) -> bool:
    """Whether rises outweigh falls by more than is asked, zeros ranked or not, however many."""
    best = np.full(asked.shape, -np.inf)
    centre, width = (0.0, 0.0), (4.0 * n, 4.0 * n / len(sizes))
    steps = np.linspace(-1, 1, VALUES)
    for _ in range(ROUNDS):
        ways = np.array(list(product(*(c + w * steps for c, w in zip(centre, width, strict=True)))))
        values = _least(n, sizes, ways)
        for column, ends in enumerate((change, square)):
            values += np.minimum(*(ways[:, column] * end for end in ends))[:, None, None]
        best = np.maximum(best, values.max(axis=0))
        short = best - asked
        if (short > SLACK).all():
            return True
        worst = np.unravel_index(np.argmin(short), short.shape)
        centre = tuple(ways[values[:, worst[0], worst[1]].argmax()])
        width = (width[0] * CLOSER, width[1] * CLOSER)
    return False


def _least(n: int, sizes: range, ways: Floats) -> Floats:
    """Return the least distance less multiples of both sums, shape (ways, zeros ranked, zeros)."""
    before, after = np.indices((n + 1, n + 1))
    many, fewer = np.maximum(after - before, 0), np.where(after < before, np.inf, 0)
    ranks = before + after + 1.0
    # From no rank on, to any number of ranks; and from any number of zeros, to all ranks.
    unranked, ranked = np.full((2, len(ways), n + 1), np.inf)
    unranked[:, 0] = ranked[:, n] = 0
    each, square = ways.T[:, :, None, None]

    def cost(size: int) -> Floats:
        found: Floats = fewer - many * (np.abs(ranks - each * size) + square * size**2)
        return found

    for size in sizes:
        unranked = (unranked[:, :, None] + cost(size)).min(axis=1)
    for size in reversed(sizes):
        ranked = (cost(size) + ranked[:, None, :]).min(axis=2)
    return np.stack([unranked[:, ::-1], ranked], axis=1)
