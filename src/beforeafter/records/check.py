"""Reading records from beginning to end: what is wrong with them, or the patients."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from beforeafter.records.cells import Notation, Refused
from beforeafter.records.columns import ID, KEYS, Field, Wanted, assign, chosen, wanted_columns
from beforeafter.records.computed import from_dates, missing_columns, score_totals
from beforeafter.records.files.formats import read_tables
from beforeafter.records.labels import tell_labels, tell_missing_codes
from beforeafter.records.report import Recorded, Remark, Report
from beforeafter.records.rows.layout import one_row_per_patient
from beforeafter.records.rows.patients import numbered, patients_only
from beforeafter.records.rules import tell_broken_rules, tell_combinations, tell_patients
from beforeafter.records.values import Values, decimal_mark, read_cells, remark
from beforeafter.study import Study

NO_COLUMNS = {"visit", "date"}
NOBODY = Wanted(ID, ID, "patient")


def check_records(file: Path, study: Study) -> Report:
    """Read the records of a study, and find everything that is wrong with them.

    Parameters
    ----------
    file
        CSV and its kin, XLSX, ODS, Parquet, SPSS or Stata.
    study
        The study definition; its `records` say how the file is to be read.

    Returns
    -------
    Report
        Problems, doubts and conversions; the cohort, if there is no problem.

    Raises
    ------
    UnreadableError
        If there is no such file, or it is no table, or larger than can be read.
    """
    report, wanted, declared = Report(file), wanted_columns(study), study.records
    table = read_tables(file, declared, lambda header: chosen(header, wanted), report)
    fields = assign(table, wanted, declared, report)
    if not table.n_rows and not report.problems:
        raise report.unreadable("no rows below the header", "a cohort has one patient or more")
    fields = patients_only(fields, declared, table.marks, report)
    if table.n_rows and fields and not report.problems and not report.rows[-1].cells:
        raise report.unreadable("no row of a patient is left", "see skip, rows and only of records")
    if declared.numbered and fields:
        fields[ID] = Field(NOBODY, numbered(fields))
    notation = Notation(decimal_mark(fields.values(), declared, report), table.typed, declared)
    said = _read(
        (field for field in fields.values() if field.wanted.kind in KEYS), notation, report
    )
    if declared.visits and declared.visits.in_rows:
        if {values.field.wanted.kind for values in said.values()} != KEYS:
            report.sort()
            return report
        fields = one_row_per_patient(fields, said, declared.visits, report)
        said = {ID: replace(said[ID], field=fields[ID])}
    rest = (field for ours, field in fields.items() if ours not in said)
    _check(said | _read(rest, notation, report), study, report)
    return report


def _read(fields: Iterable[Field], notation: Notation, report: Report) -> dict[str, Values]:
    return {field.wanted.ours: read_cells(field, notation, report) for field in fields}


def _check(said: Mapping[str, Values], study: Study, report: Report) -> None:
    if ID in said:
        tell_patients(said[ID], report)
    tell_labels(said, study, report)
    tell_missing_codes(said, report)
    tell_broken_rules(said, study, report)
    tell_combinations(said, study, report)
    cohort = _frame(said, study, report)
    report.problems += [
        Remark(fault.rule, column=fault.column, value=fault.value, shown=True)
        for fault in missing_columns(cohort, study)
    ]
    report.recorded += [
        Recorded(str(ours), int(there), len(cohort) - int(there))
        for ours, there in cohort.notna().sum().items()
    ]
    if not report.problems:
        cohort, faults = score_totals(cohort, study)
        mend = "correct the score or the answers"
        report.problems += [
            remark(said[fault.column].field, int(str(fault.row)), Refused(fault.rule, mend))
            for fault in faults
        ]
    report.sort()
    if not report.problems:
        # For the figure of the flow: who was there, and is of no arm or course of the study.
        cohort.attrs |= {"left_out": report.left_out} if report.left_out else {}
        report.cohort = cohort


def _frame(said: Mapping[str, Values], study: Study, report: Report) -> pd.DataFrame:
    """Return the cohort, its columns in the order of the file."""
    frame = pd.DataFrame(
        {
            values.field.wanted.ours: _series(values)
            for values in sorted(said.values(), key=lambda one: one.field.column.position)
            if values.field.wanted.kind not in NO_COLUMNS
        }
    )
    for duration in study.durations:
        dates = study.records.dates.get(duration.name)
        if dates and {*dates.model_dump().values()} <= {*said}:
            time, event = from_dates(duration, dates, said, report)
            frame[duration.columns.time] = time
            frame[duration.columns.event] = pd.Series(event, dtype="boolean")
    return frame


def _series(values: Values) -> pd.Series:
    kind = "boolean" if values.field.wanted.kind == "event" else values.distinct.dtype
    return pd.Series(values.values, dtype=kind)


def read_cohort(file: Path, study: Study) -> pd.DataFrame:
    """Read and check the patients.

    Parameters
    ----------
    file
        CSV and its kin, XLSX, ODS, Parquet, SPSS or Stata; see `beforeafter.records`.
    study
        The study definition: which columns there are, what they may hold, and under `records` how
        the file is to be read. An outcome with `items` may be there as totals, as answers to its
        items, or as both, which must agree.

    Returns
    -------
    pandas.DataFrame
        One row per patient. Scores, codes and times are float, nan where missing; events are
        nullable booleans, True where the event was seen. A total that the file has only the items
        of is scored and added, unrounded. Where the definition takes only some patients (`only`),
        `attrs["left_out"]` has how many were left out, by reason.

    Raises
    ------
    DataError
        Every problem at once: file, row (as a spreadsheet counts), column and rule, and the value
        only where it tells nobody who the patient is: this may end in a log. `beforeafter check`
        shows the author all values. Totals are compared with their items once every cell is
        readable.
    """
    report = check_records(file, study)
    if report.cohort is None:
        raise report.refusal()
    return report.cohort


def plain_cells(cohort: pd.DataFrame) -> dict[str, list[str]]:
    """Return a cohort as the cells of a plain CSV, whatever kind of file it was read from.

    Each column has its cells from the first patient to the last: numbers to 12 digits, `true` and
    `false`, an empty text where a value is missing.
    """
    return {str(name): [_plain(value) for value in cohort[name]] for name in cohort}


def _plain(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
