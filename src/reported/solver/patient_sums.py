"""Which sums over patients are printed or asked for: what each adds, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import SumLimits

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """What each patient adds, by values: of those followed up and, of a scale, of those lost.

    Attributes
    ----------
    followed
        By level, or by levels at baseline and follow-up: shape (levels,) or (levels, levels).
    lost
        By level at baseline, shape (levels,).
    """

    followed: Integers
    lost: Integers

    def __neg__(self) -> Weights:
        """Return the weights whose greatest total is the negated least of these."""
        return Weights(-self.followed, -self.lost)

    def total(self, groups: tuple[Levels, ...], first: int) -> int:
        """Return the sum over the patients of each group, whose values begin at level `first`."""
        tables = (self.followed, self.lost)
        return sum(
            int(table[tuple((levels - first).T)].sum())
            for table, levels in zip(tables, groups, strict=False)
        )


@dataclass(frozen=True)
class Features:
    """What patients with each of the values add to the sums.

    The sums are those of all baselines, their squares, the values at follow-up, their squares, the
    baselines of the pairs, the squared changes, and of ones for pairs that start at 0.
    """

    levels: Integers

    @cached_property
    def pairs(self) -> Integers:
        """Shape (sums, levels at baseline, levels at follow-up)."""
        before, after = np.meshgrid(self.levels, self.levels, indexing="ij")
        squares = before**2, after**2, (after - before) ** 2
        zeros = (before == 0).astype(np.int64)
        return np.stack([before, squares[0], after, squares[1], before, squares[2], zeros])

    @cached_property
    def lost(self) -> Integers:
        """Shape (sums, levels)."""
        nothing = np.zeros_like(self.levels)
        return np.stack([self.levels, self.levels**2, *[nothing] * 5])


@dataclass(frozen=True)
class AllowedSums:
    """The sums that are allowed, in steps of the scale.

    Attributes
    ----------
    everyone
        Rows: sum of all baselines, least and greatest sum of their squares.
    pairs
        Rows: sum at follow-up, least and greatest sum of its squares, sum of the pairs' baselines,
        least and greatest sum of their squared changes.
    """

    everyone: Integers
    pairs: Integers

    @classmethod
    def by(cls, sums: SumLimits) -> AllowedSums:
        """Return what printed numbers allow."""
        everyone = [
            (total, squares[0], squares[-1])
            for total in sums.totals("baseline")
            if (squares := sums.squares("baseline", total))
        ]
        pairs = [
            (total, squares[0], squares[-1], start, moved[0], moved[-1])
            for total in sums.totals("follow_up")
            if (squares := sums.squares("follow_up", total))
            for start in sums.starts(total)
            if (moved := sums.square_changes(total - start))
        ]
        return cls(np.array(everyone, dtype=np.int64), np.array(pairs, dtype=np.int64))

    @property
    def changes(self) -> Integers:
        """Sum of the changes, of each row of `pairs`."""
        return self.pairs[:, 0] - self.pairs[:, 3]

    def halves(self) -> list[AllowedSums]:
        """Return the lower and the upper half of the sums of changes; nothing if there is one.

        What is printed bounds the squared changes by the square of their sum, which is far from
        straight: the fewer sums of changes, the less the linear programme gives away.
        """
        different = np.unique(self.changes)
        if len(different) <= 1:
            return []
        upper = self.changes >= different[len(different) // 2]
        return [AllowedSums(self.everyone, self.pairs[part]) for part in (~upper, upper)]
