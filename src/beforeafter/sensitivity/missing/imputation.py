"""Multiple imputation of the patients lost at follow-up, as imputations become endless."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates import Floats, MeanChange, changes, quantity, summarise, t_inference
from beforeafter.sensitivity.missing.cases import complete_cases
from beforeafter.sensitivity.missing.regression import Regression
from beforeafter.study import Outcome, Study

# Below three degrees of freedom an imputed value, which follows a t-distribution, has no variance.
FEWEST_DEGREES_OF_FREEDOM = 3


@dataclass(frozen=True)
class Pooled:
    """One estimate made of many, by Rubin's rules."""

    mean: float = quantity("change")
    standard_error: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")
    p: float = quantity("p")
    within_variance: float = quantity("statistic")
    between_variance: float = quantity("statistic")
    degrees_of_freedom: float = quantity("statistic")
    missing_information: float = quantity("proportion")


def pool(
    estimate: float,
    within_variance: float,
    between_variance: float,
    degrees_of_freedom: float,
    confidence_level: float,
) -> Pooled:
    """Combine what the completed data sets say by Rubin's rules, as their number goes to infinity.

    Of the estimates, `estimate` is the mean and `between_variance` the variance; `within_variance`
    is the mean of their squared standard errors. Degrees of freedom are those of the analysis if
    nothing were missing, and may be infinite. No interval when the completed data do not vary but
    differ from each other.

    Notes
    -----
    The total variance is T = W + B, of which a share λ = B / T is due to what is missing. With ν
    the degrees of freedom if nothing were missing, Barnard and Rubin's are
    ν (ν + 1) / (ν + 3) · (1 - λ). The fraction of missing information is
    λ + (1 - λ) · 2 / (df + 3), as in R's mice.

    References
    ----------
    Rubin DB. Multiple imputation for nonresponse in surveys. 1987. doi:10.1002/9780470316696
    Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. 1999.
    doi:10.1093/biomet/86.4.948
    """
    total = within_variance + between_variance
    missing = between_variance / total if total else 0.0
    df = (1 - missing) * _of_observed(degrees_of_freedom)
    return Pooled(
        estimate,
        *t_inference(estimate, math.sqrt(total), df, confidence_level),
        within_variance=within_variance,
        between_variance=between_variance,
        degrees_of_freedom=df,
        missing_information=missing + (1 - missing) * 2 / (df + 3),
    )


def _of_observed(complete: float) -> float:
    return complete if math.isinf(complete) else (complete + 1) / (complete + 3) * complete


@dataclass(frozen=True)
class MultipleImputation(MeanChange):
    """Mean change of all patients with a baseline, those lost being imputed."""

    n_lost: int = quantity("count")
    n_predictors: int = quantity("count")
    within_variance: float = quantity("statistic")
    between_variance: float = quantity("statistic")
    degrees_of_freedom: float = quantity("statistic")
    missing_information: float = quantity("proportion")


@dataclass(frozen=True)
class Completed:
    """The completed data sets, as far as a mean change depends on them.

    Of the patients seen: mean change and sum of squares about it. Of those lost, over all data
    sets: expectation and variance of their mean change, expectation of the sum of squares about
    it; nan where they cannot be imputed.
    """

    n_pairs: int
    n_lost: int
    n_predictors: int
    seen_mean: float
    seen_scatter: float
    lost_baseline: float
    lost_mean: float
    lost_mean_variance: float
    lost_scatter: float

    def pooled(self, shift: float, confidence_level: float) -> Pooled:
        """Pool the mean changes, all imputed follow-ups being moved by so many points."""
        n = self.n_pairs + self.n_lost
        share, gap = self.n_lost / n, self.lost_mean + shift - self.seen_mean
        between_groups = self.n_pairs * share * (gap**2 + self.lost_mean_variance)
        scatter = self.seen_scatter + self.lost_scatter + between_groups
        return pool(
            self.seen_mean + share * gap,
            scatter / (n - 1) / n if n > 1 else math.nan,
            share**2 * self.lost_mean_variance,
            n - 1,
            confidence_level,
        )


