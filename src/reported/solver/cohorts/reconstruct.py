"""A patient-level cohort that has every printed number at once.

It is not data about patients. It proves that the printed numbers can be true together, and
stands in for the records that are not public.
"""

import csv
from logging import getLogger
from pathlib import Path

import numpy as np

from beforeafter.study import Study
from reported.claims.errors import FailedClaimsError
from reported.claims.lattice import Measurement
from reported.claims.published import Published
from reported.solver.cohorts.nearest import nearest
from reported.solver.constrained_outcome import Columns, ConstrainedOutcome
from reported.solver.prior_draw import draw, draw_patients
from reported.verifier.verdicts import Verdict, verify_file

LOG = getLogger(__name__)


def reconstruct(study: Study, published: Published, output: Path) -> list[Verdict]:
    """Write a cohort that satisfies all claims, having verified that it does.

    Parameters
    ----------
    study
        What was measured, and the seed: the same seed gives the same bytes.
    published
        The claims.
    output
        The CSV file, replaced only by a cohort that satisfies every claim.

    Returns
    -------
    list of Verdict
        The verdict on each claim.

    Raises
    ------
    ImpossibleClaimsError
        If claims contradict each other.
    FailedClaimsError, UnknownClaimError
        If the cohort found does not have every number that is claimed.
    """
    aside = output.with_name(f"{output.name}.new")
    try:
        write_columns(cohort(study, published), aside)
        verdicts = verify_file(aside, study, published)
        if failed := [verdict.claim.key for verdict in verdicts if not verdict.holds]:
            raise FailedClaimsError(failed)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return verdicts


def cohort(study: Study, published: Published) -> Columns:
    """Return the cells of a cohort that satisfies the claims, column by column."""
    rng = np.random.default_rng(study.analysis.seed)
    n, n_enrolled = published.reading.followed_up, published.reading.n_enrolled
    patients = draw_patients((n_enrolled, n), rng)
    # Cells of those followed up come first; they go to whom the draw follows up.
    place = np.argsort(~patients.followed, kind="stable").argsort()
    columns = {"patient": [str(number) for number in range(1, n_enrolled + 1)]}
    whats: tuple[Measurement, ...] = (*study.outcomes, *study.ratings, *study.durations)
    for what in whats:
        LOG.info(what.label)
        outcome = ConstrainedOutcome(study, published, what, n)
        drawn = draw(what, outcome.intervals, patients, rng)
        for name, cells in outcome.columns(nearest(outcome, drawn)).items():
            columns[name] = [cells[at] for at in place]
    return columns


def write_columns(columns: Columns, file: Path) -> None:
    """Write a cohort from the cells of its columns."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
