"""Which patients a study calls implausible, by the rules in its definition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from beforeafter.study import Outcome, Study
from reported.solver.cohorts.target import Table
from reported.solver.prior_draw import Levels

Flags = npt.NDArray[np.bool_]
Values = Callable[[Levels], npt.NDArray[np.floating[Any]]]


class Implausible:
    """Tells which rows, values in steps with the columns of a table, break a rule of the study."""

    def __init__(self, study: Study, table: Table) -> None:
        self.rules = {
            rule.name: [
                (_values(table, key), limits.at_least, limits.at_most)
                for key, limits in rule.together.items()
            ]
            for rule in study.plausibility
        }

    def of_rule(self, name: str, rows: Levels) -> Flags:
        """Return which rows, the last axis of which are columns, break one rule."""
        found = np.ones(rows.shape[:-1], dtype=bool)
        for values, least, most in self.rules[name]:
            value = values(rows)
            if least is not None:
                found &= value >= least - SLACK
            if most is not None:
                found &= value <= most + SLACK
        return found

    def __call__(self, rows: Levels) -> Flags:
        """Return which rows break any rule."""
        found = np.zeros(rows.shape[:-1], dtype=bool)
        for name in self.rules:
            found |= self.of_rule(name, rows)
        return found


# Steps times a decimal step are not exactly what is written: nothing is decided by their error.
SLACK = 1e-9


def _values(table: Table, key: str) -> Values:
    """Return the function that takes a quantity such as `pain.improvement` from rows."""
    name, _, quantity = key.partition(".")
    part = table.part(name)
    first, last, step = part.columns[0], part.columns[-1], float(part.outcome.lattice.step)
    what = part.outcome.what
    if isinstance(what, Outcome) and quantity == "improvement":
        benefit = what.benefit
        return lambda rows: benefit * step * (rows[..., last] - rows[..., first])
    column = last if quantity == "follow_up" else first
    return lambda rows: step * rows[..., column]
