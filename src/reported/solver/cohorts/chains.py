"""Chains of cohorts that keep every printed number: Metropolis-Hastings steps.

A step proposes new values for one to four patients, or swaps some columns of two, in every chain at
once; the same move leads back with the same probability. It is taken with the probability that
makes the chains wander over cohorts as their distribution says (`target`), never to one that lacks
a printed number, nor to one with more implausible patients than are allowed.

References
----------
Hastings WK. Monte Carlo sampling methods using Markov chains and their applications. Biometrika
1970;57:97-109. https://doi.org/10.1093/biomet/57.1.97
"""

from collections.abc import Sequence
from math import inf

import numpy as np
import numpy.typing as npt

from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.target import Density, Part, Table
from reported.solver.local_search import Distance
from reported.solver.prior_draw import Levels

Flags = npt.NDArray[np.bool_]
# How often two patients swap columns; of the other moves, how often both visits move together.
SWAPS, TOGETHER = 1 / 3, 1 / 4
# The longest move, as a share of the scale.
LONGEST = 0.4
# How often one of those lost is among those who move, where only baselines do.
LOST = 1 / 3
# A penalty as good as infinite.
GREATEST = 1e9
# The most patients that a move changes.
MOST = 12
# How often everyone at a visit moves.
ALL = 1 / 6
# How often moves of a part are proposed: of scales of many values, which have farther to go, of
# those of few, and of ratings and durations, which have one column.
MANY, FEW, ONE_COLUMN = 6, 4, 5


