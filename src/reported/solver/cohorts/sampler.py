"""Cohorts drawn from their distribution: starts, chains, and whether these forget their starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from logging import getLogger

import numpy as np

from beforeafter.study import Duration, Outcome, Study
from reported.claims.errors import ImpossibleClaimsError
from reported.claims.published import Published
from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.implausible import Fewest, Implausible, fewest
from reported.solver.cohorts.mixing import Mixing, mixing
from reported.solver.cohorts.open_numbers import open_numbers
from reported.solver.cohorts.target import Density, Floats, Part, Table
from reported.solver.decide import Answer, decide, smallest_conflict
from reported.solver.in_parallel import in_parallel
from reported.solver.local_search import State, find_cohorts
from reported.solver.prior_draw import Levels

LOG = getLogger(__name__)
# Chains of one task; the steps of each, which end in its cohort; and how often progress is told.
CHAINS, STEPS, ROUNDS = 125, 120_000, 20
# How many distributions have two chains to compare, how many draws of each, and steps between them.
TWINS, DRAWS, BETWEEN = 100, 60, 6_000
# Steps that lead starting values of a scale apart; how loosely patients are ordered by them.
APART, NOISE = 300, (0.3, 1.5)


@dataclass(frozen=True)
class Sampler:
    """Draws cohorts of a study that have every printed number."""

    study: Study
    published: Published

    @cached_property
    def table(self) -> Table:
        """How cohorts are laid out."""
        return Table.of(self.study, self.published)

    @cached_property
    def fewest(self) -> Fewest:
        """How few patients can be implausible."""
        return fewest(Implausible(self.study, self.table), self.study.analysis.seed)

    @cached_property
    def rules(self) -> Implausible:
        """Which patients are implausible; as many as in the cohort with the fewest are allowed."""
        rules = Implausible(self.study, self.table)
        rules.allowed = int(rules(self.fewest.rows[: self.table.n]).sum())
        return rules

    def random(self, name: str) -> np.random.Generator:
        """Return the random numbers of one purpose, independent of those of others."""
        return np.random.default_rng([self.study.analysis.seed, *name.encode()])

    def cohorts(self, number: int) -> Levels:
        """Draw cohorts, each the last state of a chain with parameters of its own."""
        starts = self.starts(np.where(np.arange(number) % 2, 1, -1))
        density = Density.drawn(self.table, number, self.random("parameters"))
        *_, states = self._rounds("cohorts", density, starts, (ROUNDS, STEPS // ROUNDS))
        return states

    def mixing(self) -> dict[str, Mixing]:
        """Compare chains of the same parameters that started far apart, in each open number.

        In one the patients that improve in one outcome improve in the others too, in its twin in
        the opposite direction.
        """
        ways = np.repeat([1, -1], TWINS)
        density = Density.drawn(self.table, TWINS, self.random("parameters"))
        density = density.of(np.tile(np.arange(TWINS), 2))
        *_, states = self._rounds("apart", density, self.starts(ways), (ROUNDS, STEPS // ROUNDS))
        rounds = self._rounds("twins", density, states, (DRAWS, BETWEEN))
        draws = [open_numbers(self.table, drawn) for drawn in rounds]
        found = {key: np.stack([draw[key] for draw in draws], axis=1) for key in draws[0]}
        by_pair = {key: x.reshape(2, TWINS, -1).swapaxes(0, 1) for key, x in found.items()}
        return {key: mixing(x) for key, x in by_pair.items() if np.ptp(x) > 0}

    def starts(self, ways: Levels) -> Levels:
        """Return cohorts from which chains start.

        Who improves in one outcome tends to improve in the others, or where the way is -1 to get
        worse in them; more in some cohorts than in others.
        """
        table, rng, chains = self.table, self.random("starts"), len(ways)
        found = [(part, self._found(part, chains)) for part in table.parts]
        cohorts = np.tile(self.fewest.rows, (chains, 1, 1))
        followed = cohorts[:, : table.n]
        if self.rules.parts:
            states = [(part, table.state(part, cohorts)) for part in self.rules.parts]
            score = np.sum([_better(part, state, table.n) for part, state in states], axis=0)
            followed[:] = np.take_along_axis(
                followed, score.argsort(axis=1)[..., np.newaxis], axis=1
            )
        for part, state in found:
            if part in self.rules.parts:
                continue
            better = ways[:, np.newaxis] * _better(part, state, table.n)
            noise = rng.uniform(*NOISE, (chains, 1)) * rng.standard_normal(better.shape)
            order = (better + noise).argsort(axis=1)
            for column, values in zip(part.columns, state, strict=True):
                followed[..., column] = np.take_along_axis(values[:, : table.n], order, axis=1)
                cohorts[:, table.n : values.shape[1], column] = values[:, table.n :]
        return cohorts

    def _found(self, part: Part, chains: int) -> State:
        outcome = part.outcome
        # What sums alone refute needs no search.
        if decide(outcome, thorough=not part.is_scale).answer is Answer.REFUTED:
            raise ImpossibleClaimsError(outcome.name, smallest_conflict(outcome), proven=True)
        state = find_cohorts(outcome, chains, APART, self.study.analysis.seed)
        if len(state[0]):
            return state
        decided = decide(outcome)
        if not decided.certificate:
            proven = decided.answer is Answer.REFUTED
            keys = smallest_conflict(outcome) if proven else outcome.intervals
            raise ImpossibleClaimsError(outcome.name, keys, proven=proven)
        first, *lost = decided.certificate
        columns = [np.append(first[:, 0], lost[0] if lost else []), *first.T[1:]]
        return tuple(np.tile(column, (chains, 1)).astype(np.int64) for column in columns)

    def _rounds(
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


def _better(part: Part, state: State, n: int) -> Floats:
    """Return how much better each patient is, in standard deviations."""
    found = state[0] if isinstance(part.outcome.what, Duration) else -state[0]
    if isinstance(what := part.outcome.what, Outcome):
        found = what.benefit * (state[1] - state[0][:, :n])
    return np.asarray(found / np.maximum(found.std(axis=1, keepdims=True), 1e-9))
