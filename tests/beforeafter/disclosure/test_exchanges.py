"""Exchanges leave the sums that they should, and are all that there are where all are looked at."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.disclosure.exchanges import exchanges

STEPS = (-1, 1)
scores = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=6)


def sums(values: np.ndarray, moments: int) -> list[int]:
    """Return the sums of columns, and of their squares and products: a second implementation."""
    columns = values.T.tolist()
    firsts = [sum(column) for column in columns]
    seconds = [
        sum(a * b for a, b in zip(one, other, strict=True))
        for place, one in enumerate(columns)
        for other in columns[place:]
    ]
    return firsts + (seconds if moments > 1 else [])


def shifted(values: np.ndarray, exchange: dict[int, tuple[int, ...]]) -> np.ndarray:
    after = values.copy()
    for patient, by in exchange.items():
        after[patient] += by
    return after


@settings(deadline=None)
@given(scores, st.sampled_from([1, 2]))
def test_sums_stay_and_at_most_four_patients_are_shifted(
    pairs: list[tuple[int, int]], moments: int
) -> None:
    values = np.array(pairs)
    shifts = np.array([by for by in product((-1, 0, 1), repeat=2) if any(by)])
    allowed = np.ones((len(values), len(shifts)), dtype=bool)
    for one in exchanges(values, shifts, allowed, moments, np.random.default_rng(1)):
        assert 1 <= len(one) <= 4
        assert sums(shifted(values, one), moments) == sums(values, moments)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=5))
def test_of_few_patients_every_exchange_is_found(column: list[int]) -> None:
    values, shifts = np.array(column)[:, np.newaxis], np.array([[by] for by in STEPS])
    allowed = np.ones((len(values), len(shifts)), dtype=bool)
    found = {
        frozenset(one.items())
        for seed in range(20)
        for one in exchanges(values, shifts, allowed, 2, np.random.default_rng(seed))
    }
    every = {
        frozenset(zip(who, ((by,) for by in steps), strict=True))
        for size in range(1, 5)
        for who in combinations(range(len(values)), size)
        for steps in product(STEPS, repeat=size)
        if sums(shifted(values, {w: (b,) for w, b in zip(who, steps, strict=True)}), 2)
        == sums(values, 2)
    }
    assert found <= every
    # Of several partners of a pair one is drawn each time.
    assert bool(found) == bool(every)


def test_nobody_is_shifted_who_may_not_be() -> None:
    values = np.arange(8)[:, np.newaxis]
    allowed = np.zeros((8, 2), dtype=bool)
    allowed[:4] = True
    found = exchanges(values, np.array([[-1], [1]]), allowed, 1, np.random.default_rng(1))
    assert found
    assert {who for one in found for who in one} <= {0, 1, 2, 3}


def test_where_nothing_need_stay_each_shift_is_one() -> None:
    values, shifts = np.zeros((3, 1), dtype=np.int64), np.array([[1], [2]])
    found = exchanges(values, shifts, np.ones((3, 2), dtype=bool), 0, np.random.default_rng(1))
    assert sorted(one.popitem() for one in found) == [(w, (b,)) for w in range(3) for b in (1, 2)]
