"""What several tests of this folder need: the study, the reconstructed cohort, drawn figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import Phase, settings
from matplotlib import pyplot as plt

from beforeafter.records import read_cohort
from beforeafter.study import Study, read_study

mpl.use("Agg")
# A mutant needs to be noticed, not explained: no time is spent on a smaller counterexample.
settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate])
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def study() -> Study:
    """Return the study of the reconstruction: nothing is withheld, and no digit."""
    return read_study(ROOT / "data" / "study.yml").with_data(reconstructed=True)


@pytest.fixture(scope="session")
def _cohort_once(study: Study) -> pd.DataFrame:
    return read_cohort(ROOT / "data" / "cohort.csv", study)


@pytest.fixture
def cohort(_cohort_once: pd.DataFrame) -> pd.DataFrame:
    return _cohort_once.copy()


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    yield
    plt.close("all")
