"""Cohorts drawn from their distribution: where chains start, and where they come to."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from logging import getLogger
from typing import ClassVar

import numpy as np

from beforeafter.study import Outcome, Study
from reported.claims.errors import ImpossibleClaimsError
from reported.claims.published import Published
from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.implausible import Fewest, Implausible, fewest
from reported.solver.cohorts.target import Density, Floats, Part, Table
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.decide import Answer, decide, smallest_conflict
from reported.solver.in_parallel import in_parallel
from reported.solver.local_search import find_cohort
from reported.solver.prior_draw import Levels

LOG = getLogger(__name__)
# Chains of one task, and how often progress is told.
CHAINS, ROUNDS = 500, 20
# The most steps that lead a drawn cohort to what is printed.
REPAIRS = 12_000


@dataclass(frozen=True)
class Sampler:
    """Draws cohorts of a study that have every printed number, each after some steps."""

    study: Study
    published: Published
    steps: ClassVar[int] = 120_000

    @cached_property
    def table(self) -> Table:
        """How cohorts are laid out."""
        return Table.of(self.study, self.published)

    @cached_property
    def fewest(self) -> Fewest:
        """How few patients can be implausible."""
        rules = Implausible(self.study, self.table)
        try:
            return fewest(rules, self.study.analysis.seed)
        except ImpossibleClaimsError:
            # One alone may be to blame.
            for part in sorted(rules.parts, key=lambda part: not part.is_scale):
                _certificate(part.outcome)
            raise

    @cached_property
    def rules(self) -> Implausible:
        """Which patients are implausible; as many as in the cohort with the fewest are allowed."""
        rules = Implausible(self.study, self.table)
        rules.allowed = int(rules(self.fewest.rows[: self.table.n]).sum())
        return rules

    def random(self, name: str) -> np.random.Generator:
        """Return the random numbers of one purpose, independent of those of others."""
        return np.random.default_rng([self.study.analysis.seed, *name.encode()])

    def density(self, number: int) -> Density:
        """Draw the parameters of as many cohorts."""
        return Density.drawn(self.table, number, self.random("parameters"))

    def cohorts(self, number: int) -> Levels:
        """Draw cohorts, each the last state of a chain with parameters of its own."""
        density = self.density(number)
        starts = self.starts(number)
        *_, states = self.walk("cohorts", density, starts, (ROUNDS, self.steps // ROUNDS))
        return states

    def starts(self, chains: int) -> Levels:
        """Return cohorts from which chains start, alike but for who has which values.

        Who improves in what rules of plausibility are about tends to improve in the rest.
        """
        table, random = self.table, self.random("starts")
        cohorts = np.tile(self.fewest.rows, (chains, 1, 1))
        followed = cohorts[:, : table.n]
        better = [_better(part, cohorts, table.n) for part in self.rules.parts]
        traits = np.sum([*better, random.standard_normal(followed.shape[:2])], axis=0)
        for part in table.parts:
            if part not in self.rules.parts:
                first, *lost = _certificate(part.outcome)
                followed[..., part.columns] = first
                cohorts[:, table.n :, part.columns[0]] = lost[0][:, 0] if lost else 0
                gain = _better(part, cohorts, table.n)
                order = (gain + random.standard_normal(gain.shape)).argsort(axis=1)
                ranks = traits.argsort(axis=1).argsort(axis=1)
                chosen = np.take_along_axis(order, ranks, axis=1)
                followed[..., part.columns] = first[chosen]
        return cohorts

    def walk(
        self, name: str, density: Density, states: Levels, rounds: tuple[int, int]
    ) -> Iterator[Levels]:
        """Yield the states of chains after each of some rounds of as many steps."""
        parts = np.array_split(np.arange(len(states)), -(-len(states) // CHAINS))
        number, steps = rounds
        for done in range(number):
            LOG.info("%s, %d chains: %d of %d rounds", name, len(states), done, number)
            calls = {
                f"{name} {done} {part[0]}": (density.of(part), states[part], steps)
                for part in parts
            }
            walked = dict(in_parallel(_walked, [(self, key, *of) for key, of in calls.items()]))
            states = np.concatenate([walked[key] for key in calls])
            yield states


def _walked(
    sampler: Sampler, name: str, density: Density, states: Levels, steps: int
) -> tuple[str, Levels]:
    chains = Chains(sampler.table, density, states, sampler.rules, sampler.random(name))
    chains.run(steps)
    return name, chains.cohorts


def _certificate(outcome: ConstrainedOutcome) -> tuple[Levels, ...]:
    """Return values that have all printed numbers, near to a plausible draw if they can be."""
    # What sums alone refute needs no search.
    decided = decide(outcome, thorough=not isinstance(outcome.what, Outcome))
    if decided.answer is Answer.UNDECIDED and (found := find_cohort(outcome, REPAIRS)):
        return found
    if not decided.certificate:
        decided = decide(outcome)
    if decided.certificate:
        return decided.certificate
    proven = decided.answer is Answer.REFUTED
    keys = smallest_conflict(outcome) if proven else outcome.intervals
    raise ImpossibleClaimsError(outcome.name, keys, proven=proven)


def _better(part: Part, cohorts: Levels, n: int) -> Floats:
    """Return how much better each patient is, in standard deviations."""
    found = part.improvement(cohorts[:, :n])
    return np.asarray(found / np.maximum(found.std(axis=1, keepdims=True), 1e-9))
