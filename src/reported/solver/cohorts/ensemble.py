"""Many cohorts with every printed number, drawn from the stated distribution, and their files.

The file is an array in NumPy's format, compressed with xz: whole steps of each scale, with the
shape (columns, cohorts, patients enrolled), those followed up first. Its companion in JSON says how
well the chains mixed and how every number varies.
"""

import csv
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.study import Study
from reported.claims.errors import ReportedError
from reported.claims.published import Published
from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.target import Floats, Part, Table
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
        """What is told of these cohorts, and of the one shown beside them (`write_told`)."""
        told = self.file.with_name(COMPANION)
        entries: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        if entries.pop("ensemble", None) != sha256(self.file.read_bytes()).hexdigest():
            raise ReportedError(
                f"{told}: tells of another ensemble than {self.file}; `make cohort`"
            )
        return entries

    def values(self, name: str) -> tuple[Floats, ...]:
        """Return values of those followed up, of a scale at both visits: (cohorts, patients)."""
        part = self.table.part(name)
        step, columns = float(part.outcome.lattice.step), self.table.state(part, self.cohorts)
        return tuple(step * column[:, : self.table.n] for column in columns)

    def columns(self) -> Iterator[Columns]:
        """Yield the cells of each cohort, column by column."""
        return (cells(self.table, cohort) for cohort in self.cohorts)

    def write_files(self, folder: Path) -> list[Path]:
        """Write each cohort to a file of its own, and return these."""
        files = [folder / f"cohort-{number:04}.csv" for number in range(len(self.cohorts))]
        for file, columns in zip(files, self.columns(), strict=True):
            write_columns(columns, file)
        return files

    def implausible(self, cohorts: Levels) -> dict[str, Levels]:
        """Return how many patients of each cohort break each rule, and under `any` any of them."""
        found, followed = Implausible(self.study, self.table), cohorts[:, : self.table.n]
        broken = {name: found.of_rule(name, followed).sum(axis=1) for name in found.rules}
        return broken | {"any": found(followed).sum(axis=1)}

    def implausible_numbers(self) -> dict[str, dict[str, int]]:
        """Return how many patients break each rule: in the cohort shown, at least, and at most."""
        return {
            rule: {
                "shown": int(self.told["implausible"][rule][0]),
                "fewest": int(counts.min()),
                "most": int(counts.max()),
            }
            for rule, counts in self.implausible(self.cohorts).items()
        }


def cells(table: Table, cohort: Levels) -> Columns:
    """Return the cells of a cohort in steps, column by column."""
    found: Columns = {"patient": [str(number + 1) for number in range(table.n_enrolled)]}
    for part in sorted(table.parts, key=lambda part: not part.is_scale):
        found |= cells_of(table, part, cohort)
    return found


def cells_of(table: Table, part: Part, cohort: Levels) -> Columns:
    """Return the cells of one part."""
    state = [column[0] for column in table.state(part, cohort[np.newaxis])]
    return part.outcome.columns(as_groups(part.outcome, state))


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def write_ensemble(cohorts: Levels, file: Path) -> None:
    """Write cohorts in steps, shape (cohorts, enrolled, columns)."""
    with lzma.open(file, "wb", preset=9) as stream:
        by_column = np.ascontiguousarray(cohorts.transpose(2, 0, 1), dtype="<i2")
        np.save(stream, by_column, allow_pickle=False)


def read_ensemble(file: Path, study: Study, published: Published) -> Ensemble:
    """Read cohorts; a ReportedError if there are none, or one that lacks a printed number."""
    try:
        with lzma.open(file) as stream:
            by_column = np.load(stream, allow_pickle=False).astype(np.int64)
    except (OSError, ValueError, EOFError, lzma.LZMAError) as error:
        raise ReportedError(f"{file}: no ensemble ({error}); run `reported reconstruct`") from None
    table = Table.of(study, published)
    if by_column.ndim == len(("columns", "cohorts", "patients")):
        ensemble = Ensemble(study, table, by_column.transpose(1, 2, 0), file)
        if ensemble.cohorts.shape[1:] == (table.n_enrolled, table.width) and _holds(ensemble):
            return ensemble
    raise ReportedError(f"{file}: cohorts of other claims or scales; run `reported reconstruct`")


def _holds(ensemble: Ensemble) -> bool:
    """Whether all values are on their scales, and every cohort has every printed number."""
    table, cohorts = ensemble.table, ensemble.cohorts
    for part in table.parts:
        state, levels = table.state(part, cohorts), part.outcome.lattice.levels
        if any(not levels[0] <= x <= levels[-1] for of in state for x in (of.min(), of.max())):
            return False
        if Distance(part.outcome)(state).any():
            return False
    return True
