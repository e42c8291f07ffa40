"""Bounds against every cohort of a tiny study, against any cohort, and on the abstract."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import TOP, Lost, Pairs, cohorts, described, statistic, tiny

from beforeafter.study import Study
from reported.claims.errors import ImpossibleClaimsError, ReportedError, UnknownStatisticError
from reported.claims.published import Published
from reported.solver.bounds.bounds_file import open_statistics, read_bounds, write_bounds
from reported.solver.bounds.extremes import Bounds, bounds_of, statistic_bounds
from reported.solver.bounds.statistics import statistics
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.decide import Answer, decide
from reported.solver.printed_constraints import model_of
from reported.solver.relaxation import Relaxation

COMMITTED = Path(__file__).parents[4] / "data/bounds.json"


def bounds(outcome: ConstrainedOutcome, key: str) -> Bounds:
    return bounds_of(outcome, next(each for each in statistics(outcome) if each.key == key))


def named(key: str, study: Study, published: Published) -> ConstrainedOutcome:
    outcomes = constrained_outcomes(study, published, published.reading.followed_up)
    return next(outcome for outcome in outcomes if outcome.name == key.partition(".")[0])


def is_exact(found: Bounds) -> bool:
    return found.is_exact(found.low) and found.is_exact(found.high)


@pytest.mark.parametrize(
    "printed",
    [
        {"baseline.mean": "1.75", "follow_up.mean": "1.33"},
        {"baseline.mean": "2.25", "follow_up.mean": "1.33", "change.percentage": "-43%"},
        {"baseline.mean": "1.75", "baseline.standard_deviation": "1.5"},
    ],
)
def test_bounds_are_those_of_all_cohorts(
    printed: dict[str, str], study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 4, printed)
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    every = list(cohorts(4, 3, outcome.intervals))
    assert every
    for known in statistics(outcome):
        values = [v for c in every if (v := statistic(known.key, *c)) is not None]
        found = bounds(outcome, known.key)
        assert is_exact(found), known.key
        ends = float(found.low.bound), float(found.high.bound)
        assert ends == pytest.approx((float(min(values)), float(max(values)))), known.key
        assert found.low.bound <= min(values) <= max(values) <= found.high.bound
        for end in (found.low, found.high):
            assert outcome.holds(end.certificate)


def test_how_a_percentage_is_defined_matters_only_where_one_is_printed(
    study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 3, {"baseline.mean": "0.33", "follow_up.mean": "1.0"})
    between = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    analysis = small.analysis.model_copy(update={"percentage": "mean_of_individual_changes"})
    individual = replace(between, study=small.model_copy(update={"analysis": analysis}))
    key = "scale.responders.at_least_30.proportion"
    one, other = (bounds(outcome, key) for outcome in (between, individual))
    assert [one.low.bound, one.high.bound] == [other.low.bound, other.high.bound] == [0, 1]


def test_a_cohort_that_starts_at_0_is_left_for_one_that_does_not(
    study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 4, {"follow_up.mean": "0.67"})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    found = bounds(outcome, "scale.responders.at_least_30.proportion")
    assert is_exact(found)
    assert [found.low.bound, found.high.bound] == [0, 1]


def test_where_all_start_at_0_no_percentage_is_bounded(study: Study, published: Published) -> None:
    small, claims = tiny(study, published, 4, {"baseline.mean": "0.0"})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    with pytest.raises(ReportedError, match="start at 0"):
        bounds(outcome, "scale.percentages.mean_of_individual")


values = st.integers(0, TOP)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    cohort=st.tuples(
        st.lists(st.tuples(values, values), min_size=2, max_size=12).map(tuple),
        st.lists(values, max_size=4).map(tuple),
    ),
    data=st.data(),
)
def test_whatever_is_true_is_not_refuted_and_within_bounds(
    cohort: tuple[Pairs, Lost], data: st.DataObject, study: Study, published: Published
) -> None:
    pairs, lost = cohort
    decimals = data.draw(st.integers(0, 2))
    numbers = described(pairs, lost)
    keys = data.draw(st.sets(st.sampled_from(sorted(numbers)), min_size=1))
    printed = {
        key: f"{float(numbers[key]) ** (0.5 if key.endswith('deviation') else 1):.{decimals}f}"
        for key in sorted(keys)
    }
    small, claims = tiny(study, published, len(pairs) + len(lost), printed)
    either = claims.reading.model_copy(update={"ties": {"default": "either"}})
    claims = claims.model_copy(update={"reading": either})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], len(pairs))
    assert decide(outcome).answer is not Answer.REFUTED
    for known in statistics(outcome):
        value = statistic(known.key, pairs, lost)
        if value is not None:
            greatest = Relaxation(outcome.sums(), known.weights)
            groups = (np.array(pairs), np.array(lost, int)[:, np.newaxis])
            weight = known.weights.total(groups, 0)
            assert weight <= greatest.greatest(greatest.allowed, -(10**9)).value


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("nrs.worsened.proportion", Fraction(0), Fraction(47, 80)),
        ("nrs.responders.at_least_30.proportion", Fraction(3, 80), Fraction(69, 79)),
        ("nrs.change.mean", Fraction(-161, 80), Fraction(-153, 80)),
        ("pgic.category_3.proportion", Fraction(26, 80), Fraction(26, 80)),
        # Who completed three months counts: those with more than two.
        ("relief.event_free_at.at_3.proportion", Fraction(33, 80), Fraction(55, 80)),
    ],
)
def test_bounds_of_the_abstract(
    key: str, low: Fraction, high: Fraction, study: Study, published: Published
) -> None:
    outcome = named(key, study, published)
    found = statistic_bounds(study, published, key)
    assert is_exact(found)
    assert (found.low.bound, found.high.bound) == (low, high)
    assert all(outcome.holds(end.certificate) for end in (found.low, found.high))


def test_beyond_a_bound_there_is_nothing(study: Study, published: Published) -> None:
    # The solver, which knows nothing of the relaxation, finds no cohort with one more.
    key = "nrs.worsened.proportion"
    outcome = named(key, study, published)
    weights = next(s.weights for s in statistics(outcome) if s.key == key)
    for more, possible in ((47, True), (48, False)):
        counted = model_of(outcome, -1)
        pairs = counted.groups[0]
        counted.model.add(
            sum(int(weights.followed[cell]) * count for cell, count in pairs.items()) >= more
        )
        assert (_status(counted.model) in {"OPTIMAL", "FEASIBLE"}) == possible


def _status(model: object) -> str:
    from ortools.sat.python import cp_model  # noqa: PLC0415

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 120
    return str(solver.status_name(solver.solve(model)))


def test_claims_without_a_cohort_have_no_bounds(study: Study, published: Published) -> None:
    small, claims = tiny(study, published, 5, {"follow_up.mean": "0.33"})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 5)
    with pytest.raises(ImpossibleClaimsError):
        bounds(outcome, "scale.worsened.proportion")


@pytest.mark.parametrize(
    ("key", "near"), [("nrs.worsend.proportion", "nrs.worsened"), ("nsr.worsened", "nrs")]
)
def test_an_unknown_statistic_names_the_nearest(
    key: str, near: str, study: Study, published: Published
) -> None:
    with pytest.raises(UnknownStatisticError, match=near):
        statistic_bounds(study, published, key)


def test_every_committed_end_is_certified(study: Study, published: Published) -> None:
    found = read_bounds(COMMITTED, study, published)
    assert len(found) == len(list(open_statistics(study, published)))
    for known in found.values():
        assert known.low.bound <= known.low.attained <= known.high.attained <= known.high.bound


@pytest.mark.parametrize(
    "key", ["nrs.responders.at_least_50.proportion", "hads_anxiety.change.mean"]
)
def test_a_committed_bound_is_what_is_computed(
    key: str, study: Study, published: Published
) -> None:
    committed = read_bounds(COMMITTED, study, published)[key]
    found = statistic_bounds(study, published, key)
    assert (found.low.bound, found.high.bound) == (committed.low.bound, committed.high.bound)


def test_a_certificate_that_is_none_is_refused(
    study: Study, published: Published, tmp_path: Path
) -> None:
    text = COMMITTED.read_text(encoding="utf-8")
    claimed = '"nrs.worsened.proportion": {"least": {"bound": "0", "attained": "0"'
    assert claimed in text
    file = tmp_path / "bounds.json"
    file.write_text(text.replace(claimed, claimed.replace('"0"', '"1/80"')), encoding="utf-8")
    with pytest.raises(ReportedError, match=r"nrs\.worsened\.proportion"):
        read_bounds(file, study, published)


@pytest.mark.parametrize(
    "pairs",
    [
        [(3, 0), (3, -1), (0, 1)],  # a value below the scale
        [(4, 0), (2, 0), (0, 0)],  # one above it
        [(3, 0), (3, 0), (0, 0), (1, 0)],  # one patient too many
    ],
)
def test_values_that_are_none_of_the_scale_certify_nothing(
    pairs: list[tuple[int, int]], study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 4, {"follow_up.mean": "0.00"})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    assert outcome.holds((np.array([(3, 0), (3, 0), (0, 0)]), np.array([[0]])))
    assert not outcome.holds((np.array(pairs), np.array([[0]])))


def test_bounds_are_read_where_nobody_was_lost(
    study: Study, published: Published, tmp_path: Path
) -> None:
    small, claims = tiny(study, published, 4, {"baseline.mean": "1.75"})
    claims = claims.reread(n_follow_up=4)
    file = tmp_path / "bounds.json"
    assert write_bounds(small, claims, file) == len(read_bounds(file, small, claims))


@pytest.mark.parametrize("changed", ["claims", "reading"])
def test_bounds_do_not_outlive_the_claims_they_were_proven_of(
    changed: str, study: Study, published: Published
) -> None:
    reading = published.reading.model_copy(update={"ties": {"default": "either"}})
    # Without one claim, every certificate still has all the others.
    update = {"claims": published.claims[:-1], "reading": reading}
    other = published.model_copy(update={changed: update[changed]})
    with pytest.raises(ReportedError, match="bounds of other claims"):
        read_bounds(COMMITTED, study, other)


def test_bounds_of_another_study_are_refused(
    study: Study, published: Published, tmp_path: Path
) -> None:
    small, claims = tiny(study, published, 4, {"baseline.mean": "1.75"})
    claims = claims.reread(n_follow_up=3)
    with pytest.raises(ReportedError, match="bounds of other claims"):
        read_bounds(COMMITTED, small, claims)
    file = tmp_path / "bounds.json"
    assert write_bounds(small, claims, file) == len(read_bounds(file, small, claims))
