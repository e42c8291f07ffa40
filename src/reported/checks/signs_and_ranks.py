"""p-values of sign and signed-rank tests, by the rules of all the usual programmes.

A p-value is that of two sides, or of the side that was seen. Rank sums stand here by twice the
distance between those of falls and of rises, a whole number whatever the ties.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from math import ceil, floor, sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from reported.claims.printed import Interval

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
# Whether zeros are ranked, how many there are, and how far apart the rank sums may be.
Spans = dict[tuple[bool, int], list[tuple[int, int]]]

# Of more pairs all sign patterns and ties are too many to list; of more some programmes use a
# t-test of the ranks.
LISTED, EXACT = 9, 20
SLACK = 1e-9
# No ranks that are looked at have so small a p.
LEAST = 1e-100


def has_p(changes: Integers, test: str, p: Interval) -> bool:
    """Whether changes have a printed p of a sign or signed-rank test by any of the rules."""
    signs = np.sign(changes)
    if test == "sign":
        return (int((signs > 0).sum()), int((signs < 0).sum())) in signs_with(p, len(changes))
    _, tied = np.unique(np.abs(changes[signs != 0]), return_counts=True)
    zeros, ranks = int((signs == 0).sum()), 2 * stats.rankdata(np.abs(changes))
    apart = [abs(signs @ (ranks - off)) for off in (2 * zeros, 0)]
    return any(
        inside(p, values[sums == apart[ranked]]).any()
        for ranked, sums, values in rank_p_values(tied.tolist(), zeros)
    )


def inside(p: Interval, values: Floats) -> npt.NDArray[np.bool_]:
    """Return which of some values, all of which are floats, a printed p may stand for."""
    return (values >= float(p.low) * (1 - SLACK)) & (values <= float(p.high) * (1 + SLACK))


def signs_with(p: Interval, n: int) -> set[tuple[int, int]]:
    """Return how many of n pairs may rise and fall where a sign test has a printed p.

    McNemar's test is the sign test of those who changed.
    """
    fewer, changed, values = sign_p_values(n)
    found = inside(p, values).any(axis=0)
    ways = set(zip((changed - fewer)[found].tolist(), fewer[found].tolist(), strict=True))
    return ways | {(down, up) for up, down in ways}


@cache
def sign_p_values(n: int) -> tuple[Integers, Integers, Floats]:
    """Return the fewer of those who changed, all who did, and the p by each rule, (rules, ways).

    The rules are exact, exact by the middle of the last probability, and normal with each
    correction for continuity.
    """
    fewer, changed = (each.ravel() for each in np.indices((n // 2 + 1, n + 1)))
    fewer, changed = fewer[2 * fewer <= changed], changed[2 * fewer <= changed]
    apart = changed - 2 * fewer
    exact = 2 * stats.binom.cdf(fewer, changed, 0.5)
    middle = exact - stats.binom.pmf(fewer, changed, 0.5)
    root = np.sqrt(np.maximum(changed, 1))
    normal = [2 * ndtr(-np.maximum(apart - off, 0) / root) for off in (0, 0.5, 1)]
    both = np.minimum(1, [exact, middle, *normal])
    return fewer, changed, np.concatenate([both, both / 2])


def rank_p_values(tied: Sequence[int], zeros: int) -> Iterator[tuple[bool, Integers, Floats]]:
    """Yield whether zeros are ranked, how far apart the rank sums can be, and the p of each.

    `tied` is how many changes there are of each size, from the least. The rules are: exact with
    these ties, exact as if there were none, normal with and without corrections for ties and for
    continuity, and a t-test of the ranks.

    References
    ----------
    Pratt JW. Remarks on zeros and ties in the Wilcoxon signed rank procedures. J Am Stat Assoc
    1959;54:655-667. https://doi.org/10.1080/01621459.1959.10501526
    """
    m = sum(tied)
    if not m:
        yield from ((ranked, np.zeros(1, int), np.ones(1)) for ranked in (False, True))
        return
    ends = np.cumsum(tied, dtype=np.int64)
    plain, untied = np.repeat(2 * ends - np.array(tied) + 1, tied), 2 * np.arange(1, m + 1)
    for ranked in (False, True):
        ranks, distinct = plain + 2 * zeros * ranked, untied + 2 * zeros * ranked
        apart, tails = rank_tails(ranks)
        all_apart, all_tails = rank_tails(distinct)
        # A distance that only ties can have is looked up as the next greater, or less.
        greater = np.searchsorted(all_apart, apart)
        less = np.searchsorted(all_apart, apart, "right") - 1
        found = [2 * tails, 2 * all_tails[greater.clip(max=len(all_apart) - 1)]]
        found.append(2 * all_tails[less.clip(min=0)])
        squares = [float((each**2).sum()) for each in (ranks, distinct)]
        of_zeros = 2 * np.arange(1, zeros * ranked + 1), np.full(zeros * ranked, zeros + 1)
        squares += [a + float((b**2).sum()) for a, b in product(squares, of_zeros)]
        for square in set(squares):
            found += [2 * ndtr(-np.maximum(apart - off, 0) / sqrt(square)) for off in (0, 2)]
            if m > EXACT:
                left = np.maximum(m * square - apart.astype(float) ** 2, SLACK)
                found.append(2 * stdtr(m - 1, -apart * sqrt(m - 1) / np.sqrt(left)))
        for values in found:
            yield ranked, apart, np.minimum(1, values)
            yield ranked, apart, np.minimum(1, values) / 2


@cache
def _of_listed(n: int) -> tuple[Integers, Floats]:
    """Return every p of n signed ranks, with whether zeros are ranked, their number, distance."""
    rows, found = [], []
    for zeros in range(n + 1):
        for cuts in product((False, True), repeat=max(n - zeros - 1, 0)):
            ends = np.flatnonzero([*cuts, True]) + 1 if zeros < n else np.zeros(0, int)
            for ranked, apart, values in rank_p_values(np.diff(ends, prepend=0).tolist(), zeros):
                rows.append(
                    np.stack([np.full(len(apart), ranked), np.full(len(apart), zeros), apart])
                )
                found.append(values)
    return np.concatenate(rows, axis=1), np.concatenate(found)


def rank_tails(ranks: Integers) -> tuple[Integers, Floats]:
    """Return how far apart rank sums can be, and the chance of that or more to one side."""
    total = int(ranks.sum())
    chance = np.zeros(total + 1)
    chance[0] = 1.0
    for rank in ranks.tolist():
        chance /= 2
        chance[rank:] += chance[:-rank].copy()
    sums = np.flatnonzero(chance)
    sums = sums[2 * sums >= total]
    return 2 * sums - total, np.cumsum(chance[::-1])[::-1][sums]


@cache
def ranks_with(p: Interval, n: int) -> Spans:
    """Return how far apart the rank sums of n pairs may be where they have a printed p.

    Of few pairs they are listed; of more they are limited, whatever the ties.
    """
    if n <= LISTED:
        rows, values = _of_listed(n)
        spans: Spans = {}
        for ranked, zeros, apart in np.unique(rows[:, inside(p, values)], axis=1).T.tolist():
            spans.setdefault((bool(ranked), zeros), []).append((apart, apart))
        return spans
    found = {
        (ranked, zeros): _limits(p, n - zeros, zeros, ranked=ranked)
        for ranked in (False, True)
        for zeros in range(n)
    }
    spans = {key: [ends] for key, ends in found.items() if ends[0] <= ends[1]}
    return spans | ({(False, n): [(0, 0)]} if p.high >= 1 else {})


def _limits(p: Interval, m: int, zeros: int, *, ranked: bool) -> tuple[int, int]:
    """Return the least and greatest distance of m ranks with a printed p, by any of the rules.

    A rank among ties is the mean of ranks: a distance without ties is that with ties and a rest,
    which is as often above 0 as below whatever the latter. So the chance of a distance is at most
    doubled by ties. The rest is a sum with random signs, to which Hoeffding's inequality applies.

    References
    ----------
    Hoeffding W. Probability inequalities for sums of bounded random variables. J Am Stat Assoc
    1963;58:13-30. https://doi.org/10.1080/01621459.1963.10500830
    """
    # A p of one side is half of that of both.
    low, high = max(LEAST, float(p.low) * (1 - SLACK)), min(1.0, 2 * float(p.high) * (1 + SLACK))
    ranks = 2 * (np.arange(1, m + 1) + zeros * ranked)
    apart, tails = rank_tails(ranks)
    square, tied = float((ranks**2).sum()), float(ranks.sum()) ** 2 / m
    every = 4 * float((np.arange(1, m + zeros * ranked + 1) ** 2).sum())
    z = [-float(ndtri(end / 2)) for end in (high, low)]
    least, most = [z[0] * sqrt(tied)], [z[1] * sqrt(every) + 2]
    if high >= 2.0 ** (1 - m):
        excess = tails - high / 2
        far = excess > 0
        rest = np.sqrt(-2 * (square - tied) * np.log(excess[far]))
        least.append(float((apart[far] - rest).max(initial=0)))
        most.append(float(apart[4 * tails >= low].max(initial=0)))
    if m > EXACT:
        t = [-float(stdtrit(m - 1, end / 2)) for end in (high, low)]
        ratio = [m * each**2 / (m - 1 + each**2) for each in t]
        least.append(sqrt(ratio[0] * tied))
        most.append(sqrt(ratio[1] * every))
    if min(least) > apart[-1] * (1 + SLACK):
        return 1, 0
    # A rule may round a distance that only ties can have.
    return max(0, floor(min(least)) - 2), min(ceil(min(max(most), 1e9)) + 2, int(apart[-1]))
