"""Chains of cohorts that keep every printed number: Metropolis-Hastings steps.

A step proposes new values for some patients, or swaps some columns of two, in every chain at once;
the same move leads back with the same probability. It never leads to a cohort that lacks a printed
number, nor to one with more implausible patients than are allowed.

References
----------
Hastings WK. Monte Carlo sampling methods using Markov chains and their applications. Biometrika
1970;57:97-109. https://doi.org/10.1093/biomet/57.1.97
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.target import Density, Part, Table
from reported.solver.local_search import Distance
from reported.solver.prior_draw import Levels

Flags = npt.NDArray[np.bool_]
# How often two patients swap columns; of the other moves, how often both visits move together.
SWAPS, TOGETHER = 1 / 6, 1 / 3
# How often a move keeps the sum where the printed mean allows others, and the patterns of such
# moves: how many times its length each patient moves.
BALANCED = 1 / 2
PATTERNS = ((1, -1), (2, -1, -1), (1, -1, -1, 1), (1, -1, -1, 1), (1, -1, 1, -1, 1, -1))
# How often a move keeps the P value of a change, but not its mean; and the patterns of these.
OPEN = 1 / 2
OPEN_PATTERNS = ((1, -1, 1), (1, -1, 1, -1, 1), (1, -1, 1, -1, 1, -1, 1))
# How far the length of a balanced move is from what keeps the sum of squares.
OFF = (-1, 0, 0, 0, 0, 1)
# How often that is the sum of the squared changes, and how often moves turn away from the centre.
OF_CHANGES, STRETCHES = 1 / 2, 1 / 4
# How often a move of a scale is led by one of the few patients with the lowest baselines, on whom
# the mean of individual percentages hangs most.
LOW, LOWEST = 3 / 4, 5
# Quotients that are whole but for their last binary digit are whole.
ROUNDING = 1e-9
# The longest other move, as a share of the scale, and the most patients that it changes, also where
# a scale has no printed mean, which many must move to change.
LONGEST, PATIENTS, MANY = 0.3, 9, 50
# How many of those who move were lost, where baselines change; 9 stands for all.
LOST = (0, 1, 2, 2, 9)


class Chains:
    """Chains of cohorts that have every printed number, in steps: (chains, enrolled, columns).

    `broken` is how many patients of each are implausible; one with too many may not get more.
    """

    def __init__(
        self,
        table: Table,
        density: Density,
        cohorts: Levels,
        implausible: Implausible,
        rng: np.random.Generator,
    ) -> None:
        self.table, self.density, self.rng = table, density, rng
        # Half as wide as usual, so that all of it stays near the processor.
        self.cohorts: Levels = cohorts.astype(np.int32)
        self._implausible = implausible
        self._distances = {part.columns: Distance(part.outcome) for part in table.parts}
        # Where more is printed moves are harder; where less is, they have farther to go.
        self._often = [part for part in table.parts for _ in range(part.effort)]
        self._pinned = {column for part in table.parts for column in part.pinned}
        self.broken = implausible(cohorts[:, : table.n]).sum(axis=1)

    def run(self, steps: int) -> None:
        """Take steps."""
        for _ in range(steps if self.table.parts else 0):
            (self._swap if self.rng.random() < SWAPS else self._shift)()

    def _shift(self) -> None:
        """Propose other values at one visit, or at both, of one part."""
        rng = self.rng
        part = self._often[rng.integers(len(self._often))]
        columns = part.columns
        if part.is_scale and rng.random() >= TOGETHER:
            columns = (columns[rng.integers(2)],)
        free = not all(column in self._pinned for column in columns) and rng.random() >= BALANCED
        lead = self._lowest(part.columns[0]) if part.is_scale and rng.random() < LOW else None
        which, moves = (self._free if free else self._balanced)(part, columns, lead)
        old = self._rows(which)
        away = self._sides(old, columns[0])
        # Away from the centre, or towards it, is the way to another deviation.
        stretches = free and rng.random() < STRETCHES
        new = old.copy()
        new[:, :, list(columns)] += (moves * away if stretches else moves)[:, :, np.newaxis]
        levels = part.outcome.lattice.levels
        possible: Flags = np.asarray(moves.any(axis=1))
        if lead is not None:
            possible &= self._leads_back(part.columns[0], lead, which, new)
        for column in columns:
            if column not in self.table.baselines:  # Those lost have nothing to move.
                new[..., column] = np.where(which < self.table.n, new[..., column], 0)
            moved = np.where(new[..., column] == old[..., column], levels[0], new[..., column])
            possible &= ((moved >= levels[0]) & (moved <= levels[-1])).all(axis=1)
        if stretches:
            possible &= (self._sides(new, columns[0]) == away).all(axis=1)
        self._consider(which, np.array(columns), old, new, possible)

    def _sides(self, rows: Levels, column: int) -> Levels:
        """Return 1 for values above the centre of their distribution, otherwise -1."""
        above = rows[..., column] > self.density.centre[:, column, np.newaxis]
        return np.where(above, 1, -1)

    def _balanced(
        self, part: Part, columns: tuple[int, ...], lead: Levels | None
    ) -> tuple[Levels, Levels]:
        """Return patients and moves that add up to nothing, and keep a sum of squares or nearly.

        Along a pattern of moves there is a second place where the sum of squares is as large as
        here.
        """
        rng = self.rng
        turning = part.turning if len(columns) == 1 and rng.random() < OPEN else None
        every = PATTERNS if turning is None else OPEN_PATTERNS
        some = [pattern for pattern in every if len(pattern) <= self.table.n]
        pattern = np.array(some[rng.integers(len(some))]) * rng.choice([-1, 1])
        which = self._patients(len(pattern), columns, lead)
        other = next((column for column in part.columns if column not in columns), None)
        if other is not None:
            # In the order of the other visit, moves keep the product of both more nearly.
            order = self._rows(which)[..., other].argsort(axis=1, kind="stable")
            which = np.take_along_axis(which, order, axis=1)
        rows = self._rows(which)
        values = rows[..., list(columns)].sum(axis=2).astype(float)
        if other is not None and (turning is not None or rng.random() < OF_CHANGES):
            way = 1 if other == part.columns[0] else -1
            values -= rows[..., other] + way * (turning or 0)
        there = -2 * (values @ pattern) / (len(columns) * (pattern @ pattern))
        length = np.ceil(there - ROUNDING).astype(np.int64) + rng.choice(OFF, len(values))
        return which, pattern * length[:, np.newaxis]

    def _free(
        self, part: Part, columns: tuple[int, ...], lead: Levels | None
    ) -> tuple[Levels, Levels]:
        """Return patients and moves one way, to another mean, or each his own."""
        rng, levels = self.rng, part.outcome.lattice.levels
        most = (PATIENTS if part.has_mean else MANY) if part.is_scale else 1
        which = self._patients(round(min(most, self.table.n) ** (rng.random() ** 2)), columns, lead)
        longest = round(max(2.0, LONGEST * len(levels)) ** rng.random())
        ways = which.shape if rng.random() < 1 / 3 else (len(which), 1)
        return which, rng.integers(1, longest + 1, which.shape) * rng.choice([-1, 1], ways)

    def _swap(self) -> None:
        """Propose that two patients swap some of their values."""
        chosen = self._some_columns()
        of_all = {*chosen.tolist()} <= {*self.table.baselines}
        which = self._patients(2, chosen.tolist() if of_all else ())
        old = self._rows(which)
        new = old.copy()
        new[..., chosen] = old[:, ::-1, chosen]
        self._consider(which, chosen, old, new, (new != old).any(axis=(1, 2)))

    def _lowest(self, column: int) -> Levels:
        """Return one of the few patients of each chain who have the lowest values of a column."""
        few = min(LOWEST, self.table.n)
        lowest = _in_order(self.cohorts[:, : self.table.n, column]).argpartition(few - 1, axis=1)
        return np.asarray(lowest[np.arange(len(lowest)), self.rng.integers(few, size=len(lowest))])

    def _leads_back(self, column: int, lead: Levels, which: Levels, new: Levels) -> Flags:
        """Return where who leads a move, one of the lowest, moves once and would be one still."""
        chains, moved = np.arange(len(lead)), self.cohorts[..., column].copy()
        moved[chains[:, np.newaxis], which] = new[..., column]
        order = _in_order(moved[:, : self.table.n])
        below = (order < order[chains, lead][:, np.newaxis]).sum(axis=1)
        return np.asarray(((which == lead[:, np.newaxis]).sum(axis=1) == 1) & (below < LOWEST))

    def _patients(
        self, number: int, columns: Collection[int], lead: Levels | None = None
    ) -> Levels:
        """Return different patients of each chain; those lost come first, if baselines change."""
        n, n_lost, lost = self.table.n, self.table.n_enrolled - self.table.n, 0
        if n_lost and {*columns} & {*self.table.baselines}:
            lost = min(LOST[self.rng.integers(len(LOST))], number, n_lost)
        groups = self._some(n_lost, lost) + n, self._some(n, number - lost)
        which = np.concatenate(groups, axis=1)
        if lead is not None:
            which[:, -1] = lead
        return which

    def _some(self, of: int, number: int) -> Levels:
        """Return different ones of some patients, as many in each chain."""
        if not number:
            return np.empty((len(self.cohorts), 0), dtype=np.int64)
        first = self.rng.integers(of, size=(len(self.cohorts), 1))
        return np.asarray(self.rng.permutation(of)[(first + np.arange(number)) % of])

    def _some_columns(self) -> Levels:
        """Return which columns are swapped: one, or those of some parts."""
        rng, table = self.rng, self.table
        if rng.random() < 1 / 2:
            return rng.integers(table.width, size=1)
        some = [part.columns for part in table.parts if rng.random() < 1 / 3]
        return np.array([column for columns in some for column in columns], dtype=np.int64)

    def _rows(self, which: Levels) -> Levels:
        return np.asarray(self.cohorts[np.arange(len(which))[:, np.newaxis], which])

    def _consider(
        self, which: Levels, columns: Levels, old: Levels, new: Levels, possible: Flags
    ) -> None:
        """Take the moves that are possible, with the probability that the densities give."""
        chains, lost = np.arange(len(which)), which >= self.table.n
        gain = self.density.gain(chains, lost, columns, old, new)
        there = self.broken
        if self._implausible.columns & {*columns.tolist()}:
            change = self._implausible(new).astype(int) - self._implausible(old)
            there = self.broken + (change * ~lost).sum(axis=1)
            possible &= there <= np.maximum(self.broken, self._implausible.allowed)
        at = np.flatnonzero(possible & (np.log(self.rng.random(len(which))) < gain))
        for part in self.table.parts:
            if {*columns.tolist()} & {*part.columns}:
                at = at[self._kept(part, at, which[at], new[at])]
        for column in columns:
            self.cohorts[at[:, np.newaxis], which[at], column] = new[at][..., column]
        self.broken[at] = there[at]

    def _kept(self, part: Part, at: Levels, which: Levels, new: Levels) -> Flags:
        """Return in which chains all that is printed of a part is kept."""
        state = [self.cohorts[at, :, column].astype(np.int64) for column in part.columns]
        for values, column in zip(state, part.columns, strict=True):
            values[np.arange(len(at))[:, np.newaxis], which] = new[..., column]
        followed = self.table.n
        cut = (state[0], state[1][:, :followed]) if part.is_scale else (state[0][:, :followed],)
        return np.asarray(self._distances[part.columns](cut) == 0)


def _in_order(values: Levels) -> Levels:
    """Return numbers in the order of values, of which no two of a chain are equal."""
    return np.asarray(values * values.shape[1] + np.arange(values.shape[1]))
