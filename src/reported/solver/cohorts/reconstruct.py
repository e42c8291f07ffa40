"""Patient-level cohorts that have every printed number at once, and the most central of them.

They are not data about patients. They prove that the printed numbers can be true together. The one
that is shown stands in for the records that are not public.
"""

import csv
from collections.abc import Callable, Sequence
from logging import getLogger
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.study import Duration, Outcome, Study
from reported.claims.errors import FailedClaimsError, ImpossibleClaimsError
from reported.claims.published import Published
from reported.solver.cohorts.central import central
from reported.solver.cohorts.chains import Chains
from reported.solver.cohorts.ensemble import Ensemble, cells, write_ensemble
from reported.solver.cohorts.implausible import Implausible
from reported.solver.cohorts.target import Part, Table
from reported.solver.constrained_outcome import Columns
from reported.solver.decide import Answer, decide, smallest_conflict
from reported.solver.in_parallel import in_parallel
from reported.solver.local_search import State, find_cohorts
from reported.solver.prior_draw import Levels
from reported.verifier.verdicts import Verdict, verify_cells, verify_file

LOG = getLogger(__name__)
# Cohorts that one chain draws, chains of one task, and steps between two draws.
DRAWS, CHAINS, BETWEEN = 50, 10, 2_000
# Steps before the first draw: while implausible patients cost more and more, and afterwards.
PENALTIES, EACH, WARM_UP = (1, 2, 3, 4, 5, 6), 4_000, 4_000
# Steps that lead starting values apart.
APART = 300
# How many cohorts one task verifies.
VERIFIED = 125


def reconstruct(
    study: Study, published: Published, output: Path, cohorts: int = 1000
) -> list[Verdict]:
    """Write an ensemble of cohorts, each verified, and the most central one.

    Parameters
    ----------
    study
        What was measured, what is implausible, and the seed: the same seed gives the same bytes.
    published
        The claims; their reading says how many were followed up.
    output
        The CSV file of the central cohort. The ensemble is written beside it, as `ENSEMBLE`. Both
        are replaced only when every cohort satisfies every claim.
    cohorts
        How many cohorts to draw, at least.

    Returns
    -------
    list of Verdict
        The verdict on each claim in the central cohort.

    Raises
    ------
    ImpossibleClaimsError
        If claims contradict each other, or no cohort was found.
    FailedClaimsError, UnknownClaimError
        If a cohort does not have every number that is claimed.
    """
    files = output, output.with_name(ENSEMBLE)
    aside = [file.with_name(f"{file.name}.new") for file in files]
    try:
        ensemble = draw_ensemble(study, published, cohorts)
        shown = central(ensemble)
        write_columns(_shuffled(cells(ensemble.table, shown), study.analysis.seed), aside[0])
        verdicts = verify_file(aside[0], study, published)
        _require(verdicts)
        write_ensemble(ensemble.draws, aside[1])
        for new, file in zip(aside, files, strict=True):
            new.replace(file)
    finally:
        for new in aside:
            new.unlink(missing_ok=True)
    return verdicts


ENSEMBLE = "ensemble.npy.xz"


