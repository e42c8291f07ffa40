"""The cohort whose numbers lie most in the middle of an ensemble's."""

from logging import getLogger

import numpy as np

from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.ensemble import Ensemble, rank
from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.open_numbers import open_numbers
from reported.solver.cohorts.target import Floats
from reported.solver.prior_draw import Levels

LOG = getLogger(__name__)
# With how many cohorts the search begins; what an implausible patient costs them at first, and for
# how many steps; how often it goes on, and how many steps it takes each time.
BEGIN, PENALTY, LED, ROUNDS, STEPS = 24, 6, 4000, 700, 4
# The greatest deviation counts most, the others so that they follow.
POWER = 16


def central(ensemble: Ensemble) -> Levels:
    """Return a cohort with every printed number whose ranks in the ensemble lie near 1/2.

    The search begins at the most central cohorts of the ensemble. They are led to where as few
    patients as possible are implausible. From there they take the steps of chains, and go back
    where that leads away from the middle.
    """
    cohorts = ensemble.cohorts[_deviations(ensemble, ensemble.cohorts).argsort()[:BEGIN]]
    rng = np.random.default_rng([ensemble.study.analysis.seed, BEGIN])
    rules = Implausible(ensemble.study, ensemble.table)
    led = Chains(ensemble.table, cohorts, rules, rng)
    if ensemble.study.plausibility:
        led.penalty = PENALTY
        led.run(LED)
    fewest = np.flatnonzero(led.broken == led.broken.min())
    chains = Chains(ensemble.table, led.cohorts[np.resize(fewest, BEGIN)], rules, rng)
    chains.least = int(led.broken.min())
    best = _deviations(ensemble, chains.cohorts)
    for number in range(ROUNDS):
        before = chains.cohorts.copy()
        chains.run(STEPS)
        there = _deviations(ensemble, chains.cohorts)
        back = there > best
        chains.cohorts[back] = before[back]
        chains.refresh()
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
