"""One estimate made of those of endlessly many completed data sets: Rubin's rules."""

import math
from dataclasses import dataclass

from beforeafter.estimates import quantity, t_inference


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
