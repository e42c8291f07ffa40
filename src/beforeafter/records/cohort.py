"""Reading the patients, and refusing what the study definition does not allow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from beforeafter.records.check import check_records
from beforeafter.study import Study


def read_cohort(file: Path, study: Study) -> pd.DataFrame:
    """Read and check the patients.

    Parameters
    ----------
    file
        CSV and its kin, XLSX, ODS, Parquet, SPSS or Stata; see `beforeafter.records`.
    study
        The study definition: which columns there are, what they may hold, and under `records` how
        the file is to be read. An outcome with `items` may be there as totals, as answers to its
        items, or as both, which must agree.

    Returns
    -------
    pandas.DataFrame
        One row per patient. Scores, codes and times are float, nan where missing; events are
        nullable booleans, True where the event was seen. A total that the file has only the items
        of is scored and added, unrounded. Where the definition takes only some patients (`only`),
        `attrs["left_out"]` has how many were left out, by reason.

    Raises
    ------
    DataError
        Every problem at once: file, row (as a spreadsheet counts), column and rule, and the value
        only where it tells nobody who the patient is: this may end in a log. `beforeafter check`
        shows the author all values. Totals are compared with their items once every cell is
        readable.
    """
    report = check_records(file, study)
    if report.cohort is None:
        raise report.refusal()
    return report.cohort


def plain_cells(cohort: pd.DataFrame) -> dict[str, list[str]]:
    """Return a cohort as the cells of a plain CSV, whatever kind of file it was read from.

    Each column has its cells from the first patient to the last: numbers to 12 digits, `true` and
    `false`, an empty text where a value is missing.
    """
    return {str(name): [_plain(value) for value in cohort[name]] for name in cohort}


def _plain(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
