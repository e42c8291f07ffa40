r"""The distribution over cohorts that have every printed number.

A cohort is a table of whole steps: for each patient the two values of every scale and, if he was
followed up, the category of every rating and the time of every duration. It is drawn in two stages.

1. Parameters: the means and the covariance of a patient's row. What is printed of a scale fixes its
   means and standard deviations (`shape_of`). For the rest, the following are drawn: of a scale
   the share of its range at which its mean lies, normal about `MEAN`; its standard deviation,
   log-normal about `STANDARD_DEVIATION`; the correlation of both visits, uniform in `CORRELATIONS`,
   unless a printed P value fixes it or makes it larger; of ratings and durations mean and standard
   deviation alike. A severity and an improvement that all outcomes share correlate them; how
   strongly is uniform in `LOADINGS`.
2. The cohort, given the parameters: its probability is proportional to the multivariate normal
   density of its rows, that of baselines alone for those lost, if it has every printed number and
   no more implausible patients than the fewest that were found; otherwise it is 0.

So an ensemble is a mixture over parameters,

.. math:: p(cohort) = \int p(\theta) \, p(cohort \mid \theta, printed) \, d\theta,

in which the printed numbers decide about cohorts given the parameters, and about these only by
where they are centred: parameters under which the printed numbers are less likely count no less.
This is no posterior distribution of the parameters. Other priors give another ensemble.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from beforeafter.study import Duration, Outcome, Rating, Study
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.prior_draw import (
    BETTER,
    MEAN,
    RATING_SPREAD,
    STANDARD_DEVIATION,
    Levels,
    Supposed,
    shape_of,
)

Floats = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]
# What is drawn where nothing is printed: how far means are off, as a share of the range; how far
# deviations are, as a logarithm; the correlation of both visits, and how far severity and
# improvement go into each outcome.
MEAN_SPREAD, DEVIATION_SPREAD = 0.08, 0.2
CORRELATIONS, LOADINGS = (0.2, 0.8), (0.4, 0.9)
GREATEST_CORRELATION = 0.95
# The middle of the deviation of a duration, as a share of its horizon.
DURATION_SPREAD = 1 / 3


@dataclass(frozen=True)
class Part:
    """An outcome, and its columns in the table of a cohort: of a scale baseline, follow-up."""

    outcome: ConstrainedOutcome
    columns: tuple[int, ...]

    @property
    def is_scale(self) -> bool:
        """Whether it was measured at baseline too."""
        return isinstance(self.outcome.what, Outcome)

    def improvement(self, rows: Levels) -> Levels:
        """Return how much better each patient is, of rows whose last axis has all columns."""
        first, last = rows[..., self.columns[0]], rows[..., self.columns[-1]]
        if isinstance(what := self.outcome.what, Outcome):
            return what.benefit * (last - first)
        return last if isinstance(what, Duration) else -last

    @property
    def has_mean(self) -> bool:
        """Whether its mean is printed."""
        return bool({"baseline.mean", "follow_up.mean"} & self.outcome.intervals.keys())

    @cached_property
    def turning(self) -> float | None:
        """Where changes must lie so that more of them leave P as it is; None if P may be anything.

        With the sum D of n changes, t² is the same if the sum of their squares grows by 2 a for
        each step of D, where :math:`a = (D / n) (1 + (n - 1) / t^2)`.
        """
        what, p, n = self.outcome.what, self.outcome.intervals.get("change.p"), self.outcome.n
        if not isinstance(what, Outcome) or p is None or not p.low:
            return None
        shape = shape_of(what, self.outcome.intervals, self.outcome.sizes, Supposed())
        change = (shape.follow_up - shape.baseline) / float(self.outcome.lattice.step)
        return float(change * (1 + (n - 1) / student.isf(float(p.middle) / 2, n - 1) ** 2))

    @property
    def effort(self) -> int:
        """How often it is to be moved, in comparison."""
        if self.turning is not None:
            return 3
        return 2 if (not self.has_mean if self.is_scale else self.pinned) else 1

    @property
    def pinned(self) -> list[int]:
        """The columns of which the printed mean allows one sum."""
        sizes = self.outcome.sizes if self.is_scale else (self.outcome.n,)
        means = ("baseline", "follow_up") if self.is_scale else self.outcome.means
        step, found = self.outcome.lattice.step, self.outcome.intervals
        return [
            column
            for column, n, key in zip(self.columns, sizes, means, strict=False)
            if (mean := found.get(f"{key}.mean")) and len(mean.scaled(n / step).integers) == 1
        ]


@dataclass(frozen=True)
class Table:
    """How cohorts are laid out: shape (cohorts, enrolled, columns), those followed up first.

    Values are in steps; those that nobody has, of patients lost, are 0.
    """

    parts: tuple[Part, ...]
    n_enrolled: int
    n: int

    @classmethod
    def of(cls, study: Study, published: Published) -> "Table":
        """Return the table of all that a study measured."""
        n = published.reading.followed_up
        parts, first = [], 0
        for outcome in constrained_outcomes(study, published, n):
            width = 2 if isinstance(outcome.what, Outcome) else 1
            parts.append(Part(outcome, tuple(range(first, first + width))))
            first += width
        return cls(tuple(parts), published.reading.n_enrolled, n)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return sum(len(part.columns) for part in self.parts)

    @cached_property
    def baselines(self) -> list[int]:
        """The columns that those lost have too."""
        return [part.columns[0] for part in self.parts if part.is_scale]

    def part(self, name: str) -> Part:
        """Return the part of a name."""
        return next(part for part in self.parts if part.outcome.name == name)

    def state(self, part: Part, cohorts: Levels) -> tuple[Levels, ...]:
        """Return the columns of a part as local search has them."""
        if not part.is_scale:
            return (cohorts[:, : self.n, part.columns[0]],)
        before, after = part.columns
        return cohorts[:, :, before], cohorts[:, : self.n, after]


@dataclass(frozen=True)
class Density:
    """The normal distributions of rows, a precision each for those followed up, and lost."""

    centre: Floats  # in steps, shape (cohorts, columns)
    precision: Floats  # shape (2, cohorts, columns, columns)

    @classmethod
    def drawn(cls, table: Table, cohorts: int, rng: np.random.Generator) -> "Density":
        """Draw the parameters of each cohort."""
        drawn = [_parameters(table, rng) for _ in range(cohorts)]
        precision = np.zeros((2, cohorts, table.width, table.width))
        covariance = np.array([covariance for _, covariance in drawn])
        precision[0] = np.linalg.inv(covariance)
        base = np.ix_(range(cohorts), table.baselines, table.baselines)
        precision[1][base] = np.linalg.inv(covariance[base])
        return cls(np.array([centre for centre, _ in drawn]), precision)

    def of(self, which: Levels) -> "Density":
        """Return the distributions of some cohorts."""
        return Density(self.centre[which], self.precision[:, which])

    def gain(
        self, cohorts: Levels, lost: Flags, columns: Levels, old: Floats, new: Floats
    ) -> Floats:
        """Return what the log density gains where patients of some cohorts change in some columns.

        `lost`, shape (cohorts, patients), is whether patients were lost; `old` and `new` are all
        their values, shape (cohorts, patients, columns).
        """
        at = lost.astype(np.int64)[..., np.newaxis], cohorts[:, np.newaxis, np.newaxis], columns
        middle = (old + new) / 2 - self.centre[cohorts][:, np.newaxis]
        change = (old - new)[..., columns]
        return np.asarray(np.einsum("nkc,nkcj,nkj->n", change, self.precision[at], middle))

    def __call__(self, table: Table, cohorts: Levels) -> Floats:
        """Return the log density of cohorts up to a constant, shape (cohorts,)."""
        lost = np.tile(np.arange(table.n_enrolled) >= table.n, (len(cohorts), 1))
        # From the centre, where each density is greatest.
        new = cohorts - self.centre[:, np.newaxis]
        at_centre = Density(np.zeros_like(self.centre), self.precision)
        everything = np.arange(len(cohorts)), lost, np.arange(table.width)
        return at_centre.gain(*everything, np.zeros_like(new), new)


def _parameters(table: Table, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the means in steps and the covariance of the rows of one cohort."""
    centre, deviation = np.zeros(table.width), np.ones(table.width)
    # Columns: severity, improvement, and what is each column's own.
    loadings = np.zeros((table.width, 2 + table.width))
    severity, improvement = rng.uniform(*LOADINGS, 2)
    for part in table.parts:
        what, step = part.outcome.what, float(part.outcome.lattice.step)
        first, last = part.columns[0], part.columns[-1]
        better = _shared(table.width, 1, last, improvement)
        shift, stretch = rng.normal(0, MEAN_SPREAD), np.exp(rng.normal(0, DEVIATION_SPREAD))
        match what:
            case Outcome():
                supposed = Supposed(
                    MEAN + shift, STANDARD_DEVIATION * stretch, rng.uniform(*CORRELATIONS)
                )
                shape = shape_of(what, part.outcome.intervals, part.outcome.sizes, supposed)
                centre[[first, last]] = shape.baseline / step, shape.follow_up / step
                spreads = shape.baseline_deviation, shape.follow_up_deviation
                # A printed deviation of 0 would leave no room, and a correlation of 1 no density.
                deviation[[first, last]] = [max(spread / step, 1) for spread in spreads]
                r = np.clip(shape.correlation, -GREATEST_CORRELATION, GREATEST_CORRELATION)
                loadings[first] = -what.benefit * _shared(table.width, 0, first, severity)
                own = what.benefit * (1 - r**2) ** 0.5
                loadings[last] = r * loadings[first] + own * better
            case Rating():
                n = len(what.categories)
                centre[first] = (n + 1) / 2 - BETTER + n * shift
                deviation[first], loadings[first] = n * RATING_SPREAD * stretch, -better
            case Duration():
                times = part.outcome.lattice.levels[-1]
                centre[first] = times * (1 / 2 + shift)
                deviation[first], loadings[first] = times * DURATION_SPREAD * stretch, better
    scaled = deviation[:, np.newaxis] * loadings
    return centre, scaled @ scaled.T


def _shared(width: int, trait: int, column: int, loading: float) -> Floats:
    """Return the loadings of a column on one trait, and on what is its own."""
    found = np.zeros(2 + width)
    found[[trait, 2 + column]] = loading, (1 - loading**2) ** 0.5
    return found
