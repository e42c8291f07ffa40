"""Time to an event: against R, a second implementation, and at the edges.

`tests/r/duration.R` wrote the data and the answers.
"""

from __future__ import annotations

import io
import math
import random
import statistics
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import naive_duration as naive
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from refused import refusal_of

from beforeafter.estimates import (
    NoPatientsError,
    TimeWithoutEvent,
    flatten,
    interval_censored,
    kaplan_meier,
    numbers_at_risk,
    time_without_event,
)
from beforeafter.estimates.time.without_event import event_free_at
from beforeafter.figures import draw_survival
from beforeafter.study import Duration, Study
from beforeafter.wording import NOT_ESTIMABLE, numbers, wording_of

R = Path(__file__).resolve().parents[3] / "r"
ANSWERS = pd.read_csv(R / "duration.csv", na_values=["NA"])
DATASETS = ANSWERS.dataset[ANSWERS.statistic == "restricted.mean"].tolist()
LEVELS = {"complete": 0.90}
HORIZONS = {"lung": 365.0, "aml": 24.0}
# Both programs compute closed forms in double precision, and R's answers are written with 15
# digits: ten of them are well within the reach of both.
EXACT = 1e-10
NAN = math.nan

modest = settings(max_examples=40, deadline=None, derandomize=True)
HORIZON = Fraction(6)
# Whole months and tenths; some at zero, some beyond the horizon.
times = st.integers(0, 9).map(Fraction) | st.integers(0, 90).map(lambda t: Fraction(t, 10))
followed = st.lists(st.tuples(times, st.booleans()), min_size=2, max_size=25)


def answers(dataset: str) -> dict[str, float]:
    rows = ANSWERS[ANSWERS.dataset == dataset]
    return dict(zip(rows.statistic, rows.value, strict=True))


def agree(computed: float, expected: float) -> bool:
    """R's NA is what prints as "not estimable" here: nan, or a median that is never reached."""
    if math.isnan(expected):
        return not math.isfinite(computed)
    return math.isclose(computed, expected, rel_tol=EXACT, abs_tol=1e-14)


