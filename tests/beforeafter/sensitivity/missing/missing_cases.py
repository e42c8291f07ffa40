"""Cohorts for the tests of missing data: an outcome, other outcomes, and tables that fit them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from beforeafter.study import Outcome, Study


def with_others(study: Study, n_others: int = 0, **changes: Any) -> tuple[Outcome, Study]:
    """Return an outcome with columns `baseline` and `follow_up`, and a study of it and others.

    The others have the baselines `other_1`, `other_2` and so on. Changes are of the outcome, or, as
    `confidence_level`, of the analysis.
    """
    of_analysis = {name: changes.pop(name) for name in ("confidence_level",) if name in changes}
    template = study.outcomes[0]

    def measured(name: str, baseline: str, follow_up: str) -> Outcome:
        columns = template.columns.model_copy(update={"baseline": baseline, "follow_up": follow_up})
        return template.model_copy(update={"name": name, "columns": columns})

    outcome = measured("one", "baseline", "follow_up").model_copy(update=changes)
    others = [measured(f"other_{i}", f"other_{i}", f"after_{i}") for i in range(1, n_others + 1)]
    analysis = study.analysis.model_copy(update=of_analysis)
    return outcome, study.model_copy(update={"outcomes": (outcome, *others), "analysis": analysis})


def table(patients: Sequence[Sequence[Fraction | float | None]]) -> pd.DataFrame:
    """Rows of baseline, follow-up and other baselines; None where missing."""
    width = max((len(row) for row in patients), default=2)
    names = ["baseline", "follow_up", *(f"other_{i}" for i in range(1, width - 1))]
    rows = [[math.nan if v is None else float(v) for v in row] for row in patients]
    return pd.DataFrame(rows, columns=names, dtype=float)
