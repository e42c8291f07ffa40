"""Mean change when some patients are missing at follow-up: the estimates that impute at most once.

Each answers the same question, how far the mean moved, under another assumption about the patients
who are missing; `imputation.py` has the answer for patients missing at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from beforeafter.estimates.change.pairs import NOISE_DECIMALS, changes, complete_pairs, varies
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import FEWEST_FOR_SPREAD, Floats, Summary, summarise
from beforeafter.study.definition import Outcome

# Below this a spread is the noise of binary fractions, not of patients.
NOISE = 10.0**-NOISE_DECIMALS
# Of a difference of variances: what is left to this share of them is rounding.
CANCELLED = 1e-12


@dataclass(frozen=True)
class MeanChange:
    """Mean change, follow-up minus baseline, with its interval and two-sided p-value."""

    n_patients: int = quantity("count")
    mean: float = quantity("change")
    standard_error: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")
    p: float = quantity("p")


class Inference(NamedTuple):
    """Standard error, interval and two-sided p-value of an estimate."""

    standard_error: float
    lower: float
    upper: float
    p: float


def t_inference(
    estimate: float, standard_error: float, degrees_of_freedom: float, confidence_level: float
) -> Inference:
    """Interval and test of an estimate that is t-distributed about zero in standard errors.

    Parameters
    ----------
    estimate, standard_error
        In the unit of the scale.
    degrees_of_freedom
        Of the t-distribution; need not be whole, may be infinite.
    confidence_level
        0 to 1.

    Returns
    -------
    Inference
        A standard error of zero (all changes equal) gives an interval of one point and a p of nan,
        as `paired_t_test` does. Otherwise, without degrees of freedom, all but the standard error
        is nan.
    """
    if standard_error < NOISE:
        return Inference(0.0, estimate, estimate, math.nan)
    quantile = float(special.stdtrit(degrees_of_freedom, (1 + confidence_level) / 2))
    half_width = quantile * standard_error
    p = 2 * float(special.stdtr(degrees_of_freedom, -abs(estimate) / standard_error))
    return Inference(standard_error, estimate - half_width, estimate + half_width, p)


def mean_of_changes(change: Floats, confidence_level: float) -> MeanChange:
    """Mean of known changes with Student's interval.

    Parameters
    ----------
    change
        Follow-up minus baseline, shape (patients,), none missing.
    confidence_level
        0 to 1.

    Returns
    -------
    MeanChange
        Without patients all nan; of one patient only the mean is known.
    """
    known = summarise(change)
    n = known.n_observed
    error = known.standard_deviation / math.sqrt(n) if n else math.nan
    return MeanChange(n, known.mean, *t_inference(known.mean, error, n - 1, confidence_level))


def visits(cohort: pd.DataFrame, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return baseline and follow-up of an outcome, shape (patients,), nan where missing."""
    baseline, follow_up = (cohort[column].to_numpy(dtype=float) for column in outcome.columns.pair)
    return baseline, follow_up


def lost_baselines(cohort: pd.DataFrame, outcome: Outcome) -> Floats:
    """Return the baselines of the patients who have one and no follow-up, shape (lost,)."""
    baseline, follow_up = visits(cohort, outcome)
    return baseline[~np.isnan(baseline) & np.isnan(follow_up)]


