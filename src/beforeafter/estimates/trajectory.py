"""The mean of a scale at each of its visits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from beforeafter.estimates.change.mean_change import mean_of_changes
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Summary, summarise
from beforeafter.study import Outcome, Study


@dataclass(frozen=True)
class VisitMean(Summary):
    """A scale in the patients measured at one visit, with Student's interval of the mean."""

    lower: float = quantity("estimate")
    upper: float = quantity("estimate")


@dataclass(frozen=True)
class Trajectory:
    """The means of a scale, by the key of the visit (`day_7`), in the order of time."""

    visits: Mapping[str, VisitMean]


def trajectory(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> Trajectory:
    """Summarise a scale at each visit at which it was measured.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        What was measured, at two visits or more.
    study
        The study definition: the names of visits, the level of confidence and the smallest count.

    Returns
    -------
    Trajectory
        Each visit has the patients seen at it, who need not be the same; the interval is
        mean ± t s / √n. A visit of fewer patients than `smallest_count` is left out.
    """
    level, smallest = study.analysis.confidence_level, study.analysis.smallest_count
    visits = {}
    for visit, column in outcome.columns.by_visit.items():
        if column not in cohort:
            continue
        of, mean = summarise(cohort[column]), mean_of_changes(cohort[column].to_numpy(), level)
        if of.n_observed >= smallest:
            key = visit_key(study.visit_name(visit))
            visits[key] = VisitMean(**vars(of), lower=mean.lower, upper=mean.upper)
    return Trajectory(visits)


def visit_key(name: str) -> str:
    """Return the name of a visit as part of the key of a number."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
