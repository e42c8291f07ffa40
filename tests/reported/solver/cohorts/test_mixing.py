"""R-hat and effective sample size of chains of which both are known."""

from __future__ import annotations

import numpy as np
import pytest

from reported.solver.cohorts.mixing import mixing


def autoregressive(rho: float, chains: int, draws: int) -> np.ndarray:
    """Return chains that remember: x' = rho x + noise, of variance 1."""
    rng = np.random.default_rng(5)
    found = [rng.standard_normal(chains)]
    for _ in range(draws - 1):
        found.append(rho * found[-1] + (1 - rho**2) ** 0.5 * rng.standard_normal(chains))
    return np.stack(found, axis=1)


def test_independent_draws_are_worth_their_number() -> None:
    found = mixing(autoregressive(0, 50, 40))
    assert found.r_hat == pytest.approx(1, abs=0.01)
    assert found.effective == pytest.approx(2000, rel=0.15)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
def test_draws_that_remember_are_worth_fewer(rho: float) -> None:
    """An autoregressive chain of length n is worth n (1 - rho) / (1 + rho) draws."""
    found = mixing(autoregressive(rho, 20, 1000))
    assert found.effective == pytest.approx(20_000 * (1 - rho) / (1 + rho), rel=0.15)


def test_chains_about_different_places_do_not_agree() -> None:
    """With means 0 and d apart the ratio of variances is 1 + d²/4 for two halves of chains."""
    apart = autoregressive(0, 20, 100) + 2 * (np.arange(20) % 2)[:, np.newaxis]
    assert mixing(apart).r_hat > 1.2


def test_chains_of_different_spread_do_not_agree() -> None:
    wide = autoregressive(0, 20, 100) * np.where(np.arange(20) % 2, 4, 1)[:, np.newaxis]
    assert mixing(wide).r_hat > 1.1


def test_extreme_values_count_by_their_rank() -> None:
    draws = autoregressive(0, 10, 100)
    assert mixing(np.exp(5 * draws)).effective == pytest.approx(mixing(draws).effective)
