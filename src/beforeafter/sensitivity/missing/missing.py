"""One outcome under every assumption about the patients lost at follow-up, and who they are."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from beforeafter.estimates import MeanChange, Summary, pairs_of, quantity, summarise, t_inference
from beforeafter.sensitivity.missing.cases import (
    available_cases,
    complete_cases,
    filled_cases,
    lost_baselines,
    satterthwaite,
    squared_error,
)
from beforeafter.sensitivity.missing.imputation import (
    Completed,
    MultipleImputation,
    complete,
    multiple_imputation,
)
from beforeafter.study import Outcome, Study, of_part


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
    √(((n_s - 1) s_s² + (n_l - 1) s_l²) / (n_s + n_l - 2)). There is no p-value (Imai et al.).

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


@dataclass(frozen=True)
class TippingPoint:
    """Where the conclusion falls that patients changed for the better.

    `delta` is how many points worse than expected under missing at random every patient lost must
    be, `room` how many points worse they can be on average before the scale ends. `expected_…` is
    the mean of those lost under missing at random, `tipping_…` at delta.
    """

    worst_case: MeanChange
    best_case: MeanChange
    n_lost: int = quantity("count")
    delta: float = quantity("estimate")
    room: float = quantity("estimate")
    expected_change: float = quantity("change")
    expected_follow_up: float = quantity("estimate")
    tipping_change: float = quantity("change")
    tipping_follow_up: float = quantity("estimate")

    @property
    def is_beyond_scale(self) -> bool:
        """Whether those lost would have to be worse than the scale allows."""
        return self.delta > self.room

    @property
    def leaves_room(self) -> bool:
        """Whether the scale allows those lost to be so much worse that the change is in doubt."""
        return self.delta <= self.room


def tipping_point(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> TippingPoint:
    """Find how much worse the patients lost must be for the conclusion to fall.

    `delta` is nan when nobody is lost, as then nothing can fall, and when the conclusion does not
    hold under missing at random, as then there is none to fall. With nobody lost both extreme cases
    are the complete cases.

    Notes
    -----
    The conclusion is that the whole interval of `multiple_imputation` lies on the better side of
    zero. Its bound, being positive at first, crosses zero once, no later than the mean does.

    References
    ----------
    Cro S, Morris TP, Kenward MG, Carpenter JR. Sensitivity analysis for clinical trials with
    missing continuous outcome data using controlled multiple imputation: a practical guide. 2020.
    doi:10.1002/sim.8569
    """
    level = study.analysis.confidence_level
    worst, best = study.ends(outcome)
    completed = complete(cohort, outcome, study)
    delta = expected = baseline = math.nan
    if completed is not None:
        delta = _delta(completed, outcome, level)
        expected, baseline = completed.lost_mean, completed.lost_baseline
    tipping = expected - outcome.benefit * delta
    return TippingPoint(
        n_lost=0 if completed is None else completed.n_lost,
        delta=delta,
        room=outcome.benefit * (baseline + expected - worst),
        expected_change=expected,
        expected_follow_up=baseline + expected,
        tipping_change=tipping,
        tipping_follow_up=baseline + tipping,
        worst_case=filled_cases(cohort, outcome, level, worst),
        best_case=filled_cases(cohort, outcome, level, best),
    )


def _delta(completed: Completed, outcome: Outcome, confidence_level: float) -> float:
    """Return the shift at which the interval reaches zero; nan where it does so unshifted."""

    def surest_benefit(shift: float) -> float:
        """Return the benefit at the bound of the interval that is nearer to harm."""
        pooled = completed.pooled(-outcome.benefit * shift, confidence_level)
        bounds = outcome.benefit * pooled.lower, outcome.benefit * pooled.upper
        return min(bounds)

    if not surest_benefit(0.0) > 0:
        return math.nan
    benefit = outcome.benefit * completed.pooled(0.0, confidence_level).mean
    until_mean_is_zero = benefit * (completed.n_pairs + completed.n_lost) / completed.n_lost
    # Twice as far the mean itself is one of harm.
    return float(optimize.brentq(surest_benefit, 0.0, 2 * until_mean_is_zero))


@dataclass(frozen=True)
class MissingData:
    """One outcome under every assumption about the patients lost."""

    dropout: Dropout
    complete_cases: MeanChange
    available_cases: MeanChange
    baseline_carried_forward: MeanChange
    multiple_imputation: MultipleImputation
    tipping_point: TippingPoint


@of_part("missing")
def missing_data(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, smallest: int = 0
) -> MissingData:
    """Analyse one outcome under every assumption about the patients lost at follow-up.

    Parameters
    ----------
    cohort, outcome, study
        As of `multiple_imputation`.
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
        baseline_carried_forward=filled_cases(cohort, outcome, level),
        multiple_imputation=multiple_imputation(cohort, outcome, study),
        tipping_point=tipping_point(cohort, outcome, study),
    )
