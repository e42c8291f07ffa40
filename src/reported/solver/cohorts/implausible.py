"""Which patients a study calls implausible, by the rules in its definition; and how few can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from beforeafter.study import Limits, Study
from reported.claims.errors import ImpossibleClaimsError
from reported.solver.cohorts.target import Part, Table
from reported.solver.count_model import Cell, CountModel
from reported.solver.decide import decide
from reported.solver.printed_constraints import model_of
from reported.solver.prior_draw import Levels

Flags = npt.NDArray[np.bool_]
# Steps times a decimal step are not exactly what is written: nothing is decided by their error.
SLACK = 1e-9


@dataclass(frozen=True)
class Condition:
    """Limits of a quantity such as `pain.improvement`."""

    part: Part
    quantity: str
    limits: Limits

    def holds(self, rows: Levels) -> Flags:
        """Return where it holds, of rows whose last axis has the columns of a table, in steps."""
        step = float(self.part.outcome.lattice.step)
        value = step * rows[..., self.part.columns[-1 if self.quantity == "follow_up" else 0]]
        if self.quantity == "improvement":
            value = step * self.part.improvement(rows)
        least, most = self.limits.at_least, self.limits.at_most
        found = np.ones(value.shape, dtype=bool)
        if least is not None:
            found &= value >= least - SLACK
        if most is not None:
            found &= value <= most + SLACK
        return found


class Implausible:
    """Tells which rows, values in steps with the columns of a table, break a rule of the study."""

    def __init__(self, study: Study, table: Table) -> None:
        # As many of such patients may be in a cohort.
        self.table, self.allowed = table, 0
        self.rules: dict[str, list[Condition]] = {}
        for rule in study.plausibility:
            keys = [(*key.partition("."), limits) for key, limits in rule.together.items()]
            self.rules[rule.name] = [
                Condition(table.part(name), quantity, limits) for name, _, quantity, limits in keys
            ]
        conditions = [one for rule in self.rules.values() for one in rule]
        # What rules are about, and its columns.
        self.parts = [p for p in table.parts if any(one.part == p for one in conditions)]
        self.columns = {column for part in self.parts for column in part.columns}

    def of_rule(self, name: str, rows: Levels) -> Flags:
        """Return which rows, the last axis of which are columns, break one rule."""
        return np.asarray(np.all([one.holds(rows) for one in self.rules[name]], axis=0))

    def __call__(self, rows: Levels) -> Flags:
        """Return which rows break any rule."""
        found = np.zeros(rows.shape[:-1], dtype=bool)
        for name in self.rules:
            found |= self.of_rule(name, rows)
        return found


@dataclass(frozen=True)
class Fewest:
    """Fewer implausible patients than `proven` no cohort has; and the rows of one found."""

    proven: int
    rows: Levels


def fewest(rules: Implausible, seed: int) -> Fewest:
    """Return how few patients can be implausible, by an integer program.

    Patients are counted by the values of each part, and by which rules these would break, of all
    parts together. Of a scale of many values only those of one cohort are counted: no proof.
    """
    model, table, parts = cp_model.CpModel(), rules.table, rules.parts
    n = table.n
    counted = [model_of(part.outcome, -1, _few_cells(part), model) for part in parts]
    kinds = [_kinds(rules, part, [*of.groups[0]]) for part, of in zip(parts, counted, strict=True)]
    joint = {both: model.new_int_var(0, n, "") for both in product(*map(dict.fromkeys, kinds))}
    for place, (of, its) in enumerate(zip(counted, kinds, strict=True)):
        for kind in dict.fromkeys(its):
            cells = [
                count for count, k in zip(of.groups[0].values(), its, strict=True) if k == kind
            ]
            model.add(sum(cells) == sum(joint[both] for both in joint if both[place] == kind))
    model.minimize(sum(joint[both] for both in joint if np.all(both, axis=0).any()))
    solver, status = CountModel(model, ()).solve(seed)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        names = " and ".join(part.outcome.name for part in parts)
        raise ImpossibleClaimsError(names, [*rules.rules], proven=False)
    chosen = [both for both, count in joint.items() for _ in range(solver.value(count))]
    rows = np.zeros((table.n_enrolled, table.width), dtype=np.int64)
    for place, (part, of) in enumerate(zip(parts, counted, strict=True)):
        values, *lost = of.values(solver)
        its = _kinds(rules, part, [tuple(row) for row in values.tolist()])
        mine, order = (
            sorted(range(n), key=list(k).__getitem__) for k in (its, [b[place] for b in chosen])
        )
        rows[np.ix_(order, part.columns)] = values[mine]
        rows[n:, part.columns[0]] = lost[0][:, 0] if lost else 0
    all_counted = all(part.outcome.exhaustive for part in parts)
    return Fewest(ceil(solver.best_objective_bound - SLACK) if all_counted else 0, rows)


def _few_cells(part: Part) -> list[Cell] | None:
    if part.outcome.exhaustive:
        return None
    return [tuple(cell) for cell in np.unique(decide(part.outcome).certificate[0], axis=0).tolist()]


def _kinds(rules: Implausible, part: Part, cells: Sequence[Cell]) -> list[tuple[bool, ...]]:
    """Return which rules the values of each cell would break, if those of all other parts did."""
    rows = np.zeros((len(cells), max(part.columns) + 1), dtype=np.int64)
    rows[:, part.columns] = cells
    mine = [[one.holds(rows) for one in rule if one.part == part] for rule in rules.rules.values()]
    true = np.ones(len(cells), dtype=bool)
    return list(zip(*(np.all([true, *of], axis=0).tolist() for of in mine), strict=True))
