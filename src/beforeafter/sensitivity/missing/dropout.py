"""Who is missing at follow-up, and how they differ at baseline."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates import Summary, pairs_of, quantity, summarise, t_inference
from beforeafter.sensitivity.missing.cases import lost_baselines, satterthwaite, squared_error
from beforeafter.study import Outcome


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


def dropout(cohort: pd.DataFrame, outcome: Outcome, confidence_level: float) -> Dropout:
    """Compare the baseline of patients lost at follow-up with that of patients seen.

    Lost is who has a baseline and no follow-up. The interval is nan with fewer than two patients on
    a side, and one point when neither side varies; the standardised difference is then nan.

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
    before, _ = pairs_of(cohort, outcome)
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

    What is of fewer patients lost than `smallest` is nan: of one of them the mean is his score.
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
