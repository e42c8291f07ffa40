"""Statistics that are weighted counts of patients, and so can be bounded exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from paincohort.study import Duration, Outcome, Rating, Study
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.prior_draw import Levels

Integers = npt.NDArray[np.int64]

# Percentages of single patients are rounded here.
PRECISION = 10**6


@dataclass(frozen=True)
class Weights:
    """What each patient adds, by values: of those followed up and, of a scale, of those lost.

    Attributes
    ----------
    followed
        By level, or by levels at baseline and follow-up: shape (levels,) or (levels, levels).
    lost
        By level at baseline, shape (levels,).
    """

    followed: Integers
    lost: Integers

    def __neg__(self) -> Weights:
        """Return the weights whose greatest total is the negated least of these."""
        return Weights(-self.followed, -self.lost)

    def total(self, groups: tuple[Levels, ...], first: int) -> int:
        """Return the sum over the patients of each group, whose values begin at level `first`."""
        tables = (self.followed, self.lost)
        return sum(
            int(table[tuple((levels - first).T)].sum())
            for table, levels in zip(tables, groups, strict=False)
        )


@dataclass(frozen=True)
class Statistic:
    """A weighted count of patients, divided by how many there are.

    Attributes
    ----------
    key
        As in `results/numbers.json`.
    weights
        What each patient adds.
    n
        The divisor.
    of_baseline
        Whether those who start at 0, of which there is no percentage, are left out of the divisor.
    unit
        What the quotient is multiplied by.
    rounding
        How far the rounding of weights can move the value.
    """

    key: str
    weights: Weights
    n: int
    of_baseline: bool = False
    unit: Fraction = Fraction(1)
    rounding: Fraction = Fraction(0)

    def divisor(self, groups: tuple[Levels, ...]) -> int:
        """Return what the weight of a cohort is divided by."""
        return self.n - (int((groups[0][:, 0] == 0).sum()) if self.of_baseline else 0)


def statistics(outcome: ConstrainedOutcome, study: Study) -> Iterator[Statistic]:
    """Yield the statistics of something measured that can be bounded."""
    match outcome.what:
        case Rating() as rating:
            yield from _shares(outcome, _categories(outcome, rating))
        case Duration():
            yield from _shares(outcome, _free_of_event(outcome))
        case Outcome() as scale:
            yield from _of_scale(outcome, scale, study)


def _shares(
    outcome: ConstrainedOutcome, members: Iterator[tuple[str, npt.NDArray[np.bool_]]]
) -> Iterator[Statistic]:
    """Yield shares of those followed up."""
    nobody = np.zeros(len(outcome.lattice.levels), dtype=np.int64)
    for key, followed in members:
        yield Statistic(key, Weights(followed.astype(np.int64), nobody), outcome.sizes[1])


def _categories(
    outcome: ConstrainedOutcome, rating: Rating
) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    levels = np.array(outcome.lattice.levels)
    for name, group in rating.groups.items():
        yield f"{rating.name}.{name}.proportion", np.isin(levels, group.codes)
    for code in outcome.lattice.levels:
        yield f"{rating.name}.category_{code}.proportion", levels == code


def _free_of_event(outcome: ConstrainedOutcome) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Yield the share without event at the horizon and at each time; nobody left before."""
    levels = np.array(outcome.lattice.levels)
    yield f"{outcome.name}.event_free.proportion", levels == levels[-1]
    for level in outcome.lattice.levels:
        time = outcome.lattice.text(level).replace(".", "_")
        key = f"{outcome.name}.event_free_at.at_{time}.proportion"
        yield key, levels > level if level < levels[-1] else levels == levels[-1]


def _of_scale(outcome: ConstrainedOutcome, scale: Outcome, study: Study) -> Iterator[Statistic]:
    name, step = outcome.name, outcome.lattice.step
    n_enrolled, n = outcome.sizes
    levels = np.array(outcome.lattice.levels, dtype=np.int64)
    before, after = np.meshgrid(levels, levels, indexing="ij")
    change, gain = after - before, scale.benefit * (after - before)
    nobody, none = np.zeros_like(levels), np.zeros_like(before)

    shares = {"improved": gain > 0, "unchanged": gain == 0, "worsened": gain < 0}
    if scale.minimal_important_difference:
        minimal = Fraction(str(scale.minimal_important_difference.value)) / step
        shares["beyond_minimal"] = minimal.denominator * gain >= minimal.numerator
    yield from _shares(outcome, ((f"{name}.{k}.proportion", m) for k, m in shares.items()))
    for threshold in study.analysis.responder_thresholds:
        least = Fraction(str(threshold)) / 100
        members = (before != 0) & (least.denominator * gain >= least.numerator * abs(before))
        key = f"{name}.responders.at_least_{threshold:g}.proportion"
        yield Statistic(key, Weights(members.astype(np.int64), nobody), n, of_baseline=True)
    for key, weights in {"change": change, "paired_baseline": before, "follow_up": after}.items():
        yield Statistic(f"{name}.{key}.mean", Weights(weights, nobody), n, unit=step)
    yield Statistic(f"{name}.baseline.mean", Weights(before, levels), n_enrolled, unit=step)
    if n_enrolled > n:
        lost = Weights(none, levels)
        yield Statistic(f"{name}.lost_baseline.mean", lost, n_enrolled - n, unit=step)
    percentages = np.rint(100 * PRECISION * change / np.where(before == 0, 1, before))
    yield Statistic(
        f"{name}.percentages.mean_of_individual",
        Weights(np.where(before == 0, 0, percentages).astype(np.int64), nobody),
        n,
        of_baseline=True,
        unit=Fraction(1, PRECISION),
        rounding=Fraction(1, 2 * PRECISION),
    )
