"""The values a scale can take, counted in its steps so that all sums are integers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from paincohort.study import Duration, Outcome, Rating
from reported.claims.errors import ReportedError


@dataclass(frozen=True)
class Lattice:
    """The multiples of a step from `levels[0]` to `levels[-1]` steps."""

    step: Fraction
    levels: range

    @classmethod
    def of_scale(cls, outcome: Outcome) -> Lattice:
        """Return the values of a scale; its ends must be multiples of its step."""
        return cls._between(outcome.minimum, outcome.maximum, outcome.step)

    @classmethod
    def of_codes(cls, rating: Rating) -> Lattice:
        """Return the codes of categories: 1, 2, …."""
        return cls(Fraction(1), range(1, len(rating.categories) + 1))

    @classmethod
    def until_horizon(cls, duration: Duration) -> Lattice:
        """Return the times at which a duration can end, the horizon last."""
        return cls._between(0, duration.horizon, duration.step)

    @classmethod
    def _between(cls, minimum: float, maximum: float, step: float) -> Lattice:
        exact = Fraction(str(step))
        first, last = Fraction(str(minimum)) / exact, Fraction(str(maximum)) / exact
        if first.denominator != 1 or last.denominator != 1:
            raise ReportedError(f"{minimum} and {maximum} are not multiples of the step {step}")
        return cls(exact, range(int(first), int(last) + 1))

    def text(self, level: int) -> str:
        """Return a value with the decimals of the step: 314 steps of 0.1 are "31.4"."""
        step = Decimal(self.step.numerator) / Decimal(self.step.denominator)
        return f"{level * step:f}"