def values(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


def close(expected: float | Fraction) -> object:
    return pytest.approx(float(expected), rel=1e-9, abs=1e-9, nan_ok=True)


def table(times: Sequence[float], events: Sequence[bool | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "relief_months": pd.Series(times, dtype=float),
            "recurrence_observed": pd.array(events, dtype="boolean"),
        }
    )


def exact(study: Study) -> Duration:
    """Times as R takes them."""
    return study.duration("relief").model_copy(update={"recorded": None})


def follow(
    times: Sequence[float | Fraction], events: Sequence[bool | None], study: Study
) -> TimeWithoutEvent:
    cohort = table([float(time) for time in times], events)
    return time_without_event(cohort, exact(study), 0.95)


def of(patients: Sequence[naive.Followed], study: Study) -> TimeWithoutEvent:
    return follow([time for time, _ in patients], [event for _, event in patients], study)


# ---- R -------------------------------------------------------------------------------------------


def r_data(dataset: str, study: Study) -> tuple[pd.DataFrame, Duration]:
    data = pd.read_csv(R / "data" / f"{dataset}.csv")
    data["event"] = data["event"].astype("boolean")
    columns = study.durations[0].columns.model_copy(update={"time": "time", "event": "event"})
    horizon = HORIZONS.get(dataset, 6.0)
    return data, exact(study).model_copy(update={"columns": columns, "horizon": horizon})


def r_ticks(dataset: str, statistic: str) -> list[float]:
    """R's answers at 0, 1/6, … of the horizon."""
    return [value for key, value in answers(dataset).items() if key.startswith(f"{statistic}.")]


def test_there_are_answers_to_compare() -> None:
    assert len(DATASETS) == 9
    assert {len(r_ticks(dataset, "share")) for dataset in DATASETS} == {7}


@pytest.mark.parametrize("dataset", DATASETS)
def test_duration_agrees_with_r(dataset: str, study: Study) -> None:
    data, duration = r_data(dataset, study)
    computed = values(time_without_event(data, duration, LEVELS.get(dataset, 0.95)))
    expected = answers(dataset)
    unanswered = {name.split(".")[0] for name in set(expected) - set(computed)}
    assert unanswered == {"at_risk", "share", "lower", "upper", "median_of_survival"}
    differ = {k: v for k, v in expected.items() if k in computed and not agree(computed[k], v)}
    assert differ == {}


@pytest.mark.parametrize("dataset", DATASETS)
def test_shares_at_times_agree_with_r(dataset: str, study: Study) -> None:
    data, duration = r_data(dataset, study)
    fit = kaplan_meier(data, duration, LEVELS.get(dataset, 0.95))
    ticks = [duration.horizon * tick / 6 for tick in range(7)]
    shares = list(event_free_at(fit, ticks).values())
    assert [share.at_risk for share in shares] == r_ticks(dataset, "at_risk")
    for field, statistic in (("proportion", "share"), ("lower", "lower"), ("upper", "upper")):
        computed = [getattr(share, field) for share in shares]
        expected = r_ticks(dataset, statistic)
        if statistic != "share":
            # Before the first event R sets both limits to 1, later it has none for a curve at 1.
            expected = [
                NAN if share.proportion == 1 else value
                for share, value in zip(shares, expected, strict=True)
            ]
        assert all(map(agree, computed, expected)), (statistic, computed, expected)


def test_median_begins_where_the_curve_reaches_one_half(study: Study) -> None:
    # R's survival prints the middle of the stretch at one half; see duration.R.
    data, duration = r_data("half", study)
    assert time_without_event(data, duration, 0.95).median == pytest.approx(2.5)
    assert answers("half")["median_of_survival"] > 2.5


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name not in HORIZONS])
def test_numbers_at_risk_below_the_curve_agree_with_r(dataset: str, study: Study) -> None:
    data, duration = r_data(dataset, study)
    drawn = draw_survival(kaplan_meier(data, duration, 0.95), duration).axes[1].texts
    assert [text.get_position()[0] for text in drawn] == [0, 1, 2, 3, 4, 5, 6]
    assert [float(text.get_text()) for text in drawn] == r_ticks(dataset, "at_risk")


# ---- A second implementation, and what must hold for any data ------------------------------------


@modest
@given(patients=followed)
def test_curve_and_restricted_mean_equal_the_naive_ones(
    patients: list[naive.Followed], study: Study
) -> None:
    result, known = of(patients, study), naive.followed_up(patients, HORIZON)
    median = naive.median(known)
    assert result.n_observed == len(patients)
    assert result.n_events == sum(event for _, event in known)
    assert result.median == (math.inf if median is None else close(median))
    restricted = result.restricted
    if not naive.is_known(known, HORIZON):
        assert unknown(restricted) == set(values(restricted))
        return
    assert restricted.mean == close(naive.restricted_mean(patients, HORIZON))
    assert restricted.standard_error == close(naive.restricted_standard_error(patients, HORIZON))
    # A root of a difference: the error of the variance, 1e-14, is 1e-7 of a spread of zero.
    assert restricted.standard_deviation == pytest.approx(
        naive.restricted_standard_deviation(patients, HORIZON), abs=1e-6
    )


@modest
@given(patients=followed)
def test_shares_at_times_equal_the_naive_ones(patients: list[naive.Followed], study: Study) -> None:
    result, known = of(patients, study), naive.followed_up(patients, HORIZON)
    assert list(result.event_free_at) == ["at_1", "at_3", "at_6"]
    for time, share in zip((1, 3, 6), result.event_free_at.values(), strict=True):
        expected = naive.share_and_limits(known, Fraction(time), 0.95)
        found = (share.proportion, share.lower, share.upper)
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert share.at_risk == naive.at_risk(known, Fraction(time))
    assert values(result.event_free) == pytest.approx(
        {k: getattr(share, k) for k in ("proportion", "lower", "upper")}, nan_ok=True
    )


