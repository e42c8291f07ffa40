"""What each column of a study is: one registry, which everything that reads columns asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from beforeafter.study.definition import Study
from beforeafter.study.outcomes import BASELINE, FOLLOW_UP, ITEM


@dataclass(frozen=True)
class Role:
    """A column of the study, and what it may hold."""

    column: str  # its name in the study
    kind: Literal["number", "event", "category"]
    minimum: float | None = None  # the scale; None where any will do
    maximum: float | None = None
    step: float | None = None
    codes: tuple[int, ...] = ()  # the only numbers that it may hold, where the scale is not all
    words: tuple[str, ...] = ()  # the only words, or those that its numbers 1, 2, … stand for
    required: bool = True  # whether records must have it
    visit: str | None = None  # None for what is recorded once for each patient
    outcome: str | None = None  # the name of the outcome that is measured in it
    better: Literal["lower", "higher"] | None = None  # of a scale, the better end

    def has(self, code: str) -> bool:
        """Whether a code is a number of its scale, which has two ends."""
        try:
            return self.minimum is not None and self.minimum <= float(code) <= (self.maximum or 0)
        except ValueError:
            return False


def roles(study: Study) -> dict[str, Role]:
    """Return the role of each column; one that is looked at twice has the checks of its first."""
    found: dict[str, Role] = {}
    for role in _roles(study):
        found.setdefault(role.column, role)
    return found


def _roles(study: Study) -> Iterator[Role]:
    for outcome in study.outcomes:
        scale = (outcome.minimum, outcome.maximum, outcome.step)
        for visit, column in outcome.columns.by_visit.items():
            # What can be scored from items need not be recorded.
            scored = outcome.items is not None and visit in {BASELINE, FOLLOW_UP}
            yield Role(
                *(column, "number", *scale),
                required=not scored,
                visit=visit,
                outcome=outcome.name,
                better=outcome.better,
            )
    for _, items, instrument in study.scored():
        for visit, pattern in zip((BASELINE, FOLLOW_UP), items.visits, strict=True):
            for item, codes in instrument.codes.items():
                column, ends = pattern.replace(ITEM, item), (codes[0], codes[-1])
                yield Role(column, "number", *ends, codes=codes, required=False, visit=visit)
    for rating in study.ratings:
        yield Role(rating.column, "number", 1, len(rating.categories), 1, words=rating.categories)
    for duration in study.durations:
        yield Role(duration.columns.time, "number", 0, duration.horizon, duration.step)
        yield Role(duration.columns.event, "event")
    for one in study.characteristics:
        if one.is_number:
            yield Role(one.column, "number", one.minimum, one.maximum, required=False)
        else:
            yield Role(one.column, "category", words=one.categories or (), required=False)