def draw_ensemble(study: Study, published: Published, cohorts: int) -> Ensemble:
    """Draw cohorts from their distribution (`target`), and have each verified."""
    table = Table.of(study, published)
    chains = -(-cohorts // DRAWS)
    LOG.info("looking for %d starts", chains)
    starts = _starts(table, chains, study.analysis.seed)
    parts = np.array_split(starts, -(-chains // CHAINS))
    LOG.info("leading %d chains from their starts", chains)
    warm = _all(_warmed, [(study, table, part, number) for number, part in enumerate(parts)])
    # What every chain has reached, none exceeds.
    broken = [Implausible(study, table)(part[:, : table.n]).sum(axis=1).max() for part in warm]
    LOG.info("drawing %d cohorts", chains * DRAWS)
    tasks = [(study, table, part, number, max(broken)) for number, part in enumerate(warm)]
    ensemble = Ensemble(study, table, np.concatenate(_all(_drawn, tasks)))
    all_cells = list(ensemble.columns())
    calls = [
        (study, published, all_cells[first : first + VERIFIED])
        for first in range(0, len(all_cells), VERIFIED)
    ]
    for done, _ in enumerate(in_parallel(_verify, calls), start=1):
        LOG.info("verified %d of %d cohorts", min(done * VERIFIED, len(all_cells)), len(all_cells))
    return ensemble


def _all(
    function: Callable[..., tuple[int, Levels]], calls: Sequence[tuple[Any, ...]]
) -> list[Levels]:
    found = dict(in_parallel(function, calls))
    return [found[number] for number in sorted(found)]


def _warmed(study: Study, table: Table, starts: Levels, number: int) -> tuple[int, Levels]:
    """Return cohorts that forgot their starts, with as few implausible patients as they came to."""
    rng = np.random.default_rng([study.analysis.seed, number])
    chains = Chains(table, starts, Implausible(study, table), rng)
    for penalty in PENALTIES if study.plausibility else ():
        chains.penalty = penalty
        chains.run(EACH)
    chains.penalty = inf
    chains.run(WARM_UP)
    return number, chains.cohorts


def _drawn(
    study: Study, table: Table, starts: Levels, number: int, least: int
) -> tuple[int, Levels]:
    """Return the draws of some chains, shape (chains, draws, enrolled, columns)."""
    rng = np.random.default_rng([study.analysis.seed, number, DRAWS])
    chains = Chains(table, starts, Implausible(study, table), rng)
    chains.least = least
    draws = []
    for _ in range(DRAWS):
        chains.run(BETWEEN)
        draws.append(chains.cohorts.copy())
    return number, np.stack(draws, axis=1)


def _verify(study: Study, published: Published, cohorts: Sequence[Columns]) -> None:
    for columns in cohorts:
        _require(verify_cells(columns, study, published))


def _require(verdicts: Sequence[Verdict]) -> None:
    if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
        raise FailedClaimsError(failed)


def _starts(table: Table, chains: int, seed: int) -> Levels:
    """Return cohorts from which chains start, apart from each other.

    Who improves in one outcome tends to improve in the others, more in some cohorts than in others.
    """
    rng = np.random.default_rng(seed)
    cohorts = np.zeros((chains, table.n_enrolled, table.width), dtype=np.int64)
    for part in table.parts_in_study_order:
        state = _found(part, chains, seed)
        better = _better(part, state, table.n)
        noise = rng.uniform(*NOISE, (chains, 1)) * rng.standard_normal(better.shape)
        deviation = np.maximum(better.std(axis=1, keepdims=True), 1e-9)
        order = (better / deviation + noise).argsort(axis=1)
        for column, values in zip(part.columns, state, strict=True):
            ordered = np.take_along_axis(values[:, : table.n], order, axis=1)
            cohorts[:, : table.n, column] = ordered
            cohorts[:, table.n : values.shape[1], column] = values[:, table.n :]
    return cohorts


# How loosely the order of starting patients follows their improvement.
NOISE = (0.3, 1.5)


def _found(part: Part, chains: int, seed: int) -> State:
    outcome = part.outcome
    # What sums alone refute needs no search.
    if decide(outcome, thorough=not part.is_scale).answer is Answer.REFUTED:
        raise ImpossibleClaimsError(outcome.name, smallest_conflict(outcome), proven=True)
    state = find_cohorts(outcome, chains, APART, seed)
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


def _better(part: Part, state: State, n: int) -> Levels:
    if isinstance(what := part.outcome.what, Outcome):
        return what.benefit * (state[1] - state[0][:, :n])
    return state[0] if isinstance(what, Duration) else -state[0]


def _shuffled(columns: Columns, seed: int) -> Columns:
    """Return the rows in another order, so that place tells nothing; patients are numbered anew."""
    rows = len(columns["patient"])
    order = np.random.default_rng(seed).permutation(rows)
    mixed = {name: [cells[at] for at in order] for name, cells in columns.items()}
    return mixed | {"patient": columns["patient"]}


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