@modest
@given(patients=followed)
def test_naive_means_are_never_above_the_restricted_mean(
    patients: list[naive.Followed], study: Study
) -> None:
    result, known = of(patients, study), naive.followed_up(patients, HORIZON)
    ended = [time for time, event in known if event]
    lost = [time for time, event in known if not event and time < HORIZON]
    simple, mean = result.naive, result.restricted.mean
    assert simple.all_as_ended == close(sum(time for time, _ in known) / Fraction(len(known)))
    assert simple.ended_only == close(sum(ended) / Fraction(len(ended)) if ended else NAN)
    if not math.isnan(mean):
        assert simple.all_as_ended <= mean + 1e-9
        assert not simple.ended_only > mean + 1e-9
    if not lost:
        assert simple.all_as_ended == close(mean)


@modest
@given(patients=followed, seed=st.integers(0, 1000))
def test_order_of_patients_is_irrelevant(
    patients: list[naive.Followed], seed: int, study: Study
) -> None:
    shuffled = random.Random(seed).sample(patients, len(patients))
    assert values(of(shuffled, study)) == pytest.approx(values(of(patients, study)), nan_ok=True)


@modest
@given(patients=followed, factor=st.integers(2, 9))
def test_a_cohort_many_times_over_has_the_same_curve(
    patients: list[naive.Followed], factor: int, study: Study
) -> None:
    once, often = of(patients, study), of(patients * factor, study)
    assert often.n_observed == factor * once.n_observed
    for name in ("event_free", "restricted", "naive"):
        for field in ("proportion", "mean", "all_as_ended", "ended_only"):
            expected = getattr(getattr(once, name), field, NAN)
            assert getattr(getattr(often, name), field, NAN) == close(expected)
    assert often.median == once.median
    error = once.restricted.standard_error / math.sqrt(factor)
    assert often.restricted.standard_error == close(error)


@modest
@given(patients=followed)
def test_restricted_mean_and_intervals_stay_within_bounds(
    patients: list[naive.Followed], study: Study
) -> None:
    result = of(patients, study)
    assume(not math.isnan(result.restricted.mean))
    assert 0 <= result.restricted.mean <= 6 + 1e-12
    assert result.restricted.lower <= result.restricted.mean <= result.restricted.upper
    shares = result.event_free_at.values()
    for share in shares:
        if 0 < share.proportion < 1:
            assert 0 <= share.lower < share.proportion < share.upper <= 1
        else:
            assert unknown(share) == {"lower", "upper"}
    falling = [share.proportion for share in shares]
    assert falling == sorted(falling, reverse=True)
    # Infinite, where a curve that falls from 1 to 0 at once has no limits on the way.
    assert result.median_lower <= result.median or math.isinf(result.median_lower)
    assert result.median <= result.median_upper


@modest
@given(patients=st.lists(times, min_size=2, max_size=25))
def test_without_censoring_before_the_horizon_the_restricted_mean_is_a_sample_mean(
    patients: list[Fraction], study: Study
) -> None:
    restricted = follow(patients, [time < 8 for time in patients], study).restricted
    capped = [float(min(time, HORIZON)) for time in patients]
    spread = statistics.stdev(capped)
    assert restricted.mean == close(statistics.mean(capped))
    assert restricted.standard_deviation == pytest.approx(spread, abs=1e-6)
    # Greenwood divides by n where the sample divides by n - 1.
    n = len(capped)
    assert restricted.standard_error == pytest.approx(spread * math.sqrt(n - 1) / n, abs=1e-6)


@modest
@given(patients=followed)
def test_a_patient_without_a_time_changes_no_duration(
    patients: list[naive.Followed], study: Study
) -> None:
    seen, events = [time for time, _ in patients], [event for _, event in patients]
    more = follow([*seen, NAN], [*events, None], study)
    assert values(more) == pytest.approx(values(follow(seen, events, study)), nan_ok=True)


