"""The values of other patients in a file, which notebooks read instead of those of the records."""

from pathlib import Path

import pandas as pd

# All digits that a float has.
DIGITS = "%.17g"


def write_values(cohort: pd.DataFrame, file: Path) -> None:
    """Write the values of a cohort, one row per patient."""
    cohort.to_csv(file, index=False, float_format=DIGITS, lineterminator="\n")


def with_values(cohort: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Return a cohort, with the values of a file that `write_values` wrote instead of its own."""
    values = pd.read_csv(
        file,
        dtype=cohort.dtypes.to_dict(),
        float_precision="round_trip",
        keep_default_na=False,
        na_values=[""],
    )
    values.index, values.attrs = cohort.index, cohort.attrs
    return values
