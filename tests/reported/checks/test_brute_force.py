"""Each check of one variable against all datasets there are."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest

from reported.checks.counting import count_datasets
from reported.checks.moments import dataset, grimmer, squares_limits, sums
from reported.checks.percentages import sum_of_rounded_parts
from reported.claims.lattice import Lattice
from reported.claims.printed import Convention, PrintedNumber, parse

SCALES = [range(2), range(5), range(1, 8), range(-3, 4)]
BINARY = Lattice(Fraction(1), range(2))
CONVENTIONS: list[Convention] = ["half_up", "half_down", "half_even", "truncation", "either"]


def moments(scores: tuple[int, ...]) -> tuple[int, int]:
    return sum(scores), sum(score**2 for score in scores)


def variance(total: int, squares: int, n: int) -> Fraction:
    return Fraction(n * squares - total**2, n * (n - 1))


@pytest.mark.parametrize("levels", SCALES, ids=str)
@pytest.mark.parametrize("n", range(2, 8))
def test_reachable_are_exactly_the_moments_of_datasets(n: int, levels: range) -> None:
    reached = {moments(scores) for scores in combinations_with_replacement(levels, n)}
    for total in range(n * levels[0], n * levels[-1] + 1):
        squares = [square for each, square in reached if each == total]
        assert squares_limits(n, total, levels) == (min(squares), max(squares))
        for square in range(min(squares) - 4, max(squares) + 5, 2):
            found = dataset(n, total, range(square, square + 1, 2), levels)
            assert (found is not None) == ((total, square) in reached)
            if found is not None:
                assert len(found) == n
                assert set(found) <= set(levels)
                assert moments(tuple(found)) == (total, square)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("n", [2, 5, 6])
def test_grim_grimmer_and_counts_agree_with_enumeration(n: int, convention: Convention) -> None:
    lattice = Lattice(Fraction(1, 2), range(1, 6))
    datasets = Counter(map(moments, combinations_with_replacement(lattice.levels, n)))
    for tenths_mean, tenths_deviation in product(range(4, 27), range(16)):
        mean = PrintedNumber(Fraction(tenths_mean, 10), 1).interval(convention)
        deviation = PrintedNumber(Fraction(tenths_deviation, 10), 1).interval(convention)
        right_mean = {total for total, _ in datasets if Fraction(total, 2 * n) in mean}
        both = [
            count
            for (total, squares), count in datasets.items()
            if total in right_mean and variance(total, squares, n) / 4 in deviation.squared()
        ]
        assert set(sums(mean, n, lattice)) == right_mean
        assert (grimmer(mean, deviation, n, lattice) is not None) == bool(both)
        assert count_datasets(mean, deviation, n, lattice) == sum(both)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("n", [2, 7, 12])
def test_all_zeros_and_ones_are_accepted(n: int, convention: Convention) -> None:
    printed = [PrintedNumber(Fraction(k, 100), 2).interval(convention) for k in range(101)]
    for ones in range(n + 1):
        spread = variance(ones, ones, n)
        (mean, *_) = [each for each in printed if Fraction(ones, n) in each]
        for deviation in printed:
            if spread in deviation.squared():
                assert grimmer(mean, deviation, n, BINARY) is not None


def test_what_no_proportion_gives_is_refuted() -> None:
    half, third = parse("0.50").interval("half_up"), parse("0.33").interval("half_up")
    assert grimmer(half, parse("0.51").interval("half_up"), 30, BINARY)
    assert not grimmer(half, parse("0.50").interval("half_up"), 30, BINARY)
    assert not grimmer(third, parse("0.51").interval("half_up"), 30, BINARY)
    assert not grimmer(parse("1.20").interval("half_up"), third, 30, BINARY)


@pytest.mark.parametrize("n", [3, 6, 7])
def test_sums_of_rounded_parts_are_all_sums(n: int) -> None:
    possible = set()
    for parts in product(range(n + 1), repeat=2):
        if sum(parts) <= n:
            # Half-up of exact percentages without decimals.
            possible.add(sum((200 * k + n) // (2 * n) for k in parts))
    for percentage in range(102):
        printed = PrintedNumber(Fraction(percentage), 0)
        found = sum_of_rounded_parts(printed, "half_up", n, 2)
        assert (found is not None) == (percentage in possible)