# ---- At the edges --------------------------------------------------------------------------------


def unknown(result: object) -> set[str]:
    """The numbers that are not estimable."""
    return {key for key, value in values(result).items() if not math.isfinite(value)}


@pytest.mark.parametrize("times", [[7.0, 8, 9], [1.0, 2, 6]])
def test_all_censored_but_followed(times: list[float], study: Study) -> None:
    result = follow(times, [False] * 3, study)
    assert (result.n_events, result.event_free.proportion, result.restricted.mean) == (0, 1, 6)
    assert result.restricted.standard_error == 0
    assert result.median == math.inf
    assert unknown(result) >= {"event_free.lower", "event_free.upper", "naive.ended_only"}
    text = numbers(result, wording_of(study.duration("relief"), study))["median"].text
    assert text == NOT_ESTIMABLE


@pytest.mark.parametrize(
    ("times", "events"),
    [([0.0, 0, 0], [False] * 3), ([1.0, 2, 3], [False] * 3), ([1.0, 2, 4], [True, True, False])],
)
def test_beyond_the_last_patient_followed_nothing_is_known(
    times: list[float], events: list[bool], study: Study
) -> None:
    result = follow(times, events, study)
    assert math.isnan(result.event_free.proportion)
    assert unknown(result.restricted) == set(values(result.restricted))
    for time, share in zip((1, 3, 6), result.event_free_at.values(), strict=True):
        assert math.isnan(share.proportion) == (time > max(times))
        assert (share.at_risk == 0) == (time > max(times))
    assert result.naive.all_as_ended == pytest.approx(sum(times) / 3)


def test_a_curve_at_zero_needs_nobody_followed(study: Study) -> None:
    result = follow([1, 2, 3], [True, False, True], study)
    assert result.event_free.proportion == 0
    assert result.restricted.mean == pytest.approx(7 / 3)
    assert result.event_free_at["at_6"].at_risk == 0


def test_events_beyond_the_horizon_are_not_events(study: Study) -> None:
    result = follow([7, 8, 9], [True] * 3, study)
    assert (result.n_observed, result.n_events, result.restricted.mean) == (3, 0, 6)


def test_an_event_at_the_horizon_is_one(study: Study) -> None:
    result = follow([6, 6, 7], [True, False, True], study)
    assert (result.n_events, result.restricted.mean) == (1, 6)
    assert result.event_free.proportion == pytest.approx(2 / 3)
    assert result.event_free_at["at_6"].at_risk == 3
    assert result.restricted.standard_error == 0


def test_who_is_lost_at_the_time_of_an_event_was_at_risk(study: Study) -> None:
    result = follow([3, 3, 6, 6], [True, False, False, False], study)
    assert result.event_free_at["at_3"].proportion == pytest.approx(3 / 4)


def test_everyone_has_the_event_at_once(study: Study) -> None:
    result = follow([0, 0, 0], [True] * 3, study)
    assert (result.median, result.restricted.mean, result.event_free.proportion) == (0, 0, 0)
    assert (result.restricted.standard_deviation, result.restricted.standard_error) == (0, 0)
    assert (result.naive.all_as_ended, result.naive.ended_only) == (0, 0)


def test_one_patient_has_a_time_and_no_spread(study: Study) -> None:
    result = follow([2], [True], study)
    assert (result.restricted.mean, result.median, result.naive.ended_only) == (2, 2, 2)
    assert unknown(result.restricted) == set(values(result.restricted)) - {"mean"}


def test_many_unequal_times_draw_no_warning(study: Study) -> None:
    """lifelines integrates the variance numerically, which fails on a curve of many steps."""
    result = follow([(7 * n % 101) / 17 for n in range(101)], [True] * 101, study)
    assert result.restricted.standard_deviation == pytest.approx(1.7236, abs=1e-4)


