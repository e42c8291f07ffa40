"""A scale, rating or duration of a study, and what the printed numbers demand of its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from beforeafter.study import Duration, Outcome, Rating, Study
from reported.checks.implied import implied
from reported.claims.lattice import Lattice, Measurement
from reported.claims.printed import Interval, Intervals
from reported.claims.published import SIGNS, Published
from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import SumLimits
from reported.verifier.verdicts import verify_cells

Columns = dict[str, list[str]]

# Scales of more values have too many pairs of them to count, more patients too many ranks.
COUNTABLE, RANKED = 30, 60


@dataclass(frozen=True)
class ConstrainedOutcome:
    """Something measured, in patients of whom n are followed up and the others lost."""

    study: Study
    published: Published
    what: Measurement
    n: int

    @property
    def name(self) -> str:
        """The first part of its keys."""
        return self.what.name

    @property
    def sizes(self) -> tuple[int, int]:
        """Patients enrolled, and followed up."""
        return self.published.reading.n_enrolled, self.n

    @cached_property
    def lattice(self) -> Lattice:
        """The values it takes."""
        return Lattice.of(self.what)

    @cached_property
    def intervals(self) -> Intervals:
        """What the claims about it say of what is modelled."""
        printed = self.published.modelled(self.study.analysis.test).about(self.name)
        if isinstance(self.what, Outcome):
            return implied(printed, self.sizes, self.lattice, self.study.analysis.confidence_level)
        for key in [key for key in printed if key.endswith(".count")]:
            share = f"{key.removesuffix('.count')}.proportion"
            counted = printed[key].scaled(Fraction(100, self.n))
            printed[share] = printed[share].within(counted) if share in printed else counted
        return printed

    @property
    def of_signs(self) -> tuple[str, Interval] | None:
        """The test and the p-value of signs or ranks that are printed, where these are counted."""
        default = self.study.analysis.test
        claims = (claim for claim in self.published.claims if claim.key == f"{self.name}.change.p")
        claim = next(claims, None) if self.exhaustive and self.n <= RANKED else None
        if claim is None or claim.test_in(default) not in SIGNS:
            return None
        return claim.test_in(default), self.published.interval(claim)

    @property
    def means(self) -> Sequence[str]:
        """Under which names a mean and a standard deviation of its one column may be claimed."""
        return ("restricted", "whole") if isinstance(self.what, Duration) else ()

    @property
    def shares(self) -> dict[str, Sequence[int]]:
        """The levels that each proportion counts, by its key."""
        if isinstance(self.what, Rating):
            return {f"{name}.proportion": group.codes for name, group in self.what.groups.items()}
        # A duration equal to the horizon is one without event.
        return {"event_free.proportion": self.lattice.levels[-1:]}

    @property
    def exhaustive(self) -> bool:
        """Whether all its values are counted, so that having no solution is a proof."""
        return not isinstance(self.what, Outcome) or len(self.lattice.levels) <= COUNTABLE

    def sums(self, margin: int = -1) -> SumLimits:
        """Return the sums that the claims about a scale allow."""
        definition = self.study.analysis.percentage
        return SumLimits(self.lattice, self.sizes, self.intervals, definition, margin)

    def columns(self, levels: Sequence[Levels]) -> Columns:
        """Return the cells of its columns: of those followed up first, then of those lost."""
        empty = [""] * (self.sizes[0] - self.n)
        cells = [
            [self.lattice.text(level) for level in column]
            for group in levels
            for column in group.T.tolist()
        ]
        match self.what:
            case Outcome(columns=visits):
                return {visits.baseline: cells[0] + cells[2], visits.follow_up: cells[1] + empty}
            case Rating(column=column):
                return {column: cells[0] + empty}
            case Duration(columns=columns):
                observed = np.where(levels[0][:, 0] < self.lattice.levels[-1], "true", "false")
                return {columns.time: cells[0] + empty, columns.event: observed.tolist() + empty}

    def holds(self, levels: Sequence[Levels]) -> bool:
        """Whether these are values it takes, and the independent verifier finds all its claims."""
        if not self._fits(levels):
            return False
        # Quartiles have nine definitions.
        keys = [key for key in self.published.keys_of(self.name) if not key.endswith("quartile")]
        claims = self.published.only(keys)
        verdicts = verify_cells(self.columns(levels), alone(self.study, self.what), claims)
        return all(verdict.holds for verdict in verdicts)

    def _fits(self, levels: Sequence[Levels]) -> bool:
        """Whether as many patients as were followed up, and lost, have values it takes."""
        shapes = [(self.n, 1)]
        if isinstance(self.what, Outcome):
            shapes = [(self.n, 2), (self.sizes[0] - self.n, 1)]
        return [group.shape for group in levels] == shapes and all(
            np.isin(group, self.lattice.levels).all() for group in levels
        )


def constrained_outcomes(
    study: Study, published: Published, n: int
) -> tuple[ConstrainedOutcome, ...]:
    """Return all that was measured, with n followed up, the cheapest to decide first."""
    whats: tuple[Measurement, ...] = (*study.ratings, *study.durations, *study.outcomes)
    return tuple(ConstrainedOutcome(study, published, what, n) for what in whats)


def alone(study: Study, what: Measurement) -> Study:
    """Return the study as if it had measured one thing only."""
    kinds = {"outcomes": Outcome, "ratings": Rating, "durations": Duration}
    kept = {name: (what,) if isinstance(what, kind) else () for name, kind in kinds.items()}
    return study.model_copy(update=kept)
