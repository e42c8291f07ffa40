"""Other patients of whom a paper would be the same, so that it does not tell how few they are.

A paper is made of a cohort by a machine that everybody has. If it would be the same, byte by byte,
of other patients, nobody can tell from it which of them it is about. What it could tell of single
patients is how many have a value that few have. So for each such count a cohort is sought of which
the same is told, and in which that count is none, or not of few.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.disclosure.exchanges import Exchange, exchanges
from beforeafter.disclosure.measured import BARS, Measured, all_measured
from beforeafter.estimates import Floats, Integers
from beforeafter.study import Study

# Shifted are by so many steps at most: one column, and two together.
FAR, NEAR = 3, 2
# Exchanges are tried so often, so many together, and of so many patients at most.
PASSES, TOGETHER, PATIENTS = 4, 40, 150
# Of exchanges that change what is told, the best of so many is taken.
COMPARED = 40
MOST_ALIKE, MOST_COHORTS = 2, 5
SEED = 20240601
# The number of a quantity, who is counted apart, and a value in steps.
Place = tuple[int, int, int]
TINY, DIGITS = 1e-9, 10
# With these the figure of change is lost, which weighs as so many numbers.
DRAWN, FIGURE = re.compile(rf"^{BARS}$|\.(improved|unchanged|worsened)\.count$"), 100
# The sum of signed ranks differs with any change, and nobody misses it beside its P value; points
# that are means of a few changes do too.
TOLD_LAST = r"wilcoxon\.statistic$|^quantile "


class _Way(NamedTuple):
    """How patients are shifted: by what, within which groups, and what stays."""

    shifts: Integers
    strata: Integers
    moments: int
    alike: bool = True


@dataclass(frozen=True)
class Others:
    """Cohorts of other patients, the counts of few that one of them has otherwise, and the rest."""

    cohorts: Sequence[pd.DataFrame]
    n_free: int
    lines: Sequence[str]  # where counts of few could not be changed


def other_cohorts(cohort: pd.DataFrame, study: Study) -> Others:
    """Seek other patients of whom the same is told.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        Has the smallest count that may be told, and what is told.

    Returns
    -------
    Others
        Each of the cohorts has other values in all that is measured. What is told may differ
        where no exchange leaves it: whoever asks compares the papers, and withholds that.
    """
    found = [_Search(of, cohort, study.smallest_count) for of in all_measured(cohort, study)]
    many = [list(search.others()) for search in found]
    cohorts = []
    for place in range(max(map(len, many), default=0)):
        other = _renamed(cohort, study)
        for search, values in zip(found, many, strict=True):
            if values:
                other = search.of.put(other, values[min(place, len(values) - 1)])
        cohorts.append(other)
    n_free = sum(search.n_small - len(search.known) for search in found)
    lines = [
        f"{' and '.join(search.of.columns)}: {len(search.known)} counts of few patients stay"
        for search in found
        if search.known
    ]
    return Others(cohorts, n_free, lines)


def _renamed(cohort: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the cohort with other words wherever any may stand: names of patients, of wards."""
    declared = {part.column for part in study.characteristics if part.categories}
    words = [name for name in cohort if cohort[name].dtype == object and name not in declared]
    other = cohort.copy()
    for name in words:
        places = pd.factorize(cohort[name])[0]
        other[name] = [f"other {place}" if place >= 0 else None for place in places]
    return other


