"""Whether chains forget where they started: split R-hat, and what the last state of each is worth.

Chains are compared with others of the same parameters that started where those of others had come
to.

References
----------
Vehtari A et al. Rank-normalization, folding, and localization: an improved R-hat for assessing
convergence of MCMC. Bayesian Anal 2021;16:667-718. https://doi.org/10.1214/20-BA1221
"""

import numpy as np

from reported.solver.cohorts.ensemble import Ensemble
from reported.solver.cohorts.open_numbers import of_ensemble, open_numbers
from reported.solver.cohorts.sampler import Sampler
from reported.solver.cohorts.target import Floats

# How many parameters have two chains to compare, the draws of each, and the steps between them.
TWINS, DRAWS, BETWEEN = 30, 60, 22_000


def mixing(draws: Floats) -> tuple[float, float]:
    """Return how well chains mix in a number of shape (distributions, chains of each, draws).

    R-hat is 1, but for chance, where halves agree. A chain is worth as many independent draws.
    """
    half = draws.shape[2] // 2
    within, between = _variances(np.concatenate([draws[..., :half], draws[..., -half:]], axis=1))
    r_hat = np.sqrt((half - 1) / half + between / within) if within else np.inf
    return float(r_hat), draws.shape[2] / _time(draws)


def effective(worth: float, chains: int, length: float) -> float:
    """Return how many independent cohorts the last states of chains are worth, at worst.

    A chain worth m draws ends with the correlation :math:`r = e^{-2m}` with its start, and the
    variance of a mean over N chains is that of one times :math:`1/N + r^2 (1 - 1/N)`.
    """
    memory = float(np.exp(-2 * worth * length))
    return chains / (1 + (chains - 1) * memory**2)


def _variances(draws: Floats) -> tuple[float, float]:
    """Return the variance within chains, and that of the means of chains of one distribution."""
    within = draws.var(axis=2, ddof=1).mean()
    return float(within), float(draws.mean(axis=2).var(axis=1, ddof=1).mean())


def _time(draws: Floats) -> float:
    """Return how many draws are worth an independent one (Geyer's initial monotone sequence)."""
    n = draws.shape[2]
    within, between = _variances(draws)
    together = within * (n - 1) / n + between
    centred = draws - draws.mean(axis=2, keepdims=True)
    products = [(centred[..., lag:] * centred[..., : n - lag]).sum(axis=2) for lag in range(n)]
    rho = 1 - (within - np.mean(products, axis=(1, 2)) / (n - 1)) / together
    rho[0] = 1
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    positive = pairs[: np.argmax(pairs < 0)] if (pairs < 0).any() else pairs
    return max(1.0, -1 + 2 * float(np.minimum.accumulate(positive).sum()))


def compared(ensemble: Ensemble, sampler: Sampler) -> dict[str, tuple[float, float]]:
    """Return R-hat, and how many independent cohorts an ensemble is worth, of each open number."""
    density = sampler.density(len(ensemble.cohorts)).of(np.tile(np.arange(TWINS), 2))
    starts = np.roll(ensemble.cohorts, -TWINS, axis=0)[: 2 * TWINS]
    *_, states = sampler.walk("apart", density, starts, (1, sampler.steps))
    rounds = sampler.walk("twins", density, states, (DRAWS, BETWEEN))
    draws = [open_numbers(ensemble.table, drawn) for drawn in rounds]
    length, found = sampler.steps / (DRAWS * BETWEEN), {}
    for key in of_ensemble(ensemble):
        values = np.stack([draw[key] for draw in draws], axis=1)
        r_hat, worth = mixing(values.reshape(2, TWINS, DRAWS).swapaxes(0, 1))
        found[key] = r_hat, effective(worth, len(ensemble.cohorts), length)
    return found
