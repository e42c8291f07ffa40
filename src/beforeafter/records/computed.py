"""What is computed from other columns: scores of questionnaires from items, times from dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.cells import Refused
from beforeafter.records.report import Report
from beforeafter.records.values import Values, tell_cells
from beforeafter.study import ITEM, Dates, Duration, Instrument, Study

# A recorded total was rounded to its step; beyond half a step it is another number.
ROUNDING = 0.5 + 1e-6
# A total without steps has at least two decimals.
CONTINUOUS = 0.01


def _months(start: pd.DatetimeIndex, end: pd.DatetimeIndex) -> pd.Index:
    """Whole calendar months: the month is complete on the day of the month it began on."""
    between = 12 * (end.year - start.year) + (end.month - start.month)
    return between - (end.day < start.day)


COMPLETED: dict[str, Callable[[pd.DatetimeIndex, pd.DatetimeIndex], pd.Index]] = {
    "days": lambda start, end: (end - start).days,
    "weeks": lambda start, end: (end - start).days // 7,
    "months": _months,
    "years": lambda start, end: _months(start, end) // 12,
}


def from_dates(
    duration: Duration, dates: Dates, said: Mapping[str, Values], report: Report
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Compute the time, in whole steps completed, and whether the event was seen, in the horizon.

    Missing is nan or None; an event after the horizon counts as not seen.
    """
    start, event, seen = (
        pd.DatetimeIndex(said[name].values) for name in (dates.start, dates.event, dates.last_seen)
    )
    _tell_disorder(dates, said, (start, event, seen), report)
    end = event.where(event.notna(), seen)
    time = COMPLETED[duration.unit](start, end).to_numpy(dtype=float)
    time = np.floor(time / duration.step) * duration.step
    known = ~np.isnan(time)
    within = known & (time < duration.horizon)
    happened = np.full(len(time), None, dtype=object)
    happened[known] = (event.notna() & within)[known]
    what = f"computed from the dates in {dates.start}, {dates.event} and {dates.last_seen}"
    report.convert(duration.columns.time, what, int(known.sum()))
    cut = int((event.notna() & known & ~within).sum())
    if cut:
        what = f"events after {duration.horizon:g} {duration.unit} count as not seen"
        report.convert(duration.columns.event, what, cut)
    return np.minimum(time, duration.horizon), happened


def _tell_disorder(
    dates: Dates,
    said: Mapping[str, Values],
    days: tuple[pd.DatetimeIndex, pd.DatetimeIndex, pd.DatetimeIndex],
    report: Report,
) -> None:
    start, event, seen = days
    started = said[dates.start].there
    followed = said[dates.event].there | said[dates.last_seen].there
    broken = (
        (dates.event, event < start, f"before {dates.start}"),
        (dates.last_seen, seen < start, f"before {dates.start}"),
        (dates.last_seen, seen < event, f"before {dates.event}"),
        (dates.start, ~started & followed, "missing, though later dates are there"),
        (dates.last_seen, started & ~followed, "missing, and so is the event"),
    )
    for name, rows, rule in broken:
        tell_cells(said[name].field, np.asarray(rows), Refused(rule, "correct the dates"), report)


def score_items(answers: pd.DataFrame, instrument: Instrument, score: str) -> pd.Series[float]:
    """Score a questionnaire from the answers to its items.

    `answers` has a float column per item, named as in the instrument, nan where nothing was
    answered. With fewer than `least_answered` answers the score is nan.

    Notes
    -----
    With k items of which a are answered, s the sum of what the answers count for, and c the
    constant, a sum is c + s k / a and a mean is c + s / a.

    Unanswered items thus count as the mean of the patient's answered ones; nothing is rounded.

    References
    ----------
    Bell ML, Fairclough DL, Fiero MH, Butow PN. Handling missing items in the Hospital Anxiety and
    Depression Scale: a simulation study. BMC Res Notes 2016;9:479.
    doi:10.1186/s13104-016-2284-z
    """
    rules = instrument.scores[score]
    total, answered = _tally(answers, instrument, score)
    enough = np.where(answered >= rules.least_answered, answered, np.nan)
    # The share of a complete questionnaire is exactly 1, so that nothing is lost by rounding.
    share = len(rules.items) / enough if rules.combine == "sum" else 1 / enough
    return pd.Series(rules.constant + total * share, index=answers.index, name=score)


