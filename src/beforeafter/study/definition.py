"""The study definition: what was planned, measured and chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import PrivateAttr, model_validator

from beforeafter.study.characteristics import Characteristic
from beforeafter.study.compared import with_compared
from beforeafter.study.durations import Duration
from beforeafter.study.instruments import Instrument
from beforeafter.study.outcomes import BASELINE, FOLLOW_UP, ItemColumns, Outcome
from beforeafter.study.plan import Analysis, Protocol
from beforeafter.study.ratings import Rating
from beforeafter.study.recorded import Records
from declared import Definition


class Study(Definition):
    """A before/after study: protocol, choices and everything that was measured."""

    protocol: Protocol
    analysis: Analysis
    outcomes: tuple[Outcome, ...]
    ratings: tuple[Rating, ...] = ()
    durations: tuple[Duration, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    # By these names the columns of outcomes and the records may have more visits than two.
    compare: tuple[str, str] = (BASELINE, FOLLOW_UP)
    records: Records = Records()
    # Read from files of their own, so no field of this one.
    _instruments: dict[str, Instrument] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_compared_visits(cls, definition: Any) -> Any:
        return with_compared(definition)

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return {outcome.name: outcome for outcome in self.outcomes}[name]

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return {rating.name: rating for rating in self.ratings}[name]

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return {duration.name: duration for duration in self.durations}[name]

    def visit_name(self, visit: str) -> str:
        """Return what the study calls a visit: the two that are compared may have other names."""
        return dict(zip((BASELINE, FOLLOW_UP), self.compare, strict=True)).get(visit, visit)

    def ends(self, outcome: Outcome) -> tuple[float, float]:
        """Return the worst and the best score that anyone can have on a scale.

        A weighted score has no patient at 0 or 100: where it is known how an outcome is scored,
        the ends are those that answers can give.
        """
        ends = outcome.minimum, outcome.maximum
        if outcome.items and outcome.items.instrument in self._instruments:
            ends = self._instruments[outcome.items.instrument].range(outcome.items.score)
        return ends if outcome.benefit > 0 else ends[::-1]

    def scored(self) -> Iterator[tuple[Outcome, ItemColumns, Instrument]]:
        """Yield the outcomes that can be scored from items, with their questionnaires."""
        for outcome in self.outcomes:
            if outcome.items and outcome.items.instrument in self._instruments:
                yield outcome, outcome.items, self._instruments[outcome.items.instrument]

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The questionnaires by their names."""
        return self._instruments

    def with_instruments(self, instruments: Mapping[str, Instrument]) -> Self:
        """Return the study with its questionnaires."""
        study = self.model_copy()
        study._instruments = dict(instruments)
        return study
