"""No count that is withheld can be worked out from what is printed."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from paincohort.disclosure import withheld, withheld_of

counts = st.dictionaries(st.integers(1, 6), st.integers(0, 12), min_size=1)


@given(counts, st.integers(0, 6))
def test_no_small_count_is_printed_and_nothing_is_withheld_for_nothing(
    table: dict[int, int], smallest: int
) -> None:
    hidden = withheld(table, smallest)
    assert all(count == 0 or count >= smallest for key, count in table.items() if key not in hidden)
    assert not hidden or any(0 < table[key] < smallest for key in hidden)
    assert all(table[key] for key in hidden)


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


@given(st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_sums_of_groups_do_not_give_a_category_away(values: list[int]) -> None:
    table = dict(enumerate(values, start=1))
    groups = [frozenset({1, 2, 3}), frozenset({1, 2})]
    hidden = withheld_of(table, groups, 5)
    everything = frozenset(table)
    for total in (everything, *groups, everything - groups[0], everything - groups[1]):
        inside = [key for key in total if key in hidden]
        others = [key for key in total if table[key] and key not in hidden]
        assert len(inside) != 1 or not others


def test_an_example() -> None:
    assert withheld({"a": 40, "b": 3, "c": 7}, 5) == {"b", "c"}
    assert withheld({"a": 40, "b": 1, "c": 1, "d": 6}, 5) == {"b", "c", "d"}
    assert withheld({"a": 40, "b": 3, "c": 3}, 5) == {"b", "c"}
    assert withheld({"a": 40, "b": 3, "c": 2}, 5) == {"a", "b", "c"}
    assert withheld({"a": 40, "b": 3, "c": 7}, 0) == set()
    assert withheld({"a": 5, "b": 0}, 5) == set()
    assert all(len(withheld(dict(enumerate(p)), 3)) != 1 for p in product([3, 4], [1, 2], [0, 9]))
