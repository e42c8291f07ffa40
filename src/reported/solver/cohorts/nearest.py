"""Among the cohorts that satisfy the claims, the one nearest to what is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from reported.claims.errors import ImpossibleClaimsError, ReportedError
from reported.claims.lattice import Lattice
from reported.solver.count_model import CountModel, Intervals
from reported.solver.prior_draw import Levels, Vector

# The most pairs of values of which all are counted; a scale of 101 values has 10 201.
FULL_GRID = 12_000
# How many steps a value may move from the drawn one where the grid is not full.
REACH = 3
# In the solver's deterministic time, a few seconds each: with a clock the result would vary.
EFFORT = 4.0
# Above any square of counts, below what the solver can add up.
GREATEST_SQUARE = 2**40


@dataclass(frozen=True)
class Question:
    """Whether claims about one outcome can hold together.

    Attributes
    ----------
    name
        The outcome.
    intervals
        The claims.
    build
        Makes the model of any of the claims.
    exhaustive
        Whether the model counts all values, so that having no solution is a proof.
    """

    name: str
    intervals: Intervals
    build: Callable[[Intervals], CountModel]
    exhaustive: bool = True


def pair_cells(lattice: Lattice, pairs: Levels) -> list[tuple[int, int]]:
    """Return the pairs of values to count: all, or where they are too many those near the drawn.

    Parameters
    ----------
    lattice
        The values of the scale.
    pairs
        Drawn pairs in steps, shape (n, 2).

    Returns
    -------
    list
        Pairs of levels. Where they are not all, a model without solution proves nothing.
    """
    if is_full(lattice):
        return list(product(lattice.levels, lattice.levels))
    moves = range(-REACH, REACH + 1)
    near = {
        (before + i, after + j)
        for before, after in pairs.tolist()
        for i, j in product(moves, moves)
    }
    return sorted((a, b) for a, b in near if a in lattice.levels and b in lattice.levels)


def is_full(lattice: Lattice) -> bool:
    """Whether all pairs of values are counted."""
    return len(lattice.levels) ** 2 <= FULL_GRID


def stay_near(counted: CountModel, targets: Sequence[Levels]) -> None:
    """Prefer counts that keep most patients where they were drawn and the others near.

    Parameters
    ----------
    counted
        Its objective is set: the patients kept, less the steps of all others from the nearest
        target.
    targets
        For each group, the drawn values in steps, shape (patients, values).
    """
    model = counted.model
    gain: list[cp_model.LinearExpr] = []
    for group, target in zip(counted.groups, targets, strict=True):
        drawn = Counter(map(tuple, target.tolist()))
        for cell, count in group.items():
            model.add_hint(count, drawn[cell])
        for cell, times in drawn.items():
            kept = model.new_int_var(0, times, f"kept{cell}")
            model.add(kept <= group[cell])
            gain.append(kept)
        if drawn:
            steps = cdist(np.array(list(group)), target, "cityblock").min(axis=1).astype(int)
            gain.append(-cp_model.LinearExpr.weighted_sum(list(group.values()), steps.tolist()))
    model.maximize(cp_model.LinearExpr.sum(gain))


def be_alike(counted: CountModel, target: Levels) -> None:
    """Prefer counts of categories that differ little, by the sum of squares, from the drawn ones.

    Parameters
    ----------
    counted
        Has one group; its objective is set.
    target
        The drawn categories, shape (patients, 1).
    """
    (group,) = counted.groups
    drawn = Counter(target[:, 0].tolist())
    _least_squares(counted.model, [count - drawn[code] for (code,), count in group.items()])


def be_smooth(counted: CountModel) -> None:
    """Prefer counts without jumps before the last cell, which holds those without event.

    The objective is the sum of squared second differences, as in Whittaker's graduation.

    Parameters
    ----------
    counted
        Has one group; its objective is set.

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


def solve(
    question: Question, prefer: Callable[[CountModel], None], seed: int
) -> tuple[Levels, ...]:
    """Return the preferred cohort that satisfies the claims about one outcome.

    Parameters
    ----------
    question
        The claims, and the model of any of them.
    prefer
        Sets the objective of the model.
    seed
        Of the solver.

    Returns
    -------
    tuple of arrays
        For each group, the values of its patients in steps, shape (patients, values), in the
        order of the cells.

    Raises
    ------
    ImpossibleClaimsError
        If there is no solution: names claims that contradict each other, none superfluous; if
        none was found with the effort allowed, names them all.
    """
    counted = question.build(question.intervals)
    prefer(counted)
    solver, status = run(counted, seed)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return values(counted, solver)
    if status == cp_model.INFEASIBLE:
        conflict = _conflict(question, seed)
        raise ImpossibleClaimsError(question.name, conflict, proven=question.exhaustive)
    raise ImpossibleClaimsError(question.name, list(question.intervals), proven=False)


def values(counted: CountModel, solver: cp_model.CpSolver) -> tuple[Levels, ...]:
    """Return the values of the patients in each group, shape (patients, values)."""
    return tuple(
        np.repeat(np.array(list(group), int), [solver.value(n) for n in group.values()], axis=0)
        for group in counted.groups
    )


def _conflict(question: Question, seed: int) -> list[str]:
    """Return claims that have no solution, leaving out each one that is not needed for that."""
    needed = dict(question.intervals)
    for key in question.intervals:
        others = {other: interval for other, interval in needed.items() if other != key}
        if run(question.build(others), seed)[1] == cp_model.INFEASIBLE:
            needed = others
    return list(needed)


def assign(solved: Levels, wanted: Levels | Vector) -> Levels:
    """Return the solved values in the order of the patients whose drawn values they replace.

    Parameters
    ----------
    solved, wanted
        Values of the same number of patients, shape (patients, values).

    Returns
    -------
    array
        The solved values, permuted so that the sum of squared distances to the wanted is least.
    """
    _, order = linear_sum_assignment(cdist(wanted, solved, "sqeuclidean"))
    permuted: Levels = solved[order]
    return permuted


def run(
    counted: CountModel, seed: int, effort: float = EFFORT
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Return the solver after its search, the same in every run, and what it came to."""
    if invalid := counted.model.validate():
        raise ReportedError(f"sums too large for the solver: {invalid}")
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    # Both cost seconds on ten thousand counts and find nothing.
    solver.parameters.find_big_linear_overlap = False
    solver.parameters.cp_model_probing_level = 0
    return solver, solver.solve(counted.model)
