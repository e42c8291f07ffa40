"""One estimate made of those of many completed data sets: Rubin's rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from beforeafter.estimates import Floats, quantity, t_inference


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
