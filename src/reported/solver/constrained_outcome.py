"""What a study measured, be it scale, rating or duration: its claims, its models, its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

import numpy as np

from paincohort.study import Duration, Outcome, PercentageDefinition, Rating, Study
from reported.claims.lattice import Lattice
from reported.claims.published import Published
from reported.solver.count_model import (
    CountModel,
    Intervals,
    duration_model,
    paired_model,
    rating_model,
)
from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import SumLimits
from reported.verifier.exact_columns import ExactColumns
from reported.verifier.verdicts import verify_table

Columns = dict[str, list[str]]
Measurement = Outcome | Rating | Duration

# Scales of more values have too many pairs of them to count.
COUNTABLE = 30


@dataclass(frozen=True)
class ConstrainedOutcome:
    """Something measured, in patients of whom some are lost.

    Attributes
    ----------
    what
        The scale, rating or duration.
    published
        All claims of the publication; those about it are used.
    sizes
        Patients enrolled, and followed up.
    definition
        Which percentage is printed.
    """

    what: Measurement
    published: Published
    sizes: tuple[int, int]
    definition: PercentageDefinition

    @property
    def name(self) -> str:
        """The first part of its keys."""
        return self.what.name

    @cached_property
    def lattice(self) -> Lattice:
        """The values it takes."""
        match self.what:
            case Outcome():
                return Lattice.of_scale(self.what)
            case Rating():
                return Lattice.of_codes(self.what)
            case Duration():
                return Lattice.until_horizon(self.what)

    @cached_property
    def intervals(self) -> Intervals:
        """What is claimed about it."""
        return self.published.about(self.name)

    @property
    def exhaustive(self) -> bool:
        """Whether all its values are counted, so that having no solution is a proof."""
        return not isinstance(self.what, Outcome) or len(self.lattice.levels) <= COUNTABLE

    def sums(self, margin: int = -1) -> SumLimits:
        """Return the sums that the claims about a scale allow."""
        return SumLimits(self.lattice, self.sizes, self.intervals, self.definition, margin)

    def model(self, margin: int, *, named: bool = False) -> CountModel:
        """Return the counts of all values that satisfy the claims.

        Parameters
        ----------
        margin
            1 to be inside what p-values allow, -1 to be outside.
        named
            Whether to let the solver name claims that contradict each other.
        """
        lattice, n = self.lattice, self.sizes[1]
        match self.what:
            case Outcome():
                pairs = product(lattice.levels, lattice.levels)
                return paired_model(self.sums(margin), pairs, lattice.levels, named=named)
            case Rating():
                return rating_model(self.what, n, self.intervals, named=named)
            case Duration():
                return duration_model(lattice, n, self.intervals, named=named)

    def columns(self, levels: Sequence[Levels]) -> Columns:
        """Return the cells of its columns: of those followed up first, then of those lost."""
        empty = [""] * (self.sizes[0] - self.sizes[1])
        followed = [[self.lattice.text(level) for level in c] for c in levels[0].T.tolist()]
        match self.what:
            case Outcome():
                lost = [self.lattice.text(level) for level in levels[1][:, 0].tolist()]
                visits = self.what.columns
                return {visits.baseline: followed[0] + lost, visits.follow_up: followed[1] + empty}
            case Rating():
                return {self.what.column: followed[0] + empty}
            case Duration():
                observed = np.where(levels[0][:, 0] < self.lattice.levels[-1], "true", "false")
                columns = self.what.columns
                return {
                    columns.time: followed[0] + empty,
                    columns.event: observed.tolist() + empty,
                }

    def holds(self, study: Study, levels: Sequence[Levels]) -> bool:
        """Whether these are values it takes, and the independent verifier finds all its claims."""
        if not self._fits(levels):
            return False
        analysis = study.analysis.model_copy(update={"percentage": self.definition})
        alone = {"outcomes": (), "ratings": (), "durations": (), "analysis": analysis}
        kind = {Outcome: "outcomes", Rating: "ratings", Duration: "durations"}[type(self.what)]
        only = study.model_copy(update={**alone, kind: (self.what,)})
        claims = self.published.only(self.published.keys_of(self.name))
        verdicts = verify_table(ExactColumns.of_columns(self.columns(levels)), only, claims)
        return all(verdict.holds for verdict in verdicts)

    def _fits(self, levels: Sequence[Levels]) -> bool:
        """Whether as many patients as were followed up, and lost, have values it takes."""
        followed, lost = self.sizes[1], self.sizes[0] - self.sizes[1]
        shapes = [(followed, 2), (lost, 1)] if isinstance(self.what, Outcome) else [(followed, 1)]
        return [group.shape for group in levels] == shapes and all(
            np.isin(group, self.lattice.levels).all() for group in levels
        )


def constrain(study: Study, published: Published, what: Measurement, n: int) -> ConstrainedOutcome:
    """Return an outcome as measured in n patients followed up."""
    sizes = published.reading.n_enrolled, n
    return ConstrainedOutcome(what, published, sizes, study.analysis.percentage)


def measurements(study: Study) -> tuple[Measurement, ...]:
    """Return all that was measured, the cheapest to decide first."""
    return tuple(chain(study.ratings, study.durations, study.outcomes))