@pytest.mark.parametrize("times", [[], [NAN, NAN]])
def test_no_patient_with_a_duration(times: list[float], study: Study) -> None:
    with pytest.raises(NoPatientsError, match=r"Relief of pain: no patient has relief_months"):
        follow(times, [None] * len(times), study)


@pytest.mark.parametrize("event", [True, False])
@pytest.mark.parametrize("times", [[0.0], [0.0, 0.0], [3.0, 3.0], [9.0, 9.0]])
def test_survival_of_degenerate_cohorts_is_drawn(
    times: list[float], event: bool, study: Study
) -> None:
    duration = study.duration("relief")
    fit = kaplan_meier(table(times, [event] * len(times)), duration, 0.95)
    figure = draw_survival(fit, duration)
    figure.savefig(io.BytesIO(), format="svg")
    assert figure.axes[1].texts[0].get_text() == str(len(times))


def test_numbers_at_risk_between_and_beyond_the_times(study: Study) -> None:
    fit = kaplan_meier(table([1, 1, 2], [True, False, True]), study.duration("relief"), 0.95)
    assert numbers_at_risk(fit, [0, 0.5, 1, 1.5, 2, 2.5]).tolist() == [3, 3, 3, 1, 1, 0]


def test_a_time_with_decimals_has_a_name_fit_for_a_key(study: Study) -> None:
    fit = kaplan_meier(table([1, 6], [True, False]), study.duration("relief"), 0.95)
    assert list(event_free_at(fit, [0.5, 3, 4.25])) == ["at_0_5", "at_3", "at_4_25"]


# ---- What study.yml says of a duration -----------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("times", [1, 3, 7], "times.2: 7.0: expected no more than the horizon, 6"),
        ("times", [3, 1], "times: [3, 1]: expected numbers that rise"),
        ("times", [0, 1], "times.0: 0: expected more than 0"),
        ("times", 3, "times: 3: expected a list"),
        ("recorded", "rounded", "recorded: 'rounded': expected 'completed' or 'noticed'"),
    ],
)
def test_wrong_choice_is_named(field: str, value: object, message: str, tmp_path: Path) -> None:
    said = refusal_of(lambda content: content["durations"][0].update({field: value}), tmp_path)
    assert said == f"study.yml, durations.0.{message}"


def test_times_and_what_is_recorded_may_be_left_out(study: Study) -> None:
    fields = study.duration("relief").model_dump(exclude={"times", "recorded"})
    duration = Duration.model_validate(fields)
    assert (duration.times, duration.recorded) == ((), None)
    result = time_without_event(table([1, 6], [True, False]), duration, 0.95)
    assert result.event_free_at == {}


@modest
@given(patients=followed)
def test_who_completed_three_months_was_without_the_event_at_three(
    patients: list[naive.Followed], study: Study
) -> None:
    """R: summary(survfit(…), times = 3 - 1e-9); beside it the reading of months as exact times."""
    cohort = table([float(time) for time, _ in patients], [event for _, event in patients])
    found = time_without_event(cohort, study.duration("relief"), 0.95)
    just_before = exact(study).model_copy(update={"times": (1 - 1e-9, 3 - 1e-9, 6 - 1e-9)})
    expected = time_without_event(cohort, just_before, 0.95).event_free_at.values()
    for share, known in zip(found.event_free_at.values(), expected, strict=True):
        assert values(share) == pytest.approx(values(known), nan_ok=True)


def test_completed_months_are_read_alike_by_curve_and_intervals(
    cohort: pd.DataFrame, study: Study
) -> None:
    duration = study.duration("relief")
    assert duration.recorded == "completed"
    curve = time_without_event(cohort, duration, 0.95).event_free_at
    intervals = interval_censored(cohort, duration).event_free_at
    for name, share in curve.items():
        assert share.proportion == pytest.approx(intervals[name].least)
    months = cohort[duration.columns.time].dropna()
    assert curve["at_1"].proportion == pytest.approx((months >= 1).mean())
