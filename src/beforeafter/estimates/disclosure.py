"""Counts so small that they may tell a patient are not printed, nor what would give them away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import TypeVar

Key = TypeVar("Key")
Name = TypeVar("Name")
# Printed in place of a count, and of all that is made of it. Who is withheld need not be few.
WITHHELD = "not shown"


def withheld(counts: Mapping[Key, int], smallest: int) -> Set[Key]:
    """Return the cells of one total that may not be printed.

    Counts, of patients by cell, add up to a total that is printed. Withheld are those below
    `smallest`, other than zero, and as many of the next smallest as it takes that nobody can work
    one of them out: what is left for the cells withheld could be divided among them, one patient
    each at least, so that any of them may have any count up to `smallest`.

    References
    ----------
    Hundepool A, et al. Statistical disclosure control. 2012. doi:10.1002/9781118348239
    """
    rising = sorted((key for key in counts if counts[key]), key=lambda key: counts[key])
    hidden = [key for key in rising if counts[key] < smallest]
    if not hidden:
        return frozenset()
    for key in [key for key in rising if key not in hidden]:
        if len(hidden) > 1 and _spare(hidden, counts) >= smallest - 1:
            break
        hidden.append(key)
    return frozenset(hidden)


def sums_withheld(
    counts: Mapping[Key, int], sums: Mapping[Name, Set[Key]], smallest: int
) -> Set[Name]:
    """Return the sums that may not be printed, for what they or their differences would tell.

    A sum has a name and the cells in it.

    Notes
    -----
    The sums part the cells into pieces, of which each sum has all or nothing; improved less much
    improved is minimally improved. As long as pieces are withheld, a sum may have all or none of
    them: what it tells is then known from the others.
    """
    pieces = _pieces(counts, sums.values())
    of_piece = {piece: sum(counts[key] for key in piece) for piece in pieces}
    hidden = withheld(of_piece, smallest)
    within = {name: sum(piece <= cells for piece in hidden) for name, cells in sums.items()}
    return {name for name, pieces in within.items() if 0 < pieces < len(hidden)}


def withheld_of(counts: Mapping[Key, int], totals: Iterable[Set[Key]], smallest: int) -> Set[Key]:
    """Return the cells that may not be printed where sums of them are.

    Totals have the cells of each sum that would be printed; those that `sums_withheld` names are
    not.
    """
    sums = dict(enumerate(totals))
    printed = [sums[name] for name in sums.keys() - sums_withheld(counts, sums, smallest)]
    return frozenset().union(
        *(
            withheld({key: counts[key] for key in piece}, smallest)
            for piece in _pieces(counts, printed)
        )
    )


def _pieces(cells: Iterable[Key], sums: Iterable[Set[Key]]) -> list[frozenset[Key]]:
    """Return the cells, those together that are in the same sums."""
    pieces = defaultdict(set)
    among = list(sums)
    for key in cells:
        pieces[tuple(key in total for total in among)].add(key)
    return [frozenset(piece) for piece in pieces.values()]


def _spare(hidden: list[Key], counts: Mapping[Key, int]) -> int:
    """Return how many patients are left over when each cell withheld has one."""
    return sum(counts[key] for key in hidden) - len(hidden)
