"""How long patients stay without an event: everything about one duration."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times
from scipy import stats

from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import FEWEST_FOR_SPREAD, Floats
from beforeafter.estimates.time.curve import (
    followed,
    is_known,
    kaplan_meier,
    n_observed,
    numbers_at_risk,
    steps,
)
from beforeafter.study import Duration, of_part


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without the event up to the horizon."""

    mean: float = quantity("estimate")
    standard_deviation: float = quantity("estimate")
    standard_error: float = quantity("estimate")
    lower: float = quantity("estimate")
    upper: float = quantity("estimate")


@dataclass(frozen=True)
class NaiveMeans:
    """Mean times that take no account of who was followed for how long; see `naive_means`."""

    all_as_ended: float = quantity("estimate")
    ended_only: float = quantity("estimate")


def restricted_mean(fit: KaplanMeierFitter, horizon: float, level: float) -> RestrictedMean:
    r"""Mean of min(T, horizon): the area under the Kaplan-Meier curve up to the horizon.

    Parameters
    ----------
    fit
        A fitted Kaplan-Meier curve.
    horizon
        In the unit of the times.
    level
        Confidence level of the normal interval, 0 to 1.

    Returns
    -------
    RestrictedMean
        Without censoring before the horizon, mean and standard deviation are those of the
        observed min(T, horizon), with n - 1. All nan where follow-up ends before the horizon with
        patients still free of the event; of one patient only the mean is known. The normal limits
        are not cut at 0 and the horizon, and meet where nobody varies.

    Notes
    -----
    The standard error is Greenwood's, :math:`\sum_i A_i^2 d_i / (n_i (n_i - d_i))` under the root,
    with :math:`A_i` the area from event time i to the horizon. lifelines' `return_variance` is
    something else: the variance of min(T, horizon) between patients, the square of
    `standard_deviation` but for the factor n / (n - 1), and by numerical integration over steps.

    References
    ----------
    Royston P, Parmar MKB. Restricted mean survival time. 2013. doi:10.1186/1471-2288-13-152
    """
    if not is_known(fit, horizon):
        return RestrictedMean(*[math.nan] * 5)
    times, curve = steps(fit, horizon)
    ends = np.append(times, horizon)
    mean = float(np.sum(curve * np.diff(ends)))
    # The mean of the square of min(T, horizon): exact, as the curve is made of steps.
    variance = float(np.sum(curve * np.diff(ends**2))) - mean**2
    n = n_observed(fit)
    if n < FEWEST_FOR_SPREAD:
        return RestrictedMean(mean, *[math.nan] * 4)
    # The variance is a difference of two areas: a hair below zero when nobody varies.
    spread = math.sqrt(max(variance, 0) * n / (n - 1))
    error = math.sqrt(_greenwood_area(fit, horizon))
    half_width = float(stats.norm.ppf((1 + level) / 2)) * error
    return RestrictedMean(mean, spread, error, mean - half_width, mean + half_width)


def _greenwood_area(fit: KaplanMeierFitter, horizon: float) -> float:
    times, curve = steps(fit, horizon)
    area: Floats = np.cumsum((curve * np.diff(np.append(times, horizon)))[::-1])[::-1]
    table = fit.event_table.iloc[: len(times)]
    at_risk, events = table["at_risk"].to_numpy(), table["observed"].to_numpy()
    # Where the last patients at risk all have the event, nothing is left below the curve.
    left = at_risk > events
    return float(np.sum(area[left] ** 2 * events[left] / (at_risk * (at_risk - events))[left]))


def naive_means(cohort: pd.DataFrame, duration: Duration) -> NaiveMeans:
    """Mean times to the event that ignore censoring, to be set against the restricted mean.

    Times are cut at the horizon, as in the restricted mean. `all_as_ended` is the mean of all, as
    though who was lost had the event then; `ended_only` that of the patients whose event was seen
    by the horizon, nan without any.

    Notes
    -----
    Neither is above the restricted mean where that is known, in any sample: the first cuts off what
    lost patients had still before them, the second leaves out who stays free of the event.
    """
    time, event = followed(cohort, duration)
    ended = time[event & (time <= duration.horizon)]
    return NaiveMeans(
        all_as_ended=float(np.minimum(time, duration.horizon).mean()),
        ended_only=float(ended.mean()) if len(ended) else math.nan,
    )


