"""Many different cohorts that satisfy the claims, each of them verified."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import numpy as np

from beforeafter.study import Study
from reported.claims.errors import FailedClaimsError, ImpossibleClaimsError, ReportedError
from reported.claims.published import Published
from reported.solver.cohorts.reconstruct import write_columns
from reported.solver.constrained_outcome import Columns, constrained_outcomes
from reported.solver.in_parallel import in_parallel
from reported.solver.local_search import as_groups, find_cohorts
from reported.verifier.verdicts import verify_cells

LOG = getLogger(__name__)
# How far cohorts that begin alike are led apart, and how many are made by one task.
STEPS, CHUNK = 1500, 250


def diverse(study: Study, published: Published, count: int, seed: int) -> list[Columns]:
    """Return cells of different cohorts, column by column, none of them verified yet.

    The same seed gives the same cohorts. Which patient has which values of an outcome is drawn anew
    for each: nothing is printed about associations between outcomes.
    """
    rng = np.random.default_rng(seed)
    n, n_enrolled = published.reading.followed_up, published.reading.n_enrolled
    order = [np.append(rng.permutation(n), np.arange(n, n_enrolled)) for _ in range(count)]
    cohorts: list[Columns] = [
        {"patient": [str(number + 1) for number in range(n_enrolled)]} for _ in range(count)
    ]
    for outcome in constrained_outcomes(study, published, n):
        state = find_cohorts(outcome, count, STEPS, seed)
        if not len(state[0]):
            raise ImpossibleClaimsError(outcome.name, outcome.intervals, proven=False)
        for index, cohort in enumerate(cohorts):
            columns = outcome.columns(as_groups(outcome, [c[index] for c in state]))
            rng.shuffle(order[index][:n])
            for name, cells in columns.items():
                cohort[name] = [cells[place] for place in order[index]]
    return cohorts


@contextmanager
def drawn_cohorts(study: Study, published: Published, count: int) -> Iterator[list[Path]]:
    """Draw cohorts as `write_cohorts` does, into files that are gone afterwards."""
    with TemporaryDirectory() as folder:
        yield write_cohorts(study, published, count, Path(folder) / "cohorts")


def write_cohorts(study: Study, published: Published, count: int, output: Path) -> list[Path]:
    """Write different cohorts, each verified, to a new directory; all of them or nothing.

    Parameters
    ----------
    study
        What was measured, and the seed.
    published
        The claims; their reading says how many were followed up.
    count
        How many cohorts.
    output
        The directory, which may not exist yet.

    Returns
    -------
    list of Path
        The file of each cohort.

    Raises
    ------
    ReportedError
        If the directory exists.
    ImpossibleClaimsError, FailedClaimsError
        If no cohort was found, or one that does not have every number that is claimed.
    """
    if output.exists():
        raise ReportedError(f"{output} exists already: name a directory that does not")
    output.parent.mkdir(parents=True, exist_ok=True)
    # Workers may have another current directory.
    aside = Path(mkdtemp(prefix=f".{output.name}.", dir=output.parent)).resolve()
    sizes = [min(CHUNK, count - first) for first in range(0, count, CHUNK)]
    try:
        chunks = [(study, published, size, number, aside) for number, size in enumerate(sizes)]
        written: list[str] = []
        for names in in_parallel(_chunk, chunks):
            written += names
            LOG.info("%d of %d cohorts", len(written), count)
        aside.chmod(0o755)
        aside.rename(output)
        return [output / name for name in sorted(written)]
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _chunk(study: Study, published: Published, size: int, number: int, aside: Path) -> list[str]:
    names = []
    cohorts = diverse(study, published, size, study.analysis.seed + number)
    for index, cohort in enumerate(cohorts, start=number * CHUNK + 1):
        verdicts = verify_cells(cohort, study, published)
        if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
            raise FailedClaimsError(failed)
        names.append(f"cohort-{index:04}.csv")
        write_columns(cohort, aside / names[-1])
    return names
