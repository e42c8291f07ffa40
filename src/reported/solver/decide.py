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
from reported.checks.grimmer import dataset
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.local_search import FEWEST_DRAWN, find_cohort
from reported.solver.patient_sums import Weights
from reported.solver.printed_constraints import model_of
from reported.solver.prior_draw import Levels
from reported.solver.relaxation import Relaxation

# Steps to find a cohort: where the solver can look among all afterwards, and where it cannot.
SHORT, LONG = 1500, 12000
# Of scales with more values than these, or with more pairs of sums, none are listed.
LOOKED_AT, LISTED = 1001, 1_000_000
# Sums over more patients are too large for the solver.
COUNTED = 2000
# How many sums are tried for a cohort too small to be drawn.
TRIED = 50


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
        few = few and outcome.sizes[0] <= COUNTED
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
        return next(filter(outcome.holds, _equal_changes(outcome)), ())
    found = find_cohort(outcome, SHORT if outcome.exhaustive else LONG)
    return found if found and outcome.holds(found) else ()


def _equal_changes(outcome: ConstrainedOutcome) -> Iterator[tuple[Levels, ...]]:
    """Yield cohorts in which all pairs change by the same: few have the p-value of a great t."""
    sums, levels, n = outcome.sums(), outcome.lattice.levels, outcome.n
    for total, start in islice(sums.pairs(), TRIED):
        change, rest = divmod(total - start, n)
        after = None if rest else dataset(n, total, sums.squares("follow_up", total), levels)
        pairs = [(level - change, level) for level in after or ()]
        taken = sum(level**2 for level, _ in pairs)
        for everyone in sums.totals("baseline") if pairs else ():
            allowed = sums.squares("baseline", everyone)
            left = range(allowed.start - taken, allowed.stop - taken, 2)
            lost = dataset(outcome.sizes[0] - n, everyone - start, left, levels)
            if lost is not None:
                yield np.array(pairs), np.array(lost, int).reshape(-1, 1)
                break


def _excluded(outcome: ConstrainedOutcome) -> bool:
    """Whether not even fractions of patients have sums that are allowed."""
    levels = len(outcome.lattice.levels)
    nothing = Weights(np.zeros((levels, levels), np.int64), np.zeros(levels, np.int64))
    relaxation = Relaxation(outcome.sums(), nothing)
    if not relaxation.allowed.pairs.size:
        return True
    # Every cohort weighs 0, so that a bound below 0 leaves none.
    return relaxation.greatest(relaxation.allowed, -1).value < 0
