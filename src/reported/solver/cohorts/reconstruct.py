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
from reported.solver.cohorts.ensemble import Ensemble, write_ensemble
from reported.solver.cohorts.sampler import Sampler
from reported.solver.constrained_outcome import Columns
from reported.solver.in_parallel import in_parallel
from reported.verifier.verdicts import Verdict, verify_cells

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
    sampler = Sampler(study, published)
    ensemble = Ensemble(study, sampler.table, sampler.cohorts(cohorts))
    every = list(ensemble.columns())
    calls = [(every[at : at + VERIFIED], study, published) for at in range(0, cohorts, VERIFIED)]
    LOG.info("verifying %d cohorts", cohorts)
    if failed := [key for keys in in_parallel(_failed, calls) for key in keys]:
        raise FailedClaimsError(sorted({*failed}))
    verdicts = write_shuffled(every[0], study, published, output)
    write_ensemble(ensemble.cohorts, output.with_name(ENSEMBLE))
    return verdicts


def write_shuffled(
    columns: Columns, study: Study, published: Published, output: Path
) -> list[Verdict]:
    """Write a cohort, once every claim was found in it, and return the verdicts on them.

    The rows are in a random order, so that their place tells nothing.
    """
    order = np.random.default_rng(study.analysis.seed).permutation(len(columns["patient"]))
    mixed = {name: [column[at] for at in order] for name, column in columns.items()}
    mixed |= {"patient": columns["patient"]}
    if failed := _failed([mixed], study, published):
        raise FailedClaimsError(failed)
    write_columns(mixed, output)
    return verify_cells(mixed, study, published)


def _failed(cohorts: Sequence[Columns], study: Study, published: Published) -> list[str]:
    found = (of for columns in cohorts for of in verify_cells(columns, study, published))
    return [verdict.claim.key for verdict in found if not verdict.holds]


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
