"""Other patients of whom a paper would be the same, so that it does not tell how few they are.

A paper is made of a cohort by a machine that everybody has. If it would be the same, byte by byte,
of other patients, nobody can tell from it which of them it is about. What it could tell of single
patients is how many have a value that few have. So for each such count a cohort is sought of which
the same is told, and in which that count is another: none, or not of few, where that can be. In all
of them values are dealt anew, so that what is told of two scales cannot be of one patient.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count, groupby, islice
from math import inf

import pandas as pd

from beforeafter.disclosure.exchanges import Exchange
from beforeafter.disclosure.measured import BARS, Measured, all_measured
from beforeafter.disclosure.shifts import Place, Shifts, Way
from beforeafter.estimates import Floats
from beforeafter.study import Study

# Exchanges are tried so often, and so many together.
PASSES, TOGETHER = 4, 40
# Of exchanges that change what is told, the best of so many is taken; first it is tried so often to
# do without.
COMPARED, MOST_ALIKE = 40, 2
# With these the figure of change is lost, which weighs as so many numbers.
DRAWN, FIGURE = re.compile(rf"^{BARS}$|\.(improved|unchanged|worsened)\.count$"), 100
# The sum of signed ranks differs with any change, and nobody misses it beside its P value. Points
# that are means of a few changes do too, and are not asked for.
TOLD_LAST = "wilcoxon.statistic"


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
        where no exchange leaves it: whoever asks compares the papers, and withholds that. There
        are none where every count may be told, as of a reconstruction.
    """
    if not study.smallest_count:
        return Others((), 0, ())
    found = [_Search(of, cohort, study.smallest_count) for of in all_measured(cohort, study)]
    many = [list(search.others()) for search in found]
    cohorts = []
    for place in range(max([1, *map(len, many)])):
        other = cohort
        for search, values in zip(found, many, strict=True):
            here = values[min(place, len(values) - 1)] if values else search.of.values
            other = search.of.put(other, search.shifts.shuffled(here))
        # Nor is it told whose row is the first.
        dealt = other.sample(frac=1, random_state=place).set_axis(cohort.index)
        cohorts.append(_renamed(dealt, study))
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
        self.shifts = Shifts(of)
        self._told = dict(of.told(cohort))
        self._may_differ = {key for key in self._told if key.endswith(TOLD_LAST)}
        self._members = dict(self.shifts.places_of_few(smallest))
        self.open, self.known = {*self._members}, {*self._members}
        self._aim: Set[Place] = self.open
        self.n_small = len(self._members)

    def others(self) -> Iterator[Floats]:
        """Yield values until no count of few can be known, or no shift changes it."""
        for aim in self._aims():
            self._aim = aim
            yield from self._another(self._alike({}))
        for number in count():
            known = {*self.known}
            if not known:
                return
            self._aim = known
            start = {} if number < MOST_ALIKE else self._least_unlike()
            # Of one count, those who are shifted besides may undo what the first did.
            best = max(self._alike(start), start, key=lambda of: len(self._news(of)))
            yield from self._another(best)
            if number >= MOST_ALIKE and self.known == known:
                return

    def _another(self, shifted: Exchange) -> Iterator[Floats]:
        """Yield the values of patients who were shifted, if that tells less of any count."""
        news, free = self._news(shifted), self._free(shifted)
        self.known -= news
        self.open -= free
        if news or free:
            yield self.shifts.shifted(shifted)

    def _news(self, shifted: Exchange) -> set[Place]:
        """Return which counts that are known still are others, once patients were shifted."""
        counts = self._counts(shifted)
        return {place for place in self.known if counts[place] != len(self._members[place])}

    def _aims(self) -> Iterator[Set[Place]]:
        """Yield counts to be freed together: of every other value, so that those between can take.

        Of the visits at once, then of the changes.
        """
        for of_change in (False, True):
            for odd in (0, 1):
                yield {
                    (quantity, apart, value)
                    for quantity, apart, value in self._members
                    if (quantity == len(self.of.columns)) == of_change and value % 2 == odd
                }

    def _alike(self, shifted: Exchange) -> Exchange:
        """Shift more patients, and as many as may be, while the same is told."""
        for way in self.shifts.ways():
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
        if not found or not self._unlike(shifted | together, most=1):
            return together
        if len(found) == 1:
            return {}
        half = len(found) // 2
        first = self._told_alike(found[:half], shifted)
        return first | self._told_alike(found[half:], shifted | first)

    def _least_unlike(self) -> Exchange:
        """Change counts that are known still, by what changes least of what is told.

        That may differ from then on. A count for which that is more than nothing is changed alone:
        with fewer who were shifted already there are more to choose from.
        """
        shifted: Exchange = {}
        for place in sorted(self.known):
            if self._counts(shifted)[place] == len(self._members[place]):
                one, unlike = self._least_unlike_at(place, shifted)
                if not shifted or not unlike:
                    shifted = shifted | one
                    self._may_differ |= unlike
        return shifted

    def _least_unlike_at(self, place: Place, shifted: Exchange) -> tuple[Exchange, set[str]]:
        """Return the exchange that changes one count and least of what is told, and that."""
        for _, ways in groupby(
            [*self.shifts.ways(), *self.shifts.last_ways()], lambda w: w.moments
        ):
            best: tuple[Exchange, set[str]] = {}, set()
            least: float = inf
            for way in ways:
                found = self._exchanges(way, shifted, [place])
                for one in islice((o for o in found if self._changes(o, place)), COMPARED):
                    unlike = self._unlike(shifted | one, most=least)
                    if _cost(unlike) < least:
                        best, least = (one, unlike), _cost(unlike)
                    if not least:
                        return best
            if least < inf:
                return best
        return {}, set()

    def _changes(self, one: Exchange, place: Place) -> bool:
        """Return whether another number of patients is at a place after an exchange."""
        return self.shifts.left(one).count(place) != self.shifts.landed(one).count(place)

    def _exchanges(
        self, way: Way, shifted: Exchange, places: Iterable[Place]
    ) -> Iterator[Exchange]:
        """Yield exchanges with patients who are at some places, and were not shifted."""
        wanted = {who for place in places for who in self._members[place]}
        return self.shifts.exchanges(way, wanted, shifted)

    def _useful(self, found: Iterable[Exchange], shifted: Exchange) -> list[Exchange]:
        """Choose exchanges of different patients, none of whom comes to where nobody shall be."""
        wanted, taken, kept_free = self._wanted(shifted), set(shifted), self.open & self._aim
        gains = [(sum(place in wanted for place in self.shifts.left(one)), one) for one in found]
        chosen: list[Exchange] = []
        for gain, one in sorted(gains, key=lambda pair: -pair[0]):
            if not gain or len(chosen) == TOGETHER:
                break
            if not taken & one.keys() and not kept_free & {*self.shifts.landed(one)}:
                chosen.append(one)
                taken |= one.keys()
        return chosen

    def _wanted(self, shifted: Exchange) -> set[Place]:
        return (self.open & self._aim) - self._free(shifted)

    def _counts(self, shifted: Exchange) -> Mapping[Place, int]:
        """Return how many are at each place of few, once patients were shifted."""
        counts = Counter({place: len(who) for place, who in self._members.items()})
        for old, new in self.shifts.moves(shifted):
            counts.subtract({old: 1} if old in self._members else {})
            counts.update({new: 1} if new in self._members else {})
        return counts

    def _free(self, shifted: Exchange) -> set[Place]:
        """Return which open counts are others, none or not of few, once patients were shifted."""
        counts = self._counts(shifted)
        return {
            place
            for place in self.open
            if not 0 < counts[place] < self._smallest and counts[place] != len(self._members[place])
        }

    def _unlike(self, shifted: Exchange, most: float = inf) -> set[str]:
        """Return what would be told otherwise, and does not differ already.

        What costs at least `most` is not looked at to its end.
        """
        unlike, left = set[str](), self._told.keys() - self._may_differ
        for key, text in self.of.told(self.of.put(self._cohort, self.shifts.shifted(shifted))):
            left.discard(key)
            if text != self._told.get(key) and key not in self._may_differ:
                unlike.add(key)
                if _cost(unlike) >= most:
                    return unlike
        return unlike | left


def _cost(unlike: Set[str]) -> int:
    """Return how much is lost if that is not told."""
    return len(unlike) + FIGURE * any(map(DRAWN.search, unlike))
