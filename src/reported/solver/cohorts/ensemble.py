"""Many cohorts with every printed number, drawn from the stated distribution, and their files.

The file is an array in NumPy's format, compressed with xz: whole steps of each scale, with the
shape (columns, cohorts, patients enrolled). Patients followed up come first; what those lost do not
have is 0. Columns are those of ratings, durations and outcomes, in the order of the study, of
outcomes baseline and follow-up. Its companion in JSON says how well the chains mixed and, once that
is computed, how every number varies.
"""

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.study import Duration, Outcome, Rating, Study
from reported.claims.errors import ReportedError
from reported.claims.published import Published
from reported.solver.bounds.certainty import Spread
from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.open_numbers import open_numbers
from reported.solver.cohorts.target import Floats, Table
from reported.solver.constrained_outcome import Columns
from reported.solver.local_search import Distance, as_groups
from reported.solver.prior_draw import Levels

COMPANION = "ensemble.json"


@dataclass(frozen=True)
class Ensemble:
    """Cohorts in steps, shape (cohorts, enrolled, columns), and the file they are from."""

    study: Study
    table: Table
    cohorts: Levels
    file: Path = Path()

    @cached_property
    def told(self) -> dict[str, dict[str, list[float]]]:
        """What is told of these cohorts, `mixing` and `spreads`, by key of a number."""
        told = self.file.with_name(COMPANION)
        entries: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        if entries.pop("ensemble", None) != sha256(self.file.read_bytes()).hexdigest():
            raise ReportedError(
                f"{told}: tells of another ensemble than {self.file}; `make cohort`"
            )
        return entries

    @property
    def spreads(self) -> dict[str, Spread]:
        """How every number of the study varies, by key."""
        entries = self.told["spreads"].items()
        return {key: Spread(low, high, bool(fixed)) for key, (low, high, fixed) in entries}

    @cached_property
    def numbers(self) -> dict[str, Floats]:
        """The numbers that differ between cohorts, by key, each of shape (cohorts,)."""
        found = open_numbers(self.table, self.cohorts)
        return {key: values for key, values in found.items() if np.ptp(values) > 0}

    def columns(self) -> Iterator[Columns]:
        """Yield the cells of each cohort, column by column."""
        return (cells(self.table, cohort) for cohort in self.cohorts)

    def ranks(self, cohort: Levels) -> dict[str, float]:
        """Return the share of cohorts with a lower number than one cohort has, ties halved."""
        values = open_numbers(self.table, cohort[np.newaxis])
        return {key: float(rank(there, values[key])[0]) for key, there in self.numbers.items()}

    def implausible(self, cohorts: Levels) -> dict[str, Levels]:
        """Return how many patients of each cohort break each rule, and under `any` any of them."""
        found, followed = Implausible(self.study, self.table), cohorts[:, : self.table.n]
        broken = {name: found.of_rule(name, followed).sum(axis=1) for name in found.rules}
        return broken | {"any": found(followed).sum(axis=1)}

    def from_cells(self, columns: Mapping[str, list[str]]) -> Levels:
        """Return a cohort in steps from its cells, those followed up first."""
        return steps(self.table, columns)


def rank(values: Floats, at: Floats) -> Floats:
    """Return the share of values below, those equal counted half."""
    ordered = np.sort(values.round(DIGITS))
    value = at.round(DIGITS)
    ends = np.searchsorted(ordered, value), np.searchsorted(ordered, value, side="right")
    return np.asarray((ends[0] + ends[1]) / (2 * values.size))


# Equal numbers may differ in their last binary digits.
DIGITS = 9


def cells(table: Table, cohort: Levels) -> Columns:
    """Return the cells of a cohort in steps, column by column."""
    found: Columns = {"patient": [str(number + 1) for number in range(table.n_enrolled)]}
    for part in table.parts_in_study_order:
        state = [column[0] for column in table.state(part, cohort[np.newaxis])]
        found |= part.outcome.columns(as_groups(part.outcome, state))
    return found


def steps(table: Table, columns: Mapping[str, list[str]]) -> Levels:
    """Return the steps of a cohort from its cells, those followed up first."""
    rows = np.zeros((table.n_enrolled, table.width), dtype=np.int64)
    for part in table.parts:
        step = float(part.outcome.lattice.step)
        for column, name in zip(part.columns, _names(part.outcome.what), strict=True):
            rows[:, column] = [round(float(cell) / step) if cell else 0 for cell in columns[name]]
    late = {name for part in table.parts for name in _names(part.outcome.what)[-1:]}
    lost = [not any(columns[name][row] for name in late) for row in range(table.n_enrolled)]
    return np.asarray(rows[np.argsort(lost, kind="stable")])


def _names(what: object) -> list[str]:
    match what:
        case Outcome(columns=visits):
            return [visits.baseline, visits.follow_up]
        case Rating(column=column):
            return [column]
        case Duration(columns=columns):
            return [columns.time]
    raise TypeError(what)


def write_ensemble(cohorts: Levels, file: Path) -> None:
    """Write cohorts in steps, shape (cohorts, enrolled, columns)."""
    with lzma.open(file, "wb", preset=9) as stream:
        by_column = np.ascontiguousarray(cohorts.transpose(2, 0, 1), dtype="<i2")
        np.save(stream, by_column, allow_pickle=False)


def read_ensemble(file: Path, study: Study, published: Published) -> Ensemble:
    """Read cohorts, after every printed number was found in each.

    Raises
    ------
    ReportedError
        If there is no such file, or it holds anything but cohorts with every printed number.
    """
    try:
        with lzma.open(file) as stream:
            by_column = np.load(stream, allow_pickle=False).astype(np.int64)
    except (OSError, ValueError, EOFError, lzma.LZMAError) as error:
        raise ReportedError(f"{file}: no ensemble ({error}); run `reported reconstruct`") from None
    table = Table.of(study, published)
    if by_column.ndim == len(("columns", "cohorts", "patients")):
        ensemble = Ensemble(study, table, by_column.transpose(1, 2, 0), file)
        if ensemble.cohorts.shape[1:] == (table.n_enrolled, table.width) and lacking_none(ensemble):
            return ensemble
    raise ReportedError(f"{file}: cohorts of other claims or scales; run `reported reconstruct`")


def lacking_none(ensemble: Ensemble) -> bool:
    """Whether all values are on their scales, and every cohort has every printed number."""
    table = ensemble.table
    for part in table.parts:
        state, levels = table.state(part, ensemble.cohorts), part.outcome.lattice.levels
        inside = all(((column >= levels[0]) & (column <= levels[-1])).all() for column in state)
        if not inside or Distance(part.outcome)(state).any():
            return False
    return True
