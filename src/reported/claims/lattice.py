"""The values a scale can take, counted in its steps so that all sums are integers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from beforeafter.study import Duration, Outcome, Rating
from reported.claims.errors import ReportedError

# What a study measures, each with a name, a label and columns.
Measurement = Outcome | Rating | Duration


@dataclass(frozen=True)
class Lattice:
    """The multiples of a step from `levels[0]` to `levels[-1]` steps."""

    step: Fraction
    levels: range

    @classmethod
    def of(cls, what: Measurement) -> Lattice:
        """Return the values of a scale, codes of categories, or times up to a horizon."""
        if isinstance(what, Rating):
            return cls(Fraction(1), range(1, len(what.categories) + 1))
        ends = (0, what.horizon) if isinstance(what, Duration) else (what.minimum, what.maximum)
        step = Fraction(str(what.step))
        first, last = (Fraction(str(end)) / step for end in ends)
        if first.denominator != 1 or last.denominator != 1:
            raise ReportedError(
                f"{ends[0]} and {ends[1]} are not multiples of the step {what.step}"
            )
        return cls(step, range(int(first), int(last) + 1))

    def text(self, level: int) -> str:
        """Return a value with the decimals of the step: 314 steps of 0.1 are "31.4"."""
        step = Decimal(self.step.numerator) / Decimal(self.step.denominator)
        return f"{level * step:f}"
