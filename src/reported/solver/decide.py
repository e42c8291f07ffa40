"""How many patients can have been followed up: decided for each outcome and for all together.

For each number of patients, the sums that the printed numbers allow are looked for first. Where
there are none, the numbers contradict each other by arithmetic alone. Otherwise a local search
looks for a cohort, and where it finds none, the solver looks among all. A cohort that was found
counts only if the independent verifier accepts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

import numpy as np
from ortools.sat.python import cp_model

from beforeafter.study import Outcome
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.local_search import FEWEST_DRAWN, find_cohort
from reported.solver.patient_sums import Weights
from reported.solver.printed_constraints import model_of, totals_model
from reported.solver.prior_draw import Levels
from reported.solver.relaxation import Relaxation

# Steps to find a cohort: where the solver can look among all afterwards, and where it cannot.
SHORT, LONG = 1500, 12000
# Of scales with more values than these, or with more pairs of sums, none are listed.
LOOKED_AT, LISTED = 1001, 1_000_000
# How many sums are tried for a cohort too small to be drawn, and how far changes are from their mean.
TOTALS, NEAR = 6, 2


class Answer(Enum):
    """Whether printed numbers can hold together."""

    REFUTED = "refuted"
    NOT_REFUTED = "not refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Decision:
    """The answer for one n, with the cohort that certifies it where it is not refuted."""

    answer: Answer
    certificate: tuple[Levels, ...] = ()


def decide(outcome: ConstrainedOutcome, *, thorough: bool = True) -> Decision:
    """Decide whether the claims about one outcome can hold together.

    Parameters
    ----------
    outcome
        The outcome and how many had it measured.
    thorough
        Whether to go on where the sums of a scale are possible, and look for a cohort.

    Returns
    -------
    Decision
        Refuted only where every cohort is excluded, not refuted only with a certificate.
        Undecided is possible on scales too fine to count every pair of values, and where nothing
        but an exact end of what is printed is in question.
    """
    if isinstance(outcome.what, Outcome):
        if not (possible := outcome.sums().possible()) or not thorough:
            return Decision(Answer.UNDECIDED if possible else Answer.REFUTED)
        if found := _searched(outcome):
            return Decision(Answer.NOT_REFUTED, found)
        few = outcome.sums().size <= LISTED and len(outcome.lattice.levels) <= LOOKED_AT
        if few and _excluded(outcome):
            return Decision(Answer.REFUTED)
        if not (few and outcome.exhaustive):
            return Decision(Answer.UNDECIDED)
    # A percentage at an exact end of what is printed is let in only when rounded outward.
    for margin in (1, -1):
        counted = model_of(outcome, margin)
        solver, status = counted.solve(outcome.study.analysis.seed)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            found = counted.values(solver)
            if outcome.holds(found):
                return Decision(Answer.NOT_REFUTED, found)
    return Decision(Answer.REFUTED if status == cp_model.INFEASIBLE else Answer.UNDECIDED)


def _searched(outcome: ConstrainedOutcome) -> tuple[Levels, ...]:
    if outcome.n < FEWEST_DRAWN:
        return next(filter(outcome.holds, _with_totals(outcome)), ())
    found = find_cohort(outcome, SHORT if outcome.exhaustive else LONG)
    return found if found and outcome.holds(found) else ()


def _with_totals(outcome: ConstrainedOutcome) -> Iterator[tuple[Levels, ...]]:
    """Yield cohorts so small that none is drawn, made for some of the sums that are allowed."""
    sums = outcome.sums(margin=1)
    levels = outcome.lattice.levels
    for total, start in islice(sums.pairs(), TOTALS):
        likely = start * outcome.sizes[0] // outcome.n
        everyone = min((abs(each - likely), each) for each in sums.totals("baseline"))[1]
        mean = (total - start) // outcome.n
        changes = range(mean - NEAR, mean + NEAR + 2)
        cells = [(a, a + change) for a in levels for change in changes if a + change in levels]
        counted = totals_model(sums, cells, levels, (everyone, total, start))
        solver, status = counted.solve(outcome.study.analysis.seed)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            yield counted.values(solver)


def _excluded(outcome: ConstrainedOutcome) -> bool:
    """Whether not even fractions of patients have sums that are allowed."""
    levels = len(outcome.lattice.levels)
    nothing = Weights(np.zeros((levels, levels), np.int64), np.zeros(levels, np.int64))
    relaxation = Relaxation(outcome.sums(), nothing)
    # Every cohort weighs 0, so that a bound below 0 leaves none.
    return relaxation.greatest(relaxation.allowed, -1).value < 0
