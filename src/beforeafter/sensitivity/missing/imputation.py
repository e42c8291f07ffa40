"""Multiple imputation of the patients lost at follow-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates import Floats, MeanChange, changes, quantity, summarise
from beforeafter.sensitivity.missing.cases import complete_cases
from beforeafter.sensitivity.missing.regression import Regression
from beforeafter.sensitivity.missing.rubin import Pooled, pool
from beforeafter.study import Outcome, Study

# Below three degrees of freedom an imputed value, which follows a t-distribution, has no variance.
FEWEST_DEGREES_OF_FREEDOM = 3


@dataclass(frozen=True)
class MultipleImputation(MeanChange):
    """Mean change of all patients with a baseline, those lost being imputed.

    `simulation_error` is the standard error that comes of drawing a finite number of imputations.
    """

    n_lost: int = quantity("count")
    n_predictors: int = quantity("count")
    within_variance: float = quantity("statistic")
    between_variance: float = quantity("statistic")
    degrees_of_freedom: float = quantity("statistic")
    missing_information: float = quantity("proportion")
    simulation_error: float = quantity("estimate")


@dataclass(frozen=True)
class Completed:
    """The completed data sets, as far as a mean change depends on them.

    Of the patients seen: mean change and sum of squares about it. Of those lost: the same in each
    data set, shape (imputations,), nan where they cannot be imputed.
    """

    n_pairs: int
    n_lost: int
    n_predictors: int
    seen_mean: float
    seen_scatter: float
    lost_baseline: float
    lost_mean: Floats
    lost_scatter: Floats

    def pooled(self, shift: float, confidence_level: float) -> Pooled:
        """Pool the mean changes, all imputed follow-ups being moved by so many points."""
        n = self.n_pairs + self.n_lost
        gap = self.lost_mean + shift - self.seen_mean
        between_groups = self.n_pairs * self.n_lost / n * gap**2
        scatter = self.seen_scatter + self.lost_scatter + between_groups
        estimates = self.seen_mean + self.n_lost / n * gap
        return pool(estimates, scatter / (n - 1) / n, n - 1, confidence_level)


def complete(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> Completed | None:
    """Impute the follow-up of the patients lost, many times over.

    Parameters
    ----------
    cohort, outcome, study
        As of `multiple_imputation`.

    Returns
    -------
    Completed or None
        None when nobody with a baseline is lost, so that nothing is to be imputed.

    Notes
    -----
    Model: follow-up is normal around a linear function of the outcome's own baseline and of the
    baselines of all other outcomes that are known in every patient who has the own one, in the
    order of the study; fitted to the pairs; Bayesian, as "norm" of R's mice. Imputed values may be
    off the scale, or between its steps: they stand for their mean and variance only, which
    truncating or rounding would bias (von Hippel).

    The values themselves are never drawn. A mean change and its variance depend on the changes of
    the l patients lost only through their mean and their sum of squares Q about it, and for given
    coefficients these have known distributions: with predicted changes of mean u and sum of
    squares S, the mean is normal around u with variance σ²/l, and, independently,
    Q = (√S + σ z)² + σ² χ²_(l-2) with z standard normal. Drawing these two has the same
    distribution as drawing l values, takes no memory per patient, and cannot depend on the order
    of the patients. Every outcome and every cohort starts from the seed of the study: differences
    between cohorts owe little to the draws, but an average over cohorts keeps their error.

    References
    ----------
    Rubin DB. Multiple imputation for nonresponse in surveys. 1987. doi:10.1002/9780470316696
    von Hippel PT. Should a normal imputation model be modified to impute skewed variables? 2013.
    doi:10.1177/0049124112464866
    """
    predictors, follow_up = _imputation_model(cohort, outcome, study)
    seen = ~np.isnan(follow_up)
    if seen.all():
        return None
    change = changes(predictors[seen, 0], follow_up[seen])
    known, lost, m = summarise(change), predictors[~seen], study.analysis.imputations
    mean, scatter, n_predictors = np.full(m, math.nan), np.full(m, math.nan), 0
    if seen.any():
        fit = Regression.of(predictors[seen], follow_up[seen])
        n_predictors = len(fit.used)
        if fit.degrees_of_freedom >= FEWEST_DEGREES_OF_FREEDOM:
            random = np.random.default_rng(study.analysis.seed)
            mean, scatter = _impute(fit, lost, m, random)
    return Completed(
        n_pairs=len(change),
        n_lost=len(lost),
        n_predictors=n_predictors,
        seen_mean=known.mean,
        seen_scatter=float(np.sum((change - known.mean) ** 2)),
        lost_baseline=float(lost[:, 0].mean()),
        lost_mean=mean,
        lost_scatter=scatter,
    )


def _imputation_model(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> tuple[Floats, Floats]:
    """Predictors (patients, k), own baseline first, and follow-up, of patients with a baseline."""
    own, others = outcome.columns.baseline, (part.columns.baseline for part in study.outcomes)
    names = [own, *(name for name in others if name != own)]
    predictors = cohort[names].to_numpy(dtype=float)
    enrolled = ~np.isnan(predictors[:, 0])
    predictors = predictors[enrolled]
    known = ~np.isnan(predictors).any(axis=0)
    follow_up = cohort[outcome.columns.follow_up].to_numpy(dtype=float)[enrolled]
    return predictors[:, known], follow_up


def _impute(
    fit: Regression, lost: Floats, m: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw mean and sum of squares of the changes of the patients lost, shape (m,) each."""
    sigma, mean_at_centre, slopes = fit.draw(m, random)
    n, centre = len(lost), lost.mean(axis=0)
    # Change is follow-up minus the own baseline, the first predictor.
    slopes[:, 0] -= 1
    predicted = mean_at_centre - fit.centre[0] + slopes @ (centre - fit.centre)
    mean = predicted + sigma * random.standard_normal(m) / math.sqrt(n)
    if n == 1:
        return mean, np.zeros(m)
    deviations = lost - centre
    spread = np.einsum("mi,ij,mj->m", slopes, deviations.T @ deviations, slopes)
    along = np.sqrt(np.maximum(spread, 0)) + sigma * random.standard_normal(m)
    across = 2 * random.standard_gamma((n - 2) / 2, m)
    return mean, along**2 + sigma**2 * across


