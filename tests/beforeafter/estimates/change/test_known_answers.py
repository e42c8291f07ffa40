"""The statistics against R: `tests/r/known_answers.R` wrote the data and the answers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beforeafter.estimates import (
    changes,
    complete_pairs,
    flatten,
    minimal_difference_proportions,
    paired_change,
    responder_proportions,
)
from beforeafter.estimates.proportions import proportion
from beforeafter.sensitivity import normal_quantiles
from beforeafter.study import Study

R = Path(__file__).resolve().parents[3] / "r"
ANSWERS = pd.read_csv(R / "known_answers.csv", na_values=["NA"])
LEVELS = {"sleep": 0.90}
HIGHER_IS_BETTER = {"tenths", "cohort_sf12_mental", "cohort_sf12_physical"}

# Both programs compute closed forms in double precision, and R's answers are written with 15
# digits: ten of them are well within the reach of both.
EXACT = 1e-10
# R's pt() with a noncentrality is good to 1e-12, its root to as much.
SEARCHED = 1e-9
TOLERANCES = {
    f"standardised.{name}_{end}": SEARCHED
    for name in ("d_z", "d_av", "g_z", "g_av")
    for end in ("lower", "upper")
}

PAIRED = ANSWERS.dataset[ANSWERS.statistic == "t_test.p"].tolist()
WILSON = ANSWERS[ANSWERS.dataset == "wilson"]


def answers(dataset: str) -> dict[str, float]:
    rows = ANSWERS[ANSWERS.dataset == dataset]
    return dict(zip(rows.statistic, rows.value, strict=True))


def agree(computed: float, expected: float, tolerance: float) -> bool:
    """R's NA is what prints as "not estimable" here: nan."""
    if math.isnan(expected):
        return math.isnan(computed)
    # Zero, as a bound of an interval, has no relative tolerance.
    return math.isclose(computed, expected, rel_tol=tolerance, abs_tol=1e-14)


def disagreements(computed: dict[str, float], dataset: str) -> list[str]:
    return [
        f"{name}: {computed[name]!r}, R: {expected!r}"
        for name, expected in answers(dataset).items()
        if name in computed and not agree(computed[name], expected, TOLERANCES.get(name, EXACT))
    ]


def drawn_quantiles(data: pd.DataFrame, level: float) -> dict[str, float]:
    known = normal_quantiles(changes(*complete_pairs(data["baseline"], data["follow_up"])), level)
    return {
        f"quantiles.{name}.{place}": value
        for name, values in vars(known).items()
        for place, value in enumerate(values, start=1)
    }


def computed_pairs(dataset: str, study: Study) -> dict[str, float]:
    data = pd.read_csv(R / "data" / f"{dataset}.csv", dtype=float)
    better: Literal["lower", "higher"] = "higher" if dataset in HIGHER_IS_BETTER else "lower"
    analysis = study.analysis.model_copy(
        update={"confidence_level": LEVELS.get(dataset, 0.95), "responder_thresholds": (30, 50)}
    )
    columns = study.outcomes[0].columns.model_copy(
        update={"baseline": "baseline", "follow_up": "follow_up"}
    )
    outcome = study.outcomes[0].model_copy(update={"columns": columns, "better": better})
    here = study.model_copy(update={"analysis": analysis})
    change = paired_change(data, outcome, analysis)
    level = analysis.confidence_level
    shares = responder_proportions(data, outcome, here)
    shares |= minimal_difference_proportions(data, outcome, level)
    numbers = {key: value for key, (value, *_) in [*flatten(change), *flatten(shares)]}
    return numbers | drawn_quantiles(data, level)


def test_there_are_answers_to_compare() -> None:
    assert len(PAIRED) == 10
    assert len(ANSWERS) == 712


@pytest.mark.parametrize("dataset", PAIRED)
def test_change_agrees_with_r(dataset: str, study: Study) -> None:
    computed = computed_pairs(dataset, study)
    assert set(answers(dataset)) <= set(computed)
    assert disagreements(computed, dataset) == []


@pytest.mark.parametrize(
    ("statistic", "expected"), [*zip(WILSON.statistic, WILSON.value, strict=True)]
)
def test_interval_of_a_proportion_agrees_with_r(statistic: str, expected: float) -> None:
    share, level_and_bound = statistic.split(" at ")
    level, bound = level_and_bound.rsplit(".", 1)
    count, n = map(int, share.split("/"))
    assert agree(getattr(proportion(count, n, float(level)), bound), expected, EXACT)


@pytest.mark.parametrize(("n", "excess"), [(10, 0.03), (80, 0.01)])
def test_limits_of_quantiles_are_of_samples_measured_from_their_own_mean(
    n: int, excess: float
) -> None:
    samples = np.random.default_rng(20240601).standard_normal((4000, n))
    known = normal_quantiles(samples[0], 0.95)
    own = np.sort(stats.zscore(samples, axis=1, ddof=1), axis=1)
    inside = ((known.lower <= own) & (own <= known.upper)).mean(axis=0)
    # Each of 4,000 simulated shares is off by 0.0034 two times in three.
    assert inside.min() > 0.95 - 0.014
    assert inside.mean() < 0.95 + excess


def test_quantiles_of_a_registry_are_some_of_them_all() -> None:
    change = np.random.default_rng(1).normal(-2, 3, 30_000)
    known = normal_quantiles(change, 0.95)
    assert 1500 < len(known.observed) <= 2000
    observed = np.sort((change - change.mean()) / change.std(ddof=1))
    assert (known.observed[0], known.observed[-1]) == (observed[0], observed[-1])
    ranks = np.searchsorted(observed, known.observed) + 1
    median = stats.norm.ppf(stats.beta.median(ranks, ranks[::-1]))
    assert known.expected == pytest.approx(median)
    # As many points on either side of the middle, and even steps between most of them.
    assert (ranks + ranks[::-1] == 30_001).all()
    steps = np.diff(known.expected)
    assert np.quantile(steps, 0.9) < 2 * np.median(steps)
