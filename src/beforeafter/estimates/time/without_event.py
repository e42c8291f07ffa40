"""How long patients stay without an event: everything about one duration."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.time.curve import is_known, kaplan_meier, n_observed, numbers_at_risk
from beforeafter.estimates.time.mean_times import (
    NaiveMeans,
    RestrictedMean,
    naive_means,
    restricted_mean,
)
from beforeafter.study import Duration, of_part


@dataclass(frozen=True)
class EventFree:
    """Share of patients without the event at the horizon."""

    proportion: float = quantity("proportion")
    lower: float = quantity("proportion")
    upper: float = quantity("proportion")


@dataclass(frozen=True)
class EventFreeAt(EventFree):
    """Share of patients without the event at a time, and how many were still followed then."""

    at_risk: int = quantity("count")


@dataclass(frozen=True)
class TimeWithoutEvent:
    """Everything about one duration."""

    event_free: EventFree
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
    unknown = EventFree(math.nan, math.nan, math.nan)
    shares = (
        EventFree(float(curve.iloc[row]), *map(float, interval.iloc[row]))
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
        event_free=EventFree(at_horizon.proportion, at_horizon.lower, at_horizon.upper),
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
