"""p-values of sign, signed-rank and correlation tests, against enumeration and known answers."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from reported.checks.other_tests import (
    RANKS,
    _r_and_p,
    _rank_p_values,
    _sign_p_values,
    _t_and_p,
)
from reported.claims.printed import Interval, parse


def printed(text: str) -> Interval:
    return parse(text).interval("either")


@pytest.mark.parametrize("n", [1, 3, 5, 6])
def test_every_sign_pattern_of_small_changes_has_a_listed_p(n: int) -> None:
    values = _rank_p_values(n)
    rng = np.random.default_rng(n)
    for _ in range(60):
        changes = rng.integers(-3, 4, n)
        if not changes.any():
            continue
        for drop in (True, False):
            kept = changes[changes != 0] if drop else changes
            ranks = stats.rankdata(np.abs(kept))[kept != 0]
            positive = kept[kept != 0] > 0
            t = abs(2 * ranks[positive].sum() - ranks.sum())
            patterns = np.array(list(product((-1, 1), repeat=len(ranks))))
            p = float((np.abs(patterns @ ranks) >= t - 1e-9).mean())
            assert np.isclose(values, p).any()


def test_what_scipy_says_of_signed_ranks_is_listed() -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        changes = rng.integers(-4, 4, 8)
        for zeros, correction in product(("wilcox", "pratt"), (True, False)):
            if np.count_nonzero(changes):
                p = stats.wilcoxon(
                    changes, zero_method=zeros, correction=correction, method="asymptotic"
                ).pvalue
                assert np.isclose(_rank_p_values(8), p).any()


def test_sign_tests_by_counting() -> None:
    values = _sign_p_values(9)
    for n, k in ((m, k) for m in range(1, 10) for k in range(m // 2 + 1)):
        p = min(1, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n)
        assert np.isclose(values, p).any()


@pytest.mark.parametrize(
    ("test", "text", "n", "possible"),
    [
        ("wilcoxon", "p = 0.063", 5, True),
        ("wilcoxon", "p < 0.001", 8, False),
        ("wilcoxon", "p < 0.01", 8, True),
        ("wilcoxon", "p < 0.0001", 12, False),
        ("wilcoxon", "p < 0.0001", 60, True),
        ("sign", "p = 0.0156", 7, True),
        ("sign", "p = 0.0001", 7, False),
    ],
)
def test_a_p_that_so_few_pairs_cannot_have(test: str, text: str, n: int, possible: bool) -> None:
    assert RANKS[test](printed(text), n)[0] is possible


def test_r_with_its_p_tells_how_many_there_were() -> None:
    allowed = [n for n in range(10, 60) if _r_and_p(printed("0.66"), printed("p = 0.0001"), n)[0]]
    # t = 0.66 √(27 / (1 - 0.66²)) = 4.57 of 29 patients has p = 0.0001.
    assert 29 in allowed
    assert 50 not in allowed
    assert 12 not in allowed


def test_t_with_its_p_tells_how_many_pairs_there_were() -> None:
    t, p = printed("3.98"), printed("p = 0.0005")
    allowed = [n for n in range(3, 60) if _t_and_p(t, p, n)[0]]
    assert allowed == [
        n
        for n in range(3, 60)
        if 2 * stats.t.sf(3.985, n - 1) <= 0.00055 and 2 * stats.t.sf(3.975, n - 1) >= 0.00045
    ]
    assert 27 in allowed
