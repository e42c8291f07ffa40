"""What is proven is proven in integers, whatever the linear programme says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tiny import TOP, tiny

from beforeafter.study import Study
from reported.claims.lattice import Lattice
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.patient_sums import Weights
from reported.solver.relaxation import Relaxation
from reported.solver.sum_limits import SumLimits


@pytest.mark.parametrize("size", [0.0, 1.0, 1e18, 1e30])
def test_any_multipliers_prove_a_bound_that_holds(
    size: float, study: Study, published: Published
) -> None:
    small, claims = tiny(study, published, 4, {"baseline.mean": "1.0", "follow_up.mean": "1.0"})
    outcome = ConstrainedOutcome(small, claims, small.outcomes[0], 4)
    levels = np.arange(TOP + 1)
    follow_up = np.tile(levels, (len(levels), 1))
    relaxation = Relaxation(outcome.sums(), Weights(follow_up, 0 * levels))
    signs = np.array([1, -1, 1, -1, 1, -1, 1])
    value, (pairs, lost), _ = relaxation._proof(relaxation.allowed, size * signs)
    assert value >= 4
    assert pairs.dtype == lost.dtype == np.int64


def test_a_scale_without_0_needs_no_multiplier_of_those_who_start_there() -> None:
    lattice = Lattice(Fraction(1), range(1, 5))
    sums = SumLimits(lattice, (2, 2), {}, "change_between_means")
    relaxation = Relaxation(sums, Weights(np.ones((4, 4), np.int64), np.zeros(4, np.int64)), 0)
    value, _, _ = relaxation._proof(relaxation.allowed, np.array([0.0] * 6 + [1e9]))
    assert value == 2
