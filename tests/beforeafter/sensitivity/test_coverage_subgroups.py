"""How often Welch's interval holds the difference, and his test finds one that is not there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from beforeafter.sensitivity.subgroups import welch_difference, welch_test

LEVEL, COHORTS = 0.95, 4000
# Three standard errors of a share of 95% in so many cohorts, 1.03 percentage points, and half a
# point more: Welch's degrees of freedom are an approximation.
ALLOWED = 3 * math.sqrt(LEVEL * (1 - LEVEL) / COHORTS) + 0.005


def draw(sizes: list[int], spreads: list[float], means: list[float]) -> list[list[np.ndarray]]:
    random = np.random.default_rng(20240601)
    parts = [
        random.normal(mean, spread, (COHORTS, size))
        for size, spread, mean in zip(sizes, spreads, means, strict=True)
    ]
    return [list(cohort) for cohort in zip(*parts, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "spreads"), [([50, 30], [2, 2]), ([60, 12], [1, 3])])
def test_interval_of_the_difference(sizes: list[int], spreads: list[float]) -> None:
    found = [
        welch_difference(first, second, LEVEL)
        for first, second in draw(sizes, spreads, [-2.0, -1.2])
    ]
    held = np.mean([part.lower <= 0.8 <= part.upper for part in found])
    assert held == pytest.approx(LEVEL, abs=ALLOWED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "spreads"), [([40, 25, 15], [2, 2, 2]), ([45, 20, 12, 10], [1, 2, 3, 1.5])]
)
def test_size_of_the_test(sizes: list[int], spreads: list[float]) -> None:
    cohorts = draw(sizes, spreads, [-2.0] * len(sizes))
    rejected = np.mean([welch_test(samples).p < 1 - LEVEL for samples in cohorts])
    assert rejected == pytest.approx(1 - LEVEL, abs=ALLOWED)
