"""What regression to the mean could explain: against R, a second implementation and simulation."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import naive_regression_to_the_mean as naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from refused import refusal_of
from scipy import stats

from beforeafter.estimates import flatten, paired_change
from beforeafter.figures import draw_regression_to_the_mean
from beforeafter.sensitivity import RegressionToTheMean, regression_to_the_mean
from beforeafter.sensitivity.regression_alone import (
    change_at_usual_mean,
    change_beyond_regression,
    regression_alone,
    share_explained,
    sufficient_mean,
    sufficient_reliability,
)
from beforeafter.study import Outcome, Study
from beforeafter.study.outcomes import Found, Reliability
from beforeafter.study.outcomes import RegressionToTheMean as RegressionChoice
from beforeafter.wording import NOT_ESTIMABLE, numbers, regression_table, wording_of

R = Path(__file__).resolve().parents[2] / "r"
ANSWERS = pd.read_csv(R / "regression_to_the_mean.csv", na_values=["NA"])
LEVELS = {"regression_selected": 0.9}
NAN = math.nan
modest = settings(max_examples=40, deadline=None, derandomize=True)
scores = st.integers(0, 100).map(lambda tenths: Fraction(tenths, 10))
complete = st.lists(st.tuples(scores, scores), min_size=3, max_size=30)
reliabilities = st.integers(0, 19).map(lambda part: Fraction(part, 20))


@pytest.fixture(scope="session")
def outcome(study: Study) -> Outcome:
    found = next(part for part in study.outcomes if part.regression_to_the_mean)
    assert (found.minimum, found.maximum, found.better) == (0, 10, "lower")
    # R was given these reliabilities.
    given_to_r = Reliability(lowest=0.75, highest=0.94, source="R")
    choice = RegressionChoice(reliability=given_to_r, usual_means=(4, 5, 6))
    return found.model_copy(update={"regression_to_the_mean": choice})


def analyse(
    before: Sequence[float], after: Sequence[float], outcome: Outcome, study: Study
) -> RegressionToTheMean:
    table = pd.DataFrame(dict(zip(outcome.columns.pair, (before, after), strict=True)), dtype=float)
    result = regression_to_the_mean(table, outcome, study.analysis)
    assert result is not None
    return result


def arrays(pairs: naive.Pairs) -> tuple[Any, Any]:
    before, after = np.array([[float(score) for score in pair] for pair in pairs]).T
    return before, after


def values(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


def close(expected: float | Fraction) -> object:
    return pytest.approx(float(expected), rel=1e-9, abs=1e-9, nan_ok=True)


# Both programs use closed forms in double precision; Fieller's limits are searched by R to 1e-14
# on |t|, and a limit far out is only as good as |t| is flat there.
TOLERANCE = 1e-7


@pytest.mark.parametrize("dataset", ANSWERS.dataset.unique())
def test_agrees_with_r(dataset: str, outcome: Outcome, study: Study) -> None:
    data = pd.read_csv(R / "data" / f"{dataset}.csv", dtype=float)
    analysis = study.analysis.model_copy(update={"confidence_level": LEVELS.get(dataset, 0.95)})
    here = study.model_copy(update={"analysis": analysis})
    computed = values(analyse(data.baseline.tolist(), data.follow_up.tolist(), outcome, here))
    rows = ANSWERS[ANSWERS.dataset == dataset]
    expected = dict(zip(rows.statistic, rows.value, strict=True))
    assert len(expected) == 96
    assert set(computed) - set(expected) == {
        "n_pairs",
        "baseline_mean",
        "needed_at_lowest.reliability",
        "needed_at_highest.reliability",
        *(f"towards.mean_{mean}.usual_mean" for mean in (4, 5, 6)),
        *(
            f"towards.mean_{mean}.{at}.reliability"
            for mean in (4, 5, 6)
            for at in ("at_lowest", "at_highest")
        ),
    }
    assert {key: computed[key] for key in expected} == pytest.approx(
        expected, rel=TOLERANCE, abs=1e-10, nan_ok=True
    )


@modest
@given(pairs=complete, mean=scores, reliability=reliabilities)
def test_equals_the_naive_one(
    pairs: naive.Pairs, mean: Fraction, reliability: Fraction, study: Study
) -> None:
    before, after = arrays(pairs)
    mu, r = float(mean), float(reliability)
    alone = naive.alone(pairs, mean, reliability)
    beyond = naive.beyond(pairs, mean, reliability)
    assert float(regression_alone(before.mean(), mu, r)) == close(alone)
    assert change_beyond_regression(before, after, mu, r, 0.95).mean == close(beyond)
    needed = sufficient_mean(before, after, study.outcomes[0], r, 0.95)
    assert needed.mean == close(naive.sufficient_mean(pairs, reliability))
    if total := alone + beyond:
        share = share_explained(before, after, mu, r, 0.95)
        assert share.proportion == close(alone / total)
    if naive.mean([b for b, _ in pairs]) != mean:
        enough = sufficient_reliability(before, after, mu, 0.95)
        assert enough.reliability == close(naive.sufficient_reliability(pairs, mean))
    if len({b for b, _ in pairs}) > 1:
        line = change_at_usual_mean(before, after, mu, 0.95)
        assert (line.slope, line.mean) == pytest.approx(
            tuple(map(float, naive.at_usual_mean(pairs, mean))), rel=1e-8, abs=1e-8
        )


@modest
@given(pairs=complete, mean=scores, reliability=reliabilities)
def test_alone_and_beyond_make_up_the_change(
    pairs: naive.Pairs, mean: Fraction, reliability: Fraction
) -> None:
    before, after = arrays(pairs)
    alone = float(regression_alone(before.mean(), float(mean), float(reliability)))
    beyond = change_beyond_regression(before, after, float(mean), float(reliability), 0.95)
    assert alone + beyond.mean == close((after - before).mean())
    assert beyond.lower <= beyond.mean <= beyond.upper


@modest
@given(pairs=complete, mean=scores)
def test_limits_of_the_sufficient_reliability_leave_a_limit_of_nothing(
    pairs: naive.Pairs, mean: Fraction
) -> None:
    """The interval holds the reliabilities at which the change beyond is within chance of zero."""
    before, after = arrays(pairs)
    enough = sufficient_reliability(before, after, float(mean), 0.95)
    assume(math.isfinite(enough.lower) and abs(enough.lower) + abs(enough.upper) < 1e4)
    assert enough.lower - 1e-9 <= enough.reliability <= enough.upper + 1e-9
    for limit in (enough.lower, enough.upper):
        beyond = change_beyond_regression(before, after, float(mean), limit, 0.95)
        assert min(abs(beyond.lower), abs(beyond.upper)) == pytest.approx(0, abs=1e-5)
    none = change_beyond_regression(before, after, float(mean), enough.reliability, 0.95)
    assert none.mean == pytest.approx(0, abs=1e-9)


def test_two_pairs_are_enough_for_limits() -> None:
    before, after = np.array([8.0, 7.9]), np.array([6.0, 6.1])
    enough = sufficient_reliability(before, after, 5.0, 0.95)
    for limit in (enough.lower, enough.upper):
        t_test = stats.ttest_1samp((after - 5) - limit * (before - 5), 0)
        assert t_test.pvalue == pytest.approx(0.05)


@modest
@given(pairs=complete, reliability=reliabilities)
def test_the_sufficient_mean_explains_everything(
    pairs: naive.Pairs, reliability: Fraction, study: Study
) -> None:
    before, after = arrays(pairs)
    assume(abs((after - before).mean()) > 1e-6)
    r = float(reliability)
    needed = sufficient_mean(before, after, study.outcomes[0], r, 0.95)
    assert share_explained(before, after, needed.mean, r, 0.95).proportion == close(1)
    assert needed.on_scale == (0 <= needed.mean <= 10)


@modest
@given(pairs=complete)
def test_a_scale_turned_round_turns_every_change(
    pairs: naive.Pairs, outcome: Outcome, study: Study
) -> None:
    """Patients chosen while low on a scale of which more is better: 10 minus each score."""
    before, after = arrays(pairs)
    there = analyse(before, after, outcome, study)
    back = analyse(10 - before, 10 - after, outcome, study)
    # 5 is the middle of the scale, and its own mirror image.
    here, turned = there.towards["mean_5"], back.towards["mean_5"]
    assert turned.at_lowest.alone == close(-here.at_lowest.alone)
    assert turned.at_lowest.beyond.upper == close(-here.at_lowest.beyond.lower)
    assert values(turned.at_lowest.share) == pytest.approx(
        values(here.at_lowest.share), rel=1e-6, abs=1e-9, nan_ok=True
    )
    assert values(turned.sufficient) == pytest.approx(
        values(here.sufficient), rel=1e-6, abs=1e-9, nan_ok=True
    )
    assert back.needed_at_lowest.mean == close(10 - there.needed_at_lowest.mean)
    assert back.needed_at_lowest.on_scale == there.needed_at_lowest.on_scale


def test_is_broadcast_over_reliabilities_and_means() -> None:
    found = regression_alone(8, [[4], [6]], [0, 0.5, 1])
    assert found.tolist() == [[-4, -2, 0], [-2, -1, 0]]


@pytest.mark.parametrize("reliability", [0.0, 0.4, 0.75, 0.94])
@pytest.mark.parametrize(("cut", "sign"), [(4.0, 1), (6.5, 1), (8.0, 1), (3.0, -1)])
def test_formula_is_that_of_selection_in_a_normal_population(
    reliability: float, cut: float, sign: int
) -> None:
    """All above (or below) a cut are chosen, nothing is done: Davis 1976, Barnett 2005."""
    mean, spread, n = 5.0, 1.7, 400_000
    random = np.random.default_rng(20240601)
    first, own = random.standard_normal((2, n))
    second = reliability * first + math.sqrt(1 - reliability**2) * own
    chosen = sign * (mean + spread * first - cut) > 0
    before, after = mean + spread * first[chosen], mean + spread * second[chosen]
    z = sign * (cut - mean) / spread
    excess = sign * spread * math.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    published = -excess * (1 - reliability)  # σ_w² / σ_total C(z) of Barnett
    assert float(regression_alone(mean + excess, mean, reliability)) == pytest.approx(published)
    change = after - before
    error = change.std() / math.sqrt(len(change))
    assert change.mean() == pytest.approx(published, abs=4 * error)
    # With the baseline mean of those chosen the formula is free of the error of the baseline.
    expected = float(regression_alone(before.mean(), mean, reliability))
    rest = spread * math.sqrt(1 - reliability**2) / math.sqrt(len(change))
    assert change.mean() == pytest.approx(expected, abs=4 * rest)


def test_observed_change_is_that_of_the_paper(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> None:
    result = regression_to_the_mean(cohort, outcome, study.analysis)
    change = paired_change(cohort, outcome, study.analysis)
    assert result is not None
    assert result.n_pairs == change.n_pairs
    assert result.baseline_mean == close(change.paired_baseline.mean)
    seen = (result.observed.mean, result.observed.lower, result.observed.upper)
    assert seen == pytest.approx((change.change.mean, change.change.lower, change.change.upper))


def test_nothing_is_worked_out_unless_the_study_asks(cohort: pd.DataFrame, study: Study) -> None:
    silent = next(part for part in study.outcomes if part.regression_to_the_mean is None)
    assert regression_to_the_mean(cohort, silent, study.analysis) is None


def unknown(result: object, part: str = "") -> set[str]:
    found = values(result)
    return {key for key in found if key.startswith(part) and not math.isfinite(found[key])}


@pytest.mark.parametrize(
    ("before", "after"), [([], []), ([7.0, NAN], [NAN, 5.0]), ([NAN] * 3, [NAN] * 3)]
)
def test_without_pairs_nothing_is_estimable(
    before: list[float], after: list[float], outcome: Outcome, study: Study
) -> None:
    result = analyse(before, after, outcome, study)
    known = set(values(result)) - unknown(result)
    assert {key.rsplit(".", 1)[-1] for key in known} == {
        "n_pairs",
        "n_patients",
        "reliability",
        "usual_mean",
    }
    assert not result.needed_at_lowest.on_scale
    texts = numbers(result, wording_of(outcome, study))
    assert texts["towards.mean_5.at_lowest.share.proportion"].text == NOT_ESTIMABLE


def test_one_pair_has_estimates_without_limits(outcome: Outcome, study: Study) -> None:
    result = analyse([8], [6], outcome, study)
    found = result.towards["mean_4"]
    assert (found.at_lowest.alone, found.at_lowest.beyond.mean) == (-1, -1)
    assert found.at_lowest.share.proportion == 0.5
    assert found.sufficient.reliability == 0.5
    assert result.needed_at_lowest.mean == 0
    assert result.needed_at_lowest.on_scale
    ends = {key.rsplit(".", 1)[-1] for key in unknown(result) if "own_slope" not in key}
    assert ends == {"lower", "upper", "standard_error", "p"}


def test_equal_patients_have_limits_at_the_estimate(outcome: Outcome, study: Study) -> None:
    found = analyse([8, 8, 8], [6, 6, 6], outcome, study).towards["mean_4"]
    share = found.at_lowest.share
    assert (share.lower, share.proportion, share.upper) == (0.5, 0.5, 0.5)
    own_slope = {f"own_slope.{part}" for part in values(found.own_slope)}
    assert unknown(found) == own_slope | {"at_lowest.beyond.p", "at_highest.beyond.p"}


def test_of_no_change_there_is_no_share(outcome: Outcome, study: Study) -> None:
    found = analyse([8, 7, 9], [8, 7, 9], outcome, study).towards["mean_4"]
    assert unknown(found) == {
        "own_slope.p",  # the line fits without error
        *(
            f"{at}.share.{part}"
            for at in ("at_lowest", "at_highest")
            for part in ("proportion", "lower", "upper")
        ),
    }
    assert found.sufficient.reliability == 1


def test_patients_at_their_usual_mean_have_nothing_to_return_from(
    outcome: Outcome, study: Study
) -> None:
    found = analyse([4.9, 5.0, 5.1], [4, 3, 3.5], outcome, study).towards["mean_5"]
    assert found.at_lowest.alone == pytest.approx(0)
    assert unknown(found, "sufficient") == {
        "sufficient.reliability",
        "sufficient.lower",
        "sufficient.upper",
    }


def test_a_reliability_of_one_lets_nothing_return(outcome: Outcome) -> None:
    before, after = np.array([8.0, 7, 9]), np.array([5.0, 6, 4])
    assert float(regression_alone(8, 5, 1)) == 0
    needed = sufficient_mean(before, after, outcome, 1, 0.95)
    assert math.isnan(needed.mean)
    assert needed.on_scale is False


def test_usual_means_have_names_that_keys_may_have(outcome: Outcome, study: Study) -> None:
    choice = outcome.regression_to_the_mean
    assert choice is not None
    means = (-1.5, 0, 4.25, 1e6)
    asked = choice.model_copy(update={"usual_means": means})
    part = outcome.model_copy(update={"regression_to_the_mean": asked})
    towards = analyse([8, 7, 9], [5, 6, 4], part, study).towards
    assert list(towards) == ["mean_minus_1_5", "mean_0", "mean_4_25", "mean_1e06"]
    assert tuple(each.usual_mean for each in towards.values()) == means


@pytest.mark.parametrize(
    ("choice", "place", "rule"),
    [
        ({"reliability": {"lowest": 0.9, "highest": 0.8}}, ".reliability.highest", "0.9"),
        ({"reliability": {"lowest": 0.9, "highest": 1}}, ".reliability.highest", "less than 1"),
        ({"reliability": {"lowest": -0.1, "highest": 0.5}}, ".reliability.lowest", "0 or more"),
        ({"usual_means": [4, 11]}, ".usual_means.1", "0 to 10"),
        ({"usual_means": [5, 5]}, ".usual_means", "that rise"),
        ({"usual_means": []}, ".usual_means", "one number or more"),
    ],
)
def test_choices_that_cannot_be_are_refused(
    choice: dict[str, Any], place: str, rule: str, tmp_path: Path
) -> None:
    if "reliability" in choice:
        choice["reliability"]["source"] = "someone"

    def change(content: dict[str, Any]) -> None:
        content["outcomes"][0]["regression_to_the_mean"].update(choice)

    first = refusal_of(change, tmp_path).splitlines()[0]
    assert first.startswith(f"study.yml, outcomes.0.regression_to_the_mean{place}: ")
    assert rule in first


def drawn(figure: Figure) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="svg")
    assert b"<svg" in file.getvalue()
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_figure_shows_the_results(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> None:
    result = regression_to_the_mean(cohort, outcome, study.analysis)
    assert result is not None
    figure = draw_regression_to_the_mean(result, outcome, study)
    words = drawn(figure)
    observed = f"Observed {result.observed.mean:.2f}".replace("-", "−")
    for text in ("usual mean 4", "usual mean 6", "Reliability: 0.75 to 0.94", observed):
        assert text in words
    (axes,) = figure.axes
    assert (axes.get_xlim(), axes.get_ylabel()) == ((0, 1), "Mean change (points)")
    ends = {tuple(line.get_ydata()) for line in axes.lines if len(line.get_ydata()) == 2}
    assert {part.line.change for part in result.towards.values()} <= ends
    dots = {tuple(np.ravel(line.get_data())) for line in axes.lines if line.get_marker() == "o"}
    # The third usual mean, 6, is nearer than the patients came: no reliability is low enough.
    assert dots == {
        (result.towards[name].sufficient.reliability, result.observed.mean)
        for name in ("mean_4", "mean_5")
    }


@pytest.mark.parametrize("patients", [[], [(8.0, 6.0)], [(8.0, 8.0), (5.0, 5.0)], [(3.0, 6.0)] * 3])
def test_figure_of_degenerate_cohorts(
    patients: list[tuple[float, float]], outcome: Outcome, study: Study
) -> None:
    before, after = ([pair[visit] for pair in patients] for visit in (0, 1))
    result = analyse(before, after, outcome, study)
    words = drawn(draw_regression_to_the_mean(result, outcome, study))
    assert "nan" not in words
    assert (NOT_ESTIMABLE in words) == (len(patients) < 2)


def test_an_error_of_measurement_makes_the_reliability_of_these_patients(
    cohort: pd.DataFrame, study: Study
) -> None:
    """1 - SEM² / variance: 1.01 and 0.58 points in patients with an SD of 1.35 at day 0."""
    result = regression_to_the_mean(cohort, study.outcome("nrs"), study.analysis)
    assert result is not None
    spread = cohort["nrs_day0"].std()
    assert result.needed_at_lowest.reliability == pytest.approx(1 - (1.01 / spread) ** 2)
    assert result.needed_at_highest.reliability == pytest.approx(1 - (0.58 / spread) ** 2)
    # Smallest detectable changes of 1.6 and 2.8 points are 1.96 √2 such errors.
    assert 1.96 * math.sqrt(2) * 0.58 == pytest.approx(1.6, abs=0.05)
    assert 1.96 * math.sqrt(2) * 1.01 == pytest.approx(2.8, abs=0.05)


def test_more_error_than_spread_leaves_no_reliability() -> None:
    choice = RegressionChoice(
        measurement_error=Found(lowest=0.5, highest=2, source="x"), usual_means=(4,)
    )
    assert choice.reliabilities(1.0) == (0, 0.75)


def test_the_usual_mean_of_four_is_printed_with_its_interval(
    cohort: pd.DataFrame, study: Study
) -> None:
    result = regression_to_the_mean(cohort, study.outcome("nrs"), study.analysis)
    assert result is not None
    own = result.towards["mean_4"].own_slope
    assert own.lower < 0 < own.upper
    row = (
        regression_table(result, study.outcome("nrs"), study).splitlines()[2].replace("\u00a0", " ")
    )
    texts = numbers(result, wording_of(study.outcome("nrs"), study))
    ends = [texts[f"towards.mean_4.own_slope.{end}"].text for end in ("mean", "lower", "upper")]
    assert "{} ({} to {})".format(*ends) in row.replace("\u00a0", " ")
