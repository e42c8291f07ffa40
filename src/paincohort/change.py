"""Change of a scale between baseline and follow-up, in the patients measured at both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from paincohort.quantities import quantity
from paincohort.study import Analysis, Outcome, PercentageDefinition

Floats = NDArray[np.float64]
FEWEST_FOR_SPREAD = 2
# Far finer than any scale, far coarser than the error of subtracting two decimals.
NOISE_DECIMALS = 9


@dataclass(frozen=True)
class Summary:
    """Location and spread of a scale in the patients who have it."""

    n_observed: int = quantity("count")
    mean: float = quantity("estimate")
    standard_deviation: float = quantity("estimate")


@dataclass(frozen=True)
class Change:
    """Mean change, follow-up minus baseline, with the interval and test chosen in the study."""

    mean: float = quantity("change")
    standard_deviation: float = quantity("estimate")
    standard_error: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")
    percentage: float = quantity("percentage")
    p: float = quantity("p")


@dataclass(frozen=True)
class TestResult:
    """A test statistic and its two-sided p-value."""

    __test__ = False  # pytest must not take it for a test

    statistic: float = quantity("statistic")
    p: float = quantity("p")


@dataclass(frozen=True)
class StandardisedChange:
    """Mean change in standard deviations."""

    d_z: float = quantity("statistic")
    d_z_lower: float = quantity("statistic")
    d_z_upper: float = quantity("statistic")
    d_av: float = quantity("statistic")


@dataclass(frozen=True)
class Percentages:
    """The percentage change under both definitions in use."""

    between_means: float = quantity("percentage")
    mean_of_individual: float = quantity("percentage")


@dataclass(frozen=True)
class PairedChange:
    """Everything about the change of one outcome."""

    baseline: Summary
    follow_up: Summary
    paired_baseline: Summary
    paired_follow_up: Summary
    change: Change
    percentages: Percentages
    t_test: TestResult
    wilcoxon: TestResult
    standardised: StandardisedChange
    n_pairs: int = quantity("count")
    correlation: float = quantity("statistic")


def summarise(values: ArrayLike) -> Summary:
    """Mean and standard deviation of the values that are not nan.

    Parameters
    ----------
    values
        Scores, shape (patients,), in the unit of the scale.

    Returns
    -------
    Summary
        Sample standard deviation (n - 1); nan below two values, the mean nan without any.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    n = len(known)
    return Summary(
        n_observed=n,
        mean=float(known.mean()) if n else math.nan,
        standard_deviation=float(known.std(ddof=1)) if n >= FEWEST_FOR_SPREAD else math.nan,
    )


def complete_pairs(baseline: ArrayLike, follow_up: ArrayLike) -> tuple[Floats, Floats]:
    """Keep the patients measured at both visits.

    Parameters
    ----------
    baseline, follow_up
        Scores of the same patients in the same order, shape (patients,), nan where missing.
    """
    before, after = np.asarray(baseline, dtype=float), np.asarray(follow_up, dtype=float)
    both = ~(np.isnan(before) | np.isnan(after))
    return before[both], after[both]


def changes(before: Floats, after: Floats) -> Floats:
    """Follow-up minus baseline, free of binary noise: 40.3 - 31 is 9.3, and ties with 9.3."""
    return np.round(after - before, NOISE_DECIMALS)


def percentage_change(before: Floats, after: Floats, definition: PercentageDefinition) -> float:
    """Change in per cent of baseline.

    Parameters
    ----------
    before, after
        Complete pairs, shape (pairs,).
    definition
        `change_between_means`: 100 (mean after - mean before) / mean before.
        `mean_of_individual_changes`: mean of 100 (after - before) / before over the patients
        whose baseline is not zero.

    Returns
    -------
    float
        Per cent, negative for a decrease; nan where no baseline differs from zero.

    Notes
    -----
    The two answer different questions: the first weights patients by their baseline, the second
    weights them alike, so that a low baseline that rises counts heavily.
    """
    match definition:
        case "change_between_means":
            total = before.sum()
            return float(100 * (after.sum() - total) / total) if total else math.nan
        case "mean_of_individual_changes":
            has_base = before != 0
            base = before[has_base]
            return float(np.mean(100 * (after[has_base] - base) / base)) if len(base) else math.nan
        case _:
            assert_never(definition)


def paired_t_test(change: Floats) -> TestResult:
    """Student's t-test of a mean change of zero, two-sided.

    Parameters
    ----------
    change
        Follow-up minus baseline, shape (pairs,).

    Returns
    -------
    TestResult
        t with n - 1 degrees of freedom; nan below two pairs or when all changes are equal.
    """
    if not _varies(change):
        return TestResult(math.nan, math.nan)
    result = stats.ttest_1samp(change, 0)
    return TestResult(float(result.statistic), float(result.pvalue))


