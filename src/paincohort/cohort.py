"""Reading the patients, and refusing what the study definition does not allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from paincohort.errors import DataError, Problem
from paincohort.quantities import quantity
from paincohort.scoring_columns import Fault, item_codes, missing_columns, score_totals
from paincohort.study import Characteristic, Study

ID = "patient"
HEADER_LINES = 1
TRUTH = {"true": True, "false": False}
# A decimal step (0.1) is not exact in binary: far below a step, far above the noise.
STEP_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Flow:
    """How many patients there are at each step."""

    n_enrolled: int = quantity("count")
    n_follow_up: int = quantity("count")
    n_lost: int = quantity("count")


def _on_step(minimum: float, step: float) -> pa.Check:
    def lands_on_step(values: pd.Series) -> pd.Series:
        steps = (values - minimum) / step
        return (steps - steps.round()).abs() < STEP_TOLERANCE

    return pa.Check(lands_on_step, error=f"in steps of {step:g} from {minimum:g}")


def _within(minimum: float | None, maximum: float | None) -> list[pa.Check]:
    if minimum is not None and maximum is not None:
        rule = f"from {minimum:g} to {maximum:g}"
        return [pa.Check.in_range(minimum, maximum, error=rule)]
    if minimum is not None:
        return [pa.Check.ge(minimum, error=f"at least {minimum:g}")]
    if maximum is not None:
        return [pa.Check.le(maximum, error=f"at most {maximum:g}")]
    return []


def _measured(minimum: float, maximum: float | None, step: float) -> pa.Column:
    checks = [*_within(minimum, maximum), _on_step(minimum, step)]
    return pa.Column(float, checks, nullable=True)


def _answered(codes: tuple[int, ...]) -> pa.Column:
    rule = f"one of the codes {', '.join(map(str, codes))}"
    check = pa.Check.isin(list(codes), error=rule)
    return pa.Column(float, check, nullable=True, required=False)


def _described(characteristic: Characteristic) -> pa.Column:
    if characteristic.is_number:
        bounds = _within(characteristic.minimum, characteristic.maximum)
        return pa.Column(float, bounds, nullable=True, required=False)
    allowed = characteristic.categories
    checks = [pa.Check.isin(list(allowed), error=f"one of {', '.join(allowed)}")] if allowed else []
    return pa.Column(str, checks, nullable=True, required=False)


def schema(study: Study) -> pa.DataFrameSchema:
    """Return the columns that a cohort of this study has, and what they may hold."""
    columns = {ID: pa.Column(str, unique=True)}
    for outcome in study.outcomes:
        for column in outcome.columns.pair:
            columns[column] = _measured(outcome.minimum, outcome.maximum, outcome.step)
            # What can be scored need not be recorded.
            columns[column].required = outcome.items is None
    columns |= {column: _answered(codes) for column, codes in item_codes(study).items()}
    for rating in study.ratings:
        columns[rating.column] = _measured(1, len(rating.categories), 1)
    for duration in study.durations:
        columns[duration.columns.time] = _measured(0, None, duration.step)
        truth = pa.Check.isin(list(TRUTH), error="true or false")
        columns[duration.columns.event] = pa.Column(str, truth, nullable=True)
    for characteristic in study.characteristics:
        columns[characteristic.column] = _described(characteristic)
    return pa.DataFrameSchema(columns, strict=True)


def _place(row: object, column: object) -> str:
    # pandera counts rows from 0 below the header; an editor counts lines from 1.
    line = "" if pd.isna(row) else f"row {int(row) + HEADER_LINES + 1}, "  # type: ignore[call-overload]
    return f"{line}column {column}"


RULES = {
    "column_in_dataframe": "column is missing",
    "column_in_schema": "column is not in study.yml: remove it, or declare it there",
    "field_uniqueness": "each patient has one row",
    "not_nullable": "may not be empty",
}


def _broken_rules(table: pd.DataFrame, rules: pa.DataFrameSchema) -> list[Problem]:
    try:
        rules.validate(table, lazy=True)
    except SchemaErrors as error:
        return [_problem(case) for case in error.failure_cases.itertuples()]
    return []


def _problem(case: Any) -> Problem:
    check = str(case.check)
    of_column = check.startswith("column_in")
    place = _place(case.index, case.failure_case if of_column else case.column)
    return Problem(place, case.failure_case, RULES.get(check, check))


def _problems(faults: Iterable[Fault]) -> list[Problem]:
    return [Problem(_place(row, column), value, rule) for row, column, value, rule in faults]


def _half_known_durations(table: pd.DataFrame, study: Study) -> list[Problem]:
    problems = []
    for duration in study.durations:
        time, event = duration.columns.time, duration.columns.event
        if time in table and event in table:
            for row in table.index[table[time].isna() != table[event].isna()]:
                empty = time if pd.isna(table.loc[row, time]) else event
                problems.append(Problem(_place(row, empty), "", "time and event go together"))
    return problems


def _read_text(file: Path) -> pd.DataFrame:
    try:
        # Blank lines are kept while reading, so that rows count as in an editor.
        text = pd.read_csv(
            file, dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False
        )
    except (FileNotFoundError, IsADirectoryError):
        raise DataError(file, [Problem("file", str(file), "no such file")]) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(file, [Problem("file", str(error), "not a CSV table")]) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise DataError(file, [Problem("row 2", text.index[0], "more cells than columns")])
    text = text.dropna(how="all")
    if text.empty:
        raise DataError(file, [Problem("file", "no rows", "at least one patient")])
    return text


def _to_numbers(
    text: pd.DataFrame, rules: pa.DataFrameSchema
) -> tuple[pd.DataFrame, list[Problem]]:
    """Turn the number columns into numbers, and report each cell that is none."""
    table, problems = text.copy(), []
    for name, column in rules.columns.items():
        if name in text and str(column.dtype) == "float64":
            table[name] = pd.to_numeric(text[name], errors="coerce").astype(float)
            unread = text.index[text[name].notna() & table[name].isna()]
            problems += [
                Problem(_place(row, name), text.loc[row, name], "not a number") for row in unread
            ]
    return table, problems


def read_cohort(file: Path, study: Study) -> pd.DataFrame:
    """Read and check the patients.

    Parameters
    ----------
    file
        CSV in UTF-8, one row per patient, an empty cell where nothing was measured.
    study
        The study definition: which columns there are and what they may hold. An outcome with
        `items` may be there as totals, as answers to its items, or as both, which must agree.

    Returns
    -------
    pandas.DataFrame
        One row per patient. Scores, codes and times are float, nan where missing; events are
        nullable booleans, True where the event was seen. A total that the file has only the items
        of is scored and added, unrounded.

    Raises
    ------
    DataError
        Every problem at once: file, row (as an editor counts), column, value and rule. Totals
        are compared with their items once every cell is readable.
    """
    text, rules = _read_text(file), schema(study)
    table, problems = _to_numbers(text, rules)
    problems += _broken_rules(table, rules)
    problems += _half_known_durations(text, study)
    problems += _problems(missing_columns(table, study))
    if problems:
        raise DataError(file, problems)
    table, disagreements = score_totals(table, study)
    if disagreements:
        raise DataError(file, _problems(disagreements))
    for duration in study.durations:
        event = duration.columns.event
        table[event] = table[event].map(TRUTH).astype("boolean")
    return table.reset_index(drop=True)


def patient_flow(cohort: pd.DataFrame, study: Study) -> Flow:
    """Count the patients enrolled, seen again and lost.

    Parameters
    ----------
    cohort
        One row per patient.
    study
        The study definition.

    Returns
    -------
    Flow
        A patient counts as followed up with at least one outcome measured at follow-up.
    """
    follow_up = [outcome.columns.follow_up for outcome in study.outcomes]
    seen = int(cohort[follow_up].notna().any(axis=1).sum())
    return Flow(n_enrolled=len(cohort), n_follow_up=seen, n_lost=len(cohort) - seen)
