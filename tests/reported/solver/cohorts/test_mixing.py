"""R-hat and the worth of chains of which both are known."""

from __future__ import annotations

import numpy as np
import pytest

from reported.solver.cohorts.mixing import effective, mixing


def autoregressive(rho: float, shape: tuple[int, int, int], apart: float = 0) -> np.ndarray:
    """Return chains that remember, x' = rho x + noise, of variance 1, two about each centre.

    They start `apart` above and below it.
    """
    rng = np.random.default_rng(5)
    centres = 10 * rng.standard_normal((shape[0], 1, 1))
    ways = apart * np.where(np.arange(shape[1]) % 2, 1, -1)
    found = [rng.standard_normal(shape[:2]) + ways]
    for _ in range(shape[2] - 1):
        noise = (1 - rho**2) ** 0.5 * rng.standard_normal(shape[:2])
        found.append(rho * found[-1] + noise)
    return centres + np.stack(found, axis=2)


def test_independent_draws_are_worth_their_number() -> None:
    r_hat, worth = mixing(autoregressive(0, (50, 2, 60)))
    assert r_hat == pytest.approx(1, abs=0.01)
    assert worth == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
def test_draws_that_remember_are_worth_fewer(rho: float) -> None:
    """An autoregressive chain of length n is worth n (1 - rho) / (1 + rho) draws."""
    _, worth = mixing(autoregressive(rho, (20, 2, 1000)))
    assert worth == pytest.approx(1000 * (1 - rho) / (1 + rho), rel=0.15)


def test_chains_that_remember_their_start_do_not_agree() -> None:
    assert mixing(autoregressive(0.99, (50, 2, 60), apart=1))[0] > 1.5


def test_chains_that_hardly_move_do_not_agree_though_their_ensemble_would() -> None:
    """Of unlike distributions, whose differences would hide that chains stay where they were."""
    stuck = autoregressive(0.999, (50, 2, 60))
    whole = stuck.reshape(100, 60)
    assert np.corrcoef(whole[:, 0], whole[:, -1])[0, 1] > 0.99
    r_hat, worth = mixing(stuck)
    assert r_hat > 2
    assert effective(worth, 1000, 1) < 200


def test_means_apart_have_a_known_r_hat() -> None:
    """Means d apart add d²/2 to the variance of means, here of two halves of two chains each."""
    draws = autoregressive(0, (400, 2, 200))
    draws[:, 1] += 1
    assert mixing(draws)[0] == pytest.approx((1 + 1 / 3) ** 0.5, abs=0.01)


def test_forgotten_starts_leave_the_ensemble_its_number() -> None:
    assert effective(10, 1000, 1) == pytest.approx(1000, rel=1e-3)
    assert effective(10, 1000, 0.1) == pytest.approx(1000 / (1 + 999 * np.exp(-4)))
