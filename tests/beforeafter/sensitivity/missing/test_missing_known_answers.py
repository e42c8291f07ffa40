"""Missing data against R: `tests/r/missing.R` wrote the data and the answers."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from missing_cases import with_others

from beforeafter.estimates import flatten
from beforeafter.sensitivity import missing_data
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.sensitivity.missing.missing import tipping_point
from beforeafter.study import Outcome, Study

R = Path(__file__).resolve().parents[3] / "r"
ANSWERS = pd.read_csv(R / "missing.csv", na_values=["NA"])
DATASETS = ANSWERS.dataset[ANSWERS.statistic == "limit.mean"].tolist()
OF_IMPUTATION = ("limit.", "mice.")
HIGHER = {"missing_sf12_mental", "missing_sf12_physical"}
ENDS = {
    "missing_npsi": (0, 100),
    "missing_sf12_mental": (0, 100),
    "missing_sf12_physical": (0, 100),
    "missing_hads_anxiety": (0, 21),
    "missing_hads_depression": (0, 21),
    "missing_at_random": (-2, 12),
}
# Closed forms in double precision; R's answers have 15 digits.
EXACT = 1e-10
# Four standard errors of a simulation: one comparison in 16,000 fails by chance, for other seeds.
SURE = 4


def answers(dataset: str) -> dict[str, float]:
    rows = ANSWERS[ANSWERS.dataset == dataset]
    return dict(zip(rows.statistic, rows.value, strict=True))


def case(dataset: str, study: Study) -> tuple[pd.DataFrame, Outcome, Study]:
    data = pd.read_csv(R / "data" / f"{dataset}.csv", dtype=float)
    minimum, maximum = ENDS.get(dataset, (0, 10))
    outcome, here = with_others(
        study,
        sum(name.startswith("other") for name in data),
        better="higher" if dataset in HIGHER else "lower",
        minimum=minimum,
        maximum=maximum,
        confidence_level=0.95,
    )
    return data, outcome, here


def test_there_are_answers_to_compare() -> None:
    assert len(DATASETS) == 8


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_is_not_imputed_by_a_model_agrees_with_r(dataset: str, study: Study) -> None:
    computed = {key: value for key, (value, *_) in flatten(missing_data(*case(dataset, study)))}
    expected = {k: v for k, v in answers(dataset).items() if not k.startswith(OF_IMPUTATION)}
    assert set(expected) <= set(computed)
    assert len(expected) == 42
    found = {key: computed[key] for key in expected}
    assert found == pytest.approx(expected, rel=EXACT, abs=1e-14, nan_ok=True)


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_limit_of_imputation_agrees_with_r(dataset: str, study: Study) -> None:
    expected = {
        key.removeprefix("limit."): value
        for key, value in answers(dataset).items()
        if key.startswith("limit.")
    }
    data, outcome, here = case(dataset, study)
    imputed, point = multiple_imputation(data, outcome, here), tipping_point(data, outcome, here)
    found = {
        key: getattr(point if key in ("expected_change", "delta") else imputed, key)
        for key in expected
    }
    assert len(expected) == 8
    assert found == pytest.approx(expected, rel=EXACT, nan_ok=True)


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_imputations_of_mice_come_near_the_limit(dataset: str, study: Study) -> None:
    """mice draws every value lost; only its simulation has an error."""
    expected, found = answers(dataset), multiple_imputation(*case(dataset, study))
    times = expected["mice.times"]
    error = math.sqrt(expected["mice.between_variance"] / times)
    assert found.mean == pytest.approx(expected["mice.mean"], abs=SURE * error)
    # Imputed values follow t-distributions with five degrees of freedom or more, of kurtosis 9 or
    # less: a variance has a relative standard error of √(8 / m) or less, that within of less.
    close = SURE * math.sqrt(8 / times)
    for name in ("within_variance", "between_variance", "degrees_of_freedom"):
        assert getattr(found, name) == pytest.approx(expected[f"mice.{name}"], rel=close), name
