"""What the checks of SACRO flag in one output is not told: ACRO runs on the same tables.

ACRO looks at one output at a time; what several tell together is what `other_cohorts` is for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter.estimates import changes, pairs_of, rating_proportions
from beforeafter.sensitivity import subgroups_told
from beforeafter.study import Study, read_study
from beforeafter.wording import baseline_table

ROOT = Path(__file__).parents[3]
# ACRO asks for 10 patients, and for 10 degrees of freedom, which 11 have.
SMALLEST = 11
DIAGNOSES = "CRPS", "fibromyalgia", "neuralgia", "other", "post-surgical"


@pytest.fixture(scope="module")
def study() -> Study:
    study = read_study(ROOT / "data/study.yml")
    analysis = study.analysis.model_copy(update={"smallest_count": SMALLEST})
    parts = [
        part.model_copy(update={"categories": DIAGNOSES}) if part.name == "diagnosis" else part
        for part in study.characteristics
    ]
    return study.model_copy(update={"analysis": analysis, "characteristics": tuple(parts)})


@pytest.fixture
def acro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.chdir(tmp_path)
    logging.disable(logging.CRITICAL)
    from acro import ACRO  # noqa: PLC0415  (it sets up logging when it is imported)

    yield ACRO(suppress=False)
    logging.disable(logging.NOTSET)


def made_up(seed: int) -> pd.DataFrame:
    """Return patients of diagnoses from rare to common, all of one of which change alike."""
    rng = np.random.default_rng(seed)
    n = 160
    diagnosis = rng.choice(DIAGNOSES, n, p=[0.04, 0.07, 0.2, 0.3, 0.39])
    before = rng.integers(4, 11, n).astype(float)
    after = np.clip(before - rng.integers(-2, 6, n), 0, 10)
    after[diagnosis == "neuralgia"] = before[diagnosis == "neuralgia"] - 2
    pgic = rng.choice(np.arange(1.0, 8.0), n, p=[0.3, 0.25, 0.2, 0.1, 0.07, 0.05, 0.03])
    return pd.DataFrame(
        {"nrs_day0": before, "nrs_day30": after, "diagnosis": diagnosis, "pgic": pgic}
    )


def flags(acro: object, table: pd.DataFrame, of: str, values: str) -> bool:
    """Return whether ACRO flags a cell of the counts, means or deviations of groups."""
    acro.crosstab(table[of], table[values].notna())  # type: ignore[attr-defined]
    counts = acro.results.get_index(-1).summary  # type: ignore[attr-defined]
    acro.pivot_table(  # type: ignore[attr-defined]
        table, index=of, values=values, aggfunc=["mean", "std"]
    )
    means = acro.results.get_index(-1).summary  # type: ignore[attr-defined]
    assert "Check" in counts + means
    return "fail" in counts + means


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore")  # of ACRO and what it imports
def test_acro_flags_nothing_in_what_is_told(acro: object, study: Study, seed: int) -> None:
    cohort = made_up(seed)
    # ACRO has no word on numbers below zero.
    table = cohort.assign(change=20 + changes(*pairs_of(cohort, study.outcome("nrs"))))
    assert flags(acro, table, "diagnosis", "change")
    groups = subgroups_told(cohort, study["nrs"])["diagnosis"].groups.values()
    labels = {group.label for group in groups}
    # Where all patients of a group changed alike, ACRO passes the mean of it, and nothing is told.
    assert labels
    assert "neuralgia" not in labels
    assert not flags(acro, table[table["diagnosis"].isin(labels)], "diagnosis", "change")

    text = baseline_table(cohort, study.model_copy(update={"outcomes": ()}), {}, smallest=SMALLEST)
    shown = {name for name in DIAGNOSES if f"{name} not shown" not in text.replace("\xa0", " ")}
    assert shown < {*DIAGNOSES}
    assert not flags(acro, table[table["diagnosis"].isin(shown)], "diagnosis", "nrs_day0")

    rating = study.rating("pgic")
    for name, share in rating_proportions(cohort, study["pgic"]).items():
        if share.is_told:
            inside = table.assign(inside=table["pgic"].isin(rating.groups[name].codes))
            assert not flags(acro, inside, "inside", "nrs_day0")
