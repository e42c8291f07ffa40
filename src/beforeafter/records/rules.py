"""What a cohort may hold: each column by itself, and columns together."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from beforeafter.records.cells import Refused
from beforeafter.records.columns import ID
from beforeafter.records.files.table import EMPTY
from beforeafter.records.report import Report
from beforeafter.records.values import ALIKE, OTHER_UNIT, Values, plain_code, remark, tell_cells
from beforeafter.study import Duration, Role, Study, roles

# Else pandera imports half of what it needs at the first check: after a kernel was forked.
pa.DataFrameSchema.register_default_backends(pd.DataFrame)

# A decimal step (0.1) is not exact in binary: far below a step, far above the noise.
STEP_TOLERANCE = 1e-6
# What a scale may have been recorded in by mistake, as a multiple of what it should be.
OTHER_UNITS = {
    "days": {24: "hours"},
    "weeks": {7: "days"},
    "months": {30: "days", 4: "weeks"},
    "years": {365: "days", 12: "months"},
}
OTHER_SCALES = {10: "a scale ten times as long", 100: "a scale a hundred times as long"}
# Above it, age alone may tell who a patient is.
OLDEST_OF_MANY = 89
# Patients may agree in a few scores by chance, hardly in so many.
MANY_VALUES = 8
CORRECT = "correct the cell; records: missing declares codes for missing"
# A month has up to 31 days.
ROOM = 1.05


def _on_step(minimum: float, step: float) -> pa.Check:
    def lands_on_step(values: pd.Series) -> pd.Series:
        steps = (values - minimum) / step
        return (steps - steps.round()).abs() < STEP_TOLERANCE

    return pa.Check(lands_on_step, error=f"in steps of {step:g} from {minimum:g}")


def _within(minimum: float | None, maximum: float | None) -> list[pa.Check]:
    if minimum is None:
        return [] if maximum is None else [pa.Check.le(maximum, error=f"at most {maximum:g}")]
    if maximum is None:
        return [pa.Check.ge(minimum, error=f"at least {minimum:g}")]
    return [pa.Check.in_range(minimum, maximum, error=f"from {minimum:g} to {maximum:g}")]


def allowed_columns(study: Study) -> dict[str, pa.Column]:
    """Return the columns that a cohort of this study has, and what they may hold."""
    return {
        ID: pa.Column(str, unique=True),
        **{column: _allowed(role) for column, role in roles(study).items()},
    }


def _allowed(role: Role) -> pa.Column:
    checks = _within(role.minimum, role.maximum)
    if role.codes:
        rule = f"one of the codes {', '.join(map(str, role.codes))}"
        checks = [pa.Check.isin(list(role.codes), error=rule)]
    elif role.kind == "category":
        rule = f"one of {', '.join(role.words)}"
        checks = [pa.Check.isin(list(role.words), error=rule)] if role.words else []
    elif role.step is not None:
        checks.append(_on_step(role.minimum or 0, role.step))
    kind = {"number": float, "category": str, "event": "boolean"}[role.kind]
    return pa.Column(kind, checks, nullable=True, required=role.required)


def tell_broken_rules(said: Mapping[str, Values], study: Study, report: Report) -> None:
    """Report each cell that its own column may not hold.

    The schema is asked about the distinct values of each column, all in one table, filled up with
    missing values.
    """
    known = allowed_columns(study)
    asked = {
        ours: values
        for ours, values in said.items()
        if values.field.wanted.kind in {"number", "category"} and ours in known
    }
    table = pd.DataFrame({ours: pd.Series(values.distinct) for ours, values in asked.items()})
    rules = pa.DataFrameSchema({ours: known[ours] for ours in asked})
    try:
        rules.validate(table, lazy=True)
    except SchemaErrors as error:
        for (ours, rule), cases in error.failure_cases.groupby(["column", "check"], sort=False):
            values = asked[ours]
            broken = np.zeros(len(values.distinct), dtype=bool)
            broken[cases["index"].astype(int)] = True
            why = Refused(rule, _other_unit(values, study) or CORRECT)
            tell_cells(values.field, broken[values.field.column.codes], why, report)


def _other_unit(values: Values, study: Study) -> str:
    """Guess what a whole column may have been recorded in, where it does not fit as it is."""
    ours, role = values.field.wanted.ours, values.field.wanted.role
    if role and role.outcome and role.maximum is not None:
        return _fitting(values.distinct, role.maximum, OTHER_SCALES)
    for duration in study.durations:
        if ours == duration.columns.time:
            return _fitting(values.distinct, duration.horizon, OTHER_UNITS.get(duration.unit, {}))
    return ""


def _fitting(values: NDArray[np.float64], maximum: float, units: Mapping[int, str]) -> str:
    greatest, middle = np.nanmax(values), np.nanmedian(values)
    for factor, name in sorted(units.items()):
        if maximum < middle and greatest <= factor * maximum * ROOM:
            return f"{OTHER_UNIT} {name}? then divide it by {factor}"
    return ""


def tell_patients(values: Values, report: Report) -> None:
    """Report patients without a code, or with the same one."""

    def tell(broken: pd.Series, rule: str, mend: str) -> None:
        tell_cells(values.field, broken.to_numpy(dtype=bool), Refused(rule, mend), report)

    names = pd.Series(values.values, dtype=object)
    tell(~pd.Series(values.there), "may not be empty", "give the patient a code")
    twice = names.duplicated(keep=False) & names.notna()
    mend = "keep one row; where each visit has one see records: visits, each course records: only"
    tell(twice, "each patient has one row", mend)
    # Of each code once: a long one may stand in every row of a small file.
    once = [None if code is None else plain_code(code) for code in values.distinct]
    plain = pd.Series(np.array(once, dtype=object)[values.field.column.codes])
    alike = plain.duplicated(keep=False) & plain.notna() & ~twice
    rule = "differs from another patient only in case or zeros in front"
    if not any(problem.rule == ALIKE for problem in report.problems):
        _doubt(values, alike.to_numpy(dtype=bool), rule, report)


def tell_combinations(said: Mapping[str, Values], study: Study, report: Report) -> None:
    """Report what cannot be true together of one patient, and what is allowed but worth a look."""
    for duration in study.durations:
        if {duration.columns.time, duration.columns.event} <= {*said}:
            _tell_duration(duration, said, report)
    after = [outcome.columns.follow_up for outcome in study.outcomes]
    seen = [said[ours].there for ours in after if ours in said]
    for rating in study.ratings:
        if seen and rating.column in said:
            rated = said[rating.column]
            unseen = rated.there & ~np.logical_or.reduce(seen)
            rule = "rated, but nothing else was measured at follow-up"
            mend = "if the patient was seen enter a score of that day, if not empty this cell"
            tell_cells(rated.field, unseen, Refused(rule, mend), report)
    _tell_doubts(said, study, report)


def _tell_duration(duration: Duration, said: Mapping[str, Values], report: Report) -> None:
    time, event = said[duration.columns.time], said[duration.columns.event]
    together = Refused("time and event go together", "fill in both, or neither")
    alone = time.there != event.there
    for one in (time, event):
        tell_cells(one.field, alone & ~one.there, together, report)
    happened = np.equal(event.values, True)
    if duration.recorded == "completed":
        late = happened & np.isclose(time.values, duration.horizon)
        rule = f"seen after the end of follow-up, {duration.horizon:g} {duration.unit}"
        mend = "who completed all of the follow-up had no event within it"
        tell_cells(event.field, late, Refused(rule, mend), report)
    if duration.recorded == "noticed":
        early = happened & (time.values == 0)
        why = Refused("noticed before anything was followed", "at which visit was it noticed?")
        tell_cells(time.field, early, why, report)


def _tell_doubts(said: Mapping[str, Values], study: Study, report: Report) -> None:
    for outcome in study.outcomes:
        before, after = (said.get(ours) for ours in outcome.columns.pair)
        if before and after:
            rule = "missing, though measured at follow-up"
            _doubt(before, ~before.there & after.there, rule, report)
    for described in study.characteristics:
        if described.unit == "years" and described.column in said:
            age = said[described.column]
            rule = f"above {OLDEST_OF_MANY} an age may tell who it is"
            _doubt(age, age.values > OLDEST_OF_MANY, rule, report)
    if ID in said:
        rule = "the same values as another patient in every column"
        _doubt(said[ID], _same_values(said), rule, report)


def _doubt(values: Values, rows: NDArray[np.bool_], rule: str, report: Report) -> None:
    found = np.flatnonzero(rows)
    report.doubt((remark(values.field, int(row), Refused(rule)) for row in found), len(found))


def _same_values(said: Mapping[str, Values]) -> NDArray[np.bool_]:
    """Return which patients have all their values, and many of them, in common with another."""
    codes = pd.DataFrame(
        {ours: values.field.column.codes for ours, values in said.items() if ours != ID}
    )
    many = (codes != EMPTY).sum(axis="columns") >= MANY_VALUES
    hashed = pd.util.hash_pandas_object(codes, index=False)
    same: NDArray[np.bool_] = (hashed.duplicated(keep=False) & many).to_numpy()
    return same
