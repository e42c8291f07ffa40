"""How many patients can have been followed up: decided for each outcome and for all together.

First sums are looked for, then a cohort by local search, then the solver looks among all. A cohort
counts only if the independent verifier accepts it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice

import numpy as np
from ortools.sat.python import cp_model

from beforeafter.study import Outcome, Rating, Study
from reported.checks.moments import dataset
from reported.checks.percentages import counts
from reported.checks.signs_and_ranks import has_p
from reported.claims.published import Published
from reported.solver.constrained_outcome import ConstrainedOutcome, constrained_outcomes
from reported.solver.local_search import FEWEST_DRAWN, find_cohort
from reported.solver.patient_sums import Weights
from reported.solver.printed_constraints import model_of
from reported.solver.prior_draw import Levels
from reported.solver.rank_limits import excluded_by_ranks
from reported.solver.relaxation import Relaxation
from reported.solver.signs_model import require_p
from reported.solver.sum_limits import VISITS

# Steps to find a cohort: where the solver can look among all afterwards, and where it cannot.
# Of a scale so fine that hardly any sum is excluded, a few are enough to try.
SHORT, LONG, FEW = 1500, 12000, 300
# Among so few patients on a short scale the solver is the faster of the two.
SOON_SOLVED = 20
# Of scales with more values than these, or with more pairs of sums, none are listed.
LOOKED_AT, LISTED = 1001, 1_000_000
# Sums over more patients are too large for the solver.
COUNTED = 2000
# In the solver's deterministic time: many numbers of patients are decided, one after the other.
EFFORT = 0.5
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


# By what is measured, and by how many were followed up.
Decisions = dict[str, dict[int, Decision]]


def decide(outcome: ConstrainedOutcome, *, thorough: bool = True) -> Decision:
    """Decide whether the claims about one outcome can hold together.

    Parameters
    ----------
    outcome, thorough
        The outcome and how many had it measured; and whether to go on where the sums of a scale are
        possible, and look for a cohort.

    Returns
    -------
    Decision
        Refuted only where every cohort is excluded, not refuted only with a certificate. Undecided
        on scales too fine to count, and where an exact end of what is printed is in question.
    """
    if isinstance(outcome.what, Outcome):
        possible = outcome.sums().possible() and not _excluded_by_ranks(outcome)
        if not (possible and thorough):
            return Decision(Answer.UNDECIDED if possible else Answer.REFUTED)
        found = _searched(outcome)
        if found and _has_p(outcome, found):
            return Decision(Answer.NOT_REFUTED, found)
        if not found and provable(outcome) and _excluded(outcome):
            return Decision(Answer.REFUTED)
        if not (provable(outcome) and outcome.exhaustive):
            return Decision(Answer.UNDECIDED)
    elif decision := _counted(outcome, thorough=thorough):
        return decision
    return _solved(outcome)


def _counted(outcome: ConstrainedOutcome, *, thorough: bool) -> Decision | None:
    """Share the patients out to the groups of a rating; None where groups overlap."""
    printed = {key: codes for key, codes in outcome.shares.items() if key in outcome.intervals}
    taken = [code for codes in printed.values() for code in codes]
    if not isinstance(outcome.what, Rating) or len({*taken}) < len(taken):
        return None
    ways = {c[0]: counts(outcome.intervals[key], outcome.n) for key, c in printed.items()}
    if others := {*outcome.lattice.levels} - {*taken}:
        ways[min(others)] = range(outcome.n + 1)
    sizes = {code: way.start for code, way in ways.items()}
    for code, way in ways.items():
        sizes[code] += max(0, min(len(way) - 1, outcome.n - sum(sizes.values())))
    if sum(sizes.values()) != outcome.n or not all(ways.values()):
        return Decision(Answer.REFUTED)
    found = (np.repeat([*sizes], [*sizes.values()]).reshape(-1, 1),)
    held = thorough and outcome.holds(found)
    return Decision(Answer.NOT_REFUTED, found) if held else Decision(Answer.UNDECIDED)


def _solved(outcome: ConstrainedOutcome) -> Decision:
    """Look among all cohorts."""
    # A percentage at an exact end of what is printed is let in only when rounded outward.
    for margin in (1, -1):
        counted = model_of(outcome, margin)
        if outcome.of_signs:
            require_p(counted, outcome.n, *outcome.of_signs, inside=margin > 0)
        solver, status = counted.solve(outcome.study.analysis.seed, EFFORT)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            found = counted.values(solver)
            if outcome.holds(found) and _has_p(outcome, found):
                return Decision(Answer.NOT_REFUTED, found)
        elif status != cp_model.INFEASIBLE:
            break
    return Decision(Answer.REFUTED if status == cp_model.INFEASIBLE else Answer.UNDECIDED)


def _has_p(outcome: ConstrainedOutcome, found: tuple[Levels, ...]) -> bool:
    """Whether a cohort has the p-value of signs or ranks that is printed, if one is."""
    printed = outcome.of_signs
    return printed is None or has_p(found[0][:, 1] - found[0][:, 0], *printed)


def provable(outcome: ConstrainedOutcome) -> bool:
    """Whether more than the sums can refute the claims about an outcome."""
    few = len(outcome.lattice.levels) <= LOOKED_AT and outcome.sizes[0] <= COUNTED
    return isinstance(outcome.what, Outcome) and few and outcome.sums().size <= LISTED


def survivors(
    study: Study, published: Published, candidates: Collection[int], known: Decisions | None = None
) -> list[int]:
    """Return the numbers of patients that no outcome refutes; `known` is of another reading."""

    def refuted(outcome: ConstrainedOutcome) -> bool:
        return _is_refuted(outcome, (known or {}).get(outcome.name, {}).get(outcome.n))

    found = ((n, constrained_outcomes(study, published, n)) for n in sorted(candidates))
    return [n for n, outcomes in found if not any(map(refuted, outcomes))]


def smallest(keys: Sequence[str], allowed: Callable[[Collection[str]], bool]) -> list[str]:
    """Return those of the keys that are enough not to be allowed, none of them superfluous."""
    kept = list(keys)
    for key in keys:
        others = [other for other in kept if other != key]
        if not allowed(others):
            kept = others
    return kept


def smallest_conflict(outcome: ConstrainedOutcome) -> list[str]:
    """Return the smallest set of claims about an outcome that cannot hold together."""

    def allowed(keys: Collection[str]) -> bool:
        return not _is_refuted(replace(outcome, published=outcome.published.only(keys)))

    return smallest(outcome.published.keys_of(outcome.name), allowed)


def _is_refuted(outcome: ConstrainedOutcome, known: Decision | None = None) -> bool:
    """Whether it is refuted, given what was `known` of it by another reading."""
    found = known.certificate if known and isinstance(outcome.what, Outcome) else ()
    if found and outcome.holds(found) and _has_p(outcome, found):
        return False
    # Where no cohort was found, none is looked for again.
    thorough = provable(outcome) and (known is None or known.answer is not Answer.UNDECIDED)
    return decide(outcome, thorough=thorough).answer is Answer.REFUTED


def _searched(outcome: ConstrainedOutcome) -> tuple[Levels, ...]:
    built = _equal_changes(outcome) if outcome.n < FEWEST_DRAWN else _free_changes(outcome)
    if found := next(filter(outcome.holds, built), ()):
        return found
    if outcome.n < FEWEST_DRAWN:
        return ()
    steps = SHORT if outcome.exhaustive else LONG
    if outcome.exhaustive and outcome.sizes[0] <= SOON_SOLVED:
        steps = FEW
    found = find_cohort(outcome, steps if len(outcome.lattice.levels) <= LOOKED_AT else FEW)
    return found if found and outcome.holds(found) else ()


def _equal_changes(outcome: ConstrainedOutcome) -> Iterator[tuple[Levels, ...]]:
    """Yield cohorts in which all pairs change by the same: few have the p-value of a great t."""
    sums, levels, n = outcome.sums(), outcome.lattice.levels, outcome.n
    for total, start in islice(sums.pairs(), TRIED):
        change, rest = divmod(total - start, n)
        after = None if rest else dataset(n, total, sums.squares("follow_up", total), levels)
        yield from _with_lost(outcome, [(level - change, level) for level in after or ()])


def _free_changes(outcome: ConstrainedOutcome) -> Iterator[tuple[Levels, ...]]:
    """Yield cohorts made from their changes, where no deviation binds the scores themselves."""
    sums, levels = outcome.sums(margin=1), outcome.lattice.levels
    if any(f"{visit}.standard_deviation" in outcome.intervals for visit in VISITS):
        return
    span = range(levels[0] - levels[-1], levels[-1] - levels[0] + 1)
    for total, start in islice(sums.pairs(), TRIED):
        change = total - start
        changes = dataset(outcome.n, change, sums.square_changes(change), span) or ()
        least = [max(levels[0], levels[0] - change) for change in changes]
        rest, pairs = start - sum(least), []
        for change, low in zip(changes, least, strict=True):
            raised = min(rest, min(levels[-1], levels[-1] - change) - low)
            pairs.append((low + raised, low + raised + change))
            rest -= raised
        yield from _with_lost(outcome, [] if rest else pairs)


def _with_lost(
    outcome: ConstrainedOutcome, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[Levels, ...]]:
    """Yield a cohort of these pairs, with baselines for those who were lost."""
    sums, start = outcome.sums(), sum(level for level, _ in pairs)
    taken = sum(level**2 for level, _ in pairs)
    for everyone in sums.totals("baseline") if pairs else ():
        allowed = sums.squares("baseline", everyone)
        left = range(allowed.start - taken, allowed.stop - taken, 2)
        lost = dataset(outcome.sizes[0] - outcome.n, everyone - start, left, outcome.lattice.levels)
        if lost is not None:
            yield np.array(pairs), np.array(lost, int).reshape(-1, 1)
            break


def _excluded_by_ranks(outcome: ConstrainedOutcome) -> bool:
    printed = outcome.of_signs
    return printed is not None and excluded_by_ranks(outcome.sums(), *printed)


def _excluded(outcome: ConstrainedOutcome) -> bool:
    """Whether not even fractions of patients have sums that are allowed."""
    levels = len(outcome.lattice.levels)
    nothing = Weights(np.zeros((levels, levels), np.int64), np.zeros(levels, np.int64))
    relaxation = Relaxation(outcome.sums(), nothing)
    if not relaxation.allowed.pairs.size:
        return True
    # Every cohort weighs 0, so that a bound below 0 leaves none.
    return relaxation.greatest(relaxation.allowed, -1).value < 0
