"""Several outcomes, one family: p-values that hold for all of them together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import pandas as pd

from beforeafter.estimates import TESTS, changes, pairs_of, quantity
from beforeafter.study import Study


@dataclass(frozen=True)
class Adjusted:
    """A p-value adjusted for the others of its family."""

    n_outcomes: int = quantity("count")
    p: float = quantity("p")


def holm(p_values: Mapping[str, float]) -> dict[str, Adjusted]:
    """Adjust the p-values of a family so that one false finding in it stays as rare as asked.

    Where there was no test the p-value is nan, stays nan and does not count. The smallest of m is
    multiplied by m, the next by m - 1 and so on; none is smaller than the one before, none above 1.

    References
    ----------
    Holm S. A simple sequentially rejective multiple test procedure. 1979.
    Scandinavian Journal of Statistics 6:65-70. https://www.jstor.org/stable/4615733
    """
    tested = {name: p for name, p in p_values.items() if not math.isnan(p)}
    names = sorted(tested, key=lambda name: tested[name])
    m = len(names)
    multiplied = (min((m - rank) * tested[name], 1.0) for rank, name in enumerate(names))
    adjusted = dict(zip(names, accumulate(multiplied, max), strict=True))
    return {name: Adjusted(m, adjusted.get(name, math.nan)) for name in p_values}


def largest_p(family: Mapping[str, Adjusted]) -> set[str]:
    """Return the names of the outcomes whose p-value is the largest of a family."""
    known = {name: adjusted.p for name, adjusted in family.items() if not math.isnan(adjusted.p)}
    return {name for name, p in known.items() if p == max(known.values())}


def adjusted_for_family(cohort: pd.DataFrame, study: Study) -> dict[str, Adjusted]:
    """Adjust the p-values of the secondary outcomes, which are one family.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        Its outcomes, and the test that gives the p-value of a change.

    Returns
    -------
    dict
        Name of each secondary outcome → p-value as `holm` adjusts it.
    """
    return holm(
        {
            outcome.name: TESTS[study.analysis.test](changes(*pairs_of(cohort, outcome))).p
            for outcome in study.outcomes
            if outcome.role == "secondary"
        }
    )
