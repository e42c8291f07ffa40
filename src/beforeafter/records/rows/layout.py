"""One row per patient, from records that have a row for each visit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import Refused
from beforeafter.records.columns import ID, Field
from beforeafter.records.files.table import EMPTY, Codes
from beforeafter.records.report import Remark, Report
from beforeafter.records.values import ALIKE, Values, plain_code, remark, tell_cells
from beforeafter.study import RecordedVisits, plain_words

OTHER = "other"
NOT_READ = "name the visit under records: visits, and its column under columns of the outcome"


@dataclass(frozen=True)
class _Rows:
    """The rows of a file: the number of their patient, -1 without one, and their visit."""

    patients: NDArray[np.int64]
    visits: NDArray[np.object_]
    n_patients: int
    measured: NDArray[np.bool_]  # whether there is anything of a visit in them

    def of(self, visit: str | None) -> NDArray[np.bool_]:
        """Return which rows are of a patient, and of a visit if one is named."""
        of_patients: NDArray[np.bool_] = self.patients >= 0
        return of_patients if visit is None else of_patients & (self.visits == visit)


def one_row_per_patient(
    fields: Mapping[str, Field], said: Mapping[str, Values], visits: RecordedVisits, report: Report
) -> dict[str, Field]:
    """Gather the rows of each patient into one, in the order in which patients appear.

    A column of one visit is taken from the row of that visit that has something; what is recorded
    once for each patient, from whichever of his rows has it. Cells know their row of the file.
    """
    codes = _codes(said[ID], visits, report)
    numbers, names = pd.factorize(codes, use_na_sentinel=True)
    visit_of = _visits(next(one for one in said.values() if _is_visit(one)), visits, report)
    filled = [one.column.codes != EMPTY for one in fields.values() if one.wanted.visit]
    measured = np.logical_or.reduce([*filled, np.zeros(len(numbers), dtype=bool)])
    rows = _Rows(numbers, visit_of, len(names), measured)
    nobody = Refused("may not be empty", "every row needs its patient")
    tell_cells(fields[ID], ~said[ID].there, nobody, report)
    for visit in visits.named:
        _tell_twice(rows, visit, fields[ID], report)
    report.convert("", f"{len(numbers)} rows of visits made into {len(names)} rows of patients")
    _tell_one_visit(said[ID], pd.Index(names), rows, visits, report)
    _tell_unread(fields, rows, visits, report)
    return {
        ours: _gathered(field, rows, report)
        for ours, field in fields.items()
        if field.wanted.kind != "visit"
    }


def _is_visit(values: Values) -> bool:
    return values.field.wanted.kind == "visit"


def _codes(said: Values, visits: RecordedVisits, report: Report) -> NDArray[np.object_]:
    """Return the code of the patient in each row, one for all that are declared to be alike."""
    if visits.match != "alike":
        return said.values
    first: dict[str, str] = {}
    meant = [
        None if code is None else first.setdefault(plain_code(code), code) for code in said.distinct
    ]
    for code, other in zip(said.distinct, meant, strict=True):
        if code != other:
            what = f"{code} is {other}: alike but for case or zeros, matched as declared"
            report.convert(said.field.wanted.theirs, what)
    return np.array(meant, dtype=object)[said.field.column.codes]


def _tell_one_visit(
    said: Values, names: pd.Index, rows: _Rows, visits: RecordedVisits, report: Report
) -> None:
    """Report how many patients have rows of one visit only, and whether two of them may be one."""
    of_visits = [rows.patients[rows.of(visit)] for visit in visits.named]
    there = np.column_stack([np.bincount(of, minlength=rows.n_patients) > 0 for of in of_visits])
    alone = there & (there.sum(axis=1, keepdims=True) == 1)
    for visit, count in zip(visits.named, alone.sum(axis=0).tolist(), strict=True):
        if count:
            what = f"patients have a row of the {_words(visit)} visit only"
            report.convert(said.field.wanted.theirs, what, count)
    plain = pd.Series([plain_code(str(name)) for name in names], dtype=object)
    twice = plain[plain.duplicated(keep=False)]
    groups = [group.index.to_numpy() for _, group in twice.groupby(twice)]
    apart = [group for group in groups if (there[group].sum(axis=0) <= 1).all()]
    if apart and visits.match is None:
        mend = "is it one patient? records: visits: match: alike joins them, exact keeps them apart"
        row = int(np.flatnonzero(rows.patients == apart[0][-1])[0])
        one = remark(said.field, row, Refused(ALIKE, mend))
        codes = " and ".join(str(names[patient]) for patient in apart[0])
        report.problems.append(replace(one, value=codes, shown=False, cells=len(apart)))


def _words(visit: str) -> str:
    return visit.replace("_", "-")


def _tell_unread(
    fields: Mapping[str, Field], rows: _Rows, visits: RecordedVisits, report: Report
) -> None:
    """Report scores at visits for which the study has no column."""
    read: dict[str, set[str]] = {}
    for field in fields.values():
        if field.wanted.visit is not None:
            read.setdefault(field.wanted.theirs, set()).add(field.wanted.visit)
    of = {field.wanted.theirs: field for field in fields.values()}
    for theirs, seen in read.items():
        for visit in sorted({*visits.named, OTHER} - seen):
            if unread := int((rows.of(visit) & (of[theirs].column.codes != EMPTY)).sum()):
                rule = f"{unread} values at the {_words(visit)} visit were not read"
                report.doubts.append(Remark(rule, NOT_READ, column=theirs))


def _visits(said: Values, visits: RecordedVisits, report: Report) -> NDArray[np.object_]:
    meaning = dict.fromkeys(visits.other, OTHER)
    meaning |= {sign: visit for visit, sign in visits.named.items()}
    signs = [*meaning]
    plain = {plain_words(sign): visit for sign, visit in meaning.items()}
    if len(plain) == len(meaning):  # but for case, accents and spaces
        for sign in said.distinct[:-1]:
            if sign not in meaning and plain_words(str(sign)) in plain:
                meaning[sign] = plain[plain_words(str(sign))]
                what = f"{sign} → the {_words(meaning[sign])} visit"
                report.convert(said.field.wanted.theirs, what)
    names = np.array([meaning.get(value) for value in said.distinct], dtype=object)
    codes = said.field.column.codes
    unknown = (np.array([name is None for name in names]) & ~said.refused)[codes]
    mend = "records: visits names it, or under other, without scores; only leaves its rows out"
    tell_cells(said.field, unknown, Refused(f"one of {', '.join(signs)}", mend), report)
    return names[codes]


def _tell_twice(rows: _Rows, visit: str, patients: Field, report: Report) -> None:
    of_visit = rows.of(visit) & rows.measured
    times = np.bincount(rows.patients[of_visit], minlength=rows.n_patients)
    twice = of_visit.copy()
    twice[of_visit] = times[rows.patients[of_visit]] > 1
    rule = f"each patient has one row of the {_words(visit)} visit"
    tell_cells(patients, twice, Refused(rule, "keep one of the rows"), report)


def _gathered(field: Field, rows: _Rows, report: Report) -> Field:
    column = field.column
    everyone, of_visit = rows.of(None), rows.of(field.wanted.visit)
    taken = of_visit & (column.codes != EMPTY)
    codes: Codes = np.full(rows.n_patients, EMPTY, dtype=np.int32)
    numbers = np.zeros(rows.n_patients, dtype=np.int64)
    # Assigned from the last to the first, so that the first stays.
    for some in (everyone, of_visit, taken):
        numbers[rows.patients[some][::-1]] = column.rows[some][::-1]
    codes[rows.patients[taken][::-1]] = column.codes[taken][::-1]
    if field.wanted.visit is None and field.wanted.kind != "patient":
        differs = taken.copy()
        differs[taken] = column.codes[taken] != codes[rows.patients[taken]]
        why = Refused("differs from an earlier row of this patient", "keep what is right")
        tell_cells(field, differs, why, report)
    return replace(field, column=replace(column, codes=codes, rows=numbers))