def _tally(
    answers: pd.DataFrame, instrument: Instrument, score: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up what is answered, and count it: a sum and a number of items for each patient."""
    total, answered = np.zeros((2, len(answers)))
    codes = instrument.codes
    for item, worth in instrument.worth(score).items():
        given = answers[item].to_numpy(dtype=float)
        there = ~np.isnan(given)
        total[there] += np.array(worth)[_positions(given[there], codes[item], item)]
        answered += there
    return total, answered


def _positions(given: NDArray[np.float64], codes: tuple[int, ...], item: str) -> NDArray[np.int64]:
    known = np.array(codes)
    places = np.minimum(np.searchsorted(known, given), len(known) - 1)
    unknown = given[known[places] != given]
    if unknown.size:
        raise ValueError(f"item {item}: {unknown[0]:g} is none of the codes {codes}")
    return places


class Fault(NamedTuple):
    """One thing wrong in a table: row of its index (None for a whole column), column and value."""

    row: object
    column: str
    value: object
    rule: str


@dataclass(frozen=True)
class ScoredColumn:
    """A column of totals, and how its values follow from columns of items."""

    total: str  # the column of the outcome at one visit
    step: float | None  # in which totals are recorded
    instrument: Instrument
    score: str
    items: dict[str, str]  # item of the score → its column at that visit

    def score_of(self, table: pd.DataFrame) -> pd.Series[float]:
        """Return the score of each patient, nan where too few items are answered."""
        answers = table[list(self.items.values())].set_axis(list(self.items), axis="columns")
        return score_items(answers, self.instrument, self.score)


def missing_columns(table: pd.DataFrame, study: Study) -> Iterator[Fault]:
    """Yield the totals that are neither recorded nor to be scored, and items given in part."""
    for scored in _scored_columns(study):
        missing = [column for column in scored.items.values() if column not in table]
        there = scored.total in table
        if missing and not (there and len(missing) == len(scored.items)):
            cannot = (
                "cannot be checked against its items"
                if there
                else "column is missing, and cannot be scored"
            )
            rule = f"{cannot} without {', '.join(missing)}"
            yield Fault(None, scored.total, scored.total, rule)


def score_totals(table: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, list[Fault]]:
    """Score what the table has the items of, its columns holding what the study allows.

    The table gains a column for each total that was not recorded. A recorded total stays as it is,
    as scoring it again must not change a result by what was rounded; it is a fault if its items
    give another, where any is answered.
    """
    faults: list[Fault] = []
    added: dict[str, pd.Series[float]] = {}
    for scored in _scored_columns(study):
        if not set(scored.items.values()) <= set(table):
            continue
        if scored.total in table:
            faults += _disagreements(table, scored)
        else:
            added[scored.total] = scored.score_of(table)
    return table.assign(**added), faults


def _scored_columns(study: Study) -> Iterator[ScoredColumn]:
    for outcome, items, instrument in study.scored():
        for total, visit in zip(outcome.columns.pair, items.visits, strict=True):
            answered = instrument.scores[items.score].items
            columns = {item: visit.replace(ITEM, item) for item in answered}
            yield ScoredColumn(total, outcome.step, instrument, items.score, columns)


def _disagreements(table: pd.DataFrame, scored: ScoredColumn) -> Iterator[Fault]:
    recorded, score = table[scored.total], scored.score_of(table)
    answered = table[list(scored.items.values())].notna().sum(axis="columns")
    same = (recorded - score).abs() <= ROUNDING * (scored.step or CONTINUOUS)
    neither = recorded.isna() & score.isna()
    for row in table.index[(answered > 0) & ~same & ~neither]:
        value = "" if pd.isna(recorded[row]) else float(recorded[row])
        yield Fault(row, scored.total, value, _what_items_give(scored, score[row], answered[row]))


def _what_items_give(scored: ScoredColumn, score: float, answered: int) -> str:
    if pd.isna(score):
        least = scored.instrument.scores[scored.score].least_answered
        return f"its items give no score: {answered} answered, at least {least} needed"
    return f"its items give {score:.6g}"
