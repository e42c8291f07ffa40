"""A patient-level cohort that has every printed number at once.

It is not data about patients. It proves that the printed numbers can be true together, and
stands in for the records that are not public.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import numpy as np

from paincohort.study import Analysis, Duration, Outcome, Rating, Study
from reported.claims.errors import FailedClaimsError
from reported.claims.lattice import Lattice
from reported.claims.published import Published
from reported.solver import count_model, prior_draw
from reported.solver.cohorts.nearest import (
    Question,
    assign,
    be_alike,
    be_smooth,
    is_full,
    pair_cells,
    solve,
    stay_near,
)
from reported.solver.constrained_outcome import Columns
from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import SumLimits
from reported.verifier.verdicts import Verdict, verify_file


def reconstruct(
    study: Study, published: Published, output: Path, progress: Callable[[str], object]
) -> list[Verdict]:
    """Write a cohort that satisfies all claims, having verified that it does.

    Parameters
    ----------
    study
        What was measured, and the seed: the same seed gives the same bytes.
    published
        The claims.
    output
        The CSV file, replaced only by a cohort that satisfies every claim.
    progress
        Told the label of what is being reconstructed.

    Returns
    -------
    list of Verdict
        The verdict on each claim.

    Raises
    ------
    ImpossibleClaimsError
        If claims contradict each other.
    FailedClaimsError, UnknownClaimError
        If the cohort found does not have every number that is claimed.
    """
    aside = output.with_name(f"{output.name}.new")
    try:
        write_columns(cohort(study, published, progress), aside)
        verdicts = verify_file(aside, study, published)
        if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
            raise FailedClaimsError(failed)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return verdicts


def cohort(study: Study, published: Published, progress: Callable[[str], object]) -> Columns:
    """Return the cells of a cohort that satisfies the claims, column by column."""
    rng = np.random.default_rng(study.analysis.seed)
    reading = published.reading
    sizes = (reading.n_enrolled, reading.followed_up)
    patients = prior_draw.draw_patients(sizes, rng)
    draft = _Draft(study.analysis, published, sizes, patients, rng)
    columns = {"patient": [str(number) for number in range(1, patients.followed.size + 1)]}
    for outcome in study.outcomes:
        progress(outcome.label)
        columns |= draft.scale(outcome)
    for rating in study.ratings:
        progress(rating.label)
        columns |= draft.rating(rating)
    for duration in study.durations:
        progress(duration.label)
        columns |= draft.duration(duration)
    return columns


@dataclass(frozen=True)
class _Draft:
    """Patients drawn, to whom one outcome after the other gives its values."""

    analysis: Analysis
    published: Published
    sizes: tuple[int, int]
    patients: prior_draw.Patients
    rng: np.random.Generator

    def scale(self, outcome: Outcome) -> Columns:
        lattice, intervals = Lattice.of_scale(outcome), self.published.about(outcome.name)
        targets = prior_draw.draw_scale(outcome, intervals, self.patients, self.rng)
        cells = pair_cells(lattice, targets.pairs)

        def build(claimed: count_model.Intervals) -> count_model.CountModel:
            sums = SumLimits(lattice, self.sizes, claimed, self.analysis.percentage, margin=1)
            return count_model.paired_model(sums, cells, lattice.levels)

        pairs, lost = solve(
            Question(outcome.name, intervals, build, exhaustive=is_full(lattice)),
            partial(stay_near, targets=(targets.pairs, targets.lost)),
            self.analysis.seed,
        )
        before, after = _texts(lattice, assign(pairs, targets.pairs))
        (before_lost,) = _texts(lattice, assign(lost, targets.lost))
        return {
            outcome.columns.baseline: self._placed(before, before_lost),
            outcome.columns.follow_up: self._placed(after),
        }

    def rating(self, rating: Rating) -> Columns:
        target = prior_draw.draw_rating(rating, self.patients, self.rng)
        build = partial(count_model.rating_model, rating, self.sizes[1])
        (codes,) = solve(
            Question(rating.name, self.published.about(rating.name), build),
            partial(be_alike, target=target),
            self.analysis.seed,
        )
        (texts,) = _texts(Lattice.of_codes(rating), assign(codes, target))
        return {rating.column: self._placed(texts)}

    def duration(self, duration: Duration) -> Columns:
        lattice = Lattice.until_horizon(duration)
        build = partial(count_model.duration_model, lattice, self.sizes[1])
        (times,) = solve(
            Question(duration.name, self.published.about(duration.name), build),
            be_smooth,
            self.analysis.seed,
        )
        ended = assign(times, prior_draw.draw_rank(self.patients, self.rng))
        (texts,) = _texts(lattice, ended)
        observed = np.where(ended[:, 0] < lattice.levels[-1], "true", "false")
        return {
            duration.columns.time: self._placed(texts),
            duration.columns.event: self._placed(observed.tolist()),
        }

    def _placed(self, followed: list[str], lost: Sequence[str] = ()) -> list[str]:
        """Return the cells of all patients: of those followed up, of those lost or empty."""
        present, absent = iter(followed), chain(lost, repeat(""))
        return [next(present if seen else absent) for seen in self.patients.followed]


def _texts(lattice: Lattice, levels: Levels) -> list[list[str]]:
    """Return the cells of each column of the levels."""
    return [[lattice.text(level) for level in column] for column in levels.T.tolist()]


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
