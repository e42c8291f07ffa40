"""Among the values that satisfy the claims about an outcome, those nearest to what is drawn."""

from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from beforeafter.study import Outcome, Rating
from reported.claims.errors import ImpossibleClaimsError
from reported.claims.lattice import Lattice
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.count_model import Cell, CountModel
from reported.solver.decide import smallest_conflict
from reported.solver.printed_constraints import model_of
from reported.solver.prior_draw import Drawn, Levels

# The most pairs of values of which all are counted; a scale of 101 values has 10 201.
FULL_GRID = 12_000
# How many steps a value may move from the drawn one where the grid is not full.
REACH = 3
# Above any square of counts, below what the solver can add up.
GREATEST_SQUARE = 2**40


def nearest(outcome: ConstrainedOutcome, drawn: Sequence[Drawn]) -> list[Levels]:
    """Return values that satisfy the claims about an outcome, near to those that were drawn.

    For each group, drawn values and those returned, in steps, have the shape (patients, values).
    Each patient has one near to what was drawn for him; of a duration only the order counts.

    Raises
    ------
    ImpossibleClaimsError
        If there are no such values: names claims that contradict each other, none superfluous. If
        none were found, which proves nothing, names all claims.
    """
    if isinstance(outcome.what, Outcome):
        cells, full = _pairs(outcome.lattice, drawn[0])
        counted = model_of(outcome, 1, cells)
        _stay_near(counted, drawn)
    else:
        counted, full = model_of(outcome, 1), True
        if isinstance(outcome.what, Rating):
            _be_alike(counted, drawn[0])
        else:
            _be_smooth(counted)
    solver, status = counted.solve(outcome.study.analysis.seed)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        groups = zip(counted.values(solver), drawn, strict=True)
        return [_assigned(solved, wanted) for solved, wanted in groups]
    if full and status == cp_model.INFEASIBLE:
        claims = smallest_conflict(outcome)
        raise ImpossibleClaimsError(outcome.name, claims, proven=True)
    raise ImpossibleClaimsError(outcome.name, outcome.intervals, proven=False)


def _pairs(lattice: Lattice, drawn: Drawn) -> tuple[list[Cell], bool]:
    """Return the pairs of values to count, and whether they are all; if not, those near drawn."""
    if len(lattice.levels) ** 2 <= FULL_GRID:
        return list(product(lattice.levels, lattice.levels)), True
    moves = range(-REACH, REACH + 1)
    near = {
        (before + i, after + j)
        for before, after in drawn.tolist()
        for i, j in product(moves, moves)
    }
    return sorted((a, b) for a, b in near if a in lattice.levels and b in lattice.levels), False


def _stay_near(counted: CountModel, drawn: Sequence[Drawn]) -> None:
    """Keep most patients where they were drawn, and the others few steps from one drawn."""
    model = counted.model
    gain: list[cp_model.LinearExpr] = []
    for group, target in zip(counted.groups, drawn, strict=True):
        wanted = Counter(map(tuple, target.tolist()))
        for cell, count in group.items():
            model.add_hint(count, wanted[cell])
        for cell, times in wanted.items():
            kept = model.new_int_var(0, times, f"kept{cell}")
            model.add(kept <= group[cell])
            gain.append(kept)
        if wanted:
            steps = cdist(np.array(list(group)), target, "cityblock").min(axis=1).astype(int)
            gain.append(-cp_model.LinearExpr.weighted_sum(list(group.values()), steps.tolist()))
    model.maximize(cp_model.LinearExpr.sum(gain))


def _be_alike(counted: CountModel, drawn: Drawn) -> None:
    """Let the counts of categories differ little, by the sum of squares, from the drawn ones."""
    (group,) = counted.groups
    wanted = Counter(drawn[:, 0].tolist())
    _least_squares(counted.model, [count - wanted[code] for (code,), count in group.items()])


def _be_smooth(counted: CountModel) -> None:
    """Let the counts have no jumps before the last cell, which holds those without event.

    The objective is the sum of squared second differences, as in Whittaker's graduation.

    References
    ----------
    Whittaker ET. On a new method of graduation. Proc Edinb Math Soc 1922;41:63-75.
    https://doi.org/10.1017/S0013091500077853
    """
    (group,) = counted.groups
    *counts, _ = group.values()
    triples = zip(counts, counts[1:], counts[2:], strict=False)
    _least_squares(counted.model, [a - 2 * b + c for a, b, c in triples])


def _least_squares(model: cp_model.CpModel, terms: Sequence[cp_model.LinearExpr]) -> None:
    squares = [model.new_int_var(0, GREATEST_SQUARE, "square") for _ in terms]
    for square, term in zip(squares, terms, strict=True):
        model.add_multiplication_equality(square, [term, term])
    model.minimize(cp_model.LinearExpr.sum(squares))


def _assigned(solved: Levels, drawn: Drawn) -> Levels:
    """Return the solved values in the order of the drawn, by the least sum of squared distances."""
    _, order = linear_sum_assignment(cdist(drawn, solved, "sqeuclidean"))
    permuted: Levels = solved[order]
    return permuted
