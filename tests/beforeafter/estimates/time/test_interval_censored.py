"""Times known to an interval: against R, a second implementation, and at the edges.

`tests/r/duration.R` wrote the data and the answers.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import naive_duration as naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.estimates import NoPatientsError, flatten, interval_censored, time_without_event
from beforeafter.estimates.time.interval_censored import (
    IntervalCensored,
    Masses,
    mean_range,
    median_gap,
    recorded_intervals,
    share_range,
    turnbull,
)
from beforeafter.study import Duration, Recorded, Study
from beforeafter.wording import numbers, wording_of

R = Path(__file__).resolve().parents[3] / "r"
ANSWERS = pd.read_csv(R / "duration.csv", na_values=["NA"])
ANSWERS = ANSWERS[ANSWERS.dataset.str.startswith("interval_")]
HORIZONS = {"interval_overlapping": 10.0}
# R repeats the self-consistent step until it no longer moves. Here the search ends when a patient's
# log-likelihood could rise by 1e-8 at most: shares of less than 200 patients are then good to 1e-7.
SEARCHED = 1e-7

modest = settings(max_examples=60, deadline=None, derandomize=True)
months = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=25)


@st.composite
def intervals(draw: st.DrawFn) -> list[naive.Known]:
    """Overlapping, exact and open intervals with ends that meet."""
    ends = st.integers(0, 9).map(Fraction)
    lowers = draw(st.lists(ends, min_size=1, max_size=14))
    widths = st.none() | st.integers(0, 4)
    return [(lower, None if (width := draw(widths)) is None else lower + width) for lower in lowers]


def floats(patients: Sequence[naive.Known]) -> tuple[list[float], list[float]]:
    lower, upper = zip(*patients, strict=True)
    return [*map(float, lower)], [math.inf if end is None else float(end) for end in upper]


def analyse(
    patients: Sequence[tuple[float, bool]], study: Study, recorded: Recorded | None, step: float = 1
) -> IntervalCensored:
    return interval_censored(cohort_of(patients), duration_of(study, recorded, step))


def cohort_of(patients: Sequence[tuple[float, bool]]) -> pd.DataFrame:
    events = pd.array([event for _, event in patients], dtype="boolean")
    months = pd.Series([time for time, _ in patients], dtype=float)
    return pd.DataFrame({"relief_months": months, "recurrence_observed": events})


def duration_of(study: Study, recorded: Recorded | None, step: float = 1) -> Duration:
    return study.duration("relief").model_copy(update={"recorded": recorded, "step": step})


def values(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


def test_there_are_answers_to_compare() -> None:
    assert ANSWERS.dataset.nunique() == 4
    assert len(ANSWERS) == 42


@pytest.mark.parametrize("dataset", ANSWERS.dataset.unique())
def test_turnbull_agrees_with_r(dataset: str) -> None:
    data = pd.read_csv(R / "data" / f"{dataset}.csv")
    masses = turnbull(data["lower"], data["upper"].fillna(math.inf))
    mean = mean_range(masses, HORIZONS.get(dataset, 6.0))
    computed = {"mean.least": mean.least, "mean.greatest": mean.greatest}
    computed |= dict(zip(("median.after", "median.by"), median_gap(masses), strict=True))
    rows = ANSWERS[ANSWERS.dataset == dataset]
    expected = dict(zip(rows.statistic, rows.value, strict=True))
    for name in expected.keys() - computed.keys():
        end, time = name.split(".", 1)
        computed[name] = getattr(share_range(masses, float(time)), end)
    assert computed == pytest.approx(expected, rel=SEARCHED, abs=SEARCHED)


@pytest.mark.parametrize("recorded", ["completed", "noticed"])
def test_recorded_months_have_the_answers_of_r(recorded: Recorded, study: Study) -> None:
    """R was given the intervals; here they come from the months and what those stand for."""
    data = pd.read_csv(R / "data" / f"interval_{recorded}.csv")
    event = data["upper"].notna()
    month = data["lower"] if recorded == "completed" else data["upper"].fillna(data["lower"])
    patients = list(zip(month, event, strict=True))
    result = analyse(patients, study, recorded)
    rows = ANSWERS[ANSWERS.dataset == f"interval_{recorded}"]
    expected = dict(zip(rows.statistic, rows.value, strict=True))
    assert result.restricted.least == pytest.approx(expected["mean.least"])
    assert result.restricted.greatest == pytest.approx(expected["mean.greatest"])
    assert result.event_free.least == pytest.approx(expected["least.6"])
    assert result.event_free_at["at_1"].greatest == pytest.approx(expected["greatest.1"])
    assert (result.median_after, result.median_by) == (
        expected["median.after"],
        expected["median.by"],
    )


def gains(masses: Masses, lower: Sequence[float], upper: Sequence[float]) -> list[float]:
    """What each smallest gap would add to the likelihood of a patient, were mass moved there."""
    gap_of = list(zip(masses.left, masses.right, strict=True))
    known = list(zip(lower, upper, strict=True))
    likely = [
        sum(
            mass
            for gap, mass in zip(gap_of, masses.mass, strict=True)
            if naive.lies_in(gap, mine)  # type: ignore[arg-type]
        )
        for mine in known
    ]
    every = naive.smallest_gaps(
        [(Fraction(low), None if math.isinf(up) else Fraction(up)) for low, up in known]
    )
    ends = [(float(left), math.inf if right is None else float(right)) for left, right in every]
    return [
        sum(
            1 / share
            for share, mine in zip(likely, known, strict=True)
            if naive.lies_in(gap, mine)  # type: ignore[arg-type]
        )
        / len(known)
        for gap in ends
    ]


@modest
@given(patients=intervals())
def test_no_gap_would_gain_by_more_mass(patients: list[naive.Known]) -> None:
    """The condition of Kuhn and Tucker: the maximum, and not only a place where a search ended."""
    lower, upper = floats(patients)
    masses = turnbull(lower, upper)
    assert masses.mass.sum() == pytest.approx(1)
    assert (masses.mass > 0).all()
    assert max(gains(masses, lower, upper)) <= 1 + 1e-7


@modest
@given(patients=intervals())
def test_masses_equal_those_of_the_self_consistent_step(patients: list[naive.Known]) -> None:
    masses = turnbull(*floats(patients))
    expected = naive.most_likely_masses(patients)
    found = {
        (left, None if math.isinf(right) else right): mass
        for left, right, mass in zip(masses.left, masses.right, masses.mass, strict=True)
    }
    assert found.keys() <= expected.keys()
    # Where a mass of the maximum is zero that step comes near it ever more slowly.
    for gap, mass in expected.items():
        assert found.get(gap, 0) == pytest.approx(mass, abs=2e-3)


@modest
@given(patients=intervals(), seed=st.integers(0, 1000))
def test_order_of_patients_is_irrelevant(patients: list[naive.Known], seed: int) -> None:
    shuffled = random.Random(seed).sample(patients, len(patients))
    here, there = (turnbull(*floats(each)) for each in (patients, shuffled))
    assert np.array_equal(here.left, there.left)
    assert here.mass == pytest.approx(there.mass, abs=1e-9)


@modest
@given(patients=months)
def test_exact_times_give_the_curve_of_kaplan_and_meier(
    patients: list[tuple[int, bool]], study: Study
) -> None:
    duration = duration_of(study, None)
    known = time_without_event(cohort_of(patients), duration, 0.95)
    result = analyse(patients, study, None)
    for name, share in known.event_free_at.items():
        found = result.event_free_at[name]
        if not math.isnan(share.proportion):
            assert (found.least, found.greatest) == pytest.approx((share.proportion,) * 2)
    if not math.isnan(known.restricted.mean):
        assert (result.restricted.least, result.restricted.greatest) == pytest.approx(
            (known.restricted.mean,) * 2
        )
    if not math.isinf(known.median):
        assert result.median_after == result.median_by == known.median


@modest
@given(patients=months)
def test_months_give_kaplan_and_meier_with_events_at_the_end_of_their_month(
    patients: list[tuple[int, bool]], study: Study
) -> None:
    for recorded, late in (("noticed", 0), ("completed", 1)):
        moved = [(time + late * event, event) for time, event in patients]
        known = time_without_event(cohort_of(moved), duration_of(study, None), 0.95)
        result = analyse(patients, study, recorded)
        for name, share in known.event_free_at.items():
            if not math.isnan(share.proportion):
                found = result.event_free_at[name]
                assert (found.least, found.greatest) == pytest.approx((share.proportion,) * 2)
        if not math.isnan(known.restricted.mean):
            assert result.restricted.greatest == pytest.approx(known.restricted.mean)


@modest
@given(patients=months, recorded=st.sampled_from(["completed", "noticed", None]))
def test_ranges_are_in_order_and_within_bounds(
    patients: list[tuple[int, bool]], recorded: Recorded | None, study: Study
) -> None:
    result = analyse(patients, study, recorded)
    shares = [result.event_free, *result.event_free_at.values()]
    assert all(0 <= share.least <= share.greatest <= 1 + 1e-12 for share in shares)
    assert values(result.event_free) == values(result.event_free_at["at_6"])
    mean = result.restricted
    assert 0 <= mean.least <= mean.middle <= mean.greatest <= 6 + 1e-12
    assert mean.greatest - mean.least <= 1 + 1e-12 or not all(
        event or time >= 6 for time, event in patients
    )
    assert result.median_after <= result.median_by


@modest
@given(patients=months)
def test_tenths_are_months_of_another_length(
    patients: list[tuple[int, bool]], study: Study
) -> None:
    """0.1 + 0.2 is not 0.3: steps that binary fractions cannot hold still have the same ends."""
    whole, tenths = (
        turnbull(
            *recorded_intervals(
                cohort_of([(time * step, event) for time, event in patients]),
                duration_of(study, "completed", step).model_copy(update={"horizon": 60 * step}),
            )
        )
        for step in (1, 0.1)
    )
    assert tenths.mass == pytest.approx(whole.mass)
    assert 10 * tenths.left == pytest.approx(whole.left)


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        (None, [(0, 0), (2, 2), (6, 6), (6, math.inf), (3, math.inf), (6, math.inf)]),
        (
            "completed",
            [(0, 1), (2, 3), (6, math.inf), (6, math.inf), (3, math.inf), (6, math.inf)],
        ),
        ("noticed", [(0, 0), (1, 2), (5, 6), (6, math.inf), (3, math.inf), (6, math.inf)]),
    ],
)
def test_what_a_recorded_time_stands_for(
    recorded: Recorded | None, expected: list[tuple[float, float]], study: Study
) -> None:
    patients = [(0, True), (2, True), (6, True), (8, True), (3, False), (7, False)]
    cohort = pd.concat([cohort_of(patients), cohort_of([]).reindex([0])], ignore_index=True)
    found = recorded_intervals(cohort, duration_of(study, recorded))
    assert list(zip(*found, strict=True)) == expected


@pytest.mark.parametrize(("recorded", "expected"), [("noticed", (1, 1.5)), ("completed", (1.5, 2))])
def test_steps_may_be_half_months(
    recorded: Recorded, expected: tuple[float, float], study: Study
) -> None:
    found = recorded_intervals(cohort_of([(1.5, True)]), duration_of(study, recorded, step=0.5))
    assert list(zip(*found, strict=True)) == [expected]


def test_a_curve_that_rests_at_one_half_came_down_to_it_before() -> None:
    assert median_gap(turnbull([1, 3], [2, 4])) == (1, 2)


@pytest.mark.parametrize("recorded", ["completed", "noticed", None])
def test_nobody_has_the_event(recorded: Recorded | None, study: Study) -> None:
    result = analyse([(6, False), (8, False), (2, False)], study, recorded)
    assert values(result.restricted) == {"least": 6, "middle": 6, "greatest": 6}
    assert values(result.event_free) == {"least": 1, "greatest": 1}
    assert (result.median_after, result.median_by) == (6, math.inf)


def test_beyond_the_last_patient_followed_everything_is_possible(study: Study) -> None:
    result = analyse([(1, True), (2, False), (4, False)], study, "noticed")
    assert values(result.event_free) == pytest.approx({"least": 0, "greatest": 2 / 3})
    # 1/3 between 0 and 1, the others from 4 on.
    assert values(result.restricted) == pytest.approx(
        {"least": 8 / 3, "middle": (8 / 3 + 13 / 3) / 2, "greatest": 13 / 3}
    )


def test_everyone_has_the_event_at_once(study: Study) -> None:
    at_once = analyse([(0, True)] * 3, study, "completed")
    assert values(at_once.restricted) == {"least": 0, "middle": 0.5, "greatest": 1}
    assert values(at_once.event_free_at["at_1"]) == {"least": 0, "greatest": 0}
    assert values(analyse([(0, True)], study, "noticed").restricted) == {
        "least": 0,
        "middle": 0,
        "greatest": 0,
    }


def test_one_patient(study: Study) -> None:
    result = analyse([(3, True)], study, "completed")
    assert (result.n_observed, result.median_after, result.median_by) == (1, 3, 4)
    assert values(result.event_free_at["at_3"]) == {"least": 1, "greatest": 1}


def test_no_patient(study: Study) -> None:
    with pytest.raises(NoPatientsError, match=r"Relief of pain: no patient has relief_months"):
        analyse([], study, "completed")


def test_numbers_have_text(cohort: pd.DataFrame, study: Study) -> None:
    duration = study.duration("relief")
    texts = numbers(interval_censored(cohort, duration), wording_of(duration, study))
    assert texts["event_free_at.at_6.least"].text == "22%"
    assert texts["event_free_at.at_6.least"].n == 80
    assert texts["restricted.middle"].unit == "months"


def test_times_of_many_patients_take_no_table_of_patients_by_patients() -> None:
    """Exact times of so many, each with each, would take 80 GB."""
    rng = np.random.default_rng(20240601)
    lower = rng.exponential(1, 100_000)
    upper = np.where(rng.random(100_000) < 0.7, lower, math.inf)
    masses = turnbull(lower, upper)
    assert masses.mass.sum() == pytest.approx(1)
