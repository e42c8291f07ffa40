"""The mean change: in points, with its interval and test; in per cent; in standard deviations."""

import math
from dataclasses import dataclass
from typing import NamedTuple, assert_never

import numpy as np
from scipy import optimize, special

from beforeafter.estimates.change.pairs import NOISE_DECIMALS, changes, varies
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats, summarise
from beforeafter.study import PercentageDefinition

# Below this a spread is the noise of binary fractions, not of patients.
NOISE = 10.0**-NOISE_DECIMALS
# Where distribution functions of the noncentral t lose digits, and how closely one is solved for.
GREATEST_T, CLOSE = 1000.0, 1e-13


@dataclass(frozen=True)
class Percentages:
    """The percentage change under both definitions in use."""

    between_means: float = quantity("percentage")
    mean_of_individual: float = quantity("percentage")


def percentage_change(before: Floats, after: Floats, definition: PercentageDefinition) -> float:
    """Change in per cent of baseline.

    `change_between_means` is 100 (mean after - mean before) / mean before;
    `mean_of_individual_changes` the mean of 100 (after - before) / before over the pairs whose
    baseline is not zero. Negative for a decrease from above zero; nan where the baselines add up to
    zero, or each is zero.
    """
    match definition:
        case "change_between_means":
            total = before.sum()
            is_zero = not round(float(total), NOISE_DECIMALS)
            return math.nan if is_zero else float(100 * (after.sum() - total) / total)
        case "mean_of_individual_changes":
            has_base = before != 0
            base = before[has_base]
            return float(np.mean(100 * (after[has_base] - base) / base)) if len(base) else math.nan
        case _:
            assert_never(definition)


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

    Degrees of freedom need not be whole and may be infinite. A standard error of zero (all changes
    equal) gives an interval of one point and a p of nan, as `paired_t_test` does. Otherwise,
    without degrees of freedom, all but the standard error is nan.
    """
    if standard_error < NOISE:
        return Inference(0.0, estimate, estimate, math.nan)
    quantile = float(special.stdtrit(degrees_of_freedom, (1 + confidence_level) / 2))
    half_width = quantile * standard_error
    p = 2 * float(special.stdtr(degrees_of_freedom, -abs(estimate) / standard_error))
    return Inference(standard_error, estimate - half_width, estimate + half_width, p)


def mean_of_changes(change: Floats, confidence_level: float) -> MeanChange:
    """Mean of known changes, shape (patients,), none missing, with Student's interval.

    Without patients all is nan; of one patient only the mean is known.
    """
    known = summarise(change)
    n = known.n_observed
    error = known.standard_deviation / math.sqrt(n) if n else math.nan
    return MeanChange(n, known.mean, *t_inference(known.mean, error, n - 1, confidence_level))


@dataclass(frozen=True)
class StandardisedChange:
    """Mean change in standard deviations, as it is and with Hedges' correction."""

    d_z: float = quantity("statistic")
    d_z_lower: float = quantity("statistic")
    d_z_upper: float = quantity("statistic")
    d_av: float = quantity("statistic")
    d_av_lower: float = quantity("statistic")
    d_av_upper: float = quantity("statistic")
    g_z: float = quantity("statistic")
    g_z_lower: float = quantity("statistic")
    g_z_upper: float = quantity("statistic")
    g_av: float = quantity("statistic")
    g_av_lower: float = quantity("statistic")
    g_av_upper: float = quantity("statistic")


def standardised_change(
    before: Floats, after: Floats, confidence_level: float
) -> StandardisedChange:
    r"""Mean change in units of a standard deviation.

    d_z divides by the standard deviation of the changes, d_av by the mean of the standard
    deviations at the two visits; g_z and g_av are the same without the bias of small samples. All
    nan when the changes do not vary.

    Notes
    -----
    The interval for d_z inverts the noncentral t-distribution of the paired t statistic. That for
    d_av is the same in its unit, :math:`s_{change} / s_{av}` times as long, which takes the ratio
    of the standard deviations as known. Beyond a t of `GREATEST_T`, where its distribution function
    loses digits, the limits are put together from those for the mean and for the
    standard deviation (Zou and Donner): the same within some thousandths of their distance.
    Hedges' factor is :math:`J(n - 1)`, with
    :math:`J(m) = \Gamma(m/2) / (\sqrt{m/2}\, \Gamma((m-1)/2))`, zero at one degree of freedom:
    two pairs say nothing about it, and g is nan.

    References
    ----------
    Lakens D. Calculating and reporting effect sizes. 2013. doi:10.3389/fpsyg.2013.00863

    Algina J, Keselman HJ. Approximate confidence intervals for effect sizes. 2003.
    doi:10.1177/0013164403256358

    Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach.
    2008. doi:10.1002/sim.3095

    Hedges LV. Distribution theory for Glass's estimator of effect size. 1981.
    doi:10.3102/10769986006002107
    """
    change = changes(before, after)
    if not varies(change):
        return StandardisedChange(*12 * [math.nan])
    spread = float(change.std(ddof=1))
    d_z = float(change.mean()) / spread
    z = [d_z, *_noncentral_t_interval(d_z, len(change), confidence_level)]
    ratio = spread / float((before.std(ddof=1) + after.std(ddof=1)) / 2)
    factor = hedges_factor(len(change) - 1)
    return StandardisedChange(
        *z, *(ratio * d for d in z), *(factor * d for d in z), *(factor * ratio * d for d in z)
    )


def hedges_factor(degrees_of_freedom: int) -> float:
    """Return what takes the bias of small samples out of a standardised mean; nan at one."""
    if degrees_of_freedom <= 1:
        return math.nan
    half = degrees_of_freedom / 2
    return math.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / math.sqrt(half)


def _noncentral_t_interval(d: float, n: int, confidence_level: float) -> tuple[float, float]:
    """Noncentralities under which the observed t is at either tail, as standardised changes."""
    tail, root_n = (1 - confidence_level) / 2, math.sqrt(n)
    if abs(d) * root_n > GREATEST_T:
        return _interval_far_from_zero(d, n, tail)
    near, far = (
        _noncentrality(abs(d) * root_n, n - 1, share) / root_n for share in (1 - tail, tail)
    )
    return (near, far) if d > 0 else (-far, -near)


def _noncentrality(t: float, degrees_of_freedom: int, share: float) -> float:
    """Return the noncentrality that leaves such a share of the distribution below t."""

    def distance(noncentrality: float) -> float:
        below = float(special.nctdtr(degrees_of_freedom, noncentrality, t))
        # Where all of it is below t, scipy gives no number.
        return (1.0 if math.isnan(below) else below) - share

    # Of a noncentrality of t about half is below t.
    at_t = distance(t)
    away = math.copysign(math.sqrt(1 + t**2 / (2 * degrees_of_freedom)), at_t)
    while at_t * distance(t + away) > 0:
        away *= 2
    return float(optimize.brentq(distance, t, t + away, xtol=CLOSE))


def _interval_far_from_zero(d: float, n: int, tail: float) -> tuple[float, float]:
    """Put together the limits for the standard deviation and for the mean (Zou and Donner)."""
    of_mean = float(special.ndtri(tail)) / math.sqrt(n)
    near, far = (
        abs(d) * math.sqrt(float(special.chdtri(n - 1, p)) / (n - 1)) for p in (1 - tail, tail)
    )
    low = abs(d) - math.hypot(abs(d) - near, of_mean)
    high = abs(d) + math.hypot(far - abs(d), of_mean)
    return (low, high) if d > 0 else (-high, -low)
