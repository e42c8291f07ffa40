"""The cohort whose numbers lie most in the middle of an ensemble's."""

from logging import getLogger

import numpy as np

from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.ensemble import Ensemble, rank
from reported.solver.cohorts.open_numbers import open_numbers
from reported.solver.cohorts.sampler import Sampler
from reported.solver.cohorts.target import Density, Floats
from reported.solver.prior_draw import Levels

LOG = getLogger(__name__)
# With how many cohorts the search begins, and how many times each goes some steps on.
BEGIN, ROUNDS, STEPS = 16, 12_000, 2
# The greatest deviation counts most, the others so that they follow.
POWER = 16


def central(ensemble: Ensemble, sampler: Sampler) -> Levels:
    """Return a cohort with every printed number whose ranks in the ensemble lie near 1/2.

    The search begins at the most central cohorts of the ensemble. From there they take the steps of
    chains, and go back where that leads away from the middle.
    """
    cohorts = ensemble.cohorts[_deviations(ensemble, ensemble.cohorts).argsort()[:BEGIN]]
    width = ensemble.table.width
    # Every possible step may be tried, however probable.
    flat = np.zeros((len(cohorts), width)), np.zeros((2, len(cohorts), width, width))
    random = sampler.random("central")
    table, rules = ensemble.table, sampler.rules
    chains = Chains(table, Density(*flat), cohorts, rules, random)
    best = _deviations(ensemble, chains.cohorts)
    for number in range(ROUNDS):
        before, broken = chains.cohorts.copy(), chains.broken.copy()
        chains.run(STEPS)
        there = _deviations(ensemble, chains.cohorts)
        back = there > best
        chains.cohorts[back], chains.broken[back] = before[back], broken[back]
        best = np.where(back, best, there)
        if number % 100 == 0:
            LOG.info("most central cohort: %d of %d rounds", number, ROUNDS)
    middle: Levels = chains.cohorts[best.argmin()]
    return middle


def _deviations(ensemble: Ensemble, cohorts: Levels) -> Floats:
    """Return how far each cohort is from the middle of the ensemble, shape (cohorts,)."""
    values = open_numbers(ensemble.table, cohorts)
    ranks = [rank(there, values[key]) for key, there in ensemble.numbers.items()]
    off = [2 * abs(r - 1 / 2) for r in ranks]
    return np.asarray((np.array(off) ** POWER).sum(axis=0)) if off else np.zeros(len(cohorts))
