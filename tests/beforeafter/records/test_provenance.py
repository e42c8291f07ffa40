"""Whose data: a changed copy of the reconstruction is told from records, whatever was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter.records import Provenance, provenance

RECONSTRUCTION = Path(__file__).parents[3] / "data/cohort.csv"
Change = Callable[[pd.DataFrame], pd.DataFrame]


def one_value(cohort: pd.DataFrame) -> pd.DataFrame:
    cohort.loc[3, "nrs_day30"] = 10.0
    return cohort


def a_whole_scale(cohort: pd.DataFrame) -> pd.DataFrame:
    return cohort.assign(nrs_day0=10.0, nrs_day30=0.0)


CHANGES: dict[str, Change] = {
    "nothing": lambda cohort: cohort,
    "one value": one_value,
    "a whole scale": a_whole_scale,
    "order and identifiers": lambda c: c.sample(frac=1, random_state=1).assign(patient="x"),
    "a third of the patients": lambda c: c.iloc[:30],
    "every patient ten times": lambda c: pd.concat([c] * 10, ignore_index=True),
    "as many others": lambda c: pd.concat([c, others(len(c))], ignore_index=True),
    "a column more": lambda c: c.assign(age=40.0),
    "a column less": lambda c: c.drop(columns=["pgic", "npsi_day0"]),
}


def others(n: int) -> pd.DataFrame:
    """Return patients with the values of the reconstruction, put together anew."""
    rng = np.random.default_rng(1)
    table = pd.read_csv(RECONSTRUCTION, dtype={"patient": str})
    return pd.DataFrame({name: rng.choice(table[name], n) for name in table})


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_changed_copy_never_passes_for_records(cohort: pd.DataFrame, change: Change) -> None:
    assert provenance(change(cohort), RECONSTRUCTION).reconstructed


@pytest.mark.parametrize("n", [20, 89, 5000])
def test_other_patients_with_the_same_values_one_by_one_are_records(n: int) -> None:
    found = provenance(others(n).astype({"nrs_day0": float}), RECONSTRUCTION)
    assert not found.reconstructed
    assert found.of_cohort < 0.15


def test_data_of_another_study_are_records() -> None:
    cohort = pd.DataFrame({"patient": ["1"], "sleep_before": [3.0]})
    assert provenance(cohort, RECONSTRUCTION) == Provenance(0, 0)


def test_shares_are_of_either_table(cohort: pd.DataFrame) -> None:
    half = pd.concat([cohort.iloc[:44], others(44).astype({"nrs_day0": float})], ignore_index=True)
    found = provenance(half.iloc[:66], RECONSTRUCTION)
    assert found.of_cohort == pytest.approx(44 / 66, abs=3 / 66)
    assert found.of_reconstruction == pytest.approx(44 / 89, abs=3 / 89)


def test_half_of_the_patients_in_common_make_a_reconstruction() -> None:
    assert Provenance(0.5, 0).reconstructed
    assert not Provenance(0.49, 0.49).reconstructed
