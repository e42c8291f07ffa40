"""How long relief lasts: time to an event, with patients who did not have it yet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times
from scipy import stats

from paincohort.errors import NoPatientsError
from paincohort.quantities import quantity
from paincohort.study import Duration
from paincohort.summary import FEWEST_FOR_SPREAD, Floats


@dataclass(frozen=True)
class EventFree:
    """Share of patients without the event at the horizon."""

    proportion: float = quantity("proportion")
    lower: float = quantity("proportion")
    upper: float = quantity("proportion")


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without the event up to the horizon."""

    mean: float = quantity("estimate")
    standard_deviation: float = quantity("estimate")
    standard_error: float = quantity("estimate")
    lower: float = quantity("estimate")
    upper: float = quantity("estimate")


@dataclass(frozen=True)
class TimeWithoutEvent:
    """Everything about one duration."""

    event_free: EventFree
    restricted: RestrictedMean
    n_observed: int = quantity("count")
    n_events: int = quantity("count")
    median: float = quantity("estimate")
    median_lower: float = quantity("estimate")
    median_upper: float = quantity("estimate")


def kaplan_meier(cohort: pd.DataFrame, duration: Duration, level: float) -> KaplanMeierFitter:
    """Fit the Kaplan-Meier curve, followed up to the horizon.

    Parameters
    ----------
    cohort
        One row per patient; patients without a time are left out.
    duration
        Columns and horizon.
    level
        Confidence level of the pointwise log-log intervals, 0 to 1.

    Returns
    -------
    lifelines.KaplanMeierFitter
        The fitted curve. Times beyond the horizon are censored there.

    References
    ----------
    Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. 1958.
    doi:10.1080/01621459.1958.10501452
    """
    known = cohort[[duration.columns.time, duration.columns.event]].dropna()
    if known.empty:
        raise NoPatientsError(f"{duration.label}: no patient has {duration.columns.time}")
    time, event = known[duration.columns.time], known[duration.columns.event].astype(bool)
    within = time <= duration.horizon
    return KaplanMeierFitter(alpha=1 - level).fit(
        time.clip(upper=duration.horizon), event & within, label=duration.label
    )


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
        observed min(T, horizon), with n - 1.

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
    curve = fit.survival_function_.iloc[:, 0].loc[:horizon]
    times = np.append(curve.index.to_numpy(dtype=float), horizon)
    mean = float(np.sum(curve.to_numpy() * np.diff(times)))
    # The mean of the square of min(T, horizon): exact, as the curve is made of steps.
    variance = float(np.sum(curve.to_numpy() * np.diff(times**2))) - mean**2
    n = int(fit.event_table["entrance"].sum())
    error = math.sqrt(_greenwood_area(fit, horizon))
    half_width = float(stats.norm.ppf((1 + level) / 2)) * error
    # The variance is a difference of two areas: a hair below zero when nobody varies.
    spread = math.sqrt(max(variance, 0) * n / (n - 1)) if n >= FEWEST_FOR_SPREAD else math.nan
    return RestrictedMean(mean, spread, error, mean - half_width, mean + half_width)


def _greenwood_area(fit: KaplanMeierFitter, horizon: float) -> float:
    table = fit.event_table[(fit.event_table["observed"] > 0) & (fit.event_table.index < horizon)]
    times = table.index.to_numpy(dtype=float)
    survival = fit.survival_function_.iloc[:, 0].loc[times].to_numpy()
    widths = np.diff(np.append(times, horizon))
    area: Floats = np.cumsum((survival * widths)[::-1])[::-1]
    at_risk, events = table["at_risk"].to_numpy(), table["observed"].to_numpy()
    # Where the last patients at risk all have the event, nothing is left below the curve.
    left = at_risk > events
    return float(np.sum(area[left] ** 2 * events[left] / (at_risk * (at_risk - events))[left]))


def _interval(fit: KaplanMeierFitter) -> pd.DataFrame:
    """Pointwise limits, nan where the curve is 1 or 0: as in R, for log(-log S) is not there."""
    curve = fit.survival_function_.iloc[:, 0]
    limits: pd.DataFrame = fit.confidence_interval_survival_function_
    return limits.where((curve > 0) & (curve < 1), axis=0)


def _event_free(fit: KaplanMeierFitter, horizon: float) -> EventFree:
    interval = _interval(fit)
    lower, upper = interval[interval.index <= horizon].iloc[-1]
    return EventFree(float(fit.predict(horizon)), float(lower), float(upper))


def time_without_event(cohort: pd.DataFrame, duration: Duration, level: float) -> TimeWithoutEvent:
    """Analyse how long patients stay without the event.

    Parameters
    ----------
    cohort
        One row per patient.
    duration
        Columns and horizon.
    level
        Confidence level, 0 to 1.

    Returns
    -------
    TimeWithoutEvent
        Median with its interval (infinite where the curve stays above one half), share without
        the event at the horizon, restricted mean.

    Raises
    ------
    NoPatientsError
        When no patient has a time.
    """
    fit = kaplan_meier(cohort, duration, level)
    # Where a limit is not known it is not below one half.
    median = median_survival_times(_interval(fit).ffill().fillna(1)).iloc[0]
    return TimeWithoutEvent(
        event_free=_event_free(fit, duration.horizon),
        restricted=restricted_mean(fit, duration.horizon, level),
        n_observed=int(fit.event_table["entrance"].sum()),
        n_events=int(fit.event_table["observed"].sum()),
        # Rounded: 0.5000000000000001 is one half, and the median is there, not one event later.
        median=float(median_survival_times(fit.survival_function_.round(12))),
        median_lower=float(median.iloc[0]),
        median_upper=float(median.iloc[1]),
    )
