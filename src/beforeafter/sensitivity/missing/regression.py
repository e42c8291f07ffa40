"""The regression of a follow-up on baselines, and what its posterior says of other patients."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from beforeafter.estimates import NOISE, Floats

# A predictor that the others determine to this share of its variance says nothing of its own.
COLLINEAR = 1e-10
PAIRS_PER_PREDICTOR = 3


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

    @property
    def expected_variance(self) -> float:
        """Mean of the residual variance over its posterior, s² df / (df - 2); needs three df."""
        df = self.degrees_of_freedom
        return self.residual**2 * df / (df - 2)

    @property
    def slope_covariances(self) -> Floats:
        """Covariances of the slopes over σ², shape (k, k); zero where a predictor is not used."""
        covariances = np.zeros((len(self.centre), len(self.centre)))
        k = len(self.used)
        if k:
            inverse = linalg.cho_solve((self.root, True), np.eye(k))
            covariances[np.ix_(self.used, self.used)] = inverse
        return covariances


def used_predictors(scatter: Floats, n_pairs: int) -> NDArray[np.intp]:
    """Choose the predictors that the pairs can carry, by their positions.

    `scatter` has the sums of squares and products of the predictors about their means, shape
    (k, k), the own baseline first. A predictor is left out that does not vary among the pairs, or
    that those before it determine. One is always allowed; more, as long as there are three pairs
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
