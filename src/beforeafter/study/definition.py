"""The study definition: what was planned, measured and chosen; and functions of a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, PrivateAttr, model_validator

from beforeafter.study.compared import with_compared
from beforeafter.study.estimands import Estimand, one_primary, with_estimands
from beforeafter.study.instruments import Instrument
from beforeafter.study.measures import Characteristic, Duration, Rating
from beforeafter.study.outcomes import BASELINE, FOLLOW_UP, ItemColumns, Outcome
from beforeafter.study.plan import QUANTITIES, Analysis, Implausibility, Protocol
from beforeafter.study.recorded import Records
from declared import Definition, UnknownNameError, misfits

Measured = TypeVar("Measured")
Result = TypeVar("Result")
# What such a function returned, by its identity, kept so that no other thing can have that.
_RETURNED: dict[int, tuple[Any, Part, str]] = {}


@dataclass(frozen=True)
class Part:
    """An outcome, rating or duration together with its study: what a notebook passes around."""

    definition: Outcome | Rating | Duration
    study: Study

    def surely_better(self, change: Any) -> bool:
        """Return whether a change, from `lower` to `upper`, is all on the better side."""
        benefit = getattr(self.definition, "benefit", 0)
        return bool(min(benefit * change.lower, benefit * change.upper) > 0)

    @property
    def asked(self) -> dict[str, Any]:
        """What a function may ask of the study, by the name of its parameter."""
        return {
            "study": self.study,
            "analysis": self.study.analysis,
            "confidence_level": self.study.analysis.confidence_level,
            "protocol": self.study.protocol,
            "smallest": self.study.smallest_count,
        }


def _known(parts: Mapping[str, Measured], name: str, what: str) -> Measured:
    """Return a part of a study; of another name an error names those that there are."""
    if name not in parts:
        known = ", ".join(parts) or "none"
        raise UnknownNameError(f"{name!r} is no {what} of the study; it has: {known}")
    return parts[name]


class Study(Definition):
    """A before/after study: protocol, choices and everything that was measured."""

    protocol: Protocol
    analysis: Analysis
    outcomes: tuple[Outcome, ...]
    ratings: tuple[Rating, ...] = ()
    durations: tuple[Duration, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    estimands: Annotated[tuple[Estimand, ...], AfterValidator(one_primary)] = ()
    # Values of one patient that do not go together: a reconstruction has as few as it can.
    plausibility: tuple[Implausibility, ...] = ()
    # By these names the columns of outcomes and the records may have more visits than two.
    compare: tuple[str, str] = (BASELINE, FOLLOW_UP)
    records: Records = Records()
    # Those that have no file of their own under `instruments`.
    questionnaires: tuple[Instrument, ...] = ()
    # By name, those of this definition and those read from files.
    _instruments: dict[str, Instrument] = PrivateAttr(default_factory=dict)

    # Unless somebody knows better, data are of patients.
    _reconstructed: bool = PrivateAttr(default=False)

    def __getitem__(self, name: str) -> Part:
        """Return the outcome, rating or duration of that name, with this study."""
        return Part(_known(self.parts, name, "outcome, rating or duration"), self)

    @property
    def parts(self) -> dict[str, Outcome | Rating | Duration]:
        """The outcomes, ratings and durations by their names."""
        parts: list[Outcome | Rating | Duration] = [*self.outcomes, *self.ratings, *self.durations]
        return {part.name: part for part in parts}

    @property
    def primary(self) -> Part:
        """The primary outcome."""
        return next(self[part.name] for part in self.outcomes if part.role == "primary")

    @property
    def reconstructed(self) -> bool:
        """Whether the data are of nobody: a reconstruction, or a copy of it with changes."""
        return self._reconstructed

    @property
    def smallest_count(self) -> int:
        """The least count that is printed: any of a reconstruction, which is of nobody."""
        return 0 if self._reconstructed else self.analysis.smallest_count

    @model_validator(mode="before")
    @classmethod
    def _name_compared_visits(cls, definition: Any) -> Any:
        return with_estimands(with_compared(definition))

    @model_validator(mode="after")
    def _has_questionnaires(self) -> Self:
        self._instruments = {one.name: one for one in self.questionnaires}
        return self

    @model_validator(mode="after")
    def _plausibility_is_of_what_is_measured(self) -> Self:
        known = [
            f"{part.name}.{quantity}"
            for kind, quantities in QUANTITIES.items()
            for part in getattr(self, kind)
            for quantity in quantities
        ]
        misfits(
            (("plausibility", place, "together", key), key, f"expected one of {', '.join(known)}")
            for place, rule in enumerate(self.plausibility)
            for key in rule.together
            if key not in known
        )
        return self

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name."""
        return _known({outcome.name: outcome for outcome in self.outcomes}, name, "outcome")

    def rating(self, name: str) -> Rating:
        """Return the rating of that name."""
        return _known({rating.name: rating for rating in self.ratings}, name, "rating")

    def duration(self, name: str) -> Duration:
        """Return the duration of that name."""
        return _known({duration.name: duration for duration in self.durations}, name, "duration")

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

    def with_data(self, *, reconstructed: bool) -> Self:
        """Return the study of data of which it is known whose they are."""
        study = self.model_copy()
        study._instruments, study._reconstructed = self._instruments, reconstructed
        return study

    def with_instruments(self, instruments: Mapping[str, Instrument]) -> Self:
        """Return the study with its questionnaires."""
        study = self.model_copy()
        study._instruments = dict(instruments)
        return study


def of_part(key: str = "") -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Let a function take a part of a study.

    Parameters
    ----------
    key
        Under which the numbers of the result are published, within those of the part.

    Returns
    -------
    callable
        Decorates a function of an outcome, rating or duration. Called with a `Part` in its place,
        the function has `study`, `analysis`, `confidence_level`, `protocol` and `smallest` from the
        study of the part, where it takes these and none are given; so that what may not be told of
        few patients is not forgotten. What it returns remembers its key: see `key_of`.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        takes = signature(function)

        @wraps(function)
        def called(*given: Any, **named: Any) -> Result:
            part = next((one for one in given if isinstance(one, Part)), None)
            if part is None:
                return function(*given, **named)
            plain = (one.definition if isinstance(one, Part) else one for one in given)
            bound = takes.bind_partial(*plain, **named)
            for name in takes.parameters.keys() & part.asked.keys() - bound.arguments.keys():
                bound.arguments[name] = part.asked[name]
            result = function(*bound.args, **bound.kwargs)
            _RETURNED[id(result)] = result, part, key
            return result

        return called

    return decorate


def key_of(result: object) -> tuple[Part, str] | None:
    """Return of which part a result is, and its key within the numbers of the part."""
    known = _RETURNED.get(id(result))
    return known and known[1:]
