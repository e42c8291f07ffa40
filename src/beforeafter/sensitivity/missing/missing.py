"""Who is missing at follow-up, how they differ at baseline, and what that does to the result."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates.change.mean_change import (
    MeanChange,
    available_cases,
    baseline_carried_forward,
    complete_cases,
    lost_baselines,
    satterthwaite,
    squared_error,
    t_inference,
    visits,
)
from beforeafter.estimates.change.pairs import complete_pairs
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Summary, summarise
from beforeafter.sensitivity.missing.imputation import MultipleImputation, multiple_imputation
from beforeafter.sensitivity.missing.tipping import TippingPoint, tipping_point
from beforeafter.study.definition import Outcome, Study


@dataclass(frozen=True)
class Dropout:
    """Patients seen and lost at follow-up, compared at baseline.

    The difference is of means, lost minus seen.
    """

    seen: Summary
    lost: Summary
    n_baseline: int = quantity("count")
    difference: float = quantity("change")
    lower: float = quantity("change")
    upper: float = quantity("change")
    standardised_difference: float = quantity("statistic")


@dataclass(frozen=True)
class MissingData:
    """One outcome under every assumption about the patients lost."""

    dropout: Dropout
    complete_cases: MeanChange
    available_cases: MeanChange
    baseline_carried_forward: MeanChange
    multiple_imputation: MultipleImputation
    tipping_point: TippingPoint


def dropout(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> Dropout:
    """Compare the baseline of patients lost at follow-up with that of patients seen.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Lost is who has its baseline and not its follow-up.
    confidence_level
        0 to 1.

    Returns
    -------
    Dropout
        The interval is nan with fewer than two patients on a side, and one point when neither side
        varies; the standardised difference is then nan.

    Notes
    -----
    Welch's interval; the standardised difference divides by the pooled standard deviation,
    √(((n_s - 1) s_s² + (n_l - 1) s_l²) / (n_s + n_l - 2)). There is no p-value: nobody asks
    whether chance alone sorted these patients, and among few lost a difference large enough to
    bias the result is seldom significant, among many a trifling one always (Imai et al.).

    References
    ----------
    Imai K, King G, Stuart EA. Misunderstandings between experimentalists and observationalists
    about causal inference. 2008. doi:10.1111/j.1467-985X.2007.00527.x
    Austin PC. Balance diagnostics for comparing the distribution of baseline covariates between
    treatment groups in propensity-score matched samples. 2009. doi:10.1002/sim.3697
    """
    before, _ = complete_pairs(*visits(cohort, outcome))
    seen, lost = summarise(before), summarise(lost_baselines(cohort, outcome))
    n = (lost.n_observed, seen.n_observed)
    difference = lost.mean - seen.mean
    squared = [squared_error(part) for part in (lost, seen)]
    error = math.sqrt(sum(squared))
    interval = t_inference(difference, error, satterthwaite(squared, n), confidence_level)
    pooled = _pooled_deviation(seen, lost)
    return Dropout(
        n_baseline=sum(n),
        seen=seen,
        lost=lost,
        difference=difference,
        lower=interval.lower,
        upper=interval.upper,
        standardised_difference=difference / pooled if pooled else math.nan,
    )


def without_few(found: Dropout, smallest: int) -> Dropout:
    """Return a comparison without the baseline of those lost where they are few.

    Parameters
    ----------
    found
        Those lost beside those seen.
    smallest
        What is of fewer patients lost is nan: of one of them the mean is his score.
    """
    n_lost = found.lost.n_observed
    if not 0 < n_lost < smallest:
        return found
    lost = Summary(n_lost, math.nan, math.nan)
    return Dropout(found.seen, lost, found.n_baseline, *[math.nan] * 4)


def _pooled_deviation(seen: Summary, lost: Summary) -> float:
    freedom = np.array([seen.n_observed - 1, lost.n_observed - 1])
    variances = np.array([seen.standard_deviation**2, lost.standard_deviation**2])
    return math.sqrt(freedom @ variances / freedom.sum()) if min(freedom) > 0 else math.nan


def missing_data(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, smallest: int = 0
) -> MissingData:
    """Analyse one outcome under every assumption about the patients lost at follow-up.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Its columns, scale and direction.
    study
        Its other outcomes, the number of imputations, the seed and the confidence level.
    smallest
        As in `without_few`.

    Returns
    -------
    MissingData
        Who is lost, the mean change estimated in four ways, and the tipping point.
    """
    level = study.analysis.confidence_level
    return MissingData(
        dropout=without_few(dropout(cohort, outcome, level), smallest),
        complete_cases=complete_cases(cohort, outcome, level),
        available_cases=available_cases(cohort, outcome, level),
        baseline_carried_forward=baseline_carried_forward(cohort, outcome, level),
        multiple_imputation=multiple_imputation(cohort, outcome, study),
        tipping_point=tipping_point(cohort, outcome, study),
    )
