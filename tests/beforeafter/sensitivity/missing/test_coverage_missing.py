"""How often the intervals hold the truth when patients are lost, by simulation.

A simulated share of 2,000 is off by 0.005 at most two times in three: MARGIN is three times that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest
from missing_cases import with_others
from scipy import special

from beforeafter.estimates import Floats, MeanChange
from beforeafter.sensitivity.missing.cases import (
    available_cases,
    complete_cases,
    filled_cases,
)
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.study import Study

pytestmark = pytest.mark.slow

N_SAMPLES = 2000
LEVEL = 0.95
MARGIN = 3 * math.sqrt(LEVEL * (1 - LEVEL) / N_SAMPLES)
Estimate = Callable[[pd.DataFrame], MeanChange]


@dataclass
class Setting:
    """How patients are made and lost."""

    share: float  # lost, about
    at_random: bool  # or completely at random
    n: int = 89
    worse: float = 0.0  # points by which those lost are off what is known of them
    on_scale: bool = False  # whole points from 0 to 10, as patients answer


@dataclass
class Coverage:
    """How an estimate did: share of intervals with the truth, bias in standard errors."""

    held: float
    bias: float


def cohorts(setting: Setting) -> Iterator[tuple[pd.DataFrame, Floats]]:
    """Yield cohorts with the changes of all patients, seen or lost.

    Baseline 7 ± 1.5; the higher it is, the larger the fall, and the same goes for another scale.
    Lost at random: the lower both are, the likelier.
    """
    random = np.random.default_rng(20240601)
    for _ in range(N_SAMPLES):
        z, other, noise, uniform = random.standard_normal((4, setting.n))
        other = 0.5 * z + math.sqrt(0.75) * other
        baseline, follow_up = 7 + 1.5 * z, 5 + 0.5 * z + 0.8 * other + 1.2 * noise
        pull = -1.5 * z - other if setting.at_random else 0 * z
        # The pull, of variance 4.75, flattens the S of the logistic curve by this factor.
        cut = special.logit(setting.share) * math.sqrt(1 + 4.75 / 2.9 * setting.at_random)
        lost = special.ndtr(uniform) < special.expit(cut + pull)
        follow_up += setting.worse * lost
        if setting.on_scale:
            baseline, follow_up = (np.clip(np.rint(part), 0, 10) for part in (baseline, follow_up))
        seen = np.where(lost, math.nan, follow_up)
        table = pd.DataFrame({"baseline": baseline, "follow_up": seen, "other_1": other})
        yield table, follow_up - baseline


def simulate(setting: Setting, **estimates: Estimate) -> dict[str, Coverage]:
    """Apply estimates to all cohorts; the truth is the mean of all changes of all patients."""
    found: dict[str, list[MeanChange]] = {name: [] for name in estimates}
    means, shares = [], []
    for table, change in cohorts(setting):
        means.append(change.mean())
        shares.append(table.follow_up.isna().mean())
        for name, estimate in estimates.items():
            found[name].append(estimate(table))
    assert np.mean(shares) == pytest.approx(setting.share, abs=0.02)
    return {name: rate(results, float(np.mean(means))) for name, results in found.items()}


def rate(results: list[MeanChange], truth: float) -> Coverage:
    means = np.array([result.mean for result in results])
    held = np.mean([result.lower <= truth <= result.upper for result in results])
    return Coverage(float(held), float((means.mean() - truth) / means.std()))


def imputed(study: Study, shift: float = 0.0) -> Estimate:
    outcome, here = with_others(study, 1, confidence_level=LEVEL)
    return partial(multiple_imputation, outcome=outcome, study=here, shift=shift)


def without_model(study: Study) -> dict[str, Estimate]:
    outcome, _ = with_others(study)
    return {
        estimate.__name__: partial(estimate, outcome=outcome, confidence_level=LEVEL)
        for estimate in (complete_cases, available_cases, filled_cases)
    }


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("at_random", [True, False])
def test_multiple_imputation_holds_its_level(share: float, at_random: bool, study: Study) -> None:
    found = simulate(Setting(share, at_random), imputed=imputed(study))["imputed"]
    assert found.held == pytest.approx(LEVEL, abs=MARGIN)
    assert found.bias == pytest.approx(0, abs=4 / math.sqrt(N_SAMPLES))


def test_multiple_imputation_of_a_scale_in_whole_points_holds_its_level(study: Study) -> None:
    """Neither normal nor linear at its ends; the mean takes little harm."""
    found = simulate(Setting(0.3, True, on_scale=True), imputed=imputed(study))["imputed"]
    assert found.held == pytest.approx(LEVEL, abs=MARGIN)
    assert found.bias == pytest.approx(0, abs=0.15)


def test_multiple_imputation_of_few_patients_is_cautious(study: Study) -> None:
    """Fourteen pairs and two predictors: Barnard and Rubin's degrees of freedom err to be safe."""
    found = simulate(Setting(0.3, True, n=20), imputed=imputed(study))["imputed"]
    assert LEVEL - MARGIN <= found.held <= LEVEL + 0.03


def test_a_shift_that_is_true_holds_the_level_and_leaving_it_out_does_not(study: Study) -> None:
    setting = Setting(0.3, True, worse=2)
    found = simulate(setting, shifted=imputed(study, 2), unshifted=imputed(study))
    assert found["shifted"].held == pytest.approx(LEVEL, abs=MARGIN)
    assert found["unshifted"].held < 0.5


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_lost_completely_at_random_does_no_harm_without_a_model(share: float, study: Study) -> None:
    found = simulate(Setting(share, False), **without_model(study))
    for name in ("complete_cases", "available_cases"):
        assert found[name].held == pytest.approx(LEVEL, abs=MARGIN), name
        assert found[name].bias == pytest.approx(0, abs=4 / math.sqrt(N_SAMPLES)), name
    # Nobody lost has changed, it says, while all others have.
    assert found["filled_cases"].held < 0.85


def test_lost_at_random_biases_what_has_no_model(study: Study) -> None:
    found = simulate(Setting(0.3, True), **without_model(study))
    assert found["complete_cases"].bias < -0.4
    assert found["complete_cases"].held < LEVEL - 1.5 * MARGIN
    # The follow-ups of those seen are set against the baselines of all.
    assert found["available_cases"].bias > 1.5
    assert found["available_cases"].held < 0.6
    assert found["filled_cases"].held < 0.3
