"""Means and standard deviations that follow from whatever else is printed of a sample."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, sqrt

import numpy as np
from scipy import stats

from reported.checks.p_values import UNBOUNDED, widened
from reported.claims.lattice import Lattice
from reported.claims.printed import Interval, Intervals

NOTHING = Interval(Fraction(1), Fraction(0))
DIGITS = 10**6
ANYTHING = Interval(-UNBOUNDED, UNBOUNDED)


def implied(
    printed: Intervals, sizes: tuple[int, int], lattice: Lattice, confidence: float
) -> dict[str, Interval]:
    """Return what is printed, with the means, deviations and t that the rest of it implies.

    Printed are numbers by their keys; sizes are the patients at baseline, and in pairs. Confidence
    intervals are of the t or the normal distribution. Of numbers that exclude each other it is
    empty.
    """
    found = dict(printed)
    for part, n in (("baseline", sizes[0]), ("follow_up", sizes[1]), ("change", sizes[1])):
        own = {
            key.removeprefix(f"{part}."): i for key, i in printed.items() if key.startswith(part)
        }
        for kind, interval in (*_spread(own, n, confidence), *_ranked(own, n, lattice)):
            key = f"{part}.{kind}"
            found[key] = found.get(key, ANYTHING).within(_coarse(interval))
    if f := printed.get("change.f"):
        root = widened(sqrt(max(float(f.low), 0)), sqrt(f.high))
        found["change.t"] = _coarse(root).within(found.get("change.t", ANYTHING).absolute())
    elif t := printed.get("change.t"):
        found["change.t"] = t.absolute()
    return found


def _coarse(interval: Interval) -> Interval:
    """Return an interval around it whose ends have few digits, which the solver can multiply."""
    return Interval(
        Fraction(floor(interval.low * DIGITS), DIGITS),
        Fraction(ceil(interval.high * DIGITS), DIGITS),
    )


def _spread(own: Intervals, n: int, confidence: float) -> Iterator[tuple[str, Interval]]:
    root = sqrt(n)
    if error := own.get("standard_error"):
        yield "standard_deviation", widened(float(error.low) * root, float(error.high) * root)
    if "lower" in own and "upper" in own:
        lower, upper = own["lower"], own["upper"]
        half = Fraction(1, 2)
        yield "mean", Interval((lower.low + upper.low) * half, (lower.high + upper.high) * half)
        far, near = upper.high - lower.low, max(upper.low - lower.high, Fraction(0))
        t, z = (float(d.isf((1 - confidence) / 2)) for d in (stats.t(n - 1), stats.norm()))
        yield "standard_deviation", widened(float(near) * root / 2 / t, float(far) * root / 2 / z)


def _ranked(own: Intervals, n: int, lattice: Lattice) -> Iterator[tuple[str, Interval]]:
    """Yield what the order of the scores says of their mean and deviation.

    Whatever the definition of a quartile, it lies between the scores of two ranks.
    """
    first, last = lattice.levels[0], lattice.levels[-1]
    ranks = {
        "minimum": (1, 1),
        "lower_quartile": (max(1, floor(n / 4 - 0.5)), ceil((n + 3) / 4)),
        "median": ((n + 1) // 2, n // 2 + 1),
        "upper_quartile": (max(1, floor((3 * n + 1) / 4)), min(n, ceil(3 * n / 4 + 1.5))),
        "maximum": (n, n),
    }
    if not ranks.keys() & own.keys():
        return
    least, most = np.full(n, first), np.full(n, last)
    for kind, (below, above) in ranks.items():
        if kind in own:
            steps = own[kind].scaled(1 / lattice.step)
            most[:below] = np.minimum(most[:below], floor(steps.high))
            least[above - 1 :] = np.maximum(least[above - 1 :], ceil(steps.low))
    halves = own["median"].scaled(2 / lattice.step) if "median" in own else ANYTHING
    impossible = (least > most).any() or ceil(halves.low) > floor(halves.high)
    low, high = (Fraction(int(each.sum()), n) * lattice.step for each in (least, most))
    yield "mean", NOTHING if impossible else Interval(low, high)
    # Two scores are as far apart as the ends of the range, and none is further apart.
    span, inside = most[-1] - least[0], max(0, least[-1] - most[0])
    narrow, wide = inside / sqrt(2 * (n - 1)), span / 2 * sqrt(n / (n - 1))
    yield "standard_deviation", widened(narrow * float(lattice.step), wide * float(lattice.step))