@dataclass(frozen=True)
class Share:
    """A share with its interval."""

    proportion: float = quantity("proportion")
    lower: float = quantity("proportion")
    upper: float = quantity("proportion")


@dataclass(frozen=True)
class EventFreeAt(Share):
    """Share of patients without the event at a time, and how many were still followed then."""

    at_risk: int = quantity("count")


@dataclass(frozen=True)
class TimeWithoutEvent:
    """Everything about one duration."""

    event_free: Share
    event_free_at: dict[str, EventFreeAt]
    restricted: RestrictedMean
    naive: NaiveMeans
    n_observed: int = quantity("count")
    n_events: int = quantity("count")
    median: float = quantity("estimate")
    median_lower: float = quantity("estimate")
    median_upper: float = quantity("estimate")


def _interval(fit: KaplanMeierFitter) -> pd.DataFrame:
    """Pointwise limits, nan where the curve is 1 or 0: as in R, for log(-log S) is not there."""
    curve = fit.survival_function_.iloc[:, 0]
    limits: pd.DataFrame = fit.confidence_interval_survival_function_
    return limits.where((curve > 0) & (curve < 1), axis=0)


def name_of(time: float) -> str:
    """Return the name of a time in the keys of results: `at_3`, `at_0_5`."""
    return f"at_{time:g}".replace(".", "_")


def event_free_at(
    fit: KaplanMeierFitter, times: Iterable[float], *, completed: bool = False
) -> dict[str, EventFreeAt]:
    """Share of patients without the event at some times, in the unit of the curve.

    Name of the time, `at_3` and so on → share, its pointwise log-log limits, and the number at risk
    just before. The share counts an event at the very time; but not where times are months
    completed, for who completed three was without the event at three. Nan where follow-up ends
    earlier with patients still free of the event; the limits also where the share is 0 or 1.

    References
    ----------
    Kalbfleisch JD, Prentice RL. The statistical analysis of failure time data. 2nd ed. 2002,
    section 1.4 (log-log limits). doi:10.1002/9781118032985
    """
    curve, interval = fit.survival_function_.iloc[:, 0], _interval(fit)
    asked = list(times)
    rows = np.searchsorted(curve.index.to_numpy(), asked, "left" if completed else "right") - 1
    unknown = Share(math.nan, math.nan, math.nan)
    shares = (
        Share(float(curve.iloc[row]), *map(float, interval.iloc[row]))
        if is_known(fit, time)
        else unknown
        for time, row in zip(asked, rows, strict=True)
    )
    return {
        name_of(time): EventFreeAt(**vars(share), at_risk=int(at_risk))
        for time, share, at_risk in zip(asked, shares, numbers_at_risk(fit, asked), strict=True)
    }


@of_part()
def time_without_event(
    cohort: pd.DataFrame, duration: Duration, confidence_level: float
) -> TimeWithoutEvent:
    """Analyse how long patients stay without the event; parameters as of `kaplan_meier`.

    Returns
    -------
    TimeWithoutEvent
        Median with its interval (infinite where the curve stays above one half; where it rests at
        one half, the beginning of that stretch, of which R prints the middle), share without the
        event at the horizon and at the times of the study, restricted mean, naive means.
        Of completed months mean and median are of these: relief itself ended in the month after.

    Raises
    ------
    NoPatientsError
        When no patient has a time.
    """
    fit = kaplan_meier(cohort, duration, confidence_level)
    completed = duration.recorded == "completed"
    # Where a limit is not known it is not below one half.
    median = median_survival_times(_interval(fit).ffill().fillna(1)).iloc[0]
    (at_horizon,) = event_free_at(fit, [duration.horizon], completed=completed).values()
    return TimeWithoutEvent(
        event_free=Share(at_horizon.proportion, at_horizon.lower, at_horizon.upper),
        event_free_at=event_free_at(fit, duration.times, completed=completed),
        restricted=restricted_mean(fit, duration.horizon, confidence_level),
        naive=naive_means(cohort, duration),
        n_observed=n_observed(fit),
        n_events=int(fit.event_table["observed"].sum()),
        # Rounded: 0.5000000000000001 is one half, and the median is there, not one event later.
        median=float(median_survival_times(fit.survival_function_.round(12))),
        median_lower=float(median.iloc[0]),
        median_upper=float(median.iloc[1]),
    )