def complete(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> Completed | None:
    """Impute the follow-up of the patients lost, many times over.

    None when nobody with a baseline is lost, so that nothing is to be imputed.

    Notes
    -----
    Model: follow-up is normal around a linear function of the outcome's own baseline and of the
    baselines of all other outcomes that are known in every patient who has the own one, in the
    order of the study; fitted to the pairs; Bayesian, as "norm" of R's mice. Of records it is a
    function of the own baseline alone: what is told of one scale then rests on that scale, so that
    it can be shown that it tells of no patient (`beforeafter.disclosure`). Imputed values may be
    off the scale, or between its steps: they stand for their mean and variance only, which
    truncating or rounding would bias (von Hippel).

    Nothing is drawn. A mean change and its variance depend on the changes of the l patients lost
    only through their mean and their sum of squares Q about it. With predicted changes of mean u
    and sum of squares S, an imputed mean is normal around u with variance σ²/l, and Q has the
    expectation S + σ² (l - 1). Over the posterior of the regression, in which σ² has a mean s̄² and
    the slopes b the covariances σ² V, with c from the centre of those seen to that of those lost
    and D the sums of squares and products of the predictors of those lost:

        Var(mean) = s̄² (1/l + 1/n + c' V c),   E(Q) = b' D b + s̄² (tr(D V) + l - 1).

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
    known, lost = summarise(change), predictors[~seen]
    expected, n_predictors = (math.nan, math.nan, math.nan), 0
    if seen.any():
        fit = Regression.of(predictors[seen], follow_up[seen])
        n_predictors = len(fit.used)
        if fit.degrees_of_freedom >= FEWEST_DEGREES_OF_FREEDOM:
            expected = _impute(fit, lost)
    mean, mean_variance, scatter = expected
    return Completed(
        n_pairs=len(change),
        n_lost=len(lost),
        n_predictors=n_predictors,
        seen_mean=known.mean,
        seen_scatter=float(np.sum((change - known.mean) ** 2)),
        lost_baseline=float(lost[:, 0].mean()),
        lost_mean=mean,
        lost_mean_variance=mean_variance,
        lost_scatter=scatter,
    )


def _imputation_model(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> tuple[Floats, Floats]:
    """Predictors (patients, k), own baseline first, and follow-up, of patients with a baseline."""
    own, parts = outcome.columns.baseline, () if study.smallest_count else study.outcomes
    others = (part.columns.baseline for part in parts)
    names = [own, *(name for name in others if name != own)]
    predictors = cohort[names].to_numpy(dtype=float)
    enrolled = ~np.isnan(predictors[:, 0])
    predictors = predictors[enrolled]
    known = ~np.isnan(predictors).any(axis=0)
    follow_up = cohort[outcome.columns.follow_up].to_numpy(dtype=float)[enrolled]
    return predictors[:, known], follow_up


def _impute(fit: Regression, lost: Floats) -> tuple[float, float, float]:
    """Return mean change, its variance, and sum of squares about it, of the patients lost."""
    n, centre = len(lost), lost.mean(axis=0)
    away, deviations = centre - fit.centre, lost - centre
    spread, covariances = deviations.T @ deviations, fit.slope_covariances
    # Change is follow-up minus the own baseline, the first predictor.
    slopes = fit.slopes - np.eye(len(away))[0]
    variance = fit.expected_variance
    mean = fit.mean - fit.centre[0] + slopes @ away
    mean_variance = variance * (1 / n + 1 / fit.n_pairs + away @ covariances @ away)
    scatter = slopes @ spread @ slopes + variance * (np.sum(spread * covariances) + n - 1)
    return float(mean), float(mean_variance), float(scatter)


def multiple_imputation(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, shift: float = 0.0
) -> MultipleImputation:
    """Mean change of all patients with a baseline, those lost being imputed.

    Every patient lost is worse off by `shift` points than `complete` says, in the direction that
    the outcome calls worse: zero is missing at random, other values are missing not at random.
    With nobody lost these are the complete cases; nan with nobody seen, or fewer pairs than leave
    the regression three degrees of freedom.
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
    )
