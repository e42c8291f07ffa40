"""What regression to the mean alone would bring, and what it would take to explain a change."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from beforeafter.estimates import (
    FEWEST_FOR_SPREAD,
    NOISE,
    Floats,
    MeanChange,
    Share,
    changes,
    mean_of_changes,
    quantity,
    t_inference,
    varies,
)
from beforeafter.study import Outcome

FEWEST_FOR_LINE = 3


@dataclass(frozen=True)
class SufficientReliability:
    """The reliability at which regression alone makes up the whole observed mean change."""

    reliability: float = quantity("statistic")
    lower: float = quantity("statistic")
    upper: float = quantity("statistic")


@dataclass(frozen=True)
class SufficientMean:
    """The usual mean from which regression alone makes up the whole observed mean change."""

    on_scale: bool
    reliability: float = quantity("statistic")
    mean: float = quantity("estimate")
    lower: float = quantity("estimate")
    upper: float = quantity("estimate")


@dataclass(frozen=True)
class OwnSlope:
    """The change of patients at the usual mean, by the slope of the cohort itself."""

    slope: float = quantity("statistic")
    mean: float = quantity("change")
    lower: float = quantity("change")
    upper: float = quantity("change")
    p: float = quantity("p")


def regression_alone(
    baseline_mean: ArrayLike, usual_mean: ArrayLike, reliability: ArrayLike
) -> Floats:
    """Mean change to expect of patients treated with nothing.

    It is -(1 - reliability) (baseline_mean - usual_mean): negative for patients chosen while high,
    positive for patients chosen while low. The usual mean is that of the population they were
    chosen from, in the long run; the reliability the correlation, in that population and with
    nothing done, between scores as far apart as the two visits, 0 to 1. The three are broadcast
    against each other.

    Notes
    -----
    Holds for any choice of patients by their baseline, provided that the expected follow-up is a
    straight line in the baseline and that mean and spread of the population are the same at both
    visits. For all patients above a cut in a normal population it is the formula of Davis.

    References
    ----------
    Davis CE. The effect of regression to the mean in epidemiologic and clinical studies. 1976.
    doi:10.1093/oxfordjournals.aje.a112321

    Barnett AG, van der Pols JC, Dobson AJ. Regression to the mean: what it is and how to deal with
    it. 2005. doi:10.1093/ije/dyh299
    """
    excess = np.asarray(baseline_mean, dtype=float) - np.asarray(usual_mean, dtype=float)
    return np.asarray(-(1 - np.asarray(reliability, dtype=float)) * excess)


def change_beyond_regression(
    before: Floats, after: Floats, usual_mean: float, reliability: float, confidence_level: float
) -> MeanChange:
    """Mean change beyond what regression alone would have brought.

    Mean of (after - before) + (1 - reliability) (before - usual_mean) over complete pairs, with the
    interval of Student's t; usual mean and reliability are taken as known.
    """
    beyond = changes(before, after) + (1 - reliability) * (before - usual_mean)
    return mean_of_changes(beyond, confidence_level)


def share_explained(
    before: Floats, after: Floats, usual_mean: float, reliability: float, confidence_level: float
) -> Share:
    """Part of the observed mean change that regression alone would have brought.

    1 is all of it; above 1, more was to be expected than was seen; below 0, the opposite. A ratio
    of two means: `ratio_of_means` says where it, or its limits, are nan.
    """
    alone = -(1 - reliability) * (before - usual_mean)
    return Share(*ratio_of_means(alone, changes(before, after), confidence_level))


def sufficient_reliability(
    before: Floats, after: Floats, usual_mean: float, confidence_level: float
) -> SufficientReliability:
    """Reliability at which regression alone makes up the whole mean change.

    1 + change / (baseline mean - usual mean). With a reliability at or below it, regression alone
    suffices. Below 0, no reliability is low enough; above 1, the mean moved away. A ratio of two
    means: `ratio_of_means` says where it, or its limits, are nan.
    """
    return SufficientReliability(
        *ratio_of_means(after - usual_mean, before - usual_mean, confidence_level)
    )


def sufficient_mean(
    before: Floats, after: Floats, outcome: Outcome, reliability: float, confidence_level: float
) -> SufficientMean:
    """Usual mean from which regression alone makes up the whole mean change.

    Mean of before + (after - before) / (1 - reliability), with the interval of Student's t. It may
    lie off the scale, where no population has its mean: `on_scale`. nan for a reliability of 1,
    with which nothing returns.
    """
    if reliability == 1 or not len(before):
        return SufficientMean(False, reliability, math.nan, math.nan, math.nan)
    needed = before + changes(before, after) / (1 - reliability)
    found = mean_of_changes(needed, confidence_level)
    on_scale = outcome.minimum <= found.mean <= outcome.maximum
    return SufficientMean(on_scale, reliability, found.mean, found.lower, found.upper)


def change_at_usual_mean(
    before: Floats, after: Floats, usual_mean: float, confidence_level: float
) -> OwnSlope:
    """Test of Mee and Chua: the change of patients who start at the usual mean.

    Least squares of after on before; at the usual mean there is nothing to return from, so that the
    change there is free of regression, if treatment shifts everyone by the same amount. nan below
    three pairs or with equal baselines; no p-value where the line fits without error.

    References
    ----------
    Mee RW, Chua TC. Regression toward the mean and the paired sample t test. The American
    Statistician 1991;45:39-42.

    Ostermann T, Willich SN, Lüdtke R. Regression toward the mean: a detection method for unknown
    population mean. 2008. doi:10.1186/1471-2288-8-52
    """
    if len(before) < FEWEST_FOR_LINE or not varies(before):
        return OwnSlope(math.nan, math.nan, math.nan, math.nan, math.nan)
    line = stats.linregress(before - usual_mean, after - usual_mean)
    change, error = float(line.intercept), float(line.intercept_stderr)
    _, *known = t_inference(change, error, len(before) - 2, confidence_level)
    return OwnSlope(float(line.slope), change, *known)


def ratio_of_means(
    numerator: Floats, denominator: Floats, confidence_level: float
) -> tuple[float, float, float]:
    """Mean of one quantity in units of the mean of another.

    The ratio and the limits of Fieller, of two quantities of the same patients: the ratios θ for
    which Student's t does not reject a mean of zero of numerator - θ denominator. nan without
    patients or with a denominator of zero; limits nan for one patient, and where the mean of the
    denominator does not differ from zero, for then the ratios that are not rejected have no end.

    References
    ----------
    Fieller EC. Some problems in interval estimation. 1954.
    doi:10.1111/j.2517-6161.1954.tb00159.x
    """
    n = len(numerator)
    if not n or abs(below := float(denominator.mean())) < NOISE:
        return math.nan, math.nan, math.nan
    above = float(numerator.mean())
    if n < FEWEST_FOR_SPREAD:
        return above / below, math.nan, math.nan
    chance = stats.t.ppf((1 + confidence_level) / 2, n - 1) ** 2 / n
    (var_above, cov), (_, var_below) = chance * np.cov(numerator, denominator)
    # a θ² - 2 b θ + c <= 0
    a, b, c = below**2 - var_below, above * below - cov, above**2 - var_above
    if a <= 0:
        return above / below, math.nan, math.nan
    root = math.sqrt(max(b * b - a * c, 0))
    return above / below, float(b - root) / a, float(b + root) / a
