"""Whose data these are: patients' records, or a reconstruction that somebody may have edited."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Two patients with so much of what was measured in common are one, with some values changed: the
# scales are too fine for it to be chance.
SHARED_VALUES = 2 / 3
# So many patients in common, of either table, and one was made from the other.
SHARED_PATIENTS = 1 / 2


@dataclass(frozen=True)
class Provenance:
    """How much two tables of patients have in common: shares of patients, 0 to 1."""

    of_cohort: float  # of the cohort's, which the reconstruction has too
    of_reconstruction: float  # of the reconstruction's, which the cohort has too

    @property
    def reconstructed(self) -> bool:
        """Whether the cohort is the reconstruction, or a copy with changes, more or fewer rows."""
        return max(self.of_cohort, self.of_reconstruction) >= SHARED_PATIENTS


def provenance(cohort: pd.DataFrame, reconstruction: Path) -> Provenance:
    """Compare patients with those of a reconstruction.

    That they are reconstructed is found in the data and declared by nobody, so that a changed copy
    cannot pass for records.

    Parameters
    ----------
    cohort
        One row per patient.
    reconstruction
        CSV of the reconstructed patients.

    Returns
    -------
    Provenance
        A patient counts as shared where two thirds of the values measured, in columns of numbers
        that both tables have, are those of a patient of the other table. Order and identifiers do
        not matter, nor do values missing in both.
    """
    other = pd.read_csv(reconstruction)
    numeric = map(str, other.select_dtypes("number").columns)
    columns = [name for name in numeric if _is_measured(cohort, name)]
    if not columns:
        return Provenance(0.0, 0.0)
    ours, theirs = (table[columns].to_numpy(float) for table in (cohort, other))
    in_reconstruction = np.zeros(len(ours), dtype=bool)
    in_cohort = np.zeros(len(theirs), dtype=bool)
    for row, patient in enumerate(theirs):
        same = _same(ours, patient)
        in_reconstruction |= same
        in_cohort[row] = same.any()
    return Provenance(float(in_reconstruction.mean()), float(in_cohort.mean()))


def _is_measured(cohort: pd.DataFrame, name: str) -> bool:
    return name in cohort and pd.api.types.is_float_dtype(cohort[name])


def _same(patients: NDArray[np.float64], patient: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of many patients have two thirds of what was measured in one."""
    equal = np.zeros(len(patients), dtype=np.int16)
    measured = ~np.isnan(patient)
    for column in np.flatnonzero(measured):
        equal += patients[:, column] == patient[column]
    return np.greater_equal(equal, max(1, SHARED_VALUES * measured.sum()))
