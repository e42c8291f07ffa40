"""p-values of sign, signed-rank and correlation tests, and how many pairs can have them."""

from __future__ import annotations

import pytest
from scipy import stats

from reported.checks.other_tests import RANKS, _r_and_p, _t_and_p
from reported.claims.printed import Interval, parse


def printed(text: str) -> Interval:
    return parse(text).interval("either")


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
