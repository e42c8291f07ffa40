"""No count that is withheld can be worked out from what is printed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from beforeafter.estimates import (
    direction_proportions,
    minimal_difference_proportions,
    responder_proportions,
    sums_withheld,
    withheld,
    withheld_of,
)
from beforeafter.sensitivity import normal_quantiles
from beforeafter.study import Study

counts = st.dictionaries(st.integers(1, 6), st.integers(0, 12), min_size=1)


@settings(deadline=None)
@given(counts, st.integers(0, 6))
def test_no_small_count_is_printed_and_nothing_is_withheld_for_nothing(
    table: dict[int, int], smallest: int
) -> None:
    hidden = withheld(table, smallest)
    assert all(count == 0 or count >= smallest for key, count in table.items() if key not in hidden)
    assert not hidden or any(0 < table[key] < smallest for key in hidden)
    assert all(table[key] for key in hidden)


@settings(deadline=None)
@given(counts, st.integers(2, 5))
def test_each_count_withheld_may_be_any_small_one(table: dict[int, int], smallest: int) -> None:
    hidden = sorted(withheld(table, smallest))
    if not hidden or len(hidden) == sum(map(bool, table.values())):
        return  # all are withheld: there is nothing more to hide behind
    left = sum(table[key] for key in hidden)
    for place in range(len(hidden)):
        others = range(1, left + 1)
        possible = {
            first
            for first in others
            if len(hidden) - 1 <= left - first and (len(hidden) > 1 or first == left)
        }
        assert set(range(1, smallest + 1)) <= possible, place


GROUPS = {"improved": frozenset({1, 2}), "much": frozenset({1})}


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_nobody_works_out_a_small_share_from_groups_categories_and_their_total(
    values: list[int],
) -> None:
    assume(sum(values) > 5)  # of fewer the total alone tells
    table = dict(enumerate(values, start=1))
    hidden = withheld_of(table, GROUPS.values(), 5)
    shown = GROUPS.keys() - sums_withheld(table, GROUPS, 5)
    left = sum(table[key] for key in hidden)
    known = {name: sum(table[key] for key in GROUPS[name]) for name in shown}
    possible = [
        guess
        for first in product(range(1, left + 1), repeat=max(len(hidden) - 1, 0))
        for guess in [table | dict(zip(sorted(hidden), (*first, left - sum(first)), strict=False))]
        if all(guess[key] > 0 for key in hidden)
        and all(sum(guess[key] for key in GROUPS[name]) == total for name, total in known.items())
    ]
    sums = {**GROUPS, **{f"not {name}": {*table} - cells for name, cells in GROUPS.items()}}
    for cells in [*({key} for key in table), *sums.values()]:
        small = 0 < sum(table[key] for key in cells) < 5
        assert not small or len({sum(one[k] for k in cells) for one in possible}) > 1


def test_the_difference_of_two_groups_tells_nobody() -> None:
    table = {1: 0, 2: 1, 3: 3, 4: 13, 5: 14, 6: 14, 7: 14}
    groups = {"improved": frozenset({1, 2, 3}), "much_improved": frozenset({1, 2})}
    assert sums_withheld(table, groups, 5) == {"improved", "much_improved"}
    # All but a few tell as much as the few.
    assert sums_withheld(table | {2: 30, 3: 30}, groups, 5) == set()
    assert sums_withheld({1: 0, 2: 30, 3: 30, 4: 2}, groups, 5) == {"improved", "much_improved"}


def test_an_example() -> None:
    assert withheld({"a": 40, "b": 3, "c": 7}, 5) == {"b", "c"}
    assert withheld({"a": 40, "b": 1, "c": 1, "d": 6}, 5) == {"b", "c", "d"}
    assert withheld({"a": 40, "b": 3, "c": 3}, 5) == {"b", "c"}
    assert withheld({"a": 40, "b": 3, "c": 2}, 5) == {"a", "b", "c"}
    assert withheld({"a": 40, "b": 3, "c": 7}, 0) == set()
    assert withheld({"a": 5, "b": 0}, 5) == set()
    assert all(len(withheld(dict(enumerate(p)), 3)) != 1 for p in product([3, 4], [1, 2], [0, 9]))


def of_changes(study: Study, *changes: int) -> pd.DataFrame:
    """Return patients whose pain went from 8 by so many points."""
    visits = study.outcome("nrs").columns
    before = np.full(len(changes), 8.0)
    return pd.DataFrame({visits.baseline: before, visits.follow_up: before + changes})


def test_of_few_who_worsened_none_is_told_nor_who_else_would_give_them_away(study: Study) -> None:
    nrs = study.outcome("nrs")
    cohort = of_changes(study, *[-4] * 20, *[0] * 6, *[2] * 3)
    all_told = direction_proportions(cohort, nrs, 0.95)
    assert {name: share.count for name, share in all_told.items()} == {
        "improved": 20, "unchanged": 6, "worsened": 3,
    }  # fmt: skip
    shares = direction_proportions(cohort, nrs, 0.95, 5)
    assert shares["improved"] == all_told["improved"]
    assert np.isnan([shares["unchanged"].count, shares["worsened"].count]).all()


def test_a_threshold_that_nearly_all_or_hardly_any_reach_is_not_told(study: Study) -> None:
    nrs = study.outcome("nrs")
    cohort = of_changes(study, *[-3] * 20, *[-8] * 3)
    shares = responder_proportions(cohort, nrs, study, 5)
    assert shares["at_least_30"].count == 23
    assert np.isnan(shares["at_least_50"].proportion)
    # Nor of all treated, which would tell how many.
    assert shares["at_least_30"].of_all.count == 23
    assert np.isnan(shares["at_least_50"].of_all.proportion)
    nearly = of_changes(study, *[-3] * 20, *[0] * 3)
    share = minimal_difference_proportions(nearly, nrs, 0.95, 5)["beyond_minimal"]
    assert (share.n_observed, np.isnan(share.proportion)) == (23, True)
    assert minimal_difference_proportions(nearly, nrs, 0.95)["beyond_minimal"].count == 20


def test_a_point_of_normal_quantiles_is_the_mean_of_enough_neighbours() -> None:
    change = np.random.default_rng(3).normal(size=83)
    each, few = normal_quantiles(change, 0.95), normal_quantiles(change, 0.95, 5)
    assert len(few.observed) == 16
    np.testing.assert_allclose(few.observed[-1], each.observed[-5:].mean())
    np.testing.assert_allclose(few.observed[0], each.observed[:6].mean())
    assert (few.lower < few.expected).all()
    assert (few.expected < few.upper).all()
    assert len(normal_quantiles(change[:4], 0.95, 5).observed) == 0