def multiple_imputation(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, shift: float = 0.0
) -> MultipleImputation:
    """Mean change of all patients with a baseline, those lost being imputed.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        What to impute.
    study
        Its other outcomes, the number of imputations, the seed and the confidence level.
    shift
        Points by which every patient lost is worse off than the imputation says, in the direction
        that the outcome calls worse. Zero: missing at random. Other values: missing not at random.

    Returns
    -------
    MultipleImputation
        Nobody lost: the complete cases. Nan: nobody seen, or fewer pairs than leave the regression
        three degrees of freedom.

    Notes
    -----
    See `complete` for the imputation and `pool` for the rules. The number of imputations should be
    about the percentage of information missing or more (White et al.); `simulation_error`,
    √(between / imputations), says what more would gain.

    References
    ----------
    White IR, Royston P, Wood AM. Multiple imputation using chained equations: issues and guidance
    for practice. 2011. doi:10.1002/sim.4067
    Cro S, Morris TP, Kenward MG, Carpenter JR. Sensitivity analysis for clinical trials with
    missing continuous outcome data using controlled multiple imputation: a practical guide. 2020.
    doi:10.1002/sim.8569
    """
    completed, level = complete(cohort, outcome, study), study.analysis.confidence_level
    if completed is None:
        return _nothing_imputed(complete_cases(cohort, outcome, level))
    pooled = completed.pooled(-outcome.benefit * shift, level)
    return MultipleImputation(
        **vars(pooled),
        n_patients=completed.n_pairs + completed.n_lost,
        n_lost=completed.n_lost,
        n_predictors=completed.n_predictors,
        simulation_error=math.sqrt(pooled.between_variance / study.analysis.imputations),
    )


def _nothing_imputed(known: MeanChange) -> MultipleImputation:
    return MultipleImputation(
        **vars(known),
        n_lost=0,
        n_predictors=0,
        within_variance=known.standard_error**2,
        between_variance=0.0,
        degrees_of_freedom=max(known.n_patients - 1, 0),
        missing_information=0.0,
        simulation_error=0.0,
    )
