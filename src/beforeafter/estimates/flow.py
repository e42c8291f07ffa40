"""Who was treated, seen again and lost."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from beforeafter.estimates.quantities import quantity
from beforeafter.study import Study


@dataclass(frozen=True)
class Flow:
    """How many patients there are at each step."""

    n_enrolled: int = quantity("count")
    n_follow_up: int = quantity("count")
    n_lost: int = quantity("count")


def patient_flow(cohort: pd.DataFrame, study: Study) -> Flow:
    """Count the patients enrolled, seen again and lost.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        The study definition.

    Returns
    -------
    Flow
        A patient counts as followed up with at least one outcome measured at follow-up.
    """
    follow_up = [outcome.columns.follow_up for outcome in study.outcomes]
    seen = int(cohort[follow_up].notna().any(axis=1).sum())
    return Flow(n_enrolled=len(cohort), n_follow_up=seen, n_lost=len(cohort) - seen)
