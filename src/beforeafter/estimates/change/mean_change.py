"""The mean change, its interval and its test."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from scipy import special

from beforeafter.estimates.change.pairs import NOISE_DECIMALS
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats, summarise

# Below this a spread is the noise of binary fractions, not of patients.
NOISE = 10.0**-NOISE_DECIMALS


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
