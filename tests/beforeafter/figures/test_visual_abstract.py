"""The visual abstract shows the results it is given, and stays readable whatever they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from beforeafter.estimates import (
    kaplan_meier,
    paired_change,
    patient_flow,
    rating_proportions,
    time_without_event,
)
from beforeafter.figures import Findings, draw_visual_abstract, use_style
from beforeafter.figures.style import BETTER, PALE
from beforeafter.study import Study
from beforeafter.wording import NOT_ESTIMABLE


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with mpl.rc_context():
        use_style()
        yield


def drawn(
    cohort: pd.DataFrame, study: Study, *, reconstructed: bool = True, smallest: int = 0
) -> Figure:
    outcome, rating, duration = study.outcome("nrs"), study.rating("pgic"), study.duration("relief")
    found = Findings(
        flow=patient_flow(cohort, study),
        outcome=outcome,
        change=paired_change(cohort, outcome, study.analysis),
        rating=rating,
        shares=rating_proportions(cohort, rating, 0.95, smallest),
        duration=duration,
        time=time_without_event(cohort, duration, 0.95),
        curve=kaplan_meier(cohort, duration, 0.95),
    )
    return draw_visual_abstract(found, study, reconstructed=reconstructed)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def dots(figure: Figure) -> list[str]:
    """Return the colour of each dot of the panel of shares."""
    most = max(
        (part for axes in figure.axes for part in axes.collections),
        key=lambda p: len(p.get_offsets()),
    )
    return [to_hex(face).upper() for face in most.get_facecolors()]


def boxes(figure: Figure) -> list[Bbox]:
    figure.canvas.draw()
    texts = [text for axes in figure.axes for text in axes.texts]
    ticks = [tick for axes in figure.axes if axes.axison for tick in axes.get_xticklabels()]
    return [text.get_window_extent() for text in (*texts, *ticks) if text.get_text()]


def test_it_says_who_what_and_what_came_of_it(cohort: pd.DataFrame, study: Study) -> None:
    assert words(drawn(cohort, study)) == [
        *("89", "patients treated"),
        *("4 days", "Ketamine 0.5 mg/kg/day\nMagnesium sulfate 1000 mg/day"),
        *("80", "seen at day 30"),
        *("Pain intensity", "−26%", "NRS, 0 to 10"),
        *("7.54", "5.59", "P < 0.001"),
        *("Improved", "68.7%", "of patients"),
        "36.2% much or very\nmuch improved",
        *("Relapse-free", "22%", "at 6 months"),
        "2.99 months on average",
        "No comparison group: change is no proof of effect.",
        "Patients reconstructed from the published abstract.",
    ]


def test_real_patients_are_not_called_reconstructed(cohort: pd.DataFrame, study: Study) -> None:
    figure = drawn(cohort, study, reconstructed=False)
    assert words(figure)[-1] == "No comparison group: change is no proof of effect."


def test_every_patient_is_a_dot(cohort: pd.DataFrame, study: Study) -> None:
    assert dots(drawn(cohort, study)) == [BETTER] * 29 + [PALE] * 26 + ["#FFFFFF"] * 25


def test_shares_that_would_tell_of_few_are_neither_said_nor_dots(
    cohort: pd.DataFrame, study: Study
) -> None:
    few = cohort.assign(pgic=[1.0] + [3.0] * 3 + [4.0] * (len(cohort) - 4))
    figure = drawn(few, study, smallest=5)
    assert "not shown" in words(figure)
    assert not any("much improved" in text for text in words(figure))
    assert len(dots(figure)) < study.analysis.smallest_count
    boxes_of = boxes(figure)
    assert not any(one.overlaps(other) for one, other in combinations(boxes_of, 2))
    within = drawn(cohort.assign(pgic=[1.0] * 4 + [3.0] * (len(cohort) - 4)), study, smallest=5)
    assert "Improved" in words(within)
    assert not any("much improved" in text for text in words(within))


def test_of_many_patients_every_hundredth_is_a_dot(cohort: pd.DataFrame, study: Study) -> None:
    many = pd.concat([cohort] * 50, ignore_index=True)
    assert dots(drawn(many, study)) == [BETTER] * 36 + [PALE] * 33 + ["#FFFFFF"] * 31


@pytest.mark.parametrize("ended_early", [False, True])
def test_no_text_overlaps_another_or_leaves_the_figure(
    ended_early: bool, cohort: pd.DataFrame, study: Study
) -> None:
    if ended_early:  # so that nobody knows the share at the horizon
        cohort["relief_months"] = cohort["relief_months"].clip(upper=2)
        cohort["recurrence_observed"] = cohort["recurrence_observed"].where(
            cohort["recurrence_observed"].isna(), other=False
        )
    figure = drawn(cohort, study)
    assert (NOT_ESTIMABLE in words(figure)) is ended_early
    found = boxes(figure)
    assert not [pair for pair in combinations(found, 2) if pair[0].overlaps(pair[1])]
    union = Bbox.union(found)
    assert np.all(union.min >= 0)
    assert np.all(union.max <= figure.bbox.max)
