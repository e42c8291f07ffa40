"""How often the intervals hold the truth, in patients chosen because they score high."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from beforeafter.sensitivity.regression_alone import (
    change_at_usual_mean,
    change_beyond_regression,
    share_explained,
    sufficient_mean,
    sufficient_reliability,
)
from beforeafter.study import Study

LEVEL, COHORTS, PATIENTS = 0.95, 4000, 80
USUAL, SPREAD, CUT, RELIABILITY, EFFECT = 5.0, 1.7, 6.0, 0.6, -1.2
# Three standard errors of a share of 95% in so many cohorts, 1.03 percentage points, and half a
# point more: baselines beyond a cut are skewed, which Student's t forgives only in large cohorts.
ALLOWED = 3 * math.sqrt(LEVEL * (1 - LEVEL) / COHORTS) + 0.005


def chosen_cohorts() -> tuple[np.ndarray, np.ndarray]:
    """Draw baselines above a cut, and follow-ups with regression and an effect, (cohorts, n)."""
    random = np.random.default_rng(20240601)
    z = (CUT - USUAL) / SPREAD
    tail = random.uniform(size=(COHORTS, PATIENTS)) * stats.norm.sf(z)
    before = USUAL + SPREAD * stats.norm.isf(tail)
    own = SPREAD * math.sqrt(1 - RELIABILITY**2) * random.standard_normal(before.shape)
    return before, USUAL + RELIABILITY * (before - USUAL) + own + EFFECT


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(study: Study) -> None:
    z = (CUT - USUAL) / SPREAD
    excess = SPREAD * float(stats.norm.pdf(z) / stats.norm.sf(z))
    alone = -(1 - RELIABILITY) * excess
    change = alone + EFFECT
    truth = {
        "beyond": EFFECT,
        "share": alone / change,
        "sufficient reliability": 1 + change / excess,
        "sufficient mean": USUAL + excess + change / (1 - RELIABILITY),
        "own slope": EFFECT,
    }
    held: Counter[str] = Counter()
    for before, after in zip(*chosen_cohorts(), strict=True):
        found = {
            "beyond": change_beyond_regression(before, after, USUAL, RELIABILITY, LEVEL),
            "share": share_explained(before, after, USUAL, RELIABILITY, LEVEL),
            "sufficient reliability": sufficient_reliability(before, after, USUAL, LEVEL),
            "sufficient mean": sufficient_mean(
                before, after, study.outcomes[0], RELIABILITY, LEVEL
            ),
            "own slope": change_at_usual_mean(before, after, USUAL, LEVEL),
        }
        held.update(name for name, part in found.items() if part.lower <= truth[name] <= part.upper)
    coverage = {name: held[name] / COHORTS for name in truth}
    assert coverage == pytest.approx(dict.fromkeys(truth, LEVEL), abs=ALLOWED)
