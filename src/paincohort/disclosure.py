"""Counts so small that they may tell a patient are not printed, nor what would give them away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TypeVar

Key = TypeVar("Key")
# Printed in place of a count, and of all that is made of it.
FEW = "few"


def withheld(counts: Mapping[Key, int], smallest: int, already: Set[Key] = frozenset()) -> Set[Key]:
    """Return the cells of one total that may not be printed.

    Parameters
    ----------
    counts
        Cell → patients. They add up to a total that is printed.
    smallest
        A count below it, other than zero, is withheld; zero withholds nothing.
    already
        Cells that are withheld for another reason.

    Returns
    -------
    set
        These and the small cells, and as many of the next smallest as it takes that nobody can work
        one of them out: what is left for the cells withheld could be divided among them, one
        patient each at least, so that any of them may have any count up to `smallest`.

    References
    ----------
    Hundepool A, et al. Statistical disclosure control. 2012. doi:10.1002/9781118348239
    """
    rising = sorted((key for key in counts if counts[key]), key=lambda key: counts[key])
    hidden = [key for key in rising if counts[key] < smallest or key in already]
    if not hidden:
        return frozenset()
    for key in [key for key in rising if key not in hidden]:
        if len(hidden) > 1 and _spare(hidden, counts) >= smallest - 1:
            break
        hidden.append(key)
    return frozenset(hidden)


def withheld_of(counts: Mapping[Key, int], totals: Iterable[Set[Key]], smallest: int) -> Set[Key]:
    """Return the cells that may not be printed where several sums of them are.

    Parameters
    ----------
    counts
        Cell → patients.
    totals
        The cells of each sum that is printed, of more than one cell; what is left of all of them
        is one too, as the sum of all is printed.
    smallest
        As in `withheld`.
    """
    everything = frozenset(counts)
    sums = [everything, *totals]
    sums += [everything - total for total in sums[1:]]
    hidden: frozenset[Key] = frozenset()
    while True:
        more = hidden.union(
            *(
                withheld({key: counts[key] for key in total}, smallest, hidden & total)
                for total in sums
                if len(total) > 1
            )
        )
        if more == hidden:
            return hidden
        hidden = more


def _spare(hidden: list[Key], counts: Mapping[Key, int]) -> int:
    """Return how many patients are left over when each cell withheld has one."""
    return sum(counts[key] for key in hidden) - len(hidden)
