"""What printed numbers allow, at the ends of what they can be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student
from tiny import tiny

from beforeafter.study import Study
from reported.claims.published import Published, Rounding
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.decide import Answer, decide


def decided(study: Study, published: Published, n: int, printed: dict[str, str]) -> Answer:
    """Decide, with n enrolled and followed up; what is printed is true of some cohort."""
    small, claims = tiny(study, published, n, printed)
    return decide(ConstrainedOutcome(small, claims, small.outcomes[0], n)).answer


@pytest.mark.parametrize("p", ["p = 1", "p = 1.00", "p = 1.0000", "p > 0.9"])
@pytest.mark.parametrize("n", [3, 5])
def test_means_that_do_not_change_have_a_p_of_1(
    n: int, p: str, study: Study, published: Published
) -> None:
    printed = {"change.percentage": "0.00%", "change.p": p}
    assert decided(study, published, n, printed) is Answer.NOT_REFUTED


@pytest.mark.parametrize(
    "printed",
    [
        {"change.percentage": "-100%"},
        {"follow_up.mean": "0.00", "change.percentage": "-100%"},
        {"baseline.mean": "1.0", "baseline.standard_deviation": "0.0", "change.p": "0.374"},
    ],
)
def test_numbers_that_leave_nothing_to_draw_from_are_decided(
    printed: dict[str, str], study: Study, published: Published
) -> None:
    assert decided(study, published, 5, printed) is not Answer.REFUTED


@pytest.mark.parametrize("rounding", ["truncation", "half_up"])
def test_nothing_left_is_minus_100_percent(
    rounding: Rounding, study: Study, published: Published
) -> None:
    cut = published.reread(ties={"default": rounding})
    printed = {"follow_up.mean": "0.0", "follow_up.standard_deviation": "0.0"}
    printed["change.percentage"] = "-100%"
    assert decided(study, cut, 3, printed) is Answer.NOT_REFUTED


def test_no_patient_is_drawn_off_the_scale(study: Study, published: Published) -> None:
    small, claims = tiny(study, published, 4, {"baseline.mean": "-1"})
    scale = small.outcomes[0].model_copy(update={"minimum": -2, "maximum": 0})
    outcome = ConstrainedOutcome(small, claims, scale, 4)
    decision = decide(outcome)
    assert decision.answer is Answer.NOT_REFUTED
    assert decision.certificate[0].max() <= 0


@pytest.mark.parametrize(
    ("pairs", "percentage", "possible"),
    [
        ([(1, -1), (1, -1), (-1, 0)], "-300%", True),  # the sum falls from 1 to -2
        ([(-1, 0), (-1, 0), (1, -1)], "0%", True),  # a negative mean, as the analysis has it
    ],
)
def test_values_below_0_are_decided_as_they_are_verified(
    pairs: list[tuple[int, int]],
    percentage: str,
    possible: bool,
    study: Study,
    published: Published,
) -> None:
    means = (f"{sum(pair[visit] for pair in pairs) / 3:.2f}" for visit in (0, 1))
    printed = dict(zip(("baseline.mean", "follow_up.mean"), means, strict=True))
    small, claims = tiny(study, published, 3, printed | {"change.percentage": percentage})
    scale = small.outcomes[0].model_copy(update={"minimum": -1, "maximum": 1})
    outcome = ConstrainedOutcome(small, claims, scale, 3)
    assert outcome.holds((np.array(pairs), np.empty((0, 1), int))) == possible
    assert decide(outcome).answer is (Answer.NOT_REFUTED if possible else Answer.REFUTED)


def test_a_mean_of_percentages_may_be_an_exact_tie(study: Study, published: Published) -> None:
    analysis = study.analysis.model_copy(update={"percentage": "mean_of_individual_changes"})
    individual = study.model_copy(update={"analysis": analysis})
    printed = {"baseline.mean": "2.0", "follow_up.mean": "1.5", "change.percentage": "-25.0%"}
    cut = published.reread(ties={"default": "truncation"})
    assert decided(individual, cut, 2, printed) is Answer.NOT_REFUTED


def test_inside_a_p_of_1_there_is_only_no_change(study: Study, published: Published) -> None:
    small, claims = tiny(study, published, 3, {"change.p": "1.0000"})
    sums = ConstrainedOutcome(small, claims, small.outcomes[0], 3).sums(margin=1)
    assert [change for change in range(-9, 10) if sums.square_changes(change)] == [0]


def test_the_least_squares_that_a_t_test_allows_are_allowed(
    study: Study, published: Published
) -> None:
    # Changes of 1, 0 and 0 have t = 1 with two degrees of freedom, p = 0.4226.
    small, claims = tiny(study, published, 3, {"change.p": "0.42"})
    sums = ConstrainedOutcome(small, claims, small.outcomes[0], 3).sums()
    assert 1 in sums.square_changes(1)


@pytest.mark.parametrize("printed", [{"change.p": "0.42"}, {"change.t": "1.0"}])
def test_t_is_rounded_outward_to_exclude_and_inward_to_find(
    printed: dict[str, str], study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 3, printed)
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 3)
    if "change.p" in printed:
        exact = [float(student.isf(p / 2, 2)) ** 2 for p in (0.425, 0.415)]
    else:
        exact = [0.95**2, 1.05**2]
    outside, inside = (outcome.sums(margin).squared_t for margin in (-1, 1))
    assert outside[1] is not None
    assert inside[1] is not None
    assert outside[0] < exact[0] + 1e-12
    assert inside[0] > exact[0] - 1e-12
    assert outside[1] > exact[1] - 1e-12
    assert inside[1] < exact[1] + 1e-12
    assert outside[0] <= inside[0] <= inside[1] <= outside[1]


def test_where_all_changes_are_equal_p_is_0(study: Study, published: Published) -> None:
    equal = {"baseline.mean": "2.0", "follow_up.mean": "1.0", "change.standard_deviation": "0.0"}
    assert decided(study, published, 4, equal | {"change.p": "p < 0.001"}) is Answer.NOT_REFUTED
    assert decided(study, published, 4, equal | {"change.p": "p = 0.04"}) is Answer.REFUTED
