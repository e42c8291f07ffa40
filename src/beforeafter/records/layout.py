"""One row per patient, from records that have a row for each visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import Refused
from beforeafter.records.columns import ID, Field, Visit
from beforeafter.records.files.table import EMPTY, Codes
from beforeafter.records.report import Conversion, Report
from beforeafter.records.values import Values, tell_cells
from beforeafter.study import VisitRows

OTHER = "other"


@dataclass(frozen=True)
class _Rows:
    """The rows of a file: the number of their patient, -1 without one, and their visit."""

    patients: NDArray[np.int64]
    visits: NDArray[np.object_]
    n_patients: int

    def of(self, visit: Visit | None) -> NDArray[np.bool_]:
        """Return which rows are of a patient, and of a visit if one is named."""
        of_patients: NDArray[np.bool_] = self.patients >= 0
        return of_patients if visit is None else of_patients & (self.visits == visit)


def one_row_per_patient(
    fields: Mapping[str, Field], said: Mapping[str, Values], visits: VisitRows, report: Report
) -> dict[str, Field]:
    """Gather the rows of each patient into one, in the order in which patients appear.

    A column of one visit is taken from the row of that visit; what is recorded once for each
    patient, from whichever of his rows has it. Cells know the row of the file that they came from.
    The report is told of rows that are of no patient or visit, of visits that a patient has twice,
    and of what is recorded once and differs between the rows of a patient.
    """
    numbers, names = pd.factorize(said[ID].values, use_na_sentinel=True)
    rows = _Rows(numbers, _visits(said[visits.column], visits, report), len(names))
    nobody = Refused("may not be empty", "every row needs its patient")
    tell_cells(fields[ID], ~said[ID].there, nobody, report)
    for visit in ("baseline", "follow_up"):
        _tell_twice(rows, visit, fields[ID], report)
    what = f"{len(numbers)} rows of visits made into {len(names)} rows of patients"
    report.conversions.append(Conversion("", what))
    return {
        ours: _gathered(field, rows, report)
        for ours, field in fields.items()
        if field.wanted.kind != "visit"
    }


def _visits(said: Values, visits: VisitRows, report: Report) -> NDArray[np.object_]:
    """Return which visit each row is of."""
    meaning = dict.fromkeys(visits.other, OTHER)
    meaning |= {visits.baseline: "baseline", visits.follow_up: "follow_up"}
    names = np.array([meaning.get(value) for value in said.distinct], dtype=object)
    codes = said.field.column.codes
    unknown = (np.array([name is None for name in names]) & ~said.refused)[codes]
    mend = "records: visits: other names visits without scores of the study"
    tell_cells(said.field, unknown, Refused(f"one of {', '.join(meaning)}", mend), report)
    return names[codes]


def _tell_twice(rows: _Rows, visit: Visit, patients: Field, report: Report) -> None:
    of_visit = rows.of(visit)
    times = np.bincount(rows.patients[of_visit], minlength=rows.n_patients)
    twice = of_visit.copy()
    twice[of_visit] = times[rows.patients[of_visit]] > 1
    rule = f"each patient has one row of the {visit.replace('_', '-')} visit"
    tell_cells(patients, twice, Refused(rule, "keep one of the rows"), report)


def _gathered(field: Field, rows: _Rows, report: Report) -> Field:
    """Return a column with a row for each patient."""
    column = field.column
    everyone, taken = rows.of(None), rows.of(field.wanted.visit)
    if field.wanted.visit is None:
        taken &= column.codes != EMPTY
    codes: Codes = np.full(rows.n_patients, EMPTY, dtype=np.int32)
    numbers = np.zeros(rows.n_patients, dtype=np.int64)
    # Assigned from the last to the first, so that the first stays.
    numbers[rows.patients[everyone][::-1]] = column.rows[everyone][::-1]
    numbers[rows.patients[taken][::-1]] = column.rows[taken][::-1]
    codes[rows.patients[taken][::-1]] = column.codes[taken][::-1]
    if field.wanted.visit is None and field.wanted.kind != "patient":
        differs = taken.copy()
        differs[taken] = column.codes[taken] != codes[rows.patients[taken]]
        why = Refused("differs from an earlier row of this patient", "keep what is right")
        tell_cells(field, differs, why, report)
    return replace(field, column=replace(column, codes=codes, rows=numbers))
