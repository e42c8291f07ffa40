"""p-values of other tests than the paired t-test, and of r: how many patients can have them.

A p-value is refuted only where none of the usual programmes, whose rules differ, gives it.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from math import sqrt

import numpy as np
from scipy import stats

from beforeafter.study import Study
from reported.checks.p_values import t_of_p, widened
from reported.checks.signs_and_ranks import EXACT, ranks_with, signs_with
from reported.checks.single import SizedCheck
from reported.claims.printed import Interval
from reported.claims.published import Published

# Of more pairs a sign test has nearly every p.
COUNTED = 200
# Fewer have exact p-values of rank correlations; variables adjusted for take degrees of freedom.
FEWEST, ADJUSTED = 10, 4


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
    return bool(signs_with(p, n)), f"none better and worse of {n} has a sign test with this p"


def _signed_ranks(p: Interval, n: int) -> tuple[bool, str]:
    if n > EXACT:
        return True, "of so many pairs any p can be had"
    return bool(ranks_with(p, n)), f"no signs and ties of {n} ranks have this p"


RANKS = {"sign": _sign, "wilcoxon": _signed_ranks}
