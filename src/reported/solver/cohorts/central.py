"""The cohort whose numbers lie most in the middle of an ensemble's."""

import csv
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.ensemble import Ensemble, cells, cells_of
from reported.solver.cohorts.open_numbers import of_ensemble, open_numbers
from reported.solver.cohorts.sampler import Sampler
from reported.solver.cohorts.target import Density, Floats, Table
from reported.solver.prior_draw import Levels

LOG = logging.getLogger(__name__)
# With how many cohorts the search begins, and how often each goes some steps on at most: until all
# ranks are as near to 1/2 as is sought.
BEGIN, ROUNDS, STEPS, SOUGHT = 32, 3_000, 2, 0.2
# Among fewer cohorts a rank tells little.
LEAST_RANKED = 200
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
    """Return a cohort whose ranks in the ensemble lie near 1/2, by steps from its middle."""
    there = ordered(ensemble)
    if not there or len(ensemble.cohorts) < LEAST_RANKED:
        return np.asarray(ensemble.cohorts[0])

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
        if number % 100 == 0:
            most = off(chains.cohorts[[best.argmin()]]).max() / 2
            LOG.info("most central: %d of %d rounds, ranks within 1/2 ± %.3f", number, ROUNDS, most)
            if most <= SOUGHT:
                break
        before, broken = chains.cohorts.copy(), chains.broken.copy()
        chains.run(STEPS)
        now = deviations(chains.cohorts)
        back = now > best
        chains.cohorts[back], chains.broken[back] = before[back], broken[back]
        best = np.where(back, best, now)
    return np.asarray(chains.cohorts[best.argmin()])


def read_cohort_in_steps(table: Table, file: Path) -> Levels:
    """Return the cohort of a file in steps, those followed up first; of other files, errors."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    cohort = np.zeros((table.n_enrolled, table.width), dtype=np.int64)
    rows.sort(key=lambda row: not all(row[name] for name in cells(table, cohort)))
    for part in table.parts:
        step, names = float(part.outcome.lattice.step), cells_of(table, part, cohort)
        for column, name in zip(part.columns, names, strict=False):
            cohort[:, column] = [round(float(row[name] or 0) / step) for row in rows]
    return cohort
