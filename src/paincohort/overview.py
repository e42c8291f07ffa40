"""Every number of a cohort under its key, so that cohorts can be compared number by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from paincohort.change import paired_change
from paincohort.duration import time_without_event
from paincohort.format import Wording, flatten, wording
from paincohort.proportions import (
    direction_proportions,
    rating_proportions,
    responder_proportions,
)
from paincohort.quantities import Kind
from paincohort.study import Study


@dataclass(frozen=True)
class Computed:
    """A number before it becomes text.

    Attributes
    ----------
    value
        In full precision.
    kind
        What kind of number it is.
    n
        How many patients it rests on.
    key
        Its key within the outcome.
    how
        How numbers of the outcome are printed.
    """

    value: float
    kind: Kind
    n: int | None
    key: str
    how: Wording

    def text(self, value: float) -> str:
        """Print another value as this one is printed."""
        return self.how.number(self.key, value, self.kind, self.n).text


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
        f"{name}.{key}": Computed(value, kind, n, key, how)
        for name, result, how in _results(cohort, study)
        for key, (value, kind, n) in flatten(result)
    }


def _results(cohort: pd.DataFrame, study: Study) -> Iterator[tuple[str, Any, Wording]]:
    level = study.analysis.confidence_level
    for outcome in study.outcomes:
        how = wording(outcome, study)
        yield outcome.name, paired_change(cohort, outcome, study.analysis), how
        yield outcome.name, direction_proportions(cohort, outcome, level), how
        if outcome.role == "primary":
            shares = responder_proportions(cohort, outcome, study)
            yield outcome.name, {"responders": shares}, how
    for rating in study.ratings:
        shares = rating_proportions(cohort, rating, level)
        yield rating.name, shares, wording(rating, study)
    for duration in study.durations:
        relief = time_without_event(cohort, duration, level)
        yield duration.name, relief, wording(duration, study)
