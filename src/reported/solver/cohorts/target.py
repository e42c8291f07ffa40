"""The distribution over cohorts that have every printed number.

A cohort is a table of whole steps: for each patient the two values of every scale and, if he was
followed up, the category of every rating and the time of every duration. Its probability is
proportional to the product of

- 1 if the cohort has every printed number, otherwise 0;
- 1 if no more of its patients are implausible than `Chains.least`, otherwise 0;
- the marginal density of its rows under a multivariate normal distribution whose mean and
  covariance have a normal-inverse-Wishart prior, taken at the values that scales, categories and
  times have.

The prior of the mean counts as `MEAN_WEIGHT` patients, that of the covariance as
`COVARIANCE_WEIGHT` patients more than it needs to be proper. They are centred where `shape_of` puts
a scale: on what is printed, otherwise on the middle of the scale. The correlations of the centre
come from a severity and an improvement that all outcomes share (`LOADING`). So what is printed is
kept exactly, and what is not is drawn from a stated distribution; another prior gives another.

Of those who were lost only baselines exist. As their missing values are later ones, the density has
a closed form: with T the moment matrix of rows (1, x) plus that of the prior,

.. math:: |T_{pairs}|^{-(a + n)/2} |T^B_{pairs}|^{(b + n)/2} |T^B_{all}|^{-(b + N)/2},

where B marks the baselines alone, a and b are the prior's degrees of freedom for all columns and
for baselines, n patients were followed up and N were enrolled.

References
----------
Gelman A et al. Bayesian Data Analysis, 3rd ed., 2013, section 3.6.
Anderson TW. Maximum likelihood estimates for a multivariate normal distribution when some
observations are missing. J Am Stat Assoc 1957;52:200-3.
https://doi.org/10.1080/01621459.1957.10501379
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from beforeafter.study import Duration, Outcome, Rating, Study
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.prior_draw import (
    BETTER,
    LOADING,
    RATING_SPREAD,
    Levels,
    shape_of,
)

Floats = npt.NDArray[np.float64]
# How many patients the priors of mean and covariance count as.
MEAN_WEIGHT, COVARIANCE_WEIGHT = 4, 40
# The prior deviation of a duration, as a share of its horizon.
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

    @property
    def parts_in_study_order(self) -> tuple[Part, ...]:
        """The parts with scales first, as a study has them."""
        return tuple(sorted(self.parts, key=lambda part: not part.is_scale))

    def part(self, name: str) -> Part:
        """Return the part of a name."""
        return next(part for part in self.parts if part.outcome.name == name)

    def state(self, part: Part, cohorts: Levels) -> tuple[Levels, ...]:
        """Return the columns of a part as local search has them."""
        if not part.is_scale:
            return (cohorts[:, : self.n, part.columns[0]],)
        before, after = part.columns
        return cohorts[:, :, before], cohorts[:, : self.n, after]


class Density:
    """The logarithm of the probability of cohorts, up to a constant, without the indicators."""

    def __init__(self, table: Table) -> None:
        self.table = table
        centre, deviation, correlation = _prior(table)
        self._centre, self._deviation = centre, deviation
        width = table.width
        self._prior = np.zeros((width + 1, width + 1))
        self._prior[0, 0] = MEAN_WEIGHT
        self._prior[1:, 1:] = COVARIANCE_WEIGHT * correlation
        self._base = np.array([0, *(column + 1 for column in table.baselines)])

    def rows(self, values: Levels) -> Floats:
        """Return rows (1, x) of patients, x in prior deviations from the prior mean."""
        scaled = (values - self._centre) / self._deviation
        return np.concatenate([np.ones((*values.shape[:-1], 1)), scaled], axis=-1)

    def moments(self, cohorts: Levels) -> tuple[Floats, Floats]:
        """Return the moment matrices: of the pairs, and of all baselines."""
        rows = self.rows(cohorts)
        pairs, everyone = rows[:, : self.table.n], rows[..., self._base]
        base = self._prior[np.ix_(self._base, self._base)]
        return self._prior + _squared(pairs), base + _squared(everyone)

    def moved(self, which: Levels, old: Levels, new: Levels) -> tuple[Floats, Floats]:
        """Return how the moments change where patients `which` get new values."""
        before, after = self.rows(old), self.rows(new)
        followed = (which < self.table.n)[..., np.newaxis]
        pairs = _squared(after * followed) - _squared(before * followed)
        return pairs, _squared(after[..., self._base]) - _squared(before[..., self._base])

    def of_moments(self, pairs: Floats, everyone: Floats) -> Floats:
        """Return the log density of rows, shape (cohorts,)."""
        table, width, base = self.table, self.table.width, len(self._base) - 1
        # The degrees of freedom of the baselines' part are fewer by the columns it leaves out.
        least = COVARIANCE_WEIGHT + 1
        found = (least + width + table.n) * _log_det(pairs)
        if base:
            of_pairs = pairs[:, self._base[:, np.newaxis], self._base]
            found -= (least + base + table.n) * _log_det(of_pairs)
            found += (least + base + table.n_enrolled) * _log_det(everyone)
        return np.asarray(-found / 2)

    def __call__(self, cohorts: Levels) -> Floats:
        """Return the log density of cohorts, shape (cohorts,)."""
        return self.of_moments(*self.moments(cohorts))


def _squared(rows: Floats) -> Floats:
    return np.asarray(rows.swapaxes(-1, -2) @ rows)


def _log_det(matrices: Floats) -> Floats:
    return np.asarray(np.linalg.slogdet(matrices)[1])


def _prior(table: Table) -> tuple[Floats, Floats, Floats]:
    """Return the centre of the prior: means and deviations in steps, and correlations."""
    centre, deviation = np.zeros(table.width), np.ones(table.width)
    # Columns: severity, improvement, and what is each column's own.
    loadings = np.zeros((table.width, 2 + table.width))
    own = (1 - LOADING**2) ** 0.5
    for part in table.parts:
        what, step = part.outcome.what, float(part.outcome.lattice.step)
        first, last = part.columns[0], part.columns[-1]
        better = {1: LOADING, 2 + last: own}
        match what:
            case Outcome():
                shape = shape_of(what, part.outcome.intervals, *part.outcome.sizes)
                centre[[first, last]] = shape.baseline / step, shape.follow_up / step
                spreads = shape.baseline_deviation, shape.follow_up_deviation
                # A printed deviation of 0 would leave no room.
                deviation[[first, last]] = [max(spread / step, 1) for spread in spreads]
                loadings[first, [0, 2 + first]] = -what.benefit * LOADING, -what.benefit * own
                loadings[last] = shape.correlation * loadings[first]
                rest = what.benefit * (1 - shape.correlation**2) ** 0.5
                loadings[last, [*better]] = [rest * value for value in better.values()]
            case Rating():
                n = len(what.categories)
                centre[first], deviation[first] = (n + 1) / 2 - BETTER, n * RATING_SPREAD
                loadings[first, [*better]] = [-value for value in better.values()]
            case Duration():
                times = part.outcome.lattice.levels[-1]
                centre[first], deviation[first] = times / 2, times * DURATION_SPREAD
                loadings[first, [*better]] = [*better.values()]
    return centre, deviation, loadings @ loadings.T
