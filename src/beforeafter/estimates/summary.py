"""Location and spread of a scale at one visit."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from beforeafter.estimates.quantities import quantity

Floats = NDArray[np.float64]
FEWEST_FOR_SPREAD = 2


@dataclass(frozen=True)
class Summary:
    """Location and spread of a scale in the patients who have it."""

    n_observed: int = quantity("count")
    mean: float = quantity("estimate")
    standard_deviation: float = quantity("estimate")


def summarise(values: ArrayLike) -> Summary:
    """Mean and standard deviation of the values that are not nan.

    The standard deviation has the divisor n - 1: nan below two values, the mean nan without any.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    n = len(known)
    return Summary(
        n_observed=n,
        mean=float(known.mean()) if n else math.nan,
        standard_deviation=float(known.std(ddof=1)) if n >= FEWEST_FOR_SPREAD else math.nan,
    )