def complete_cases(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> MeanChange:
    """Mean change of the patients measured at both visits.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Which columns to compare.
    confidence_level
        0 to 1.

    Returns
    -------
    MeanChange
        Over the pairs: the paired t-test and its interval.

    Notes
    -----
    Tells of all patients when those lost are missing completely at random, that is, when being
    lost has nothing to do with the change, nor with anything that goes with it.
    """
    return mean_of_changes(changes(*complete_pairs(*visits(cohort, outcome))), confidence_level)


def baseline_carried_forward(
    cohort: pd.DataFrame, outcome: Outcome, confidence_level: float
) -> MeanChange:
    """Mean change when nobody lost has changed at all.

    Parameters
    ----------
    cohort, outcome, confidence_level
        As of `complete_cases`.

    Returns
    -------
    MeanChange
        Over all patients with a baseline.

    Notes
    -----
    A patient lost counts as a change of zero that was seen. So the interval is not wider for what
    is unknown, often narrower; and patients who got worse count too well. It is given because
    readers ask for it, not because the assumption is likely or always cautious.

    References
    ----------
    National Research Council. The prevention and treatment of missing data in clinical trials.
    2010. doi:10.17226/12955
    """
    change = changes(*complete_pairs(*visits(cohort, outcome)))
    unchanged = np.zeros(len(lost_baselines(cohort, outcome)))
    return mean_of_changes(np.concatenate([change, unchanged]), confidence_level)


def available_cases(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> MeanChange:
    """Difference between the mean of all follow-ups and the mean of all baselines.

    Parameters
    ----------
    cohort, outcome, confidence_level
        As of `complete_cases`.

    Returns
    -------
    MeanChange
        Over every patient with a baseline, a follow-up or both. Without pairs this is Welch's
        comparison of two samples, with nothing but pairs the paired t-test. With one pair the
        covariance is unknown and so is everything but the mean.

    Notes
    -----
    With n_b baselines, n_f follow-ups and n_p pairs correlated by r the squared standard error is
    s_b²/n_b + s_f²/n_f - 2 r s_b s_f n_p / (n_b n_f): the two means share the patients in pairs.
    Where a visit does not vary among the pairs, r is zero. The degrees of freedom of Derrick et al.
    lie between n_p - 1, all being pairs, and Welch's, there being none:
    n_p - 1 + (w - n_p + 1) u / (u + 2 n_p), where w is Welch's and u counts the patients with one
    visit only. Needs patients missing completely at random, as complete cases do.

    References
    ----------
    Derrick B, Toher D, White P. How to compare the means of two samples that include paired
    observations and independent observations. 2017. doi:10.20982/tqmp.13.2.p120
    """
    baseline, follow_up = visits(cohort, outcome)
    b, f = summarise(baseline), summarise(follow_up)
    before, after = complete_pairs(baseline, follow_up)
    n_pairs, n_b, n_f = len(before), b.n_observed, f.n_observed
    parts = [squared_error(part) for part in (b, f)]
    shared = _correlation(before, after) * b.standard_deviation * f.standard_deviation
    covariance = shared * n_pairs / (n_b * n_f) if n_pairs else 0.0
    variance = sum(parts) - 2 * covariance
    single = n_b + n_f - 2 * n_pairs
    df = float(n_pairs - 1)
    if single:
        df += (satterthwaite(parts, (n_b, n_f)) - df) * single / (single + 2 * n_pairs)
    # When all changes are equal the variances cancel, but for their last digits.
    error = 0.0 if variance < CANCELLED * sum(parts) else math.sqrt(variance)
    mean = f.mean - b.mean
    return MeanChange(n_pairs + single, mean, *t_inference(mean, error, df, confidence_level))


def satterthwaite(squared_errors: list[float], n: tuple[int, int]) -> float:
    """Degrees of freedom of a difference of two independent means.

    Parameters
    ----------
    squared_errors
        Squared standard error of each mean.
    n
        Patients behind each.

    Returns
    -------
    float
        nan where a mean is of fewer than two patients or neither varies.

    References
    ----------
    Welch BL. The generalization of Student's problem when several different population variances
    are involved. 1947. doi:10.1093/biomet/34.1-2.28
    """
    if min(n) < FEWEST_FOR_SPREAD or not sum(squared_errors):
        return math.nan
    spread = sum(part**2 / (count - 1) for part, count in zip(squared_errors, n, strict=True))
    return sum(squared_errors) ** 2 / spread


def squared_error(visit: Summary) -> float:
    """Return the squared standard error of a mean; nan below two patients."""
    n = visit.n_observed
    return visit.standard_deviation**2 / n if n else math.nan


def _correlation(before: Floats, after: Floats) -> float:
    """Pearson's; zero where a visit does not vary, nan below two pairs."""
    if len(before) < FEWEST_FOR_SPREAD:
        return math.nan
    both_vary = varies(before) and varies(after)
    return float(np.corrcoef(before, after)[0, 1]) if both_vary else 0.0
