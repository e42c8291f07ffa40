"""Patient-level cohorts that have every printed number at once.

They are not data about patients. They prove that the printed numbers can be true together.
"""

import csv
from collections.abc import Sequence
from logging import getLogger
from pathlib import Path

import numpy as np

from beforeafter.study import Study
from reported.claims.errors import FailedClaimsError, ReportedError
from reported.claims.published import Published
from reported.solver.cohorts.central import central, ordered, ranks, read_cohort_in_steps
from reported.solver.cohorts.ensemble import Ensemble, cells, write_columns, write_ensemble
from reported.solver.cohorts.sampler import Sampler
from reported.solver.constrained_outcome import Columns
from reported.solver.in_parallel import in_parallel
from reported.verifier.verdicts import Verdict, verify_cells, verify_file

LOG = getLogger(__name__)
ENSEMBLE = "ensemble.npy.xz"
# How many cohorts one task verifies.
VERIFIED = 125
# A cohort that is there stays if each open number has a rank between these shares of the ensemble.
KEPT = 0.2, 0.8


def reconstruct(
    study: Study, published: Published, output: Path, cohorts: int = 1000
) -> list[Verdict]:
    """Write an ensemble of cohorts, each verified, and a cohort that is central in it.

    Parameters
    ----------
    study, published
        What was measured, what is implausible, and the seed (the same gives the same bytes); and
        the claims, whose reading says how many were followed up.
    output
        The CSV file of the central cohort; one that is there, and is central, stays. The ensemble
        is written beside it, as `ENSEMBLE`.
    cohorts
        How many to draw.

    Returns
    -------
    list of Verdict
        The verdict on each claim in the one cohort.

    Raises
    ------
    ImpossibleClaimsError, FailedClaimsError, UnknownClaimError
        If claims contradict each other, no cohort was found, or one lacks a number that is claimed.
        Nothing is written then.
    """
    sampler = Sampler(study, published)
    ensemble = Ensemble(study, sampler.table, sampler.cohorts(cohorts))
    every = list(ensemble.columns())
    calls = [(every[at : at + VERIFIED], study, published) for at in range(0, cohorts, VERIFIED)]
    LOG.info("verifying %d cohorts", cohorts)
    if failed := [key for keys in in_parallel(_failed, calls) for key in keys]:
        raise FailedClaimsError(sorted({*failed}))
    verdicts = _kept(ensemble, sampler, output)
    if not verdicts:
        shown = cells(ensemble.table, central(ensemble, sampler))
        verdicts = _write_shuffled(shown, study, published, output)
    write_ensemble(ensemble.cohorts, output.with_name(ENSEMBLE))
    return verdicts


def _kept(ensemble: Ensemble, sampler: Sampler, file: Path) -> list[Verdict]:
    """Return the verdicts on the cohort that is there already, nothing if another must be found.

    What a paper shows is to change only where it has to.
    """
    try:
        cohort = read_cohort_in_steps(ensemble.table, file)
        verdicts = verify_file(file, sampler.study, sampler.published)
    except (OSError, ValueError, KeyError, OverflowError, csv.Error, ReportedError):
        return []
    broken = sampler.rules(cohort[: ensemble.table.n]).sum()
    holds = all(verdict.holds for verdict in verdicts) and broken <= sampler.rules.allowed
    low, high = KEPT
    every = ranks(ensemble.table, ordered(ensemble), cohort[np.newaxis]).values()
    return verdicts if holds and all(low <= rank <= high for (rank,) in every) else []


def _write_shuffled(
    columns: Columns, study: Study, published: Published, output: Path
) -> list[Verdict]:
    """Write a cohort, once every claim was found in it, and return the verdicts on them.

    The rows are in a random order, so that their place tells nothing.
    """
    order = np.random.default_rng(study.analysis.seed).permutation(len(columns["patient"]))
    mixed = {name: [column[at] for at in order] for name, column in columns.items()}
    mixed |= {"patient": columns["patient"]}
    verdicts = verify_cells(mixed, study, published)
    if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
        raise FailedClaimsError(failed)
    write_columns(mixed, output)
    return verdicts


def _failed(cohorts: Sequence[Columns], study: Study, published: Published) -> list[str]:
    found = (of for columns in cohorts for of in verify_cells(columns, study, published))
    return [verdict.claim.key for verdict in found if not verdict.holds]
