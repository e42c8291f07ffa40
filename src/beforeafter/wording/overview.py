"""Every number of a cohort under its key, so that cohorts can be compared number by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from beforeafter.estimates.change.paired_change import paired_change
from beforeafter.estimates.proportions import (
    direction_proportions,
    minimal_difference_proportions,
    rating_proportions,
    responder_proportions,
)
from beforeafter.estimates.quantities import Kind
from beforeafter.estimates.time.duration import time_without_event
from beforeafter.estimates.time.interval_censored import interval_censored
from beforeafter.sensitivity.missing.missing import missing_data
from beforeafter.sensitivity.multiplicity import adjusted_for_family
from beforeafter.sensitivity.multiverse import multiverse, specification_curve
from beforeafter.sensitivity.regression_to_the_mean import regression_to_the_mean
from beforeafter.sensitivity.subgroups import subgroup_analyses
from beforeafter.study.definition import Outcome, Study
from beforeafter.wording.format import Wording, flatten, wording


@dataclass(frozen=True)
class Computed:
    """A number before it becomes text.

    Attributes
    ----------
    value
        In full precision.
    kind
        What kind of number it is.
    key
        Its key within the outcome.
    how
        How numbers of the outcome are printed.
    """

    value: float
    kind: Kind
    key: str
    how: Wording

    def text(self, value: float) -> str:
        """Print another value as this one is printed."""
        return self.how.number(self.key, value, self.kind, None).text


def every_number(cohort: pd.DataFrame, study: Study) -> dict[str, Computed]:
    """Compute all outcomes, ratings and durations of a study.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        The study definition.

    Returns
    -------
    dict
        Key, as the notebooks record it → number.
    """
    return {
        f"{name}.{key}": Computed(value, kind, key, how)
        for name, result, how in _results(cohort, study)
        for key, (value, kind, _) in flatten(result)
    }


def _results(cohort: pd.DataFrame, study: Study) -> Iterator[tuple[str, Any, Wording]]:
    for outcome in study.outcomes:
        how = wording(outcome, study)
        for result in _of_outcome(cohort, outcome, study):
            yield outcome.name, result, how
    for name, adjusted in adjusted_for_family(cohort, study).items():
        yield name, {"holm": adjusted}, wording(study.outcome(name), study)
    level = study.analysis.confidence_level
    for rating in study.ratings:
        shares = rating_proportions(cohort, rating, level)
        yield rating.name, shares, wording(rating, study)
    for duration in study.durations:
        how = wording(duration, study)
        yield duration.name, time_without_event(cohort, duration, level), how
        yield duration.name, {"interval_censored": interval_censored(cohort, duration)}, how


def _of_outcome(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> Iterator[Any]:
    level = study.analysis.confidence_level
    yield paired_change(cohort, outcome, study.analysis)
    yield direction_proportions(cohort, outcome, level)
    yield minimal_difference_proportions(cohort, outcome, level)
    yield {"missing": missing_data(cohort, outcome, study)}
    yield {"multiverse": multiverse(specification_curve(cohort, outcome, study), outcome)}
    if outcome.role == "primary":
        yield {"responders": responder_proportions(cohort, outcome, study)}
        yield {"subgroups": subgroup_analyses(cohort, outcome, study)}
    if regression := regression_to_the_mean(cohort, outcome, study.analysis):
        yield {"regression_to_the_mean": regression}
