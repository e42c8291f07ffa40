"""GRIM and GRIMMER: whether scores in steps can have the printed mean and deviation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from reported.claims.lattice import Lattice
from reported.claims.printed import Interval


def sums(mean: Interval, n: int, lattice: Lattice) -> range:
    """Return every sum of n scores, in steps, that has the printed mean; none refutes it.

    With scores in steps of :math:`g`, 1/k for the mean of k whole items, the sum in steps is an
    integer :math:`S`, and the mean is :math:`g S / n`. Any sum between n times the least and n
    times the greatest score can be had.

    References
    ----------
    Brown NJL, Heathers JAJ. The GRIM test. Soc Psychol Personal Sci 2017;8:363-369.
    https://doi.org/10.1177/1948550616673876
    """
    allowed = mean.scaled(Fraction(n) / lattice.step).integers
    least, greatest = n * lattice.levels[0], n * lattice.levels[-1]
    return range(max(allowed.start, least), min(allowed.stop, greatest + 1))


def grimmer(mean: Interval, deviation: Interval, n: int, lattice: Lattice) -> list[int] | None:
    """Return n scores, in steps, that have the printed mean and standard deviation, or None.

    Mean and deviation (divisor n - 1) fix two integers, the sum :math:`S` and the sum of squares
    :math:`Q = (n - 1) s^2 / g^2 + S^2 / n` of scores in steps of :math:`g`. Every admissible
    :math:`S` is tried: the nearest alone rejects data that exist. Not every :math:`Q` of the
    parity of :math:`S` is a sum of n squares; so scores are exhibited, or all are excluded. Of
    zeros and ones it refutes all that DEBIT does (https://osf.io/5vb3u).

    References
    ----------
    Anaya J. The GRIMMER test. PeerJ Preprints 2016;4:e2400v1.
    https://doi.org/10.7287/peerj.preprints.2400v1
    Allard A. Analytic-GRIMMER. 2018. https://aurelienallard.netlify.app/post/anaytic-grimmer-possibility-standard-deviations/
    """
    for total in sums(mean, n, lattice):
        found = dataset(n, total, squares(deviation, n, total, lattice.step), lattice.levels)
        if found is not None:
            return found
    return None


def squares(deviation: Interval, n: int, total: int, step: Fraction) -> range:
    """Return the sums of squares, in steps, that give a printed deviation with a sum of n scores.

    Each has the parity of the sum: an integer and its square are both odd or both even.
    """
    variance = deviation.squared().scaled((n - 1) / step**2)
    allowed = variance.shifted(Fraction(total**2, n)).integers
    return range(allowed.start + (allowed.start - total) % 2, allowed.stop, 2)


def squares_limits(n: int, total: int, levels: range) -> tuple[int, int]:
    """Return the least and the greatest sum of squares of n of some levels with a given sum.

    It is least when no two scores differ by more than one step, and greatest when at most one is
    not at an end of the scale (rsprite2, `sd_limits`,
    https://doi.org/10.32614/CRAN.package.rsprite2).
    """
    share, rest = divmod(total, n)
    least = (n - rest) * share**2 + rest * (share + 1) ** 2
    low, high = levels[0], levels[-1]
    at_top, above = divmod(total - n * low, high - low or 1)
    # What is left for one score between the ends; none is left over when all are at the top.
    between = (low + above) ** 2 - low**2
    return least, at_top * high**2 + (n - at_top) * low**2 + between


def dataset(n: int, total: int, allowed: range, levels: range) -> list[int] | None:
    """Return n of the levels with a sum and an allowed sum of squares, or None if there are none.

    A depth-first search chooses integers from the greatest down, so that the rest is soon nearly
    level; a choice is followed only if the limits of the sum of squares of the rest leave room.
    """
    if n == 0:
        return [] if total == 0 and 0 in allowed else None
    failed: set[_Rest] = set()
    start = _Rest(n, total, allowed, levels)
    path = [start] if allowed and start.has_room() else []
    while path:
        rest = path[-1]
        if (level := rest.level()) is not None:
            return [choice.levels[-1] for choice in path[1:]] + level
        follow = next((after for after in rest.choices() if after not in failed), None)
        if follow is not None:
            path.append(follow)
        else:
            failed.add(path.pop())
    return None


@dataclass(frozen=True)
class _Rest:
    """Integers still to choose; the greatest level is the integer chosen last."""

    n: int
    total: int
    allowed: range
    levels: range

    def level(self) -> list[int] | None:
        """Return the integers that differ least, if their sum of squares is allowed."""
        least, _ = squares_limits(self.n, self.total, self.levels)
        if least not in self.allowed:
            return None
        share, rest = divmod(self.total, self.n)
        return [share + 1] * rest + [share] * (self.n - rest)

    def choices(self) -> Iterator[_Rest]:
        """Yield what is left after each choice of the greatest integer that leaves room."""
        # The greatest is at least the mean, and neither it nor the others overstep the sums.
        root = isqrt(max(self.allowed[-1], 0))
        most = min(self.levels[-1], self.total - (self.n - 1) * self.levels[0], root)
        for value in range(most, max(self.levels[0], -(-self.total // self.n), -root) - 1, -1):
            start, stop = self.allowed.start - value**2, self.allowed.stop - value**2
            levels = range(self.levels[0], value + 1)
            rest = _Rest(self.n - 1, self.total - value, range(start, stop, 2), levels)
            if rest.has_room():
                yield rest

    def has_room(self) -> bool:
        """Whether the sum can be had, and the limits of the sum of squares meet the allowed."""
        if not self.n * self.levels[0] <= self.total <= self.n * self.levels[-1]:
            return False
        least, greatest = squares_limits(self.n, self.total, self.levels)
        return least <= self.allowed[-1] and greatest >= self.allowed[0]
