"""p-values of signs and ranks: R's answers, enumeration, and limits that no cohort oversteps."""

from __future__ import annotations

import csv
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from reported.checks.p_values import proportions_p
from reported.checks.signs_and_ranks import (
    LISTED,
    Integers,
    has_p,
    inside,
    rank_p_values,
    ranks_with,
    sign_p_values,
    signs_with,
)
from reported.claims.printed import Interval

ANSWERS = Path(__file__).parents[2] / "r/signs_and_ranks.csv"
with ANSWERS.open(encoding="utf-8") as stream:
    OF_R = [
        (row["test"], [int(x) for x in row["data"].split()], float(row["p"]))
        for row in csv.DictReader(stream)
    ]
SIGNS = [each for each in OF_R if each[0] in {"sign", "wilcoxon"}]
COUNTS = [each for each in OF_R if each[0] in {"mcnemar", "between"}]


def around(p: float, share: float = 1e-7) -> Interval:
    return Interval(Fraction(p * (1 - share)), Fraction(p * (1 + share)))


def tied(changes: Integers) -> tuple[list[int], int, int, int]:
    """Return the ties, the zeros, and the distances by midranks of scipy, zeros left out or not."""
    moved = changes[changes != 0]
    _, counts = np.unique(np.abs(moved), return_counts=True)
    out = 2 * float(stats.rankdata(np.abs(moved)) @ np.sign(moved))
    ranked = 2 * float(stats.rankdata(np.abs(changes)) @ np.sign(changes))
    return counts.tolist(), len(changes) - len(moved), round(abs(out)), round(abs(ranked))


@pytest.mark.parametrize(("test", "data", "p"), SIGNS)
def test_what_r_says_is_found_and_another_p_is_not(test: str, data: list[int], p: float) -> None:
    assert has_p(np.array(data), test, around(p))
    if 0.01 < p < 0.3:
        assert not has_p(np.array(data), test, around(min(1, 4 * p), 0.1))


@pytest.mark.parametrize(("test", "cells", "p"), COUNTS)
def test_what_r_says_of_two_by_two_tables(test: str, cells: list[int], p: float) -> None:
    if test == "mcnemar":
        assert (cells[1], cells[2]) in signs_with(around(p), sum(cells))
        assert p > 0.9 or (cells[1] + 2, cells[2]) not in signs_with(around(p), sum(cells) + 2)
    else:
        sizes = cells[0] + cells[1], cells[2] + cells[3]
        assert inside(around(p), proportions_p((cells[0], cells[2]), sizes)).any()
        assert not inside(around(p / 2.6), proportions_p((cells[0], cells[2]), sizes)).any()


def test_every_sign_pattern_of_small_changes_has_its_share_as_p() -> None:
    rng = np.random.default_rng(2)
    for n in (1, 3, 5, 6) * 15:
        changes = rng.integers(-3, 4, n)
        for kept in (changes[changes != 0], changes):
            ranks = stats.rankdata(np.abs(kept))[kept != 0]
            patterns = np.array(list(product((-1, 1), repeat=len(ranks))))
            observed = abs(ranks @ np.sign(kept[kept != 0]))
            p = float((np.abs(patterns @ ranks) >= observed - 1e-9).mean())
            assert has_p(changes, "wilcoxon", around(p))


def test_what_scipy_says_of_signed_ranks_is_found() -> None:
    rng = np.random.default_rng(1)
    for n in (8, 30) * 20:
        changes = rng.integers(-4, 4, n)
        for zeros, correction in product(("wilcox", "pratt", "zsplit"), (True, False)):
            p = stats.wilcoxon(
                changes, zero_method=zeros, correction=correction, method="asymptotic"
            ).pvalue
            assert has_p(changes, "wilcoxon", around(p)), (changes, zeros, correction)


def test_sign_tests_by_counting() -> None:
    _, _, values = sign_p_values(9)
    for n, k in ((m, k) for m in range(1, 10) for k in range(m // 2 + 1)):
        p = min(1, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n)
        assert np.isclose(values, p).any()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=45), st.integers(0, 10**6))
def test_no_rule_oversteps_the_limits_of_the_distance(changes: list[int], pick: int) -> None:
    """Changes with their p by any rule, and what is allowed for it, however p is rounded."""
    found = np.array(changes)
    ties, zeros, *apart = tied(found)
    rules = [
        (ranked, float(values[sums == apart[ranked]][0]))
        for ranked, sums, values in rank_p_values(ties, zeros)
    ]
    ranked, p = rules[pick % len(rules)]
    spans = ranks_with(around(p, 10 ** -(2 + pick % 4)), len(found))
    assert any(low <= apart[ranked] <= high for low, high in spans[ranked, zeros])


def test_the_limits_of_many_ranks_are_near() -> None:
    """p < 0.001 of 40 ranks: a z of 3.29, less for ties and a rule of one side, not below 1."""
    n = LISTED * 4 + 4
    (low, high), *_ = ranks_with(Interval(Fraction(0), Fraction(1, 1000)), n)[False, 0]
    root = np.sqrt(4 * n * (n + 1) * (2 * n + 1) / 6)
    assert 0.9 < low / root < 2.7
    assert high == n * (n + 1)
    (low, high), *_ = ranks_with(around(0.5, 0.01), n)[False, 0]
    assert low == 0
    assert high / root < 1.3