class _Search:
    """The search for other values of one scale, or whatever it is."""

    def __init__(self, of: Measured, cohort: pd.DataFrame, smallest: int) -> None:
        self.of, self._cohort, self._smallest = of, cohort, smallest
        self._rng = np.random.default_rng(SEED)
        self._missing = np.isnan(of.values)
        steps = (of.values - of.ends[0]) / of.step
        self._truth: Integers = np.rint(np.where(self._missing, 0, steps)).astype(np.int64)
        self._told = of.told(cohort)
        self._may_differ = {key for key in self._told if re.search(TOLD_LAST, key)}
        self._members = dict(self._places_of_few())
        few = {*self._members}
        self.open, self.known, self._few = {*few}, {*few}, few
        self._aim: Set[Place] = few
        self.n_small = len(few)

    def others(self) -> Iterator[Floats]:
        """Yield values until no count of few can be known, or no shift changes it."""
        for aim in self._aims():
            self._aim = aim
            yield from self._another(self._alike({}))
        for number in range(MOST_COHORTS):
            self._aim = {*self.known}
            if self._aim:
                start = {} if number < MOST_ALIKE else self._least_unlike()
                yield from self._another(self._alike(start))

    def _another(self, shifted: Exchange) -> Iterator[Floats]:
        """Yield the values of patients who were shifted, if that tells less of any count."""
        counts = self._counts(shifted)
        news = {place for place in self.known if counts[place] != len(self._members[place])}
        free = self._free(shifted)
        self.known -= news
        self.open -= free
        if news or free:
            yield self._shifted(shifted)

    def _aims(self) -> Iterator[Set[Place]]:
        """Yield counts to be freed together: of every other value, so that those between can take.

        Of the visits at once, then of the changes.
        """
        for of_change in (False, True):
            for odd in (0, 1):
                yield {
                    (quantity, apart, value)
                    for quantity, apart, value in self._few
                    if (quantity == len(self.of.columns)) == of_change and value % 2 == odd
                }

    def _alike(self, shifted: Exchange) -> Exchange:
        """Shift more patients, and as many as may be, while the same is told."""
        for way in self._ways():
            for _ in range(PASSES):
                useful = self._useful(self._exchanges(way, shifted, self._wanted(shifted)), shifted)
                more = self._told_alike(useful, shifted)
                if not more:
                    break
                shifted = shifted | more
        return shifted

    def _told_alike(self, found: Sequence[Exchange], shifted: Exchange) -> Exchange:
        """Return exchanges, in one, that leave what is told: all of those found, or some."""
        together: Exchange = {patient: by for one in found for patient, by in one.items()}
        if not found or not self._unlike(shifted | together):
            return together
        if len(found) == 1:
            return {}
        half = len(found) // 2
        first = self._told_alike(found[:half], shifted)
        return first | self._told_alike(found[half:], shifted | first)

    def _least_unlike(self) -> Exchange:
        """Change each count that is known still, by what changes least of what is told.

        That may differ from then on.
        """
        shifted: Exchange = {}
        for place in sorted(self.known):
            if self._counts(shifted)[place] == len(self._members[place]):
                shifted = shifted | self._least_unlike_at(place, shifted)
                self._may_differ |= self._unlike(shifted)
        return shifted

    def _least_unlike_at(self, place: Place, shifted: Exchange) -> Exchange:
        """Return the exchange that changes one count, and of what is told least."""
        for moments, ways in groupby([*self._ways(), *self._last_ways()], lambda w: w.moments):
            options: list[tuple[int, int, Exchange]] = []
            for way in ways:
                found = self._exchanges(way, shifted, [place])
                for one in [o for o in found if self._changes(o, place)][:COMPARED]:
                    unlike = self._unlike(shifted | one)
                    cost = len(unlike) + FIGURE * any(map(DRAWN.search, unlike))
                    options.append((cost, len(options), one))
                    if not options[-1][0]:
                        return one
            if options or not moments:
                return min(options)[2] if options else {}
        return {}

    def _changes(self, one: Exchange, place: Place) -> bool:
        """Return whether another number of patients is at a place after an exchange."""
        return self._left(one).count(place) != self._landed(one).count(place)

    def _ways(self) -> Iterator[_Way]:
        """Yield ways of exchange that leave what is counted, those that leave more first."""
        moments, every = 2 * self.of.has_means, self._every_shift()
        if len(self.of.columns) > 1:
            shared = np.array([(by, by) for by in range(-NEAR, NEAR + 1) if by])
            yield _Way(shared, self.of.strata, moments)
        yield _Way(every, self.of.strata, moments)
        yield _Way(every, self.of.seen, moments)

    def _last_ways(self) -> Iterator[_Way]:
        """Yield ways that leave less and less."""
        every, everyone = self._every_shift(), 0 * self.of.strata
        for moments in range(2 * self.of.has_means, -1, -1):
            yield _Way(every, self.of.seen, moments, alike=False)
            yield _Way(every, everyone, moments, alike=False)

    def _every_shift(self) -> Integers:
        columns = len(self.of.columns)
        far = NEAR if columns > 1 else FAR
        if not self.of.has_means:
            far = int((self.of.ends[1] - self.of.ends[0]) / self.of.step)
        shifts = product(range(-far, far + 1), repeat=columns)
        return np.array([by for by in shifts if any(by)])

    def _exchanges(self, way: _Way, shifted: Exchange, places: Iterable[Place]) -> list[Exchange]:
        """Return exchanges with patients who are at some places, and were not shifted."""
        wanted = {who for place in places for who in self._members[place]}
        found: list[Exchange] = []
        for stratum in np.unique(way.strata):
            among = np.flatnonzero(way.strata == stratum)
            among = among[[who not in shifted for who in among.tolist()]]
            ours = np.isin(among, list(wanted))
            if not ours.any():
                continue
            # Those who are wanted first; of the others some will do.
            order = self._rng.permutation(len(among))
            among = among[order[np.argsort(~ours[order], kind="stable")]][:PATIENTS]
            allowed = self._allowed(among, way)
            values = self._truth[among]
            chosen = exchanges(values, way.shifts, allowed, way.moments, self._rng)
            found += [{int(among[who]): by for who, by in one.items()} for one in chosen]
        return found

    def _allowed(self, among: Integers, way: _Way) -> NDArray[np.bool_]:
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

    def _useful(self, found: Iterable[Exchange], shifted: Exchange) -> list[Exchange]:
        """Choose exchanges of different patients, none of whom comes to where nobody shall be."""
        wanted, taken, kept_free = self._wanted(shifted), set(shifted), self.open & self._aim
        gains = [(sum(place in wanted for place in self._left(one)), one) for one in found]
        chosen: list[Exchange] = []
        for gain, one in sorted(gains, key=lambda pair: -pair[0]):
            if not gain or len(chosen) == TOGETHER:
                break
            if not taken & one.keys() and not kept_free & {*self._landed(one)}:
                chosen.append(one)
                taken |= one.keys()
        return chosen

    def _wanted(self, shifted: Exchange) -> set[Place]:
        return (self.open & self._aim) - self._free(shifted)

    def _left(self, one: Exchange) -> list[Place]:
        """Return the values that patients leave, once for each who does."""
        return [old for old, new in self._moves(one) if old != new]

    def _landed(self, one: Exchange) -> list[Place]:
        return [new for old, new in self._moves(one) if old != new]

    def _moves(self, one: Exchange) -> Iterator[tuple[Place, Place]]:
        for who, by in one.items():
            old = self._truth[who]
            new, apart = old + by, int(self.of.apart[who])
            pairs = [*zip(old.tolist(), new.tolist(), strict=True)]
            if len(pairs) > 1 and not self._missing[who].any():
                pairs.append((int(old[1] - old[0]), int(new[1] - new[0])))
            for quantity, (before, after) in enumerate(pairs):
                yield (quantity, apart, before), (quantity, apart, after)

    def _places_of_few(self) -> Iterator[tuple[Place, list[int]]]:
        """Yield each value that few have, of each column and of their difference, and who does."""
        for quantity, (values, known) in enumerate(self._quantities()):
            patients = np.flatnonzero(known)
            pairs = np.column_stack([self.of.apart, values])[patients]
            places, which, n = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
            # Where all have one value, that is known of each of them.
            for place in np.flatnonzero((n < self._smallest) | (n == len(patients))):
                apart, value = places[place].tolist()
                yield (quantity, apart, value), patients[which.ravel() == place].tolist()

    def _quantities(self) -> Iterator[tuple[Integers, Any]]:
        yield from zip(self._truth.T, ~self._missing.T, strict=True)
        if len(self.of.columns) > 1:
            yield self._truth[:, 1] - self._truth[:, 0], ~self._missing.any(axis=1)

    def _counts(self, shifted: Exchange) -> Mapping[Place, int]:
        """Return how many are at each place of few, once patients were shifted."""
        counts = Counter({place: len(who) for place, who in self._members.items()})
        for old, new in self._moves(shifted):
            counts.subtract({old: 1} if old in self._few else {})
            counts.update({new: 1} if new in self._few else {})
        return counts

    def _free(self, shifted: Exchange) -> set[Place]:
        """Return which open counts are others, none or not of few, once patients were shifted."""
        counts = self._counts(shifted)
        return {
            place
            for place in self.open
            if not 0 < counts[place] < self._smallest and counts[place] != len(self._members[place])
        }

    def _shifted(self, shifted: Exchange) -> Floats:
        """Return the values; what is not shifted keeps the digits that it was read with."""
        values = self.of.values.copy()
        for patient, by in shifted.items():
            moved = np.round(values[patient] + np.multiply(by, self.of.step), DIGITS)
            values[patient] = np.where(by, moved, values[patient])
        return values

    def _unlike(self, shifted: Exchange) -> set[str]:
        """Return what would be told otherwise, and does not differ already."""
        told = self.of.told(self.of.put(self._cohort, self._shifted(shifted)))
        keys = told.keys() | self._told.keys()
        return {key for key in keys if told.get(key) != self._told.get(key)} - self._may_differ
