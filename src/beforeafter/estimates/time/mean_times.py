"""Mean times to an event, with patients who did not have it yet."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from scipy import stats

from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import FEWEST_FOR_SPREAD, Floats
from beforeafter.estimates.time.curve import followed, is_known, n_observed, steps
from beforeafter.study import Duration


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
    Both are too short, in every sample and not only on average: neither is above the restricted
    mean where that is known. The first cuts off what lost patients had still before them; without
    loss before the horizon it is the restricted mean. The second also leaves out who stays free
    of the event, and short times end within the follow-up more often than long ones. It gives the
    events equal weights; those of Kaplan and Meier grow with time, as each patient lost hands his
    weight on to those still followed.

    References
    ----------
    Efron B. The two sample problem with censored data. Proceedings of the fifth Berkeley symposium
    on mathematical statistics and probability. 1967;4:831-853 (weights handed on).
    """
    time, event = followed(cohort, duration)
    ended = time[event & (time <= duration.horizon)]
    return NaiveMeans(
        all_as_ended=float(np.minimum(time, duration.horizon).mean()),
        ended_only=float(ended.mean()) if len(ended) else math.nan,
    )
