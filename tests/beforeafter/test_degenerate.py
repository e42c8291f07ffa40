"""Input at the edge: the documented outcome, never a warning (an error here) or a traceback."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from beforeafter.estimates import (
    PairedChange,
    Proportion,
    Response,
    category_proportions,
    flatten,
    minimal_difference_proportions,
    paired_change,
    patient_flow,
    rating_proportions,
    responder_proportions,
    summarise,
)
from beforeafter.estimates.change.mean_change import (
    GREATEST_T,
    _noncentral_t_interval,
    percentage_change,
)
from beforeafter.estimates.proportions import proportion
from beforeafter.figures import draw_flow, draw_forest, draw_paired_change, draw_rating
from beforeafter.sensitivity import normal_quantiles
from beforeafter.study import Study
from beforeafter.wording import NOT_ESTIMABLE, baseline_table, numbers, outcomes_table, wording_of

NAN = math.nan


def responders(
    before: Sequence[float], after: Sequence[float], study: Study, threshold: int
) -> Proportion:
    outcome = study.outcome("nrs")
    cohort = pd.DataFrame(
        dict(zip(outcome.columns.pair, (before, after), strict=True)), dtype=float
    )
    return responder_proportions(cohort, outcome, study)[f"at_least_{threshold}"]


def analyse(before: list[float], after: list[float], study: Study) -> PairedChange:
    columns = study.outcome("nrs").columns
    table = pd.DataFrame({columns.baseline: before, columns.follow_up: after}, dtype=float)
    return paired_change(table, study.outcome("nrs"), study.analysis)


def unknown(result: object) -> set[str]:
    """The numbers that are not estimable."""
    return {key for key, (value, *_) in flatten(result) if not math.isfinite(value)}


SPREAD = {"change.standard_deviation", "change.standard_error", "change.lower", "change.upper"}
STANDARDISED = ("d_z", "d_av", "g_z", "g_av")
TESTED = {
    "change.p",
    "t_test.statistic",
    "t_test.p",
} | {f"standardised.{name}{end}" for name in STANDARDISED for end in ("", "_lower", "_upper")}
# Of fewer than six pairs no interval reaches 95%.
LIMITS_OF_RANKS = {"hodges_lehmann.lower", "hodges_lehmann.upper"}
RANKED = {f"{test}.{part}" for test in ("wilcoxon", "permutation") for part in ("statistic", "p")}
SPREAD_OF_VISITS = {
    f"{visit}.standard_deviation"
    for visit in ("baseline", "follow_up", "paired_baseline", "paired_follow_up")
}


def test_one_pair_has_a_change_but_no_spread(study: Study) -> None:
    result = analyse([8], [6], study)
    assert result.change.mean == -2
    assert result.change.percentage == -25
    assert unknown(result) == (
        SPREAD | TESTED | SPREAD_OF_VISITS | LIMITS_OF_RANKS | {"correlation"}
    )
    # One coin, either side: no evidence.
    assert (result.wilcoxon.p, result.permutation.p, result.hodges_lehmann.estimate) == (1, 1, -2)


@pytest.mark.parametrize(
    ("before", "after"), [([], []), ([7.0, NAN], [NAN, 5.0]), ([NAN] * 3, [NAN] * 3)]
)
def test_without_pairs_nothing_is_compared(
    before: list[float], after: list[float], study: Study
) -> None:
    result = analyse(before, after, study)
    assert result.n_pairs == 0
    compared = {key for key, _ in flatten(result)} - unknown(result)
    assert {key for key in compared if not key.startswith(("baseline", "follow_up"))} == {
        "n_pairs",
        "paired_baseline.n_observed",
        "paired_follow_up.n_observed",
    }


def test_text_of_what_is_not_estimable(study: Study) -> None:
    texts = numbers(analyse([], [], study), wording_of(study.outcome("nrs"), study))
    assert {number.text for key, number in texts.items() if "n_" not in key} == {
        NOT_ESTIMABLE,
        f"P {NOT_ESTIMABLE}",
    }


def test_equal_changes_have_a_mean_without_a_test(study: Study) -> None:
    result = analyse([9, 8, 7], [7, 6, 5], study)
    assert (result.change.mean, result.change.lower, result.change.upper) == (-2, -2, -2)
    assert unknown(result) == TESTED | LIMITS_OF_RANKS
    # Signs need no spread: three falls out of three, one pattern of eight on either side.
    assert (result.wilcoxon.statistic, result.permutation.statistic) == (0, -2)
    assert (result.wilcoxon.p, result.permutation.p) == (1 / 4, 1 / 4)


def test_no_change_at_all_has_no_rank_test_either(study: Study) -> None:
    result = analyse([9, 8, 7], [9, 8, 7], study)
    assert unknown(result) == TESTED | RANKED | LIMITS_OF_RANKS
    assert result.hodges_lehmann.estimate == 0


def test_six_pairs_are_the_fewest_with_an_interval_of_ranks(study: Study) -> None:
    five, six = (analyse([9.0] * n, [*map(float, range(n))], study).hodges_lehmann for n in (5, 6))
    assert math.isnan(five.lower)
    assert (six.lower, six.estimate, six.upper) == (-9, -6.5, -4)


def test_two_pairs_are_too_few_for_the_correction_of_hedges(study: Study) -> None:
    result = analyse([9, 8], [7, 5], study).standardised
    assert math.isfinite(result.d_z)
    assert math.isnan(result.g_z)


@pytest.mark.parametrize("n", [2, 3, 80, 1_000_000])
def test_limits_far_from_zero_go_on_from_those_near(n: int) -> None:
    t = GREATEST_T
    (_, *near), (_, *far) = (
        (d, *_noncentral_t_interval(d, n, 0.95))
        for d in ((t - 1e-6) / math.sqrt(n), (t + 1e-6) / math.sqrt(n))
    )
    # scipy's inversion itself has lost all but three digits here.
    assert far == pytest.approx(near, abs=2e-3 * (near[1] - near[0]))


@pytest.mark.parametrize("d", [0.5, -0.5])
def test_far_from_zero_is_a_small_change_of_very_many_patients_too(d: float) -> None:
    n = 5_000_000
    lower, upper = _noncentral_t_interval(d, n, 0.95)
    half = 1.959964 * math.sqrt((1 + d * d / 2) / n)
    assert (lower, upper) == pytest.approx((d - half, d + half), abs=half / 1000)


@pytest.mark.parametrize("after", [[4.0, 4.00001], [4.0, 4.000000001, 4.0]])
def test_changes_that_hardly_vary_have_a_wide_interval(after: list[float], study: Study) -> None:
    result = analyse([9.0] * len(after), after, study).standardised
    assert result.d_z_lower < result.d_z < result.d_z_upper < 0
    swapped = analyse(after, [9.0] * len(after), study).standardised
    assert (swapped.d_z_lower, swapped.d_z_upper) == pytest.approx(
        (-result.d_z_upper, -result.d_z_lower)
    )


def test_equal_scores_have_no_correlation(study: Study) -> None:
    assert math.isnan(analyse([7, 7, 7], [3, 4, 5], study).correlation)
    assert math.isnan(analyse([3, 4, 5], [7, 7, 7], study).correlation)


def test_of_a_baseline_of_zero_there_is_no_percentage(study: Study) -> None:
    result = analyse([0, 0, 0], [1, 2, 0], study)
    assert {"change.percentage", "percentages.between_means", "percentages.mean_of_individual"} <= (
        unknown(result)
    )
    share = responders([0, 0], [0, 1], study, 30)
    assert (share.n_observed, share.count) == (0, 0)
    assert unknown(share) == {"proportion", "lower", "upper"}


def test_baselines_that_cancel_are_a_baseline_of_zero() -> None:
    # 0.1 + 0.2 - 0.3 is not 0 in binary fractions.
    before, after = np.array([0.1, 0.2, -0.3]), np.array([1.0, 1, 1])
    assert math.isnan(percentage_change(before, after, "change_between_means"))


def test_patients_with_a_baseline_of_zero_are_left_out_of_individual_percentages() -> None:
    before, after = np.array([0.0, 4, 8]), np.array([3.0, 2, 2])
    assert percentage_change(before, after, "mean_of_individual_changes") == -62.5
    assert percentage_change(before, after, "change_between_means") == pytest.approx(-500 / 12)


def test_a_hair_below_the_threshold_is_no_response(study: Study) -> None:
    share = responders([10, 10, 10], [7.001, 7, 6.999], study, 30)
    assert share.count == 2


def test_the_smallest_change_that_matters_counts_as_one(study: Study) -> None:
    outcome = study.outcome("hads_anxiety")
    assert outcome.minimal_important_difference is not None
    assert outcome.minimal_important_difference.value == 1.5
    pairs = pd.DataFrame([[9, 8], [9, 7.5], [9, 7], [9, 9], [9, NAN]], columns=outcome.columns.pair)
    share = minimal_difference_proportions(pairs, outcome, 0.95)["beyond_minimal"]
    assert (share.count, share.n_observed) == (2, 4)


def test_half_of_a_prorated_score_is_half(study: Study) -> None:
    share = responders([35 / 3], [35 / 6], study, 50)
    assert share.count == 1


def test_responders_need_a_percentage_of_something(study: Study) -> None:
    share = responders([0, 10, 10, NAN, 5], [0, 7, 8, 1, NAN], study, 30)
    assert (share.count, share.n_observed) == (1, 2)


@pytest.mark.parametrize("changes", [[], [-2.0], [-2.0, -2.0, -2.0]])
def test_changes_that_do_not_vary_have_no_quantiles(changes: list[float]) -> None:
    known = normal_quantiles(np.array(changes), 0.95)
    assert {values.shape for values in vars(known).values()} == {(0,)}


def test_every_change_has_its_quantile() -> None:
    known = normal_quantiles(np.array([3.0, 1.0, 2.0]), 0.95)
    assert {values.shape for values in vars(known).values()} == {(3,)}


@pytest.mark.parametrize("values", [[], [NAN, NAN]])
def test_summary_of_nothing(values: list[float]) -> None:
    summary = summarise(values)
    assert summary.n_observed == 0
    assert unknown(summary) == {"mean", "standard_deviation"}


def test_share_of_nobody(study: Study, cohort: pd.DataFrame) -> None:
    assert unknown(proportion(0, 0, 0.95)) == {"proportion", "lower", "upper"}
    nobody = cohort.assign(pgic=NAN)
    shares = rating_proportions(nobody, study.rating("pgic"), 0.95)
    assert {share.n_observed for share in shares.values()} == {0}


def test_groups_of_a_rating_count_their_categories(study: Study, cohort: pd.DataFrame) -> None:
    rated = cohort.assign(pgic=[*[1.0] * 3, *[3.0] * 2, *[4.0] * 5, *[NAN] * 79])
    improved = rating_proportions(rated, study.rating("pgic"), 0.9)["improved"]
    assert study.rating("pgic").groups["improved"].codes == (1, 2, 3)
    known = vars(proportion(5, 10, 0.9))
    assert improved == Response(**known, of_all=proportion(5, 89, 0.9))


def degenerate(cohort: pd.DataFrame, study: Study, how: str) -> pd.DataFrame:
    if how == "one patient":
        return cohort.iloc[:1].copy()
    changed = cohort.copy()
    for outcome in study.outcomes:
        before, after = outcome.columns.baseline, outcome.columns.follow_up
        changed[after] = changed[before] if how == "no change" else NAN
    if how == "no follow-up":
        changed["pgic"] = NAN
    return changed


def texts_of(figure: Figure) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="svg")
    assert b"<svg" in file.getvalue()
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.parametrize("how", ["one patient", "no change", "no follow-up"])
def test_tables_and_figures_of_degenerate_cohorts(
    how: str, cohort: pd.DataFrame, study: Study
) -> None:
    cohort = degenerate(cohort, study, how)
    results = {part.name: paired_change(cohort, part, study.analysis) for part in study.outcomes}
    texts = {k: numbers(r, wording_of(study.outcome(k), study)) for k, r in results.items()}
    assert "nan" not in baseline_table(cohort, study, texts)
    table = outcomes_table(study, texts, set())
    assert "nan" not in table
    assert NOT_ESTIMABLE.replace(" ", "\u00a0") in table
    assert NOT_ESTIMABLE in texts_of(draw_forest(results, study))
    for name in ("nrs", "sf12_mental"):  # bars of one step, and of several
        figure = draw_paired_change(cohort, study.outcome(name), results[name], study)
        unchanged = {"one patient": 0, "no change": 89, "no follow-up": 0}[how]
        assert f"Unchanged {unchanged}" in texts_of(figure)
    rating = study.rating("pgic")
    assert "nan" not in texts_of(
        draw_rating(category_proportions(cohort, rating, 0.95), rating, study)
    )
    flow = patient_flow(cohort, study)
    assert f"n = {flow.n_lost}" in texts_of(draw_flow(flow, study.protocol))
