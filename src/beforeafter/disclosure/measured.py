"""What patients are measured by, and what is told of it: for the search of other patients."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from beforeafter.estimates import Floats, Integers, pairs_of
from beforeafter.figures import told_bars
from beforeafter.sensitivity import specification_curve
from beforeafter.study import Characteristic, Duration, Outcome, Rating, Study
from beforeafter.wording import baseline_table, each_number, numbers

# A continuous scale is looked at in so many steps.
STEPS = 1000
# What is told, by what it is; what is soonest computed comes first.
Told = Iterator[tuple[str, str]]
BARS, DESCRIBED = "bars", "who the patients are"
QUARTILES = 0.25, 0.5, 0.75
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


@dataclass(frozen=True)
class Measured:
    """Columns that are looked at together, and what is told of them."""

    columns: tuple[str, ...]
    values: Floats  # shape (patients, columns), nan where missing
    ends: tuple[float, float]
    step: float
    told: Callable[[pd.DataFrame], Told]  # what a paper tells of these columns, by what it is
    # Patients of one number: are of one group, of which something is told; were seen at the same
    # visits; are counted together.
    strata: Integers
    seen: Integers
    apart: Integers
    # Values, of the same shape → what is counted of each patient, and must stay; else nothing is.
    alike: Callable[[Floats], Any] = np.zeros_like
    has_means: bool = True  # whether means and deviations are told
    words: Sequence[Any] = ()  # what the column has in place of 0, 1, …

    def put(self, cohort: pd.DataFrame, values: Floats) -> pd.DataFrame:
        """Return the cohort with other values."""
        columns: Any = values.T
        if self.words:
            known: Any = np.where(np.isnan(values), 0, values).astype(int)
            words: Any = np.array(self.words, dtype=object)[known]
            (column,) = np.asarray(np.where(np.isnan(values), None, words)).T
            columns = [pd.Series(column, cohort.index).astype(cohort[self.columns[0]].dtype)]
        return cohort.assign(**dict(zip(self.columns, columns, strict=True)))


def all_measured(cohort: pd.DataFrame, study: Study) -> Iterator[Measured]:
    """Yield everything that patients of a cohort are measured by."""
    for outcome in study.outcomes:
        yield _pair(cohort, outcome, study)
        for column in set(outcome.columns.other.values()) & {*cohort}:
            yield _other_visit(cohort, column, outcome)
    for rating in study.ratings:
        yield _categories(cohort, rating, study)
    for duration in study.durations:
        yield _duration(cohort, duration, study)
        yield _event(cohort, duration, study)
    outcomes = {column for one in study.outcomes for column in one.columns.by_visit.values()}
    for part in study.characteristics:
        if part.column in cohort and part.column not in outcomes:
            if part.is_number:
                yield _number(cohort, part, study)
            elif cohort[part.column].notna().any():
                yield _categories(cohort, part, study)


def _pair(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> Measured:
    columns, of = outcome.columns.pair, _alone(study, outcomes=(outcome,))
    values = cohort[list(columns)].to_numpy(float)
    groups: list[Any] = [*np.isnan(values).T]
    seen = _numbered(groups, len(cohort))
    if outcome.role == "primary":
        groups += [
            _members(cohort, part) for part in study.characteristics if part.cuts or part.subgroup
        ]

    def told(other: pd.DataFrame) -> Told:
        pairs = pairs_of(other, outcome)
        change = pd.Series(pairs[1] - pairs[0])
        drawn_bars = told_bars(change, outcome, study.smallest_count)
        bars = Counter(np.digitize(change[drawn_bars.are_told], drawn_bars.edges).tolist())
        quartiles = np.quantile(pairs, QUARTILES, axis=1) if len(change) else 0
        yield BARS, f"{sorted(bars.items())} {quartiles}"
        yield from _texts(other, of)
        for one in numbers(specification_curve(other, of[outcome.name])).values():
            yield one.key, one.text

    ends = outcome.minimum, outcome.maximum
    return Measured(
        *(columns, values, ends, outcome.step or _fine(ends), told),
        alike=_counted(values, outcome, study),
        strata=_numbered(groups, len(cohort)),
        seen=seen,
        # What is told of all, less what is told of those seen twice, is of those lost.
        apart=seen,
    )


def _counted(values: Floats, outcome: Outcome, study: Study) -> Callable[[Floats], Any]:
    """Return what is counted of a pair: direction, responses, bars, and sides of quartiles."""
    pairs = values[~np.isnan(values).any(axis=1)]
    change = pairs[:, 1] - pairs[:, 0]
    edges, told, *_ = told_bars(pd.Series(change), outcome, study.smallest_count)
    # Shifts within a bar change none; where a bar is one value, those to and from bars left out.
    is_fine = np.diff(edges)[0] > 1.5 * (outcome.step or 0)
    drawn = np.unique(np.digitize(change if is_fine else change[told], edges))
    sorted_pairs = np.sort(pairs, axis=0)
    middle = np.array([q * (len(pairs) - 1) for q in QUARTILES])
    ranks = np.unique([np.floor(middle), np.ceil(middle)]).astype(int)[: len(pairs)]
    minimal = outcome.minimal_important_difference

    def alike(of: Floats) -> Any:
        before, after = of.T
        by = after - before
        bars = np.digitize(by, edges)
        marks = [np.where(np.isin(bars, drawn), bars, -1)]
        better = outcome.benefit * by
        marks += [100 * better >= t * before for t in study.analysis.responder_thresholds]
        marks += [sign * better >= minimal.value for sign in (-1, 1) if minimal]
        for column, order in zip(of.T, sorted_pairs[ranks].T, strict=True):
            marks += [np.searchsorted(order, column, side) for side in SIDES]
        return np.column_stack(marks).astype(np.int64)

    return alike


def _other_visit(cohort: pd.DataFrame, column: str, outcome: Outcome) -> Measured:
    ends = outcome.minimum, outcome.maximum
    return Measured(
        *((column,), cohort[[column]].to_numpy(float), ends, outcome.step or _fine(ends)),
        told=lambda _: iter(()),
        **_together(cohort),
    )


def _number(cohort: pd.DataFrame, part: Characteristic, study: Study) -> Measured:
    """Return a characteristic, of which the numbers on one side of each cut are a subgroup."""
    values = cohort[[part.column]].to_numpy(float)
    known, of = values[~np.isnan(values)], _alone(study, outcomes=(study.primary.definition,))
    ends = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Measured(
        *((part.column,), values, ends, 1.0, partial(_texts, study=of)),
        alike=lambda of: np.digitize(of, part.cuts),
        **_together(cohort) | {"strata": np.digitize(values[:, 0], part.cuts)},
    )


def _categories(cohort: pd.DataFrame, part: Rating | Characteristic, study: Study) -> Measured:
    """Return a column of categories: codes from 1 of a rating, words of a characteristic."""
    column = cohort[part.column]
    found = sorted(column.dropna().unique())
    words = () if isinstance(part, Rating) else tuple(part.categories or found)
    places = {word: place for place, word in enumerate(words)}
    values: Any = (column.map(places) if words else column).to_numpy(float)[:, np.newaxis]
    ends = (0.0, len(words) - 1.0) if words else (1.0, float(len(part.categories or ())))
    primary = study.primary.definition
    of = _alone(study, outcomes=(primary,), ratings=study.ratings)
    return Measured(
        *((part.column,), values, ends, 1.0, partial(_texts, study=of)),
        # Subgroups keep their patients.
        **_together(cohort) | ({"strata": column.factorize()[0]} if words else {}),
        has_means=False,
        words=words,
    )


def _duration(cohort: pd.DataFrame, duration: Duration, study: Study) -> Measured:
    of, time = _alone(study, durations=(duration,)), duration.columns.time
    event = cohort[duration.columns.event].fillna(value=False).to_numpy(bool)
    return Measured(
        (time,),
        cohort[[time]].to_numpy(float),
        (0.0, duration.horizon),
        duration.step,
        partial(_texts, study=of),
        alike=lambda of: np.hstack(
            [np.searchsorted(np.array(duration.times), of, side) for side in SIDES]
        ),
        **_together(cohort, event),
        has_means=False,
    )


def _event(cohort: pd.DataFrame, duration: Duration, study: Study) -> Measured:
    """Return who had the event: how many had it, or had it not, may be few."""
    column: Any = cohort[duration.columns.event]
    of = _alone(study, durations=(duration,))
    return Measured(
        (duration.columns.event,),
        column.astype("Float64").to_numpy(np.float64, na_value=np.nan)[:, np.newaxis],
        (0.0, 1.0),
        1.0,
        partial(_texts, study=of),
        **_together(cohort) | {"strata": column.factorize()[0]},
        has_means=False,
        words=(False, True),
    )


def _texts(cohort: pd.DataFrame, study: Study) -> Told:
    """Yield what is told of a cohort: each number as it is printed, and who the patients are."""
    for key, of in each_number(cohort, study):
        yield key, of.text(of.value)
    yield DESCRIBED, baseline_table(cohort, _alone(study), {}, smallest=study.smallest_count)


def _together(cohort: pd.DataFrame, *apart: Any) -> dict[str, Any]:
    """Return the numbers of patients who are all alike, but for what they are counted apart by."""
    return dict.fromkeys(("strata", "seen", "apart"), _numbered(apart, len(cohort)))


def _alone(study: Study, **parts: Any) -> Study:
    """Return the study with no more than some of what was measured."""
    return study.model_copy(update={"outcomes": (), "ratings": (), "durations": ()} | parts)


def _fine(ends: tuple[float, float]) -> float:
    return (ends[1] - ends[0]) / STEPS or 1.0


def _members(cohort: pd.DataFrame, part: Characteristic) -> Any:
    """Return the subgroup of each patient, by any number or word; there may be none."""
    if part.column not in cohort:
        return np.zeros(len(cohort))
    column = cohort[part.column]
    return np.digitize(column, part.cuts) if part.cuts else column.fillna("").to_numpy(str)


def _numbered(labels: Sequence[Any], n: int) -> Integers:
    """Return a number for each patient, the same for those who have the same labels."""
    if not labels:
        return np.zeros(n, dtype=np.int64)
    rows = pd.DataFrame(dict(enumerate(labels)), index=range(n))
    return np.asarray(rows.groupby(list(rows), dropna=False).ngroup(), dtype=np.int64)
