"""Shifts of a few patients' values at once that leave sums, and sums of products, as they are."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from beforeafter.estimates import Integers

# Of so many pairs of shifts two are sought that undo each other; so many exchanges will do.
MOST_PAIRS, MOST_FOUND = 150_000, 3000
# Sums are told apart by their product with random numbers up to this.
WIDEST = 1 << 20
# Patient → what his values are shifted by, in steps.
Exchange = dict[int, tuple[int, ...]]


def exchanges(
    values: Integers,
    shifts: Integers,
    allowed: NDArray[np.bool_],
    moments: int,
    rng: np.random.Generator,
) -> Iterator[Exchange]:
    """Yield exchanges between patients, of at most four of them each, in which sums stay.

    Parameters
    ----------
    values
        In steps, shape (patients, columns).
    shifts
        The shifts to choose from, shape (shifts, columns).
    allowed
        Which patient may be shifted how, shape (patients, shifts).
    moments
        What stays, over these patients: nothing (0), the sum of each column (1), or the sums of
        squares and products of columns too (2), and with them means, deviations and correlations.
    rng
        Chooses among more than can be looked at.

    Notes
    -----
    Shifts are taken in pairs, one of which may be of nobody. What a pair does to the sums is a
    vector; pairs are sorted by its product with a random vector, which is zero for two pairs
    together only if they exchange, or by a chance that the vectors themselves then rule out.
    """
    who, how = np.nonzero(allowed)
    steps = [*map(tuple, shifts.tolist())]
    if not moments:
        yield from ({int(i): steps[j]} for i, j in zip(who, how, strict=True))
        return
    change = _changes(values[who], shifts[how], moments)
    # The last shift is that of nobody.
    who, change = np.append(who, -1), np.vstack([change, np.zeros_like(change[:1])])
    first, second = _pairs(who, rng)
    of_pair = change[first] + change[second]
    name = of_pair @ rng.integers(1, WIDEST, of_pair.shape[1])
    order = np.argsort(name, kind="stable")
    before, after = np.empty_like(order), np.empty_like(order)
    # Sought in order they are found several times faster.
    before[order], after[order] = (
        np.searchsorted(name[order], -name[order], side) for side in ("left", "right")
    )
    # Of several partners any will do.
    partner = order[rng.integers(before, np.maximum(after, before + 1)).clip(max=len(order) - 1)]
    fits = ~(of_pair + of_pair[partner]).any(axis=1)
    four = np.column_stack([first, second, first[partner], second[partner]])[fits]
    patients = np.sort(np.where(four < len(how), who[four], -1 - np.arange(4)), axis=1)
    four = four[(np.diff(patients, axis=1) > 0).all(axis=1)]
    four = four[rng.permutation(len(four))[:MOST_FOUND]]
    for row in four.tolist():
        yield {int(who[i]): steps[how[i]] for i in row if i < len(how)}


def _changes(values: Integers, shifts: Integers, moments: int) -> Integers:
    """Return what shifts do to the sums, shape (shifts, sums)."""
    if moments == 1:
        return shifts
    one, other = np.triu_indices(values.shape[1])
    shifted = values + shifts
    products = shifted[:, one] * shifted[:, other] - values[:, one] * values[:, other]
    return np.hstack([shifts, products])


def _pairs(who: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Return pairs of shifts of different patients: all, or as many as can be looked at."""
    n = len(who)
    if n * (n - 1) // 2 <= MOST_PAIRS:
        first, second = np.triu_indices(n, 1)
    else:
        first, second = rng.integers(0, n, (2, MOST_PAIRS))
    apart = who[first] != who[second]
    return first[apart], second[apart]
