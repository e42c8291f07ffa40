"""Means at every visit, with Student's interval; those of SciPy, of the values typed here."""

from __future__ import annotations

from typing import Any

import odd
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from beforeafter.estimates import Trajectory, flatten, trajectory
from beforeafter.figures import draw_trajectory
from beforeafter.study import Study

SCORES = {
    "EN J0": [8, 7, 6, 9, 5, 8, 7, 9, 6, 7, 8, 4],
    "EN J7": [7, 5, 5, 7, 4, 6, 6, 7, 5, 5, 7, 2],
    "EN J30": [5, 6, 3, 7, 5, 4, 7, 8, None, 3, 6, 2],
}


def of(**more: Any) -> tuple[Trajectory, Study]:
    definition = odd.three(compare=["day 0", "day 30"])
    definition["analysis"] |= more
    study = odd.study(definition)
    cohort = pd.DataFrame(SCORES, dtype=float)
    return trajectory(cohort, study.outcomes[0], study), study


def test_each_visit_has_its_mean_and_interval() -> None:
    result, _ = of()
    assert [*result.visits] == ["day_0", "day_7", "day_30"]
    for found, scores in zip(result.visits.values(), SCORES.values(), strict=True):
        known = pd.Series(scores, dtype=float).dropna()
        interval = stats.ttest_1samp(known, 0).confidence_interval(0.95)
        assert found.n_observed == len(known)
        assert [found.mean, found.lower, found.upper] == pytest.approx([known.mean(), *interval])
    assert [*dict(flatten(result, "nrs."))][:2] == [
        "nrs.visits.day_0.n_observed",
        "nrs.visits.day_0.mean",
    ]


def test_a_visit_of_few_patients_is_left_out() -> None:
    result, _ = of(smallest_count=12)
    assert [*result.visits] == ["day_0", "day_7"]


def test_visits_are_drawn_as_far_apart_as_they_were() -> None:
    result, study = of()
    figure = draw_trajectory(result, study.outcomes[0], study)
    (axes,) = figure.axes
    assert axes.get_xticks().tolist() == [0, 7, 30]
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        "day 0\nn = 12",
        "day 7\nn = 12",
        "day 30\nn = 11",
    ]
    assert axes.get_ylabel() == "Pain (P, points)"
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([7, 5.5, 56 / 11])
    plt.close(figure)
