"""A difference in the last digits, as between two processors, changes no printed text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter.records import read_cohort
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.study import Study, read_study
from beforeafter.wording import decimal_text, every_number
from beforeafter.wording.format import decimals_of

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


def test_drawing_leaves_what_is_printed_of_the_patients_lost(
    cohort: pd.DataFrame, study: Study
) -> None:
    for outcome in study.outcomes:
        found = multiple_imputation(cohort, outcome, study)
        # The mean of all is uncertain by the draws of those lost, and these by so many times more.
        error = found.simulation_error * found.n_patients / found.n_lost
        for printed in ("expected_change", "delta", "room"):
            decimals = decimals_of(f"tipping_point.{printed}", "estimate", outcome.decimals)
            assert error < 10.0**-decimals, (outcome.name, printed)
