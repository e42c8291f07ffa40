"""Proportions of patients: rating categories and responders."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from beforeafter.estimates.change.pairs import NOISE_DECIMALS, changes, pairs_of
from beforeafter.estimates.disclosure import sums_withheld
from beforeafter.estimates.quantities import quantity
from beforeafter.study import Outcome, Rating, Study, of_part


@dataclass(frozen=True)
class Proportion:
    """A share of patients with its confidence interval; all but the first nan: not told."""

    n_observed: int = quantity("count")
    count: float = quantity("count")
    proportion: float = quantity("proportion")
    lower: float = quantity("proportion")
    upper: float = quantity("proportion")

    @property
    def is_told(self) -> bool:
        """Whether it may be known how many patients it is of."""
        return not math.isnan(self.count)


@dataclass(frozen=True)
class Response(Proportion):
    """A share of the patients seen, and of all treated, of whom those not seen did not respond.

    Notes
    -----
    Non-responder imputation: a bound from below on the share in all, whoever is lost.

    References
    ----------
    National Research Council. The prevention and treatment of missing data in clinical trials.
    2010. doi:10.17226/12955
    """

    of_all: Proportion = field(kw_only=True)


# Asked of every cohort of many, and there are few counts.
@cache
def proportion(count: int, n_observed: int, confidence_level: float) -> Proportion:
    """Share of patients with Wilson's interval.

    All nan when nobody was observed.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. 1927.
    doi:10.1080/01621459.1927.10502953
    """
    if n_observed == 0:
        return Proportion(0, 0, math.nan, math.nan, math.nan)
    test = stats.binomtest(count, n_observed)
    interval = test.proportion_ci(confidence_level, method="wilson")
    return Proportion(
        n_observed, count, count / n_observed, float(interval.low), float(interval.high)
    )


def _shares(
    members: Mapping[str, NDArray[np.bool_]], confidence_level: float, smallest: int
) -> dict[str, Proportion]:
    """Return the share of each group of the same patients, unless it would tell of fewer."""
    n = len(next(iter(members.values()), ()))
    # Who is in the same groups has the same number, a bit for each group.
    groups = enumerate(members.values())
    which = sum((group.astype(int) << bit for bit, group in groups), np.zeros(n, dtype=int))
    numbers, patients = np.unique(which, return_counts=True)
    counts = dict(zip(numbers.tolist(), patients.tolist(), strict=True))
    cells = {
        name: frozenset(code for code in counts if code >> bit & 1)
        for bit, name in enumerate(members)
    }
    hidden = sums_withheld(counts, cells, smallest)
    return {
        name: Proportion(n, *[math.nan] * 4)
        if name in hidden
        else proportion(int(group.sum()), n, confidence_level)
        for name, group in members.items()
    }


def _responses(
    cohort: pd.DataFrame,
    members: Mapping[str, NDArray[np.bool_]],
    confidence_level: float,
    smallest: int,
) -> dict[str, Response]:
    """Return shares, and beside each the share among all patients, told where the first is."""
    n = len(cohort)
    return {
        name: Response(
            **vars(share),
            of_all=proportion(int(share.count), n, confidence_level)
            if share.is_told
            else Proportion(n, *[math.nan] * 4),
        )
        for name, share in _shares(members, confidence_level, smallest).items()
    }


@of_part()
def rating_proportions(
    cohort: pd.DataFrame, rating: Rating, confidence_level: float, smallest: int = 0
) -> dict[str, Response]:
    """Share of patients in each group of categories of a rating.

    Parameters
    ----------
    cohort
        One row per patient.
    rating
        Its column, categories and groups.
    confidence_level
        0 to 1.
    smallest
        Shares that would tell of fewer patients are nan, see `disclosure`.

    Returns
    -------
    dict
        Name of the group → share among the patients who rated; `of_all`, among all patients.
    """
    codes = cohort[rating.column].dropna()
    members = {
        name: codes.isin(group.codes).to_numpy(dtype=bool) for name, group in rating.groups.items()
    }
    return _responses(cohort, members, confidence_level, smallest)


@of_part()
def category_proportions(
    cohort: pd.DataFrame, rating: Rating, confidence_level: float
) -> dict[str, Proportion]:
    """Share of patients in each single category, in order; parameters as `rating_proportions`."""
    codes = cohort[rating.column].dropna()
    return {
        category: proportion(int((codes == code).sum()), len(codes), confidence_level)
        for code, category in enumerate(rating.categories, start=1)
    }


@of_part("responders")
def responder_proportions(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, smallest: int = 0
) -> dict[str, Response]:
    """Share of pairs that improve by at least each threshold of the study, in per cent of baseline.

    Parameters
    ----------
    cohort, outcome, smallest
        As in `direction_proportions`.
    study
        The thresholds and the confidence level.

    Returns
    -------
    dict
        `at_least_30` and so on → share of the pairs whose baseline is not zero: of zero there is
        no percentage. `of_all` is among all patients.

    References
    ----------
    Dworkin RH et al. Interpreting the clinical importance of treatment outcomes in chronic pain
    clinical trials: IMMPACT recommendations. 2008. doi:10.1016/j.jpain.2007.09.005
    """
    before, after = pairs_of(cohort, outcome)
    before, after = before[before != 0], after[before != 0]
    # Multiplied out and then rounded, so that a patient exactly at the threshold is a responder;
    # a change rounded before would be too small where scores are prorated.
    gain, size = 100 * outcome.benefit * (after - before), np.abs(before)
    members = {
        f"at_least_{threshold:g}": np.round(gain - threshold * size, NOISE_DECIMALS) >= 0
        for threshold in study.analysis.responder_thresholds
    }
    return _responses(cohort, members, study.analysis.confidence_level, smallest)


@of_part()
def direction_proportions(
    cohort: pd.DataFrame, outcome: Outcome, confidence_level: float, smallest: int = 0
) -> dict[str, Proportion]:
    """Share of pairs that improve, stay the same and worsen.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Its columns, and which direction is better.
    confidence_level, smallest
        As in `rating_proportions`.

    Returns
    -------
    dict
        `improved`, `unchanged`, `worsened` → share of the patients measured twice.
    """
    gain = outcome.benefit * changes(*pairs_of(cohort, outcome))
    members = {"improved": gain > 0, "unchanged": gain == 0, "worsened": gain < 0}
    return _shares(members, confidence_level, smallest)


@of_part()
def minimal_difference_proportions(
    cohort: pd.DataFrame, outcome: Outcome, confidence_level: float, smallest: int = 0
) -> dict[str, Response]:
    """Share of pairs that improve by at least the smallest change that matters to a patient.

    Parameters as in `direction_proportions`.

    Returns
    -------
    dict
        `beyond_minimal` → share of the patients measured twice; empty where no such difference is
        known.
    """
    minimal = outcome.minimal_important_difference
    if minimal is None:
        return {}
    gain = outcome.benefit * changes(*pairs_of(cohort, outcome))
    members = {"beyond_minimal": gain >= minimal.value}
    return _responses(cohort, members, confidence_level, smallest)
