"""Multiple imputation of the patients lost at follow-up, and Rubin's rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from beforeafter.estimates.change.mean_change import NOISE, MeanChange, complete_cases, t_inference
from beforeafter.estimates.change.pairs import changes
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats, summarise
from beforeafter.study.definition import Outcome, Study

# A predictor that the others determine to this share of its variance says nothing of its own.
COLLINEAR = 1e-10
PAIRS_PER_PREDICTOR = 3
# Below three degrees of freedom an imputed value, which follows a t-distribution, has no variance.
FEWEST_DEGREES_OF_FREEDOM = 3


@dataclass(frozen=True)
class Pooled:
    """One estimate made of many, by Rubin's rules."""

    estimate: float = quantity("change")
    standard_error: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")
    p: float = quantity("p")
    within_variance: float = quantity("statistic")
    between_variance: float = quantity("statistic")
    degrees_of_freedom: float = quantity("statistic")
    missing_information: float = quantity("proportion")


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


def pool(
    estimates: Floats, variances: Floats, degrees_of_freedom: float, confidence_level: float
) -> Pooled:
    """Combine the estimates of the completed data sets by Rubin's rules.

    Parameters
    ----------
    estimates, variances
        Of each completed data set, shape (imputations,), the variance being the squared standard
        error.
    degrees_of_freedom
        Of the analysis if nothing were missing; may be infinite.
    confidence_level
        0 to 1.

    Returns
    -------
    Pooled
        A single imputation has no variance between: everything but the estimate is nan. So is an
        interval when the completed data do not vary but differ from each other.

    Notes
    -----
    The total variance is T = W + (1 + 1/m) B, of which a share λ = (1 + 1/m) B / T is due to what
    is missing. With ν the degrees of freedom if nothing were missing, Barnard and Rubin's are
    1 / (1/ν_m + 1/ν_o), where ν_m = (m - 1) / λ² and ν_o = ν (ν + 1) / (ν + 3) · (1 - λ). The
    fraction of missing information is λ + (1 - λ) · 2 / (df + 3), as in R's mice.

    References
    ----------
    Rubin DB. Multiple imputation for nonresponse in surveys. 1987. doi:10.1002/9780470316696
    Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. 1999.
    doi:10.1093/biomet/86.4.948
    """
    m, estimate, within = len(estimates), float(np.mean(estimates)), float(np.mean(variances))
    between = float(np.var(estimates, ddof=1)) if m > 1 else math.nan
    added = (1 + 1 / m) * between
    total = within + added
    missing = added / total if total else 0.0
    df = _barnard_rubin(m, missing, degrees_of_freedom)
    return Pooled(
        estimate,
        *t_inference(estimate, math.sqrt(total), df, confidence_level),
        within_variance=within,
        between_variance=between,
        degrees_of_freedom=df,
        missing_information=missing + (1 - missing) * 2 / (df + 3),
    )


def _barnard_rubin(m: int, missing: float, complete: float) -> float:
    """Degrees of freedom; written as a sum of inverses, one of which may be zero."""
    of_imputing = missing**2 / (m - 1) if m > 1 else math.nan
    observed = (1 - missing) * (complete if math.isinf(complete) else _of_observed(complete))
    if observed <= 0:
        return 0.0
    inverse = of_imputing + 1 / observed
    return 1 / inverse if inverse else math.inf


def _of_observed(complete: float) -> float:
    return (complete + 1) / (complete + 3) * complete


@dataclass(frozen=True)
class Regression:
    """Linear regression on predictors, all that its posterior distribution needs."""

    n_pairs: int
    used: NDArray[np.intp]
    centre: Floats
    mean: float
    slopes: Floats
    root: Floats
    residual: float
    degrees_of_freedom: int

    @classmethod
    def of(cls, predictors: Floats, response: Floats) -> Self:
        """Fit by least squares to the pairs; predictors as `used_predictors` chooses them."""
        n, centre, mean = len(response), predictors.mean(axis=0), float(response.mean())
        deviations = predictors - centre
        scatter = deviations.T @ deviations
        used = used_predictors(scatter, n)
        slopes, root = np.zeros(len(centre)), np.zeros((0, 0))
        if len(used):
            root = linalg.cholesky(scatter[np.ix_(used, used)], lower=True)
            products = deviations[:, used].T @ (response - mean)
            slopes[used] = linalg.cho_solve((root, True), products)
        left = response - mean - deviations @ slopes
        df = n - len(used) - 1
        residual = math.sqrt(float(left @ left) / df) if df > 0 else math.nan
        residual = 0.0 if residual < NOISE else residual
        return cls(n, used, centre, mean, slopes, root, residual, df)

    def draw(self, m: int, random: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Draw from the posterior: residual deviation (m,), mean at the centre (m,), slopes (m, k).

        Notes
        -----
        Under the prior that is flat in the coefficients and in log σ: σ² = s² df / χ²_df, then
        coefficients from the normal distribution around those of least squares with variance
        σ² (X'X)⁻¹. At the centre of the predictors mean and slopes are independent.
        """
        df = self.degrees_of_freedom
        sigma = self.residual * np.sqrt(df / random.chisquare(df, m))
        mean = self.mean + sigma * random.standard_normal(m) / math.sqrt(self.n_pairs)
        slopes = np.tile(self.slopes, (m, 1))
        if k := len(self.used):
            normal = random.standard_normal((m, k))
            away = normal @ linalg.inv(self.root)
            slopes[:, self.used] += sigma[:, None] * away
        return sigma, mean, slopes


def used_predictors(scatter: Floats, n_pairs: int) -> NDArray[np.intp]:
    """Choose the predictors that the pairs can carry.

    Parameters
    ----------
    scatter
        Sums of squares and products of the predictors about their means, shape (k, k), the own
        baseline first.
    n_pairs
        Patients behind it.

    Returns
    -------
    numpy.ndarray
        Positions, in order. A predictor is left out that does not vary among the pairs, or that
        those before it determine. One is always allowed; more, as long as there are three pairs
        for each.

    References
    ----------
    Hardt J, Herke M, Leonhart R. Auxiliary variables in multiple imputation in regression with
    missing X: a warning against including too many in small sample research. 2012.
    doi:10.1186/1471-2288-12-184
    """
    used: list[int] = []
    limit = max(n_pairs // PAIRS_PER_PREDICTOR, 1)
    for new in range(len(scatter)):
        own = float(scatter[new, new])
        products = scatter[used, new]
        explained = float(products @ np.linalg.solve(scatter[np.ix_(used, used)], products))
        varies = own > n_pairs * NOISE**2
        if len(used) < limit and varies and own - explained > COLLINEAR * own:
            used.append(new)
    return np.array(used, dtype=np.intp)


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
    cohort
        One row per patient.
    outcome
        What to impute.
    study
        Its other outcomes, the number of imputations and the seed.

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
        n_patients=completed.n_pairs + completed.n_lost,
        mean=pooled.estimate,
        standard_error=pooled.standard_error,
        lower=pooled.lower,
        upper=pooled.upper,
        p=pooled.p,
        n_lost=completed.n_lost,
        n_predictors=completed.n_predictors,
        within_variance=pooled.within_variance,
        between_variance=pooled.between_variance,
        degrees_of_freedom=pooled.degrees_of_freedom,
        missing_information=pooled.missing_information,
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
