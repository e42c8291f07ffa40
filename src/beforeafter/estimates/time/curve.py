"""How many patients are still without an event, as time goes on: the curve of Kaplan and Meier.

Where follow-up ends before the horizon with patients still free of the event, nobody has seen the
rest of the curve. It is not drawn on flat: shares and means that need it are nan.
"""

from typing import ClassVar

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import ArrayLike, NDArray

from beforeafter.estimates.summary import Floats
from beforeafter.study import Duration, of_part
from declared import ExplainedError


class NoPatientsError(ExplainedError):
    """An estimand that has no patients."""

    NAMES_NO_PATIENT: ClassVar[bool] = True


def followed(cohort: pd.DataFrame, duration: Duration) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the times of the patients who have one, and whether the event was seen then.

    Both of shape (patients with a time,). Without any it raises `NoPatientsError`.
    """
    known = cohort[[duration.columns.time, duration.columns.event]].dropna()
    if known.empty:
        raise NoPatientsError(f"{duration.label}: no patient has {duration.columns.time}")
    time = known[duration.columns.time].to_numpy(dtype=float)
    return time, known[duration.columns.event].to_numpy(dtype=bool)


@of_part()
def kaplan_meier(
    cohort: pd.DataFrame, duration: Duration, confidence_level: float
) -> KaplanMeierFitter:
    """Fit the Kaplan-Meier curve, followed up to the horizon.

    Parameters
    ----------
    cohort
        One row per patient; patients without a time are left out.
    duration
        Columns and horizon.
    confidence_level
        Of the pointwise log-log intervals, 0 to 1.

    Returns
    -------
    lifelines.KaplanMeierFitter
        The fitted curve. Times beyond the horizon are censored there.

    Raises
    ------
    NoPatientsError
        When no patient has a time.

    Notes
    -----
    Patients with the same time and the same end are fitted as one row with their number as its
    weight: the same curve, and of a time in whole months no longer than of a few rows.

    References
    ----------
    Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. 1958.
    doi:10.1080/01621459.1958.10501452
    """
    time, event = followed(cohort, duration)
    event &= time <= duration.horizon
    time = np.minimum(time, duration.horizon)
    ended, n_ended = np.unique(time[event], return_counts=True)
    censored, n_censored = np.unique(time[~event], return_counts=True)
    return KaplanMeierFitter(alpha=1 - confidence_level).fit(
        np.concatenate([ended, censored]),
        np.repeat([True, False], [len(ended), len(censored)]),
        weights=np.concatenate([n_ended, n_censored]),
        label=duration.label,
    )


def numbers_at_risk(fit: KaplanMeierFitter, times: ArrayLike) -> NDArray[np.int64]:
    """Count the patients followed, without the event, until just before each time.

    Times are in the unit of the curve, shape (times,), as are the counts. Who has the event or is
    lost at the very time still counts, as in R.
    """
    table = fit.event_table
    at_risk = np.append(table["at_risk"].to_numpy(), 0)
    return at_risk[np.searchsorted(table.index.to_numpy(), times)].astype(np.int64)


def n_observed(fit: KaplanMeierFitter) -> int:
    """Return the number of patients behind a curve."""
    return int(fit.event_table["entrance"].sum())


def steps(fit: KaplanMeierFitter, horizon: float) -> tuple[Floats, Floats]:
    """Return the times up to the horizon, 0 first, and the height of the curve from each on."""
    curve = fit.survival_function_.iloc[:, 0]
    times = curve.index.to_numpy(dtype=float)
    within = times <= horizon
    return times[within], curve.to_numpy()[within]


def is_known(fit: KaplanMeierFitter, time: float) -> bool:
    """Whether anyone was followed until this time, or nobody was left without the event."""
    curve = fit.survival_function_.iloc[:, 0]
    return bool(time <= curve.index[-1] or curve.iloc[-1] == 0)
