"""Mean change when some patients are missing at follow-up: the estimates that impute at most once.

Each answers the same question, how far the mean moved, under another assumption about the patients
who are missing; `imputation.py` has the answer for patients missing at random.
"""

import math

import numpy as np
import pandas as pd

from beforeafter.estimates import (
    FEWEST_FOR_SPREAD,
    Floats,
    MeanChange,
    Summary,
    changes,
    complete_pairs,
    correlation,
    mean_of_changes,
    pairs_of,
    summarise,
    t_inference,
    visits,
)
from beforeafter.study import Outcome


def lost_baselines(cohort: pd.DataFrame, outcome: Outcome) -> Floats:
    """Return the baselines of the patients who have one and no follow-up, shape (lost,)."""
    baseline, follow_up = visits(cohort, outcome)
    return baseline[~np.isnan(baseline) & np.isnan(follow_up)]


# Of a difference of variances: what is left to this share of them is rounding.
CANCELLED = 1e-12


def filled(
    cohort: pd.DataFrame, outcome: Outcome, score: float | None = None
) -> tuple[Floats, Floats]:
    """Return all patients with a baseline: those lost have one score then, or have not changed."""
    before, after = pairs_of(cohort, outcome)
    lost = lost_baselines(cohort, outcome)
    then = lost if score is None else np.full(len(lost), score)
    return np.concatenate([before, lost]), np.concatenate([after, then])


def complete_cases(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> MeanChange:
    """Mean change of the pairs: of all patients, if those lost are missing completely at random."""
    return mean_of_changes(changes(*pairs_of(cohort, outcome)), confidence_level)


def filled_cases(
    cohort: pd.DataFrame, outcome: Outcome, confidence_level: float, score: float | None = None
) -> MeanChange:
    """Mean change when all lost have one score then, or have not changed: carried forward.

    Over all patients with a baseline. What is put in counts as seen, so that the interval is about
    sampling only; with an end of the scale the mean is a bound whatever became of those lost.

    References
    ----------
    National Research Council. The prevention and treatment of missing data in clinical trials.
    2010. doi:10.17226/12955
    """
    return mean_of_changes(changes(*filled(cohort, outcome, score)), confidence_level)


def available_cases(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> MeanChange:
    """Difference between the mean of all follow-ups and the mean of all baselines.

    Over every patient with a baseline, a follow-up or both. With one pair the covariance is unknown
    and so is everything but the mean.

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
    """Degrees of freedom of a difference of two independent means, each of n patients.

    They are nan where a mean is of fewer than two patients or neither varies.

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
    """Return the correlation; zero where a visit does not vary, nan below two pairs."""
    known = correlation(before, after)
    return 0.0 if math.isnan(known) and len(before) >= FEWEST_FOR_SPREAD else known
