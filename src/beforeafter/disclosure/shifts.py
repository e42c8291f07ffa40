"""What patients of a scale can be shifted by, where they are, and what they have then."""

from collections.abc import Container, Iterator, Set
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from beforeafter.disclosure.exchanges import Exchange, exchanges
from beforeafter.disclosure.measured import Measured
from beforeafter.estimates import Floats, Integers

# Shifted are by so many steps at most: one column, and two together; of so many patients.
FAR, NEAR, PATIENTS = 3, 2, 150
SEED = 20240601
# The number of a quantity, who is counted apart, and a value in steps.
Place = tuple[int, int, int]
TINY, DIGITS = 1e-9, 10


class Way(NamedTuple):
    """How patients are shifted: by what, within which groups, and what stays."""

    shifts: Integers
    strata: Integers
    moments: int
    alike: bool = True


class Shifts:
    """What can be shifted of what patients are measured by."""

    def __init__(self, of: Measured) -> None:
        self.of = of
        self._rng = np.random.default_rng(SEED)
        self._missing = np.isnan(of.values)
        # Of a patient and a shift, once it was asked for.
        self._moves: dict[tuple[int, tuple[int, ...]], list[tuple[Place, Place]]] = {}
        steps = (of.values - of.ends[0]) / of.step
        self._truth: Integers = np.rint(np.where(self._missing, 0, steps)).astype(np.int64)

    def ways(self) -> Iterator[Way]:
        """Yield ways of exchange that leave what is counted, those that leave more first."""
        moments, every = 2 * self.of.has_means, self._every_shift()
        if len(self.of.columns) > 1:
            shared = np.array([(by, by) for by in range(-NEAR, NEAR + 1) if by])
            yield Way(shared, self.of.strata, moments)
        yield Way(every, self.of.strata, moments)
        yield Way(every, self.of.seen, moments)

    def last_ways(self) -> Iterator[Way]:
        """Yield ways that leave less and less."""
        every = self._every_shift()
        for moments in range(2 * self.of.has_means, -1, -1):
            yield Way(every, self.of.seen, moments, alike=False)

    def _every_shift(self) -> Integers:
        columns = len(self.of.columns)
        far = NEAR if columns > 1 else FAR
        if not self.of.has_means:
            far = int((self.of.ends[1] - self.of.ends[0]) / self.of.step)
        shifts = product(range(-far, far + 1), repeat=columns)
        return np.array([by for by in shifts if any(by)])

    def exchanges(self, way: Way, wanted: Set[int], without: Container[int]) -> Iterator[Exchange]:
        """Yield exchanges with some patients, and none of others."""
        for stratum in np.unique(way.strata):
            among = np.flatnonzero(way.strata == stratum)
            among = among[[who not in without for who in among.tolist()]]
            ours = np.isin(among, list(wanted))
            if not ours.any():
                continue
            # Those who are wanted first; of the others some will do.
            order = self._rng.permutation(len(among))
            among = among[order[np.argsort(~ours[order], kind="stable")]][:PATIENTS]
            allowed = self._allowed(among, way)
            values = self._truth[among]
            names = among.tolist()
            for one in exchanges(values, way.shifts, allowed, way.moments, self._rng):
                yield {names[who]: by for who, by in one.items()}

    def _allowed(self, among: Integers, way: Way) -> NDArray[np.bool_]:
        """Return who may be shifted how: on the scale, and if so asked counted as before."""
        allowed = []
        low, high = self.of.ends
        before = self.of.alike(self.of.values[among])
        for by in way.shifts:
            new = self.of.values[among] + by * self.of.step
            fits = (np.isnan(new) & (by == 0)) | ((new >= low - TINY) & (new <= high + TINY))
            same = (self.of.alike(new) == before).all(axis=1) if way.alike else True
            allowed.append(fits.all(axis=1) & same)
        return np.transpose(allowed)

    def left(self, one: Exchange) -> list[Place]:
        """Return the values that patients leave, once for each who does."""
        return [old for old, _ in self.moves(one)]

    def landed(self, one: Exchange) -> list[Place]:
        """Return the values that patients come to, once for each who does."""
        return [new for _, new in self.moves(one)]

    def moves(self, one: Exchange) -> Iterator[tuple[Place, Place]]:
        """Yield the values, and the changes, that are others for who is shifted: before, after."""
        for of in one.items():
            if of not in self._moves:
                self._moves[of] = [*self._moves_of(*of)]
            yield from self._moves[of]

    def _moves_of(self, who: int, by: tuple[int, ...]) -> Iterator[tuple[Place, Place]]:
        old = self._truth[who]
        new, apart = old + by, int(self.of.apart[who])
        pairs = [*zip(old.tolist(), new.tolist(), strict=True)]
        if len(pairs) > 1 and not self._missing[who].any():
            pairs.append((int(old[1] - old[0]), int(new[1] - new[0])))
        for quantity, (before, after) in enumerate(pairs):
            if before != after:
                yield (quantity, apart, before), (quantity, apart, after)

    def places_of_few(self, smallest: int) -> Iterator[tuple[Place, list[int]]]:
        """Yield each value that few have, of each column and of their difference, and who does."""
        for quantity, (values, known) in enumerate(self._quantities()):
            patients = np.flatnonzero(known)
            pairs = np.column_stack([self.of.apart, values])[patients]
            places, which, n = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
            # Where all have one value, that is known of each of them.
            all_apart = np.bincount(self.of.apart[patients])[places[:, 0]]
            for place in np.flatnonzero((n < smallest) | (n == all_apart)):
                apart, value = places[place].tolist()
                yield (quantity, apart, value), patients[which.ravel() == place].tolist()

    def _quantities(self) -> Iterator[tuple[Integers, Any]]:
        yield from zip(self._truth.T, ~self._missing.T, strict=True)
        if len(self.of.columns) > 1:
            yield self._truth[:, 1] - self._truth[:, 0], ~self._missing.any(axis=1)

    def shifted(self, exchange: Exchange) -> Floats:
        """Return the values; what is not shifted keeps the digits that it was read with."""
        values = self.of.values.copy()
        for patient, by in exchange.items():
            moved = np.round(values[patient] + np.multiply(by, self.of.step), DIGITS)
            values[patient] = np.where(by, moved, values[patient])
        return values

    def shuffled(self, values: Floats) -> Floats:
        """Return values dealt anew among patients of one group, who were seen at the same visits.

        So that no two things that are told can be of one patient.
        """
        dealt = values.copy()
        groups = np.column_stack([self.of.strata, self.of.apart, self._missing])
        for group in np.unique(groups, axis=0):
            among = np.flatnonzero((groups == group).all(axis=1))
            dealt[among] = values[self._rng.permutation(among)]
        return dealt
