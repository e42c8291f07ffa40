"""Who was treated, seen again and lost."""

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
    n_left_out: int | None = quantity("count")  # None where all that the records hold are taken
    left_out: tuple[tuple[str, int], ...] = ()  # why, and how many patients


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
        A patient counts as followed up with at least one outcome measured at follow-up. Those
        left out are of the records but not of the study, as `read_cohort` counted them.
    """
    follow_up = [outcome.columns.follow_up for outcome in study.outcomes]
    seen = int(cohort[follow_up].notna().any(axis=1).sum())
    left_out = tuple(cohort.attrs.get("left_out", {}).items())
    n_left_out = sum(count for _, count in left_out) if left_out else None
    return Flow(len(cohort), seen, len(cohort) - seen, n_left_out, left_out)
