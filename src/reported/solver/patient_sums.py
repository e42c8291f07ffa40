"""Which sums over patients are printed or asked for: what each adds, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import SumLimits

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """What each patient adds, by level at baseline and follow-up, or by one level if lost."""

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
class AllowedSums:
    """The sums that are allowed, in steps of the scale, in rows."""

    everyone: Integers  # sum of all baselines, least and greatest sum of their squares
    # Sum at follow-up, least and greatest sum of its squares, sum of the pairs' baselines, least
    # and greatest sum of their squared changes.
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

    def halves(self) -> list[AllowedSums]:
        """Return the lower and the upper half of the sums of changes; nothing if there is one."""
        changes = self.pairs[:, 0] - self.pairs[:, 3]
        different = np.unique(changes)
        if len(different) <= 1:
            return []
        upper = changes >= different[len(different) // 2]
        return [AllowedSums(self.everyone, self.pairs[part]) for part in (~upper, upper)]
