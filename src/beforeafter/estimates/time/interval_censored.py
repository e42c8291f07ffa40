"""Time to an event that was not seen to happen: it came between two visits, or within a month.

The times of a duration taken as what they are, ends of intervals. Within an interval the data do
not say when: what depends on it is given as the least and the greatest value it may have.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates.change.pairs import NOISE_DECIMALS
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats
from beforeafter.estimates.time.curve import followed
from beforeafter.estimates.time.turnbull import Masses, turnbull
from beforeafter.estimates.time.without_event import name_of
from beforeafter.study import Duration, of_part


@dataclass(frozen=True)
class ShareRange:
    """A share, depending on where in their gaps the events lie."""

    least: float = quantity("proportion")
    greatest: float = quantity("proportion")


@dataclass(frozen=True)
class MeanRange:
    """A mean with the events at the beginning, in the middle and at the end of their gaps."""

    least: float = quantity("estimate")
    middle: float = quantity("estimate")
    greatest: float = quantity("estimate")


@dataclass(frozen=True)
class IntervalCensored:
    """One duration, its events known to an interval; the median lies after, and by."""

    event_free: ShareRange
    event_free_at: dict[str, ShareRange]
    restricted: MeanRange
    n_observed: int = quantity("count")
    median_after: float = quantity("estimate")
    median_by: float = quantity("estimate")


def recorded_intervals(cohort: pd.DataFrame, duration: Duration) -> tuple[Floats, Floats]:
    """Return the interval (lower, upper] in which each patient's event lies.

    Of each patient with a time. The upper end is infinite where no event was seen, or only beyond
    the horizon. Equal ends are an exact time: all of them where times are exact, and an event
    noticed at 0, which no visit came before.
    """
    time, event = followed(cohort, duration)
    # 0.1 + 0.2 is not 0.3: rounded, so that the steps of all patients have the same ends.
    time = time.round(NOISE_DECIMALS)
    before, after = {"noticed": (1, 0), "completed": (0, 1), None: (0, 0)}[duration.recorded]
    earlier = np.maximum(time - before * duration.step, 0).round(NOISE_DECIMALS)
    later = (time + after * duration.step).round(NOISE_DECIMALS)
    lower, upper = np.where(event, earlier, time), np.where(event, later, np.inf)
    # What begins at the horizon or later says one thing: not by then.
    beyond = np.where(lower == upper, lower > duration.horizon, lower >= duration.horizon)
    return np.where(beyond, duration.horizon, lower), np.where(beyond, np.inf, upper)


def share_range(masses: Masses, time: float) -> ShareRange:
    """Share without the event at a time, which counts an event at the very time.

    Least and greatest where the time lies inside a gap, else the same.
    """
    exact = masses.left == masses.right
    surely = np.where(exact, masses.left > time, masses.left >= time)
    return ShareRange(
        float(masses.mass[surely].sum()), float(masses.mass[masses.right > time].sum())
    )


def mean_range(masses: Masses, horizon: float) -> MeanRange:
    """Mean of min(T, horizon), events at the beginning of their gaps, half way, and at the end."""
    least, greatest = (
        float(masses.mass @ np.minimum(ends, horizon)) for ends in (masses.left, masses.right)
    )
    return MeanRange(least, (least + greatest) / 2, greatest)


def median_gap(masses: Masses) -> tuple[float, float]:
    """Return both ends of the gap in which the curve, from `turnbull`, comes down to one half."""
    half = int(np.argmax(np.cumsum(masses.mass).round(NOISE_DECIMALS) >= 1 / 2))
    return float(masses.left[half]), float(masses.right[half])


@of_part("interval_censored")
def interval_censored(cohort: pd.DataFrame, duration: Duration) -> IntervalCensored:
    """Analyse how long patients stay without an event that is known to an interval.

    Parameters
    ----------
    cohort
        One row per patient; patients without a time are left out.
    duration
        Columns, step, horizon, times, and what a recorded time stands for.

    Returns
    -------
    IntervalCensored
        Share without the event at the horizon and at the times of the study, restricted mean, and
        the gap (after, by] in which the curve comes down to one half, infinite at its end where it
        was not seen to. Where follow-up ends early the last gap is wide, and so are the ranges.

    Raises
    ------
    NoPatientsError
        When no patient has a time.

    Notes
    -----
    Recorded in whole steps, events lie in steps that do not overlap, and the likelihood is that
    of Kaplan and Meier with the events at the ends of their steps: the shares at whole steps are
    those of that curve. With `noticed` it is the curve of `duration` itself. Without a rule for
    what was recorded times are exact, and least and greatest are the same.

    Who is lost is lost at the recorded time. Were patients lost within a step, and counted in it
    only if the event came first, shares would be a little too low, as in a life table without
    half a step at risk for those lost.
    """
    lower, upper = recorded_intervals(cohort, duration)
    masses = turnbull(lower, upper)
    median_after, median_by = median_gap(masses)
    return IntervalCensored(
        event_free=share_range(masses, duration.horizon),
        event_free_at={name_of(time): share_range(masses, time) for time in duration.times},
        restricted=mean_range(masses, duration.horizon),
        n_observed=len(lower),
        median_after=median_after,
        median_by=median_by,
    )
