"""The most likely time of an event that is known to an interval only."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from beforeafter.estimates.summary import Floats

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
    to `EXCESS`, which also bounds what the log-likelihood per patient is short of. In one
    dimension the maximum is unique: one interval ends in each gap, and these make a triangular
    matrix. Found by Wang's constrained Newton steps, where Turnbull's own iteration may crawl,
    from the curve of Kaplan and Meier with the events at the ends of their intervals.

    Patients with the same interval count as one with their number as its weight. Where no two
    intervals of events overlap without being the same, as of whole months, the first guess is the
    maximum, and memory is linear in patients. Else it grows with the square of the number of
    different intervals.

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
