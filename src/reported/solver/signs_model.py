"""Printed p-values of sign and signed-rank tests as constraints on how many pairs change."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np
from ortools.sat.python import cp_model
from scipy import stats

from reported.checks.signs_and_ranks import ranks_with, signs_with
from reported.claims.printed import Interval
from reported.solver.count_model import CountModel
from reported.solver.sum_limits import PRECISION


def require_p(counted: CountModel, n: int, test: str, p: Interval, *, inside: bool) -> None:
    """Require that the n pairs have a printed p-value, by some rule of some programme.

    Inside, of signed ranks by the normal approximation for ties; else by what no rule oversteps.
    """
    pairs, model = counted.groups[0], counted.model
    changes = {after - before for before, after in pairs}

    def moved(*by: int) -> cp_model.IntVar:
        total = sum(pairs[cell] for cell in pairs if cell[1] - cell[0] in by)
        found = model.new_int_var(0, n, f"changed by {by}")
        model.add(found == total)
        return found

    if test == "sign":
        ways = [moved(*(x for x in changes if sign * x > 0)) for sign in (1, -1)]
        model.add_allowed_assignments(ways, sorted(signs_with(p, n)))
        return
    most, zeros, ranked = n * (n + 1), moved(0), model.new_bool_var("zeros are ranked")
    before = model.new_int_var(0, n, "ranked before")
    model.add(before == zeros).only_enforce_if(ranked)
    model.add(before == 0).only_enforce_if(~ranked)
    distances: list[cp_model.IntVar] = []
    # What ties take off the sum of squares of ranks, each doubled.
    cubes: list[cp_model.IntVar] = []
    smaller = 1 * before
    for size in sorted({abs(change) for change in changes} - {0}):
        up, down = moved(size), moved(-size)
        rank = model.new_int_var(1, 2 * n + 1, f"twice the rank of {size}")
        model.add(rank == 2 * smaller + up + down + 1)
        more = model.new_int_var(-n, n, f"more by {size}")
        model.add(more == up - down)
        distances.append(model.new_int_var(-most, most, f"distance at {size}"))
        model.add_multiplication_equality(distances[-1], [rank, more])
        cubes.append(_looked_up(model, up + down, [(c**3 - c) // 3 for c in range(n + 1)]))
        smaller = smaller + up + down
    apart = model.new_int_var(0, most, "distance")
    model.add_abs_equality(apart, cp_model.LinearExpr.sum(distances))
    if inside:
        squares = np.cumsum(4 * np.arange(n + 1) ** 2).tolist()
        left_out = _looked_up(model, before, squares)
        every = _looked_up(model, n - zeros + before, squares)
        corrected = model.new_int_var(0, most, "distance, corrected for continuity")
        model.add(corrected == apart - 2 * model.new_bool_var("continuity"))
        square = model.new_int_var(0, most**2, "square of the distance")
        model.add_multiplication_equality(square, [corrected, corrected])
        spread = every - left_out - cp_model.LinearExpr.sum(cubes)
        least, greatest = (
            float(stats.norm.isf(min(float(end), 1) / 2)) ** 2 for end in (p.high, p.low)
        )
        counted.require_at_least(square, spread, Fraction(ceil(least * PRECISION), PRECISION))
        if p.low > 0:
            most_of_it = Fraction(floor(greatest * PRECISION), PRECISION)
            counted.require_at_least(-square, spread, -most_of_it)
        return
    chosen = []
    for (with_zeros, many), spans in ranks_with(p, n).items():
        chosen.append(here := model.new_bool_var(""))
        model.add(zeros == many).only_enforce_if(here)
        model.add(ranked == with_zeros).only_enforce_if(here)
        allowed = cp_model.Domain.from_intervals([list(ends) for ends in spans])
        model.add_linear_expression_in_domain(apart, allowed).only_enforce_if(here)
    model.add_bool_or(chosen)


def _looked_up(
    model: cp_model.CpModel, place: cp_model.LinearExprT, values: Sequence[int]
) -> cp_model.IntVar:
    """Return the one of some values that is at a place."""
    found = model.new_int_var(min(values), max(values), "looked up")
    model.add_element(place, values, found)
    return found