class Chains:
    """Chains of cohorts, each a state that has every printed number.

    Attributes
    ----------
    cohorts
        Values in steps, shape (chains, enrolled, columns).
    least
        How many implausible patients are allowed; a chain that has more may not get more.
    penalty
        What an implausible patient more than these takes from the log density; infinite but while
        chains are led to where there are no more.
    """

    def __init__(
        self, table: Table, cohorts: Levels, implausible: Implausible, rng: np.random.Generator
    ) -> None:
        self.table, self.cohorts, self.rng = table, cohorts, rng
        self.density, self.least, self.penalty = Density(table), 0, inf
        self._implausible = implausible
        often = np.array([_often(part) for part in table.parts])
        self._often = often / often.sum()
        self._distances = [Distance(part.outcome) for part in table.parts]
        self._columns_of_lost = np.isin(np.arange(table.width), table.baselines)
        self.refresh()

    @property
    def broken(self) -> Levels:
        """How many patients are implausible, shape (chains,)."""
        return np.asarray(self._broken.sum(axis=1))

    def refresh(self) -> None:
        """Compute anew what steps only update, so that errors of rounding do not add up."""
        self._broken = self._implausible(self.cohorts[:, : self.table.n])
        self._pairs, self._everyone = self.density.moments(self.cohorts)
        self._of_moments = self.density.of_moments(self._pairs, self._everyone)

    def run(self, steps: int) -> None:
        """Take steps."""
        for _ in range(steps):
            swaps = self.rng.random() < SWAPS
            (self._swap if swaps else self._shift)()
        self.refresh()

    def _shift(self) -> None:
        """Propose other values at one visit, or at both, of one part."""
        rng, table, chains = self.rng, self.table, len(self.cohorts)
        part = table.parts[rng.choice(len(table.parts), p=self._often)]
        columns = part.columns
        if part.is_scale and rng.random() >= TOGETHER:
            columns = (columns[rng.integers(2)],)
        enrolled = set(columns) <= set(table.baselines)
        which = rng.integers(table.n_enrolled if enrolled else table.n, size=(chains, MOST))
        number = int(rng.integers(1, MOST + 1))
        which = which[:, :number]
        if rng.random() < LOST and enrolled and table.n < table.n_enrolled:
            which[:, 0] = rng.integers(table.n, table.n_enrolled, size=chains)
        levels = part.outcome.lattice.levels
        length = round(max(2.0, LONGEST * len(levels)) ** rng.random())
        moves = rng.integers(1, length + 1, (chains, number)) * rng.choice(
            [-1, 1], (chains, number)
        )
        if rng.random() < ALL:
            # Everyone moves alike: the shortest way to another mean.
            everyone = np.arange(table.n_enrolled if enrolled else table.n)
            which = np.tile(everyone, (chains, 1))
            moves = np.tile(moves[:, :1], (1, len(everyone)))
        elif number > 1 and rng.random() < 3 / 4:
            # Printed means are kept by moves that add up to nothing.
            moves[:, -1] = -moves[:, :-1].sum(axis=1)
        old = self.cohorts[np.arange(chains)[:, np.newaxis], which]
        new = old.copy()
        new[:, :, list(columns)] += moves[:, :, np.newaxis]
        moved = new[:, :, list(columns)]
        inside = np.asarray(((moved >= levels[0]) & (moved <= levels[-1])).all(axis=(1, 2)))
        self._consider(which, old, new, inside, [part])

    def _swap(self) -> None:
        """Propose that two patients swap some of their values."""
        rng, table, chains = self.rng, self.table, len(self.cohorts)
        chosen = self._some_columns()
        of_all = not (chosen & ~self._columns_of_lost).any()
        which = rng.integers(table.n_enrolled if of_all else table.n, size=(chains, 2))
        if of_all and rng.random() < LOST and table.n < table.n_enrolled:
            which[:, 0] = rng.integers(table.n, table.n_enrolled, size=chains)
        old = self.cohorts[np.arange(chains)[:, np.newaxis], which]
        new = np.where(chosen, old[:, ::-1], old)
        touched = [part for part in table.parts if chosen[list(part.columns)].any()]
        if not of_all:  # Among those followed up, whole parts keep what is printed of them.
            touched = [part for part in touched if not chosen[list(part.columns)].all()]
        inside = np.asarray((new != old).any(axis=(1, 2)))
        self._consider(which, old, new, inside, touched)

    def _some_columns(self) -> Flags:
        """Return which columns are swapped: some of one part, or some parts."""
        rng, table = self.rng, self.table
        chosen = np.zeros(table.width, dtype=bool)
        if rng.random() < 1 / 2:
            chosen[rng.integers(table.width)] = True
        else:
            for part in table.parts:
                chosen[list(part.columns)] = rng.random() < 1 / 3
        return chosen

    def _consider(
        self, which: Levels, old: Levels, new: Levels, possible: Flags, parts: Sequence[Part]
    ) -> None:
        """Take the moves that are possible, with the probability that the densities give."""
        ordered = np.sort(which, axis=1)
        possible = possible & (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
        broken = self._rows_broken(which, new)
        total = self.broken
        there = total + broken.sum(axis=1) - self._now_broken(which).sum(axis=1)
        more = np.maximum(there, self.least) - np.maximum(total, self.least)
        at = np.flatnonzero(possible & ((more <= 0) | (self.penalty < inf)))
        before = self.cohorts[at]
        self.cohorts[at[:, np.newaxis], which[at]] = new[at]
        for part in parts:
            distance = self._distances[self.table.parts.index(part)]
            kept = distance(self.table.state(part, self.cohorts[at])) == 0
            self.cohorts[at[~kept]] = before[~kept]
            at, before = at[kept], before[kept]
        if not at.size:
            return
        pairs, everyone = self.density.moved(which[at], old[at], new[at])
        pairs += self._pairs[at]
        everyone += self._everyone[at]
        of_moments = self.density.of_moments(pairs, everyone)
        gain = of_moments - self._of_moments[at]
        gain -= min(self.penalty, GREATEST) * more[at]
        taken = np.log(self.rng.random(at.size)) < gain
        self.cohorts[at[~taken]] = before[~taken]
        kept = at[taken]
        self._pairs[kept], self._everyone[kept] = pairs[taken], everyone[taken]
        self._of_moments[kept] = of_moments[taken]
        chains, patients = np.nonzero(which[kept] < self.table.n)
        whose = which[kept][chains, patients]
        self._broken[kept[chains], whose] = broken[kept][chains, patients]

    def _rows_broken(self, which: Levels, rows: Levels) -> Flags:
        # Those lost have no values that could fail to go together.
        return np.asarray(self._implausible(rows) & (which < self.table.n))

    def _now_broken(self, which: Levels) -> Flags:
        followed = np.minimum(which, self.table.n - 1)
        now = np.take_along_axis(self._broken, followed, axis=1)
        return np.asarray(now & (which < self.table.n))


def _often(part: Part) -> int:
    if not part.is_scale:
        return ONE_COLUMN
    return FEW if part.outcome.exhaustive else MANY
