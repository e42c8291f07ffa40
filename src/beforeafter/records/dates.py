"""A duration computed from dates, where the study definition says so."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import Refused
from beforeafter.records.report import Conversion, Report
from beforeafter.records.values import Values, tell_cells
from beforeafter.study import Dates, Duration


def _months(start: pd.DatetimeIndex, end: pd.DatetimeIndex) -> pd.Index:
    """Whole calendar months: the month is complete on the day of the month it began on."""
    between = 12 * (end.year - start.year) + (end.month - start.month)
    return between - (end.day < start.day)


COMPLETED: dict[str, Callable[[pd.DatetimeIndex, pd.DatetimeIndex], pd.Index]] = {
    "days": lambda start, end: (end - start).days,
    "weeks": lambda start, end: (end - start).days // 7,
    "months": _months,
    "years": lambda start, end: _months(start, end) // 12,
}


def from_dates(
    duration: Duration, dates: Dates, said: Mapping[str, Values], report: Report
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Compute the time, in whole steps completed, and whether the event was seen, in the horizon.

    Missing is nan or None; an event after the horizon counts as not seen.
    """
    start, event, seen = (
        pd.DatetimeIndex(said[name].values) for name in (dates.start, dates.event, dates.last_seen)
    )
    _tell_disorder(dates, said, (start, event, seen), report)
    end = event.where(event.notna(), seen)
    time = COMPLETED[duration.unit](start, end).to_numpy(dtype=float)
    time = np.floor(time / duration.step) * duration.step
    known = ~np.isnan(time)
    within = known & (time < duration.horizon)
    happened = np.full(len(time), None, dtype=object)
    happened[known] = (event.notna() & within)[known]
    what = f"computed from the dates in {dates.start}, {dates.event} and {dates.last_seen}"
    report.conversions.append(Conversion(duration.columns.time, what, int(known.sum())))
    cut = int((event.notna() & known & ~within).sum())
    if cut:
        what = f"events after {duration.horizon:g} {duration.unit} count as not seen"
        report.conversions.append(Conversion(duration.columns.event, what, cut))
    return np.minimum(time, duration.horizon), happened


def _tell_disorder(
    dates: Dates,
    said: Mapping[str, Values],
    days: tuple[pd.DatetimeIndex, pd.DatetimeIndex, pd.DatetimeIndex],
    report: Report,
) -> None:
    start, event, seen = days
    started = said[dates.start].there
    followed = said[dates.event].there | said[dates.last_seen].there
    broken = (
        (dates.event, event < start, f"before {dates.start}"),
        (dates.last_seen, seen < start, f"before {dates.start}"),
        (dates.last_seen, seen < event, f"before {dates.event}"),
        (dates.start, ~started & followed, "missing, though later dates are there"),
        (dates.last_seen, started & ~followed, "missing, and so is the event"),
    )
    for name, rows, rule in broken:
        tell_cells(said[name].field, np.asarray(rows), Refused(rule, "correct the dates"), report)
