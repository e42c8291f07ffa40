"""The cohort whose numbers lie most in the middle of an ensemble's: data/cohort.csv.

`make cohort` runs this after `reported reconstruct`, which leaves there one of those drawn. From
the most central of these a search goes on to one that is more central than any.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from open_numbers import of_ensemble, open_numbers

from beforeafter import read_study
from beforeafter.study import Duration, Outcome, Rating
from reported import Ensemble, Sampler, cells, read_ensemble, read_published
from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.reconstruct import write_shuffled
from reported.solver.cohorts.target import Density, Part, Table

DATA = Path(__file__).parent
Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int_]
LOG = logging.getLogger("central")
# With how many cohorts the search begins, and how many times each goes some steps on.
BEGIN, ROUNDS, STEPS = 32, 3_000, 2
# The greatest deviation counts most, the others so that they follow.
POWER = 24
# Equal numbers may differ in their last binary digits.
DIGITS = 9


def ordered(ensemble: Ensemble) -> dict[str, Floats]:
    """Return the open numbers of an ensemble, the least of each first."""
    return {key: np.sort(of.round(DIGITS)) for key, of in of_ensemble(ensemble).items()}


def ranks(table: Table, there: Mapping[str, Floats], cohorts: Levels) -> dict[str, Floats]:
    """Return the share of an ensemble, by its ordered numbers, below cohorts', ties halved."""
    values, found = open_numbers(table, cohorts), {}
    for key, theirs in there.items():
        value = values[key].round(DIGITS)
        ends = np.searchsorted(theirs, value), np.searchsorted(theirs, value, side="right")
        found[key] = np.asarray((ends[0] + ends[1]) / (2 * theirs.size))
    return found


def central(ensemble: Ensemble, sampler: Sampler) -> Levels:
    """Return a cohort with every printed number whose ranks in the ensemble lie near 1/2.

    The search begins at the most central cohorts of the ensemble. From there they take the steps of
    chains, and go back where that leads away from the middle.
    """
    there = ordered(ensemble)

    def off(cohorts: Levels) -> Floats:
        return 2 * abs(np.array([*ranks(ensemble.table, there, cohorts).values()]) - 1 / 2)

    def deviations(cohorts: Levels) -> Floats:
        return np.asarray((off(cohorts) ** POWER).sum(axis=0))

    cohorts = ensemble.cohorts[deviations(ensemble.cohorts).argsort()[:BEGIN]]
    width = ensemble.table.width
    # Every possible step may be tried, however probable.
    flat = Density(np.zeros((BEGIN, width)), np.zeros((2, BEGIN, width, width)))
    chains = Chains(ensemble.table, flat, cohorts, sampler.rules, sampler.random("central"))
    best = deviations(chains.cohorts)
    for number in range(ROUNDS):
        before, broken = chains.cohorts.copy(), chains.broken.copy()
        chains.run(STEPS)
        now = deviations(chains.cohorts)
        back = now > best
        chains.cohorts[back], chains.broken[back] = before[back], broken[back]
        best = np.where(back, best, now)
        if number % 500 == 0:
            most = off(chains.cohorts[[best.argmin()]]).max() / 2
            LOG.info("most central: %d of %d rounds, ranks within 1/2 ± %.3f", number, ROUNDS, most)
    return np.asarray(chains.cohorts[best.argmin()])


def in_steps(table: Table, columns: Mapping[str, Sequence[str]]) -> Levels:
    """Return a cohort in steps from the cells of its columns, those followed up first."""
    rows = np.zeros((table.n_enrolled, table.width), dtype=np.int64)
    lost = np.ones(table.n_enrolled, dtype=bool)
    for part in table.parts:
        step, names = float(part.outcome.lattice.step), _names(part)
        for column, name in zip(part.columns, names, strict=True):
            rows[:, column] = [round(float(x) / step) if x else 0 for x in columns[name]]
        lost &= np.array(columns[names[-1]]) == ""
    return np.asarray(rows[lost.argsort(kind="stable")])


def _names(part: Part) -> list[str]:
    match part.outcome.what:
        case Outcome(columns=visits):
            return [visits.baseline, visits.follow_up]
        case Rating(column=column):
            return [column]
        case Duration(columns=columns):
            return [columns.time]


def main() -> None:
    """Write the most central cohort that is found."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    study, published = read_study(DATA / "study.yml"), read_published(DATA / "published.yml")
    ensemble = read_ensemble(DATA / "ensemble.npy.xz", study, published)
    shown = central(ensemble, Sampler(study, published))
    write_shuffled(cells(ensemble.table, shown), study, published, DATA / "cohort.csv")


if __name__ == "__main__":
    main()
