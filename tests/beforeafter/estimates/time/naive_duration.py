"""Time to an event once more, as a textbook says it: loops over fractions, slow and exact.

Nothing here is shared with `src/beforeafter`, neither code nor library, so that a mistake would
have to be made twice. A float appears only where a root or a logarithm is taken, and where a
maximum has no closed form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist

Followed = tuple[Fraction, bool]
# Lower and upper end; the same where the time is exact, None where no event was seen.
Known = tuple[Fraction, Fraction | None]
Gap = tuple[Fraction, Fraction | None]


def followed_up(patients: Sequence[Followed], horizon: Fraction) -> list[Followed]:
    return [(min(time, horizon), event and time <= horizon) for time, event in patients]


def kaplan_meier(patients: Sequence[Followed]) -> list[tuple[Fraction, Fraction]]:
    """Every event time with the height of the curve from there on."""
    steps, height = [], Fraction(1)
    for moment in sorted({time for time, event in patients if event}):
        at_risk = sum(time >= moment for time, _ in patients)
        events = sum(time == moment and event for time, event in patients)
        height *= 1 - Fraction(events, at_risk)
        steps.append((moment, height))
    return steps


def survival(patients: Sequence[Followed], moment: Fraction) -> Fraction:
    heights = [height for time, height in kaplan_meier(patients) if time <= moment]
    return heights[-1] if heights else Fraction(1)


def median(patients: Sequence[Followed]) -> Fraction | None:
    reached = [time for time, height in kaplan_meier(patients) if height <= Fraction(1, 2)]
    return reached[0] if reached else None


def area(patients: Sequence[Followed], start: Fraction, end: Fraction) -> Fraction:
    """Area under the curve between two times, rectangle by rectangle."""
    cuts = [start, *(t for t, _ in kaplan_meier(patients) if start < t < end), end]
    return sum(
        ((right - left) * survival(patients, left) for left, right in pairwise(cuts)), Fraction(0)
    )


def is_known(patients: Sequence[Followed], moment: Fraction) -> bool:
    """Whether somebody was seen until then, or nobody is left."""
    last = max(time for time, _ in patients)
    return last >= moment or survival(patients, last) == 0


def share_and_limits(
    patients: Sequence[Followed], moment: Fraction, level: float
) -> tuple[float, float, float]:
    """Share free of the event, and exp(-exp(log(-log S) + z s)) at either z."""
    share = survival(patients, moment)
    if not is_known(patients, moment):
        return math.nan, math.nan, math.nan
    if share in {0, 1}:
        return float(share), math.nan, math.nan
    total = Fraction(0)
    for time in {time for time, event in patients if event and time <= moment}:
        n, d = at_risk(patients, time), patients.count((time, True))
        total += Fraction(d, n * (n - d))
    log = math.log(share)
    width = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(total) / abs(log)
    lower, upper = (math.exp(log * math.exp(side * width)) for side in (1, -1))
    return float(share), lower, upper


def at_risk(patients: Sequence[Followed], moment: Fraction) -> int:
    return sum(time >= moment for time, _ in patients)


def restricted_mean(patients: Sequence[Followed], horizon: Fraction) -> Fraction:
    return area(followed_up(patients, horizon), Fraction(0), horizon)


def restricted_standard_error(patients: Sequence[Followed], horizon: Fraction) -> float:
    """Greenwood: the squared area to the right of each event, times d / (n (n - d))."""
    known, total = followed_up(patients, horizon), Fraction(0)
    for moment in sorted({time for time, event in known if event}):
        at_risk = sum(time >= moment for time, _ in known)
        events = sum(time == moment and event for time, event in known)
        if at_risk > events:
            right = area(known, moment, horizon)
            total += right**2 * Fraction(events, at_risk * (at_risk - events))
    return math.sqrt(total)


def restricted_standard_deviation(patients: Sequence[Followed], horizon: Fraction) -> float:
    """Each step down of the curve is a share of patients with that time; the rest stay on."""
    known = followed_up(patients, horizon)
    centre, before, total = restricted_mean(patients, horizon), Fraction(1), Fraction(0)
    for moment, height in kaplan_meier(known):
        total += (before - height) * (moment - centre) ** 2
        before = height
    total += before * (horizon - centre) ** 2
    return math.sqrt(total * len(known) / (len(known) - 1))


def lies_in(gap: Gap, known: Known) -> bool:
    """Whether all of (left, right] lies in (lower, upper]; equal ends are that very time."""
    (left, right), (lower, upper) = gap, known
    if lower == upper:
        return left == right == lower
    begins = left > lower if left == right else left >= lower
    return begins and (upper is None or (right is not None and right <= upper))


def common(one: Known, other: Known) -> Gap | None:
    """What two intervals have in common, None where that is nothing."""
    if lies_in(one, other) or lies_in(other, one):
        return one if lies_in(one, other) else other
    if one[0] == one[1] or other[0] == other[1]:
        return None
    lower, upper = max(one[0], other[0]), min(up for _, up in (one, other) if up is not None)
    return (lower, upper) if lower < upper else None


def smallest_gaps(patients: Sequence[Known]) -> list[Gap]:
    """What two patients have in common, and holds nothing else that two have in common."""
    shared = {gap for one in patients for other in patients if (gap := common(one, other))}
    return [gap for gap in shared if not any(o != gap and lies_in(o, gap) for o in shared)]


def most_likely_masses(patients: Sequence[Known]) -> dict[Gap, float]:
    """Share out each patient among his gaps by their masses, and again, until it holds still."""
    gaps = smallest_gaps(patients)
    inside = [[k for k, gap in enumerate(gaps) if lies_in(gap, known)] for known in patients]
    mass = [1 / len(gaps)] * len(gaps)
    for _ in range(20000):
        shares = [0.0] * len(gaps)
        for mine in inside:
            total = sum(mass[k] for k in mine)
            for k in mine:
                shares[k] += mass[k] / total / len(patients)
        moved = max(abs(a - b) for a, b in zip(mass, shares, strict=True))
        mass = shares
        if moved < 1e-15:
            break
    return dict(zip(gaps, mass, strict=True))
