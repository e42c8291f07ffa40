"""Which rows are of patients of the study: no totals, headings, hidden rows, or other arms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import LIKE_MISSING, code_of
from beforeafter.records.columns import ID, Field
from beforeafter.records.files.table import EMPTY, PART, Cell, Column, Formula, Percent, is_skipped
from beforeafter.records.files.workbook import PARTLY
from beforeafter.records.report import MOST_LISTED, Conversion, Remark, Report
from beforeafter.study import Records, plain_words

Rows = NDArray[np.bool_]
Fields = dict[str, Field]
SUMMARY = re.compile(
    r"^(moyennes?|means?|average|mittelwert|media|ecart[ -]types?|standard dev\w*|std\.? ?dev\w*|"
    r"medianes?|medians?|mediana|minimum|maximum|totaux|totals?|sommes?|sums?|subtotal|sous-total|"
    r"effectifs?|variance|fin du fichier|end of (file|table))\b|^n ?=|^#"
)
SHORT_SUMMARY = frozenset("min max n sd et ds sem iqr m q1 q3 std mean±sd moy med".split())  # noqa: SIM905
# Chance gives one patient the means of so few columns, hardly of more.
FEWEST_MEANS = 2
FEWEST_PATIENTS = 3
MOST = 0.8  # of the codes of patients have digits where all should
LAST_ROWS = 12
# In a registry totals are known by their words alone.
MOST_COMPARED = 20_000
TOTALS = "looks like a row of totals, or a remark"
SKIP = "records: skip names rows to pass over, rows: [first, last] those of patients"


def patients_only(
    fields: Fields, declared: Records, marks: Mapping[int, str], report: Report
) -> Fields:
    """Return the fields in the rows of patients.

    The report is told of the fate of each row. Rows that look like no patients are problems, unless
    `records` says that they are passed over (`skip`), or that they are patients (`rows`).
    """
    left, n_rows = dict(fields), _n_rows(fields)
    report.rows.append(Conversion("", "rows below the header", n_rows))
    for why, find in PASSED_OVER.items():
        passed = find(left, declared)
        if find is _skipped:
            _tell_headings(left, passed, report)
        left = _without(left, passed, why, report)
    why = "hidden or struck out"
    left = _without(left, _marked(left, declared, marks, report), why, report)
    left = _without(left, _no_patients(left, declared, report), "of totals or headings", report)
    for name, values in declared.only.items():
        if f"records: only: {name}" in left:
            why, other = f"{name} is not {' or '.join(values)}", _other(left, name, values)
            codes = left[ID].column.codes if ID in left else np.arange(len(other))
            report.left_out[why] = len(np.setdiff1d(codes[other], codes[~other]))
            left = _without(left, other, f"left out: {why}", report)
    report.rows.append(Conversion("", "rows of patients", _n_rows(left)))
    return {ours: field for ours, field in left.items() if field.wanted.kind != "filter"}


def numbered(fields: Fields) -> Column:
    """Return a column of patients who have no codes: each row is one, of the number of the row."""
    rows = next(iter(fields.values())).column.rows
    cells = tuple(str(number % (1 << PART)) for number in rows.tolist())
    codes = np.arange(len(rows), dtype=np.int32)
    return Column(ID, 0, codes, cells, rows)


def _n_rows(fields: Fields) -> int:
    return len(next(iter(fields.values())).column.codes) if fields else 0


def _without(fields: Fields, rows: Rows, why: str, report: Report) -> Fields:
    if not rows.any():
        return fields
    report.rows.append(Conversion("", why, int(rows.sum())))
    return {ours: replace(field, column=field.column.take(~rows)) for ours, field in fields.items()}


def _rows_of(fields: Fields) -> NDArray[np.int64]:
    numbers = next(iter(fields.values())).column.rows if fields else np.empty(0, np.int64)
    return numbers % (1 << PART)


def _outside(fields: Fields, declared: Records) -> Rows:
    first, last = declared.rows or (0, 1 << PART)
    return (_rows_of(fields) < first) | (_rows_of(fields) > last)


def _empty(fields: Fields, _: Records) -> Rows:
    empty: Rows = _n_filled(fields) == 0
    return empty


def _skipped(fields: Fields, declared: Records) -> Rows:
    skipped = np.zeros(_n_rows(fields), dtype=bool)
    for field in fields.values() if declared.skip else ():
        cells = [is_skipped([cell], declared.skip) for cell in field.column.cells]
        skipped |= np.array([*cells, False])[field.column.codes]
    return skipped


def _n_filled(fields: Fields) -> NDArray[np.int64]:
    """Return how many of the columns of the study have something in each row."""
    filled = np.zeros(_n_rows(fields), dtype=np.int64)
    for field in fields.values():
        filled += (field.column.codes != EMPTY) & (field.wanted.kind != "visit")
    return filled


def _tell_headings(fields: Fields, skipped: Rows, report: Report) -> None:
    """Doubt that rows below a heading that is passed over are of patients of the study."""
    headings = np.flatnonzero(skipped & (_n_filled(fields) == 1))
    for heading in headings[:1].tolist():
        if below := int((~skipped[heading:]).sum()):
            rule = f"{below} rows below a heading that is passed over are read as patients"
            mend = "records: rows: [first, last] leaves them out"
            row = int(next(iter(fields.values())).column.rows[heading])
            report.doubts.append(_about(fields, row, rule, mend))


PASSED_OVER: dict[str, Callable[[Fields, Records], Rows]] = {
    "outside records: rows": _outside,
    "passed over, as declared under records: skip": _skipped,
    "without anything in the columns of the study": _empty,
}


def _marked(fields: Fields, declared: Records, marks: Mapping[int, str], report: Report) -> Rows:
    rows = next(iter(fields.values())).column.rows if fields else np.empty(0, np.int64)
    marked: Rows = np.isin(rows, np.array([*marks], dtype=np.int64))
    if declared.marked == "read" or not marked.any():
        if marked.any():
            what = "hidden or struck out, read as declared"
            report.conversions.append(Conversion("", what, int(marked.sum())))
        return np.zeros(len(rows), dtype=bool)
    mend = "is it of a patient? records: marked: read or skip tells of all such rows"
    for mark in sorted(
        {*marks.values()} if declared.marked is None else {*marks.values()} & {PARTLY}
    ):
        same = [row for row in rows[marked].tolist() if marks[row] == mark]
        numbers = ", ".join(str(row % (1 << PART)) for row in same[1:MOST_LISTED])
        rule = f"the row is {mark}" + (f", and {len(same) - 1} more: {numbers}" if numbers else "")
        report.refuse((_about(fields, row, rule, mend) for row in same[:1]), 1)
    return marked


def _about(fields: Fields, row: int, rule: str, mend: str, value: object = None) -> Remark:
    part, number = divmod(row, 1 << PART)
    column = next(iter(fields.values())).column
    name = column.parts[part] if column.parts else ""
    return Remark(rule, mend, row=number, value=value, part=name)


def _no_patients(fields: Fields, declared: Records, report: Report) -> Rows:
    """Return the rows that look like totals and headings, and report them."""
    suspects = np.zeros(_n_rows(fields), dtype=bool)
    if declared.rows or not len(suspects):
        return suspects
    why: dict[int, tuple[str, object]] = {}
    if ID in fields:
        column = fields[ID].column
        odd = dict(_odd_codes(column))
        filled = _n_filled(fields)
        for row in np.flatnonzero(np.isin(column.codes, [*odd])).tolist():
            below = len(filled) - row - 1
            heading = (
                f"; a heading, with {below} rows below it" if filled[row] == 1 and below else ""
            )
            why[row] = odd[int(column.codes[row])] + heading, column.cells[column.codes[row]]
    scores = {
        ours: _numbers(field.column)
        for ours, field in fields.items()
        if field.wanted.kind == "number"
    }
    if ID in fields:
        no_numbers = np.all([np.isnan(values) for values in scores.values()], axis=0)
        nobody = (fields[ID].column.codes == EMPTY) & no_numbers
        for row in np.flatnonzero(nobody).tolist():
            why[row] = "no code of a patient, and no number: units, or a heading", None
    for last in _rows_to_compare(fields, why):
        if summary := _summary_of(scores, last, [*why]):
            why[last] = summary, None
    rows = next(iter(fields.values())).column.rows
    remarks = [
        _about(fields, int(rows[row]), rule, f"is it no patient? {SKIP}", value)
        for row, (rule, value) in sorted(why.items())
    ]
    report.refuse(remarks, len(remarks))
    suspects[[*why]] = True
    return suspects


def _odd_codes(column: Column) -> Iterator[tuple[int, str]]:
    """Yield codes of patients that are words of a summary, or words where others have numbers."""
    words = [plain_words(str(cell)) for cell in column.cells]
    summaries = {place for place, text in enumerate(words) if SUMMARY.match(text)}
    short = {place for place, text in enumerate(words) if text in SHORT_SUMMARY}
    digits = {place for place, text in enumerate(words) if any(map(str.isdigit, text))}
    n_codes, with_digits = len(words) - len(summaries | short), len(digits - summaries - short)
    for place, text in enumerate(words):
        if place in summaries or (place in short and 2 * with_digits > n_codes):
            yield place, TOTALS
        elif place in digits or text in LIKE_MISSING:
            continue
        elif with_digits >= max(2, min(n_codes - 1, MOST * n_codes)):
            yield place, "a word where codes of patients have digits"


def _numbers(column: Column) -> NDArray[np.float64]:
    return np.array([*map(_number, column.cells), np.nan])[column.codes]


def _number(cell: Cell) -> float:
    cell = _bare(cell)
    try:
        number = float(cell.replace(",", ".") if isinstance(cell, str) else cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.nan
    return number if abs(number) < np.finfo(float).max ** 0.5 else np.nan  # squares are added up


def _bare(cell: Any) -> Any:
    return _bare(cell.stored) if isinstance(cell, Formula | Percent) else cell


def _rows_to_compare(fields: Fields, known: Mapping[int, object]) -> list[int]:
    """Return rows that may be totals without saying so: the last ones, and those of nobody."""
    n_rows = _n_rows(fields)
    rows = {*range(max(FEWEST_PATIENTS, n_rows - LAST_ROWS), n_rows)}
    if ID in fields:
        rows |= {*map(int, np.flatnonzero(fields[ID].column.codes == EMPTY)[:LAST_ROWS])}
    return sorted(rows - {*known})


def _summary_of(
    scores: Mapping[str, NDArray[np.float64]], row: int, known: list[int]
) -> str | None:
    """Return what all numbers of a row are of those above: means, sums, standard deviations."""
    if not scores or len(next(iter(scores.values()))) > MOST_COMPARED:
        return None
    table = np.column_stack([*scores.values()])
    here, above = table[row], np.delete(table[:row], [one for one in known if one < row], axis=0)
    used = ~np.isnan(here) & ((~np.isnan(above)).sum(axis=0) >= FEWEST_PATIENTS)
    used &= np.array([len({*column[~np.isnan(column)]}) > 1 for column in above.T])
    if used.sum() < FEWEST_MEANS or (used != ~np.isnan(here)).any():
        return None
    frame, shown = pd.DataFrame(above[:, used]), here[used]
    if (shown == np.round(shown)).all() and not (shown > frame.max().to_numpy()).all():
        return None  # as patients have it
    for name, of in {"means": frame.mean(), "sums": frame.sum(), "SDs": frame.std()}.items():
        decimals = [len(f"{value:.12g}".partition(".")[2]) for value in shown]
        if all(
            abs(value - one) <= 0.5 * 10.0**-digits + 1e-9
            for value, one, digits in zip(shown, of, decimals, strict=True)
        ):
            return f"its numbers are the {name} of those above"
    return None


def _other(fields: Fields, name: str, values: tuple[str, ...]) -> Rows:
    """Return the rows that have none of the values; what other rows of a patient say holds too."""
    column = fields[f"records: only: {name}"].column
    meant = {plain_words(value) for value in values}
    names = [_filtered(cell, column.labels) & meant for cell in column.cells]
    right = pd.Series(np.array([*map(bool, names), False])[column.codes])
    there = pd.Series(column.codes != EMPTY)
    if ID in fields:
        patients = pd.Series(fields[ID].column.codes)
        # Said once of a patient, it holds for all of his rows.
        n_said = pd.Series(column.codes).where(there).groupby(patients).transform("nunique")
        anywhere = right.groupby(patients).transform("any")
        right = right | (~there & anywhere & (n_said == 1))
    other: Rows = ~right.to_numpy(dtype=bool)
    return other


def _filtered(cell: Cell, labels: Mapping[Cell, str]) -> set[str]:
    bare = _bare(cell)
    label = labels.get(cell, "")
    return {plain_words(str(text)) for text in (code_of(bare), label) if text}