def wilcoxon_signed_rank(change: Floats) -> TestResult:
    """Wilcoxon's signed-rank test of changes symmetric about zero, two-sided.

    Parameters
    ----------
    change
        Follow-up minus baseline, shape (pairs,).

    Returns
    -------
    TestResult
        Sum of the positive ranks and the p-value of the normal approximation with correction for
        ties and continuity; nan when no change differs from zero.

    Notes
    -----
    Zeros are dropped before ranking, as Wilcoxon did and as R's `wilcox.test` does.

    References
    ----------
    Wilcoxon F. Individual comparisons by ranking methods. 1945. doi:10.2307/3001968
    """
    moved = change[change != 0]
    if not len(moved):
        return TestResult(math.nan, math.nan)
    result = stats.wilcoxon(moved, correction=True, method="approx")
    positive_ranks = stats.rankdata(np.abs(moved))[moved > 0].sum()
    return TestResult(float(positive_ranks), float(result.pvalue))


def standardised_change(
    before: Floats, after: Floats, confidence_level: float
) -> StandardisedChange:
    """Mean change in units of a standard deviation.

    Parameters
    ----------
    before, after
        Complete pairs, shape (pairs,).
    confidence_level
        Of the interval for d_z, 0 to 1.

    Returns
    -------
    StandardisedChange
        d_z divides by the standard deviation of the changes, d_av by the mean of the standard
        deviations at the two visits; nan when the changes do not vary.

    Notes
    -----
    The interval for d_z inverts the noncentral t-distribution of the paired t statistic.

    References
    ----------
    Lakens D. Calculating and reporting effect sizes. 2013. doi:10.3389/fpsyg.2013.00863
    """
    change = changes(before, after)
    if not _varies(change):
        return StandardisedChange(math.nan, math.nan, math.nan, math.nan)
    d_z = float(change.mean() / change.std(ddof=1))
    average_sd = float((before.std(ddof=1) + after.std(ddof=1)) / 2)
    lower, upper = _noncentral_t_interval(d_z, len(change), confidence_level)
    return StandardisedChange(d_z, lower, upper, float(change.mean()) / average_sd)


def _noncentral_t_interval(d: float, n: int, confidence_level: float) -> tuple[float, float]:
    """Noncentralities under which the observed t is at either tail, as standardised changes."""
    tail, root_n = (1 - confidence_level) / 2, math.sqrt(n)
    lower, upper = (special.nctdtrinc(n - 1, p, d * root_n) / root_n for p in (1 - tail, tail))
    return float(lower), float(upper)


def _varies(change: Floats) -> bool:
    return len(change) >= FEWEST_FOR_SPREAD and bool(np.ptp(change) > 0)


def _change(before: Floats, after: Floats, analysis: Analysis, p: float) -> Change:
    summary = summarise(changes(before, after))
    n = summary.n_observed
    error = summary.standard_deviation / math.sqrt(n) if n else math.nan
    half_width = float(stats.t.ppf((1 + analysis.confidence_level) / 2, n - 1)) * error
    return Change(
        mean=summary.mean,
        standard_deviation=summary.standard_deviation,
        standard_error=error,
        lower=summary.mean - half_width,
        upper=summary.mean + half_width,
        percentage=percentage_change(before, after, analysis.percentage),
        p=p,
    )


def _correlation(before: Floats, after: Floats) -> float:
    if not (_varies(before) and _varies(after)):
        return math.nan
    return float(np.corrcoef(before, after)[0, 1])


def paired_change(cohort: pd.DataFrame, outcome: Outcome, analysis: Analysis) -> PairedChange:
    """Analyse the change of one outcome from baseline to follow-up.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Which columns to compare.
    analysis
        Percentage definition, test and confidence level.

    Returns
    -------
    PairedChange
        `baseline` and `follow_up` describe everyone measured then; every comparison is over the
        pairs, described by `paired_baseline` and `paired_follow_up`.
    """
    baseline, follow_up = cohort[outcome.columns.baseline], cohort[outcome.columns.follow_up]
    before, after = complete_pairs(baseline, follow_up)
    change = changes(before, after)
    t_test, wilcoxon = paired_t_test(change), wilcoxon_signed_rank(change)
    chosen = {"paired_t": t_test, "wilcoxon": wilcoxon}[analysis.test]
    return PairedChange(
        baseline=summarise(baseline),
        follow_up=summarise(follow_up),
        paired_baseline=summarise(before),
        paired_follow_up=summarise(after),
        change=_change(before, after, analysis, chosen.p),
        percentages=Percentages(
            percentage_change(before, after, "change_between_means"),
            percentage_change(before, after, "mean_of_individual_changes"),
        ),
        t_test=t_test,
        wilcoxon=wilcoxon,
        standardised=standardised_change(before, after, analysis.confidence_level),
        n_pairs=len(before),
        correlation=_correlation(before, after),
    )
