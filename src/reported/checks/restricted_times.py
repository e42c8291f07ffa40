"""Whether times counted in whole steps up to a horizon can have all that is printed of them."""

from __future__ import annotations

from collections.abc import Sequence

from reported.checks.grim import sums
from reported.checks.grimmer import dataset, squares
from reported.checks.percentages import counts
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval


def restricted_times(
    means: Sequence[Interval], deviation: Interval, event_free: Interval, n: int, lattice: Lattice
) -> list[int] | None:
    """Return how many patients have each time, from 0 to the horizon.

    Parameters
    ----------
    means
        What the printed means, each of the same times, may stand for.
    deviation
        What the printed standard deviation (divisor n - 1) may stand for.
    event_free
        The percentage that reach the horizon without the event.
    n
        Number of patients, at least 2.
    lattice
        The times, the horizon last.

    Returns
    -------
    list of int or None
        Counts, the last of them those without the event; None refutes the numbers.

    Notes
    -----
    Everyone is followed until the event or the horizon, so that the mean is the restricted mean
    survival time. Those who reach the horizon are set aside; the others then have a known sum and
    a known sum of squares, as in GRIMMER, on the times before the horizon.

    References
    ----------
    Royston P, Parmar MKB. Restricted mean survival time. BMC Med Res Methodol 2013;13:152.
    https://doi.org/10.1186/1471-2288-13-152
    """
    horizon = lattice.levels[-1]
    totals = [sums(mean, n, lattice) for mean in means]
    for total in range(max(t.start for t in totals), min(t.stop for t in totals)):
        allowed = squares(deviation, n, total, lattice.step)
        for free in counts(event_free, n):
            rest = range(allowed.start - free * horizon**2, allowed.stop - free * horizon**2, 2)
            ended = dataset(n - free, total - free * horizon, rest, lattice.levels[:-1])
            if ended is not None:
                return [*(ended.count(level) for level in lattice.levels[:-1]), free]
    return None
