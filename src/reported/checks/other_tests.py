"""p-values of other tests than the paired t-test, and of r: how many patients can have them.

A p-value is refuted only where none of the usual programmes, whose rules differ, gives it.
"""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import product
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from beforeafter.study import Study
from reported.checks.p_values import t_of_p, widened
from reported.checks.single import SizedCheck
from reported.claims.printed import Interval
from reported.claims.published import Published

Floats = npt.NDArray[np.float64]
# Of more pairs all sign patterns and ties are too many; from more on some programmes use a t-test
# of the ranks, and any p may be had; of more a sign test has nearly every p.
LISTED, BOUNDED, COUNTED = 9, 20, 200
# Fewer have exact p-values of rank correlations; variables adjusted for take degrees of freedom.
FEWEST, ADJUSTED = 10, 4
SLACK = 1e-9


def other_tests(published: Published, study: Study, sizes: Sequence[int]) -> Iterator[SizedCheck]:
    """Yield checks of the p-values of sign, signed-rank and correlation tests, and of t with p."""
    claims = {claim.key: claim for claim in published.claims}
    for name in (outcome.name for outcome in study.outcomes):
        p, t, r, of_r = (claims.get(f"{name}.change.{kind}") for kind in ("p", "t", "r", "r_p"))
        test = p.test_in(study.analysis.test) if p else ""
        if p and test in RANKS:
            judge = partial(RANKS[test], published.interval(p))
            yield SizedCheck(f"{test} test", (p.key,), sizes, judge)
        if p and t and test == "paired_t" and t.test_in(test) == test:
            pair = published.interval(t), published.interval(p)
            yield SizedCheck("t and p", (t.key, p.key), sizes, partial(_t_and_p, *pair))
        if r and of_r:
            pair = published.interval(r), published.interval(of_r)
            yield SizedCheck("r and p", (r.key, of_r.key), sizes, partial(_r_and_p, *pair))


def _t_and_p(t: Interval, p: Interval, n: int) -> tuple[bool, str]:
    allowed = t_of_p(p, n - 1)
    return allowed.meets(t.absolute()), f"{n} pairs with this p have a t in {allowed}"


def _r_and_p(r: Interval, p: Interval, n: int) -> tuple[bool, str]:
    """Whether p is that of a correlation, some variables adjusted for, or of an effect Z/√n."""
    if n < FEWEST:
        return True, "of so few patients p is not always that of a t-test"
    size = r.absolute()
    near, far = min(float(size.low), 1.0), min(float(size.high), 1.0)
    least = _p_of_r(far, n - 2)
    most = max(_p_of_r(near, n - 2 - k) for k in range(ADJUSTED + 1))
    effects = [2 * stats.norm.sf(end * sqrt(m)) for end in (near, far) for m in (n, 2 * n)]
    hull = widened(min(least, *effects), max(most, *effects))
    return hull.meets(p), f"this r of {n} patients has a p in {hull}"


def _p_of_r(r: float, freedom: int) -> float:
    t = r * sqrt(freedom / (1 - r**2)) if r < 1 else np.inf
    return float(2 * stats.t.sf(t, freedom))


def _sign(p: Interval, n: int) -> tuple[bool, str]:
    if n > COUNTED:
        return True, "of so many pairs nearly every p can be had"
    return _listed(
        p, _sign_p_values(n)
    ), f"none better and worse of {n} has a sign test with this p"


def _signed_ranks(p: Interval, n: int) -> tuple[bool, str]:
    """Whether signed ranks have a p; none is below 2^(1-n), and no z above √n (Cauchy, Schwarz)."""
    if n > BOUNDED:
        return True, "of so many pairs any p can be had"
    if n <= LISTED:
        return _listed(p, _rank_p_values(n)), f"no signs and ties of {n} ranks have this p"
    least = min(2.0 ** (1 - n), 2 * float(stats.norm.sf(sqrt(n))))
    return p.high >= widened(least, 1).low, f"the least p of {n} pairs is {least:.3g}"


RANKS = {"sign": _sign, "wilcoxon": _signed_ranks}


@cache
def _sign_p_values(n: int) -> Floats:
    """Return every p of a sign test of up to n pairs, exact or normal, with correction or not."""
    changed, fewer = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    changed, fewer = changed[2 * fewer <= changed], fewer[2 * fewer <= changed]
    exact = np.minimum(1, 2 * stats.binom.cdf(fewer, changed, 0.5))
    apart = changed - 2 * fewer
    normal = [
        2 * stats.norm.sf(np.maximum(apart - off, 0) / np.sqrt(np.maximum(changed, 1)))
        for off in (0, 1)
    ]
    return np.unique(np.concatenate([exact, *normal]))


@cache
def _rank_p_values(n: int) -> Floats:
    """Return every p of signed ranks of n pairs: any zeros and ties, by the usual programmes."""
    found = [np.ones(1)]
    for zeros, ties in ((z, t) for z in range(n) for t in product((0, 1), repeat=n - z - 1)):
        m = n - zeros
        group = np.cumsum([0, *ties])
        plain = np.array([2 * (np.flatnonzero(group == g).mean() + 1) for g in group]).astype(int)
        for left_out in (0, 2 * zeros):
            ranks, untied = plain + left_out, np.arange(2, 2 * m + 1, 2) + left_out
            counts = np.ones(1)
            for rank in ranks:
                counts = np.convolve(counts, np.eye(1, rank + 1)[0] + np.eye(1, rank + 1, rank)[0])
            sums = np.flatnonzero(counts)
            upper = np.cumsum(counts[::-1])[::-1][sums]
            found.append(np.minimum(1, 2 * upper / 2**m))
            apart = np.abs(2 * sums - ranks.sum())
            for variance in {int((each**2).sum()) for each in (ranks, untied)}:
                found += [
                    2 * stats.norm.sf(np.maximum(apart - off, 0) / sqrt(variance)) for off in (0, 2)
                ]
    return np.unique(np.concatenate(found))


def _listed(p: Interval, values: Floats) -> bool:
    """Whether a printed p is one of some values, all of which are floats."""
    low, high = float(p.low), float(p.high)
    return bool(((values >= low * (1 - SLACK)) & (values <= high * (1 + SLACK))).any())
