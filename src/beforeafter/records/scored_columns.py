"""The columns of a cohort that hold answers to items, and the totals scored from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from beforeafter.records.scoring import score_items
from beforeafter.study import ITEM, Instrument, Study

# A recorded total was rounded to its step; beyond half a step it is another number.
ROUNDING = 0.5 + 1e-6
# A total without steps has at least two decimals.
CONTINUOUS = 0.01


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
        if scored.total not in table and missing:
            rule = f"column is missing, and cannot be scored without {', '.join(missing)}"
            yield Fault(None, scored.total, scored.total, rule)
        elif 0 < len(missing) < len(scored.items):
            rule = f"cannot be checked against its items without {', '.join(missing)}"
            yield Fault(None, scored.total, scored.total, rule)


def score_totals(table: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, list[Fault]]:
    """Score what the table has the items of, its columns holding what the study allows.

    Returns
    -------
    pandas.DataFrame
        The table, with a column for each total that was not recorded. A recorded total stays as
        it is: scoring it again must not change a result by what was rounded.
    list of Fault
        Each recorded total that is not what its items give. Nothing is compared where no item is
        answered: there the total is all that is known.
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
