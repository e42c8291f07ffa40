"""Patient-level cohorts that have every printed number at once.

They are not data about patients. They prove that the printed numbers can be true together.
"""

import csv
from collections.abc import Sequence
from logging import getLogger
from pathlib import Path

import numpy as np

from beforeafter.study import Study
from reported.claims.errors import FailedClaimsError
from reported.claims.published import Published
from reported.solver.cohorts.ensemble import Ensemble, cells, write_ensemble
from reported.solver.cohorts.sampler import Sampler
from reported.solver.constrained_outcome import Columns
from reported.solver.in_parallel import in_parallel
from reported.verifier.verdicts import Verdict, verify_cells, verify_file

LOG = getLogger(__name__)
ENSEMBLE = "ensemble.npy.xz"
# How many cohorts one task verifies.
VERIFIED = 125


def reconstruct(
    study: Study, published: Published, output: Path, cohorts: int = 1000
) -> list[Verdict]:
    """Write an ensemble of cohorts, each verified, and one of them.

    Parameters
    ----------
    study
        What was measured, what is implausible, and the seed: the same seed gives the same bytes.
    published
        The claims; their reading says how many were followed up.
    output
        The CSV file of one cohort. The ensemble is written beside it, as `ENSEMBLE`.
    cohorts
        How many to draw.

    Returns
    -------
    list of Verdict
        The verdict on each claim in the one cohort.

    Raises
    ------
    ImpossibleClaimsError
        If claims contradict each other, or no cohort was found.
    FailedClaimsError, UnknownClaimError
        If a cohort does not have every number that is claimed. Nothing is written then.
    """
    file = output.with_name(ENSEMBLE)
    sampler = Sampler(study, published)
    ensemble = Ensemble(study, sampler.table, sampler.cohorts(cohorts))
    _verify_all(ensemble, published)
    shown = cells(ensemble.table, ensemble.cohorts[0])
    verdicts = write_shuffled(shown, study, published, output)
    write_ensemble(ensemble.cohorts, file)
    return verdicts


def write_shuffled(
    columns: Columns, study: Study, published: Published, output: Path
) -> list[Verdict]:
    """Write a cohort, once every claim was found in it, and return the verdicts on them.

    The rows are in a random order, so that their place tells nothing.
    """
    order = np.random.default_rng(study.analysis.seed).permutation(len(columns["patient"]))
    mixed = {name: [column[at] for at in order] for name, column in columns.items()}
    write_columns(mixed | {"patient": columns["patient"]}, aside := output.with_name("new.csv"))
    try:
        verdicts = verify_file(aside, study, published)
        _require(verdicts)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return verdicts


def _verify_all(ensemble: Ensemble, published: Published) -> None:
    every = list(ensemble.columns())
    calls = [
        (ensemble.study, published, every[first : first + VERIFIED])
        for first in range(0, len(every), VERIFIED)
    ]
    for done, _ in enumerate(in_parallel(_verify, calls), start=1):
        LOG.info("verified %d of %d cohorts", min(done * VERIFIED, len(every)), len(every))


def _verify(study: Study, published: Published, cohorts: Sequence[Columns]) -> None:
    for columns in cohorts:
        _require(verify_cells(columns, study, published))


def _require(verdicts: Sequence[Verdict]) -> None:
    if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
        raise FailedClaimsError(failed)


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
