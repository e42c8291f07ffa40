"""How many patients have which values: unknown integers, and inequalities between their sums.

Values are counted in steps of their scale, so that sums are integers, linear in the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from reported.claims.errors import ReportedError
from reported.claims.printed import Interval
from reported.solver.prior_draw import Levels

Cell = tuple[int, ...]
Counts = Mapping[Cell, cp_model.IntVar]

# In the solver's deterministic time, a few seconds each: with a clock the result would vary.
EFFORT = 4.0


@dataclass(frozen=True)
class Moments:
    """Sum, its square and n·(sum of squares) - sum² of n integers: what mean, SD and t need."""

    n: int
    total: cp_model.IntVar
    square: cp_model.IntVar
    spread: cp_model.IntVar


@dataclass(frozen=True)
class CountModel:
    """Groups of patients, each with the number of patients in every cell of their values."""

    model: cp_model.CpModel
    groups: tuple[Counts, ...]

    @classmethod
    def of(
        cls, *groups: tuple[Iterable[Cell], int], model: cp_model.CpModel | None = None
    ) -> CountModel:
        """Return a model of groups, each given by its cells and number, added to one of others."""
        model = model or cp_model.CpModel()
        counted = []
        for cells, n in groups:
            counts = {cell: model.new_int_var(0, n, f"n{cell}") for cell in cells}
            model.add(cp_model.LinearExpr.sum(list(counts.values())) == n)
            counted.append(counts)
        return cls(model, tuple(counted))

    def total(self, groups: Iterable[Counts], value: Callable[[Cell], int]) -> cp_model.LinearExpr:
        """Return the sum of a value over the patients of some groups."""
        counts = [(count, value(cell)) for group in groups for cell, count in group.items()]
        return cp_model.LinearExpr.weighted_sum([n for n, _ in counts], [x for _, x in counts])

    def moments(self, groups: Iterable[Counts], value: Callable[[Cell], int], n: int) -> Moments:
        """Return the moments of a value over the n patients of some groups."""
        model, groups = self.model, list(groups)
        greatest = max(abs(value(cell)) for group in groups for cell in group)
        total = model.new_int_var(-n * greatest, n * greatest, "sum")
        squares = model.new_int_var(0, n * greatest**2, "sum of squares")
        square = model.new_int_var(0, (n * greatest) ** 2, "square of the sum")
        spread = model.new_int_var(0, (n * greatest) ** 2, "spread")
        model.add(total == self.total(groups, value))
        model.add(squares == self.total(groups, lambda cell: value(cell) ** 2))
        model.add_multiplication_equality(square, [total, total])
        model.add(spread == n * squares - square)
        return Moments(n, total, square, spread)

    def require_within(
        self,
        numerator: cp_model.LinearExpr,
        denominator: cp_model.LinearExpr | int,
        interval: Interval,
    ) -> None:
        """Require numerator / denominator, the latter positive, to lie in the interval."""
        self.require_at_least(numerator, denominator, interval.low, closed=interval.low_closed)
        self.require_at_least(-numerator, denominator, -interval.high, closed=interval.high_closed)

    def require_at_least(
        self,
        numerator: cp_model.LinearExpr,
        denominator: cp_model.LinearExpr | int,
        bound: Fraction,
        *,
        closed: bool = True,
    ) -> None:
        """Require numerator / denominator, the latter positive, to reach or exceed a bound."""
        # Integers: above the bound is the same as at least one more.
        excess = bound.denominator * numerator - bound.numerator * denominator
        self.model.add(excess >= (0 if closed else 1))

    def solve(
        self, seed: int, effort: float = EFFORT
    ) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        """Return the solver after its search, the same in every run, and what it came to."""
        if invalid := self.model.validate():
            raise ReportedError(f"sums too large for the solver: {invalid}")
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = effort
        # Both cost seconds on ten thousand counts and find nothing.
        solver.parameters.find_big_linear_overlap = False
        solver.parameters.cp_model_probing_level = 0
        return solver, solver.solve(self.model)

    def values(self, solver: cp_model.CpSolver) -> tuple[Levels, ...]:
        """Return the values of the patients in each group, shape (patients, values)."""
        return tuple(
            np.repeat(np.array(list(group), int), [solver.value(n) for n in group.values()], axis=0)
            for group in self.groups
        )
