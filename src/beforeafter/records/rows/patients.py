"""Which rows are of patients of the study: no totals, headings, hidden rows, or other arms."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import code_of, number_of
from beforeafter.records.columns import ID, LABEL, Field
from beforeafter.records.files.table import EMPTY, PART, Cell, Column, Formula, Percent, is_skipped
from beforeafter.records.files.words import LIKE_MISSING, OF_REMARKS, SHORT_SUMMARY, SUMMARY
from beforeafter.records.files.workbook import PARTLY
from beforeafter.records.report import MOST_LISTED, Conversion, Remark, Report
from beforeafter.study import Records, plain_words

# Chance gives one patient the means of so few columns, hardly of more.
FEWEST_MEANS = 2
FEWEST_PATIENTS = 3
MOST = 0.8  # of the codes of patients have digits where all should
# In a registry totals are known by their words alone.
MOST_COMPARED = 20_000
TOTALS = "looks like a row of totals, or a remark"
Rows = NDArray[np.bool_]
Fields = dict[str, Field]
FEWEST_PATIENTS, LAST_ROWS = 3, 12
ASK = (
    "is it no patient? records: skip names rows to pass over, rows: [first, last] those of patients"
)
HIDDEN = "hidden or struck out"
ONLY = "records: only: "


def odd_codes(column: Column, *, named: bool) -> Iterator[tuple[int, str]]:
    """Yield distinct cells that are of no patient, by place, and why.

    In a column of codes (`named`) words of a summary, and what is unlike all other codes; in
    another column words of a summary and nothing else.
    """
    words = [plain_words(str(cell)) for cell in column.cells]
    find = SUMMARY.match if named else SUMMARY.fullmatch
    summaries = {place for place, text in enumerate(words) if find(text)}
    short = {place for place, text in enumerate(words) if text in SHORT_SUMMARY}
    usual = [text for place, text in enumerate(words) if place not in summaries | short]
    few = max(2, min(len(usual) - 1, MOST * len(usual)))
    have_digits = sum(any(map(str.isdigit, text)) for text in usual) >= few
    have_signs = sum(OF_REMARKS.search(text) is None for text in usual) < few
    for place, text in enumerate(words):
        if place in summaries or (place in short and (summaries or (named and have_digits))):
            yield place, TOTALS
        elif text in LIKE_MISSING or not named:
            continue
        elif have_digits and not any(map(str.isdigit, text)):
            yield place, "a word where codes of patients have digits"
        elif not have_signs and OF_REMARKS.search(text):
            yield place, "a remark where other rows have codes of patients"


def summary_of(scores: Mapping[str, NDArray[np.float64]], row: int, known: list[int]) -> str | None:
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
    decimals = [_decimals(value) for value in shown]
    usual = [max(map(_decimals, np.unique(column.dropna()))) for _, column in frame.items()]
    finer = any(here > there for here, there in zip(decimals, usual, strict=True))
    if not finer and not (shown > frame.max().to_numpy()).all():
        return None  # as patients have it
    for name, of in {"means": frame.mean(), "sums": frame.sum(), "SDs": frame.std()}.items():
        if all(
            abs(value - one) <= 0.5 * 10.0**-digits + 1e-9
            for value, one, digits in zip(shown, of, decimals, strict=True)
        ):
            return f"its numbers are the {name} of those above"
    return None


def _decimals(value: float) -> int:
    return len(f"{value:.12g}".partition(".")[2])


def patients_only(
    fields: Fields, declared: Records, marks: Mapping[int, str], report: Report
) -> Fields:
    """Return the fields in the rows of patients.

    The report is told of the fate of each row. Rows that look like no patients are problems, unless
    `records` says that they are passed over (`skip`), or that they are patients (`rows`).
    """
    left = dict(fields)
    report.rows.append(Conversion("", "rows below the header", _n_rows(left)))
    left = _without(left, _outside(left, declared), "outside records: rows", report)
    skipped = _skipped(left, declared)
    _tell_headings(left, skipped, report)
    left = _without(left, skipped, "passed over, as declared under records: skip", report)
    empty = _n_filled(left) == 0
    left = _without(left, empty, "without anything in the columns of the study", report)
    marked = _marked(left, declared, marks, report)
    if declared.marked == "skip" and marked.any():
        report.left_out[HIDDEN] = _n_patients(left, marked)
    left = _without(left, marked, HIDDEN, report)
    left = _without(left, _no_patients(left, declared, report), "of totals or headings", report)
    for name, values in declared.only.items():
        if f"{ONLY}{name}" in left:
            why, other = f"{name} is not {' or '.join(values)}", _other(left, name, values, report)
            report.left_out[why] = _n_patients(left, other)
            left = _without(left, other, f"left out: {why}", report)
    report.rows.append(Conversion("", "rows of patients", _n_rows(left)))
    return {ours: one for ours, one in left.items() if one.wanted.kind not in {"filter", "label"}}


def numbered(fields: Fields) -> Column:
    """Return a column of patients who have no codes: each row is one, of the number of the row."""
    rows = next(iter(fields.values())).column.rows
    cells = tuple(str(number % (1 << PART)) for number in rows.tolist())
    return Column(ID, 0, np.arange(len(rows), dtype=np.int32), cells, rows)


def _n_rows(fields: Fields) -> int:
    return len(_rows_of(fields))


def _rows_of(fields: Fields) -> NDArray[np.int64]:
    return next(iter(fields.values())).column.rows if fields else np.empty(0, np.int64)


def _n_patients(fields: Fields, out: Rows) -> int:
    """Return how many patients have all of their rows among those left out."""
    codes = fields[ID].column.codes if ID in fields else np.arange(len(out))
    return len(np.setdiff1d(codes[out], codes[~out]))


def _without(fields: Fields, rows: Rows, why: str, report: Report) -> Fields:
    if not rows.any():
        return fields
    report.rows.append(Conversion("", why, int(rows.sum())))
    return {ours: replace(field, column=field.column.take(~rows)) for ours, field in fields.items()}


def _outside(fields: Fields, declared: Records) -> Rows:
    first, last = declared.rows or (0, 1 << PART)
    numbers = _rows_of(fields) % (1 << PART)
    return (numbers < first) | (numbers > last)


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
        filled += (field.column.codes != EMPTY) & (field.wanted.kind not in {"visit", "label"})
    return filled


def _tell_headings(fields: Fields, skipped: Rows, report: Report) -> None:
    """Doubt that rows below a heading that is passed over are of patients of the study."""
    headings = np.flatnonzero(skipped & (_n_filled(fields) == 1))
    for heading in headings[:1].tolist():
        if below := int((~skipped[heading:]).sum()):
            rule = f"{below} rows below a heading that is passed over are read as patients"
            mend = "records: rows: [first, last] leaves them out"
            report.doubts.append(_about(fields, heading, rule, mend))


def _marked(fields: Fields, declared: Records, marks: Mapping[int, str], report: Report) -> Rows:
    rows = _rows_of(fields)
    marked: Rows = np.isin(rows, np.array([*marks], dtype=np.int64))
    if declared.marked == "read":
        if marked.any():
            report.convert("", "hidden or struck out, read as declared", int(marked.sum()))
        return np.zeros(len(rows), dtype=bool)
    mend = "is it of a patient? records: marked: read or skip tells of all such rows"
    # What is struck out in part is asked about whatever is declared.
    for mark in sorted({PARTLY} if declared.marked else {*marks.values()}):
        same = [at for at in np.flatnonzero(marked).tolist() if marks[int(rows[at])] == mark]
        numbers = ", ".join(str(rows[at] % (1 << PART)) for at in same[1:MOST_LISTED])
        rule = f"the row is {mark}" + (f", and {len(same) - 1} more: {numbers}" if numbers else "")
        report.problems += [_about(fields, at, rule, mend) for at in same[:1]]
    return marked


def _about(fields: Fields, at: int, rule: str, mend: str, value: object = None) -> Remark:
    column = next(iter(fields.values())).column
    part, number = divmod(int(column.rows[at]), 1 << PART)
    name = column.parts[part] if column.parts else ""
    return Remark(rule, mend, row=number, value=value, part=name)


def _no_patients(fields: Fields, declared: Records, report: Report) -> Rows:
    """Return the rows that look like totals and headings, and report them."""
    suspects = np.zeros(_n_rows(fields), dtype=bool)
    if declared.rows or not len(suspects):
        return suspects
    why = dict(_odd_rows(fields))
    scores = {
        ours: np.array([*map(number_of, one.column.cells), np.nan])[one.column.codes]
        for ours, one in fields.items()
        if one.wanted.kind == "number"
    }
    codes = fields[ID].column.codes if ID in fields else suspects[:0]
    without_code = np.flatnonzero(codes == EMPTY)
    for at in without_code.tolist():
        if all(np.isnan(values[at]) for values in scores.values()):
            why[at] = "no code of a patient, and no number: units, or a heading", _text(fields, at)
    # Totals that do not say so are among the last rows, or of nobody.
    rows = {*range(max(FEWEST_PATIENTS, len(suspects) - LAST_ROWS), len(suspects))}
    for last in sorted((rows | {*without_code[:LAST_ROWS].tolist()}) - {*why}):
        if summary := summary_of(scores, last, [*why]):
            why[last] = summary, None
    remarks = [_about(fields, at, rule, ASK, value) for at, (rule, value) in sorted(why.items())]
    report.refuse(remarks, len(remarks))
    suspects[[*why]] = True
    return suspects


def _odd_rows(fields: Fields) -> Iterator[tuple[int, tuple[str, object]]]:
    """Yield the rows whose code, or what stands in the first column, is of no patient."""
    filled = _n_filled(fields)
    for name in {LABEL, ID} & {*fields}:
        column = fields[name].column
        odd = dict(odd_codes(column, named=name == ID))
        longest = max(
            (len(str(cell)) for at, cell in enumerate(column.cells) if at not in odd), default=0
        )
        for at in np.flatnonzero(column.codes != EMPTY).tolist():
            cell, below = column.cells[column.codes[at]], len(filled) - at - 1
            rule = odd.get(int(column.codes[at]), "")
            heads = name == ID and filled[at] == 1 and below
            if rule or (heads and _is_word(cell, longest)):
                heading = f"a heading, with {below} rows below it" if heads else ""
                yield at, ("; ".join(filter(None, [rule, heading])), cell)


def _is_word(cell: Cell, longest: int) -> bool:
    """Whether a cell is longer than all codes, and has no digit."""
    return isinstance(cell, str) and len(cell) >= longest and cell.strip().isalpha() and longest > 0


def _text(fields: Fields, at: int) -> object:
    columns = (field.column for field in fields.values())
    there = [column.cells[column.codes[at]] for column in columns if column.codes[at] != EMPTY]
    return next((cell for cell in there if isinstance(cell, str)), None)


def _bare(cell: Cell | None) -> Cell | None:
    return _bare(cell.stored) if isinstance(cell, Formula | Percent) else cell


def _other(fields: Fields, name: str, values: tuple[str, ...], report: Report) -> Rows:
    """Return the rows that have none of the values; what other rows of a patient say holds too."""
    field = fields[f"{ONLY}{name}"]
    column, meant = field.column, {plain_words(value): value for value in values}
    names = [_filtered(cell, column.labels) & {*meant} for cell in column.cells]
    for value in {*meant} - {one for found in names for one in found}:
        there = ", ".join(sorted({str(_bare(cell)) for cell in column.cells})[:LAST_ROWS])
        rule, mend = f"no row has the value {meant[value]} of records: only", "correct the value"
        report.problems.append(Remark(rule, mend, column=name, value=f"there are {there}"))
    right = pd.Series(np.array([*map(bool, names), False])[column.codes])
    there_ = pd.Series(column.codes != EMPTY)
    if ID in fields:
        patients = pd.Series(fields[ID].column.codes)
        # Said once of a patient, it holds for all of his rows.
        n_said = pd.Series(column.codes).where(there_).groupby(patients).transform("nunique")
        anywhere = right.groupby(patients).transform("any")
        right = right | (~there_ & anywhere & (n_said == 1))
    other: Rows = ~right.to_numpy(dtype=bool)
    return other


def _filtered(cell: Cell, labels: Mapping[Cell, str]) -> set[str]:
    bare, label = _bare(cell), labels.get(cell, "")
    return {plain_words(str(text)) for text in (code_of(bare), label) if text}  # type: ignore[arg-type]
