"""Whether chains from different starts have come to agree, and how many draws they are worth.

References
----------
Vehtari A et al. Rank-normalization, folding, and localization: an improved R-hat for assessing
convergence of MCMC. Bayesian Anal 2021;16:667-718. https://doi.org/10.1214/20-BA1221
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mixing:
    """Agreement of chains about one number: 1 is perfect; and the draws they are worth."""

    r_hat: float
    effective: float


def mixing(draws: Floats) -> Mixing:
    """Return split R-hat and effective sample size, both of rank-normalised draws.

    Parameters
    ----------
    draws
        Values of one number, shape (chains, draws), four draws or more in each; not all equal.

    Notes
    -----
    R-hat is the greater of that of the values and that of their distance from the median.
    """
    folded = _scores(_halves(abs(draws - np.median(draws))))
    halves = _scores(_halves(draws))
    return Mixing(max(_r_hat(halves), _r_hat(folded)), _effective(halves))


def _halves(draws: Floats) -> Floats:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _scores(draws: Floats) -> Floats:
    ranks = rankdata(draws).reshape(draws.shape)
    return np.asarray(ndtri((ranks - 3 / 8) / (draws.size + 1 / 4)))


def _variances(draws: Floats) -> tuple[float, float]:
    """Return the variance within chains, and that of all draws together."""
    n = draws.shape[1]
    within = float(draws.var(axis=1, ddof=1).mean())
    return within, within * (n - 1) / n + float(draws.mean(axis=1).var(ddof=1))


def _r_hat(draws: Floats) -> float:
    within, together = _variances(draws)
    # A value that hardly any draw has may be the same throughout each chain.
    return float(np.sqrt(together / within)) if within else 1.0 if not together else float("inf")


def _effective(draws: Floats) -> float:
    """Return the number of independent draws with the same error of the mean.

    Autocorrelations are added up in pairs, as long as these are positive, none above the last
    (Geyer's initial monotone sequence).
    """
    n = draws.shape[1]
    within, together = _variances(draws)
    centred = draws - draws.mean(axis=1, keepdims=True)
    rho = np.ones(n)
    for lag in range(1, n):
        products = (centred[:, lag:] * centred[:, : n - lag]).sum(axis=1) / n
        rho[lag] = 1 - (within - products.mean() * n / (n - 1)) / together
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    positive = pairs[: np.argmax(pairs < 0)] if (pairs < 0).any() else pairs
    time = -1 + 2 * float(np.minimum.accumulate(positive).sum())
    return draws.size / max(time, 1 / float(np.log10(draws.size)))
