"""What must hold for any data: agreement with the naive implementation, symmetries, bounds."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import naive
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from beforeafter.estimates import (
    PairedChange,
    Response,
    direction_proportions,
    flatten,
    paired_change,
    responder_proportions,
)
from beforeafter.estimates.proportions import proportion
from beforeafter.sensitivity.multiplicity import holm
from beforeafter.study import Study

modest = settings(max_examples=40, deadline=None, derandomize=True)

# Scores in tenths, which binary fractions cannot hold: noise shows if it is let through.
scores = st.integers(0, 100).map(lambda tenths: Fraction(tenths, 10))
patients = st.lists(st.tuples(st.none() | scores, st.none() | scores), max_size=30)
few = st.lists(st.tuples(scores, scores), min_size=1, max_size=8)
complete = st.lists(st.tuples(scores, scores), min_size=2, max_size=30)
# Seven items, each 0 to 3, of which four to seven are answered.
prorated = st.integers(4, 7).flatmap(
    lambda answered: st.integers(0, 3 * answered).map(lambda total: Fraction(7 * total, answered))
)
few_prorated = st.lists(st.tuples(prorated, prorated), min_size=1, max_size=9)
# Weighted sums: five decimals, and nothing that divides them all.
weighted = st.integers(0, 10_000_000).map(lambda small: Fraction(small, 100_000))
few_weighted = st.lists(st.tuples(weighted, weighted), min_size=1, max_size=9)


def responders(
    before: Sequence[float], after: Sequence[float], study: Study, threshold: int
) -> Response:
    outcome = study.outcome("nrs")
    cohort = pd.DataFrame(
        dict(zip(outcome.columns.pair, (before, after), strict=True)), dtype=float
    )
    return responder_proportions(cohort, outcome, study)[f"at_least_{threshold}"]


def analyse(patients: Sequence[naive.Pair], study: Study, level: float = 0.95) -> PairedChange:
    columns = study.outcomes[0].columns
    table = pd.DataFrame(
        [[math.nan if score is None else float(score) for score in pair] for pair in patients],
        columns=[columns.baseline, columns.follow_up],
        dtype=float,
    )
    analysis = study.analysis.model_copy(update={"confidence_level": level})
    return paired_change(table, study.outcomes[0], analysis)


def values(result: object) -> dict[str, float]:
    return {key: value for key, (value, *_) in flatten(result)}


def close(expected: float | Fraction) -> object:
    return pytest.approx(float(expected), rel=1e-9, abs=1e-9, nan_ok=True)


@modest
@given(patients=patients)
def test_means_and_spreads_equal_the_naive_ones(patients: list[naive.Pair], study: Study) -> None:
    result = analyse(patients, study)
    for column, summary in enumerate([result.baseline, result.follow_up]):
        known = [score for pair in patients if (score := pair[column]) is not None]
        assert summary.n_observed == len(known)
        assert summary.mean == close(naive.mean(known) if known else math.nan)
        spread = naive.standard_deviation(known) if len(known) > 1 else math.nan
        assert summary.standard_deviation == close(spread)
    assert result.n_pairs == len(naive.pairs(patients))


@modest
@given(patients=complete)
def test_tests_and_effect_sizes_equal_the_naive_ones(
    patients: list[naive.Pair], study: Study
) -> None:
    change = naive.changes(patients)
    assume(len(set(change)) > 1)
    result = analyse(patients, study)
    assert result.change.mean == close(naive.mean(change))
    assert result.change.standard_deviation == close(naive.standard_deviation(change))
    assert result.t_test.statistic == close(naive.t_statistic(change))
    assert result.wilcoxon.statistic == close(naive.wilcoxon_v(change))
    assert result.standardised.d_z == close(naive.d_z(change))
    if len(change) > 3:
        assert result.standardised.g_z == pytest.approx(naive.hedges_d_z(change), rel=1e-4)


@modest
@given(patients=few)
def test_tests_count_every_pattern_of_signs(patients: list[naive.Pair], study: Study) -> None:
    change = naive.changes(patients)
    assume(any(change))
    result = analyse(patients, study)
    signed = [rank if positive else -rank for rank, positive in naive.pratt_ranks(change)]
    assert result.wilcoxon.p == close(naive.p_over_all_signs(signed))
    assert result.permutation.p == close(naive.p_over_all_signs(change))
    assert result.permutation.statistic == close(naive.mean(change))


@modest
@given(patients=few_prorated | few_weighted)
def test_patterns_are_counted_without_a_step_too(patients: list[naive.Pair], study: Study) -> None:
    change = naive.changes(patients)
    assume(any(change))
    assert analyse(patients, study).permutation.p == close(naive.p_over_all_signs(change))


@modest
@given(patients=few_prorated, threshold=st.sampled_from([30, 50]))
def test_responders_are_those_of_exact_fractions(
    patients: list[naive.Pair], threshold: int, study: Study
) -> None:
    before, after = ([float(score) for score in visit] for visit in zip(*patients, strict=True))
    share = responders(before, after, study, threshold)
    assert (share.count, share.n_observed) == naive.responders(patients, threshold)


@modest
@given(
    patients=few,
    level=st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(19, 20)]),
)
def test_pseudo_median_is_that_of_all_means_of_two(
    patients: list[naive.Pair], level: Fraction, study: Study
) -> None:
    means = naive.walsh_averages(naive.changes(patients))
    result = analyse(patients, study, float(level)).hodges_lehmann
    assert result.estimate == close(statistics.median(means))
    # So few changes that not even all of one sign would be rejected.
    endless = Fraction(1, 2 ** (len(patients) - 1)) > 1 - level
    centres = naive.not_rejected(naive.changes(patients), level)
    assert result.lower == close(math.nan if endless else min(low for low, _ in centres))
    assert result.upper == close(math.nan if endless else max(high for _, high in centres))


@modest
@given(p_values=st.lists(st.none() | st.floats(0, 1), max_size=6))
def test_holm_rejects_step_by_step(p_values: list[float | None]) -> None:
    family = {str(k): math.nan if p is None else p for k, p in enumerate(p_values)}
    adjusted = holm(family)
    assert list(adjusted) == list(family)
    for level in (0.01, 0.05, 0.3):
        left = sorted((p, name) for name, p in family.items() if not math.isnan(p))
        rejected = set()
        while left and left[0][0] * len(left) <= level:
            rejected.add(left.pop(0)[1])
        assert {name for name, result in adjusted.items() if result.p <= level} == rejected
    for name, result in adjusted.items():
        assert result.n_outcomes == sum(p is not None for p in p_values)
        assert math.isnan(result.p) == math.isnan(family[name])


def test_holm_agrees_with_r() -> None:
    # > p.adjust(c(0.03, 0.01, NA, 0.7, 0.02, 0.6), "holm")
    # [1] 0.09 0.05   NA 1.00 0.08 1.00
    family = {"c": 0.03, "a": 0.01, "none": math.nan, "e": 0.7, "b": 0.02, "d": 0.6}
    adjusted = [result.p for result in holm(family).values()]
    assert adjusted == pytest.approx([0.09, 0.05, math.nan, 1, 0.08, 1], nan_ok=True)


@modest
@given(patients=complete)
def test_equal_changes_have_no_test(patients: list[naive.Pair], study: Study) -> None:
    """31.4 - 30.4 and 33.1 - 32.1 are the same change, although their floats differ."""
    shifted = [(b, b + Fraction(11, 10)) for b, _ in naive.pairs(patients)]
    result = analyse(shifted, study)
    assert math.isnan(result.t_test.statistic)
    assert math.isnan(result.standardised.d_z)
    assert result.change.standard_deviation == pytest.approx(0, abs=1e-12)


@modest
@given(patients=complete)
def test_percentages_equal_the_naive_ones(patients: list[naive.Pair], study: Study) -> None:
    assume(any(b for b, _ in patients))
    result = analyse(patients, study).percentages
    assert result.between_means == close(naive.percentage_between_means(patients))
    assert result.mean_of_individual == close(naive.percentage_of_individuals(patients))


@modest
@given(patients=patients, threshold=st.sampled_from([30, 50]))
def test_responders_equal_the_naive_ones(
    patients: list[naive.Pair], threshold: int, study: Study
) -> None:
    # Some patients land exactly on the threshold.
    patients = [*patients, *((b, b * (100 - threshold) / 100) for b, _ in patients if b)]
    before, after = (
        [math.nan if pair[side] is None else float(pair[side] or 0) for pair in patients]
        for side in (0, 1)
    )
    share = responders(before, after, study, threshold)
    assert (share.count, share.n_observed) == naive.responders(patients, threshold)
    # Whoever is lost, or starts at zero, does not respond.
    everyone = share.of_all
    assert (everyone.count, everyone.n_observed) == (share.count, len(patients))
    if patients:
        known = naive.wilson(int(everyone.count), len(patients), 0.95)
        assert (everyone.lower, everyone.upper) == pytest.approx(known, abs=1e-12)


@modest
@given(counts=st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_equals_the_naive_one_and_holds_the_share(
    counts: tuple[int, int],
) -> None:
    share = proportion(*counts, 0.95)
    assert (share.lower, share.upper) == pytest.approx(naive.wilson(*counts, 0.95), abs=1e-12)
    assert 0 <= share.lower <= share.proportion <= share.upper <= 1


@modest
@given(patients=patients)
def test_swapping_the_visits_negates_the_change(patients: list[naive.Pair], study: Study) -> None:
    there, back = analyse(patients, study), analyse([(f, b) for b, f in patients], study)
    assert back.change.mean == close(-there.change.mean)
    assert (back.change.lower, back.change.upper) == pytest.approx(
        (-there.change.upper, -there.change.lower), nan_ok=True
    )
    assert back.t_test.statistic == close(-there.t_test.statistic)
    assert back.t_test.p == close(there.t_test.p)
    assert back.wilcoxon.p == close(there.wilcoxon.p)
    assert back.permutation.p == close(there.permutation.p)
    assert back.standardised.d_av == close(-there.standardised.d_av)
    forth, turned = there.hodges_lehmann, back.hodges_lehmann
    assert (turned.estimate, turned.lower, turned.upper) == pytest.approx(
        (-forth.estimate, -forth.upper, -forth.lower), nan_ok=True
    )
    assert back.standardised.d_z_lower == close(-there.standardised.d_z_upper)


@modest
@given(patients=patients, seed=st.integers(0, 1000))
def test_order_of_patients_is_irrelevant(
    patients: list[naive.Pair], seed: int, study: Study
) -> None:
    shuffled = random.Random(seed).sample(patients, len(patients))
    assert values(analyse(shuffled, study)) == pytest.approx(
        values(analyse(patients, study)), rel=1e-6, abs=1e-9, nan_ok=True
    )


@modest
@given(patients=complete, shift=scores, factor=st.integers(2, 7))
def test_shift_and_scale(
    patients: list[naive.Pair], shift: Fraction, factor: int, study: Study
) -> None:
    plain = analyse(patients, study)
    pairs = naive.pairs(patients)
    shifted = analyse([(b + shift, f + shift) for b, f in pairs], study)
    scaled = analyse([(b * factor, f * factor) for b, f in pairs], study)
    assert values(shifted.change) | {"percentage": 0} == pytest.approx(
        values(plain.change) | {"percentage": 0}, abs=1e-9, nan_ok=True
    )
    assert shifted.paired_baseline.mean == close(plain.paired_baseline.mean + float(shift))
    assert shifted.correlation == close(plain.correlation)
    assert scaled.change.mean == close(plain.change.mean * factor)
    assert scaled.change.standard_error == close(plain.change.standard_error * factor)
    for same in (shifted, scaled):
        assert same.wilcoxon == plain.wilcoxon
        assert same.permutation.p == pytest.approx(plain.permutation.p, nan_ok=True)
        assert same.t_test.statistic == close(plain.t_test.statistic)
        assert values(same.standardised) == pytest.approx(
            values(plain.standardised), rel=1e-9, abs=1e-9, nan_ok=True
        )
    assert values(scaled.percentages) == pytest.approx(values(plain.percentages), nan_ok=True)


@modest
@given(patients=complete, level=st.floats(0.5, 0.99))
def test_intervals_hold_the_estimate_and_widen_with_the_level(
    patients: list[naive.Pair], level: float, study: Study
) -> None:
    assume(len(set(naive.changes(patients))) > 1)
    narrow, wide = (analyse(patients, study, at) for at in (level, (1 + level) / 2))
    assert wide.change.lower < narrow.change.lower < narrow.change.mean
    assert narrow.change.mean < narrow.change.upper < wide.change.upper
    for at in (narrow.hodges_lehmann, wide.hodges_lehmann):
        assert math.isnan(at.lower) or at.lower <= at.estimate <= at.upper
    if not math.isnan(wide.hodges_lehmann.lower):
        assert wide.hodges_lehmann.lower <= narrow.hodges_lehmann.lower
        assert narrow.hodges_lehmann.upper <= wide.hodges_lehmann.upper
    for name in ("d_av", "g_z", "g_av"):
        lower, estimate, upper = (
            getattr(narrow.standardised, f"{name}{end}") for end in ("_lower", "", "_upper")
        )
        assert math.isnan(estimate) or lower < estimate < upper
    assert wide.standardised.d_z_lower < narrow.standardised.d_z_lower
    assert narrow.standardised.d_z_lower < narrow.standardised.d_z < narrow.standardised.d_z_upper
    assert narrow.standardised.d_z_upper < wide.standardised.d_z_upper


@modest
@given(patients=patients, baseline=scores)
def test_a_patient_without_follow_up_changes_nothing_among_the_pairs(
    patients: list[naive.Pair], baseline: Fraction, study: Study
) -> None:
    before, after = analyse(patients, study), analyse([*patients, (baseline, None)], study)
    assert after.baseline.n_observed == before.baseline.n_observed + 1
    assert values(replace(after, baseline=before.baseline)) == pytest.approx(
        values(before), rel=0, abs=0, nan_ok=True
    )


@modest
@given(pairs=complete)
def test_directions_are_those_of_exact_scores(pairs: list[naive.Pair], study: Study) -> None:
    outcome = study.outcomes[0]
    columns = [outcome.columns.baseline, outcome.columns.follow_up]

    def shares(pairs: Sequence[naive.Pair]) -> dict[str, int]:
        table = pd.DataFrame([list(map(float, pair)) for pair in pairs], columns=columns)
        found = direction_proportions(table, outcome, 0.95)
        assert {share.n_observed for share in found.values()} == {len(pairs)}
        return {name: share.count for name, share in found.items()}

    found = shares(pairs)
    gains = [outcome.benefit * (after - before) for before, after in pairs]
    assert found == {
        "improved": sum(gain > 0 for gain in gains),
        "unchanged": sum(gain == 0 for gain in gains),
        "worsened": sum(gain < 0 for gain in gains),
    }
    turned = shares([(after, before) for before, after in pairs])
    assert (turned["improved"], turned["worsened"]) == (found["worsened"], found["improved"])
