"""A difference in the last digits, as between two processors, changes no printed text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter.records import read_cohort
from beforeafter.study import Study, read_study
from beforeafter.wording import decimal_text, every_number

ROOT = Path(__file__).parents[3]
# Larger than what any two processors differ by, smaller than what any number means.
RELATIVE = 1e-12


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(ROOT / "data/study.yml")


@pytest.fixture(scope="module")
def cohort(study: Study) -> pd.DataFrame:
    return read_cohort(ROOT / "data/cohort.csv", study)


def texts(cohort: pd.DataFrame, study: Study) -> dict[str, str]:
    """Return every number as it is printed."""
    return {key: number.text(number.value) for key, number in every_number(cohort, study).items()}


@pytest.mark.parametrize("seed", range(3))
def test_values_perturbed_in_their_last_digits_print_the_same(
    cohort: pd.DataFrame, study: Study, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    perturbed = cohort.copy()
    for outcome in study.outcomes:
        for column in outcome.columns.pair:
            noise = chance.uniform(-RELATIVE, RELATIVE, len(cohort))
            perturbed[column] = cohort[column] * (1 + noise)
    changed = [outcome.columns.pair[0] for outcome in study.outcomes]
    assert not perturbed[changed].equals(cohort[changed])
    assert texts(perturbed, study) == texts(cohort, study)


@pytest.mark.parametrize("tie", [0.25, 0.675, 1.005, 22.5, 68.75, 36.25, 2.5, 1234.565])
@pytest.mark.parametrize("ties", ["up", "down"])
def test_a_tie_is_a_tie_whatever_the_last_digit(tie: float, ties: str) -> None:
    decimals = len(repr(tie).partition(".")[2]) - 1
    exact = decimal_text(tie, decimals, ties)  # type: ignore[arg-type]
    for noise in (-RELATIVE / 4, -1e-15, 1e-15, RELATIVE / 4):
        assert decimal_text(tie * (1 + noise), decimals, ties) == exact  # type: ignore[arg-type]


def test_another_seed_prints_the_same(cohort: pd.DataFrame, study: Study) -> None:
    analysis = study.analysis.model_copy(update={"seed": study.analysis.seed + 1})
    other = study.model_copy(update={"analysis": analysis})
    assert texts(cohort, other) == texts(cohort, study)
