"""Time to an event that was not seen to happen: it came between two visits, or within a month.

The times of a duration taken as what they are, ends of intervals. Within an interval the data do
not say when: what depends on it is given as the least and the greatest value it may have.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from beforeafter.estimates.change.pairs import NOISE_DECIMALS
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats
from beforeafter.estimates.time.curve import followed
from beforeafter.estimates.time.without_event import name_of
from beforeafter.study import Duration, of_part

# A log-likelihood that could rise by no more than this per patient is at its maximum.
EXCESS = 1e-8
# Newton's steps double the digits that are right: ten are many.
MOST_STEPS = 100
# Far below any share of patients, far above the error of a sum.
NO_SHARE = 1e-12


@dataclass(frozen=True)
class Masses:
    """Shares of patients whose event lies in each gap (left, right], shape (gaps,).

    A gap with `left == right` is that very time; the last may reach to infinity, for those whose
    event was never seen.
    """

    left: Floats
    right: Floats
    mass: Floats


def turnbull(lower: ArrayLike, upper: ArrayLike) -> Masses:
    r"""Nonparametric maximum likelihood of the time to an event known to an interval.

    Intervals (lower, upper] have equal ends for an event at that very time, and `upper` infinite
    where no event was seen. Returned are the gaps that hold some share of the patients, in order of
    time; the shares add up to 1. Should the maximum not be found, an `ArithmeticError` is raised;
    it is never guessed.

    Notes
    -----
    Only gaps between a lower end and the next upper end can hold mass (Turnbull, Peto). With
    :math:`a_{ij}` telling whether gap j lies in interval i, :math:`\sum_i w_i \log \sum_j a_{ij}
    p_j` is concave, and p is the maximum if and only if :math:`\sum_i w_i a_{ij} / (a_i p) \le 1`
    for every gap j, the weights adding up to 1 (Kuhn and Tucker): the search ends when this holds
    to `EXCESS`, which also bounds what the log-likelihood per patient is short of. Found by Wang's
    constrained Newton steps, where Turnbull's own iteration may crawl, from the curve of Kaplan and
    Meier with the events at the ends of their intervals.

    lifelines' `fit_interval_censoring` takes closed intervals only, divides by zero where all mass
    is in one gap, and stops at a small gain of likelihood, which is no sign of the maximum.

    References
    ----------
    Turnbull BW. The empirical distribution function with arbitrarily grouped, censored and
    truncated data. 1976. doi:10.1111/j.2517-6161.1976.tb01597.x
    Wang Y. Dimension-reduced nonparametric maximum likelihood computation for interval-censored
    data. 2008. doi:10.1016/j.csda.2007.10.018
    Gentleman R, Geyer CJ. Maximum likelihood for interval censored data: consistency and
    computation. 1994. doi:10.1093/biomet/81.3.618
    """
    counted = pd.DataFrame({"lower": lower, "upper": upper}).value_counts(sort=False)
    starts, stops = (
        counted.index.get_level_values(end).to_numpy(dtype=float) for end in ("lower", "upper")
    )
    n_patients: Floats = counted.to_numpy().astype(float)
    left, right, inside = _gaps(starts, stops, n_patients / n_patients.sum())
    mass = _most_likely(inside, _events_at_the_end(starts, stops, n_patients, right))
    holds = mass > NO_SHARE
    return Masses(left[holds], right[holds], mass[holds])


@dataclass(frozen=True)
class _Inside:
    """Which gaps lie in each interval: those from `first` up to but not with `stop`."""

    first: NDArray[np.int64]
    stop: NDArray[np.int64]
    weights: Floats
    n_gaps: int

    def likely(self, mass: Floats) -> Floats:
        """Return the mass in each interval."""
        below: Floats = np.append(0, np.cumsum(mass))
        above: Floats = np.append(np.cumsum(mass[::-1])[::-1], 0)
        # A difference has the noise of the whole sum: taken only where a part alone will not do.
        alone, to_the_end = self.stop == self.first + 1, self.stop == self.n_gaps
        return np.select(
            [alone, to_the_end],
            [mass[self.first], above[self.first]],
            below[self.stop] - below[self.first],
        )

    def log_likelihood(self, mass: Floats) -> float:
        likely = self.likely(mass)
        return float(self.weights @ np.log(likely)) if likely.min() > 0 else -math.inf

    def excess(self, mass: Floats) -> float:
        """Return what the log-likelihood of a patient could at most still rise by."""
        pull = self.weights / self.likely(mass)
        begins, ends = (np.bincount(at, pull, self.n_gaps + 1) for at in (self.first, self.stop))
        return float(np.cumsum(begins - ends)[:-1].max()) - 1

    def table(self) -> Floats:
        """Return 1 where a gap (column) lies in an interval (row), else 0."""
        gaps = np.arange(self.n_gaps)
        inside = (self.first[:, np.newaxis] <= gaps) & (gaps < self.stop[:, np.newaxis])
        return inside.astype(float)


def _gaps(lower: Floats, upper: Floats, weights: Floats) -> tuple[Floats, Floats, _Inside]:
    """Return the left and right end of each gap, and which gaps lie in each interval."""
    times, place = np.unique(np.concatenate([lower, upper]), return_inverse=True)
    # Three ends at one time, in order: the left one of an exact time, any right one, an open left.
    starts = 3 * place[: len(lower)] + np.where(lower == upper, 0, 2)
    stops = 3 * place[len(lower) :] + 1
    ends = np.unique(np.concatenate([starts, stops]))
    is_right = ends % 3 == 1
    before = np.flatnonzero(~is_right[:-1] & is_right[1:])
    left, right = ends[before], ends[before + 1]
    first, stop = np.searchsorted(left, starts), np.searchsorted(right, stops, side="right")
    return times[left // 3], times[right // 3], _Inside(first, stop, weights, len(left))


def _events_at_the_end(lower: Floats, upper: Floats, n_patients: Floats, right: Floats) -> Floats:
    """Return the steps down, up to each gap, of Kaplan-Meier with events at the upper ends."""
    seen = np.isfinite(upper)
    fit = KaplanMeierFitter().fit(np.where(seen, upper, lower), seen, weights=n_patients)
    curve = fit.survival_function_.iloc[:, 0]
    heights = curve.to_numpy()[np.searchsorted(curve.index.to_numpy(), right, side="right") - 1]
    return -np.diff(np.where(np.isinf(right), 0, heights), prepend=1)


def _most_likely(inside: _Inside, guess: Floats) -> Floats:
    """Return the shares, shape (gaps,), that make the intervals most likely."""
    mass = guess
    if inside.likely(guess).min() <= NO_SHARE:
        mass = np.full(inside.n_gaps, 1 / inside.n_gaps)
    for _ in range(MOST_STEPS):
        if inside.excess(mass) <= EXCESS:
            return mass
        mass = _closer(mass, inside)
    raise ArithmeticError("the maximum of the likelihood was not found")


def _closer(mass: Floats, inside: _Inside) -> Floats:
    """Go to the top of the parabola that fits here, or as far that way as the likelihood rises."""
    slopes = inside.table() / inside.likely(mass)[:, np.newaxis]
    # Least squares of slopes @ p - 2 over shares p; p adds up to 1, hence the 2 in each column.
    columns = np.vstack([np.sqrt(inside.weights)[:, np.newaxis] * (slopes - 2), np.ones(len(mass))])
    top, _ = nnls(columns, np.append(np.zeros(len(slopes)), 1))
    step: Floats = top / top.sum() - mass
    rise, here = inside.weights @ slopes @ step, inside.log_likelihood(mass)
    length = 1.0
    # At the maximum the rise drowns in noise: a step that loses no more is a good one.
    while inside.log_likelihood(mass + length * step) < here + length * rise / 3 - NO_SHARE:
        length /= 2
    higher: Floats = mass + length * step
    return higher


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
