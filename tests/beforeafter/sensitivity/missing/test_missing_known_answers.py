"""Missing data against R: `tests/r/missing.R` wrote the data and the answers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from missing_cases import with_others

from beforeafter.estimates import flatten
from beforeafter.sensitivity import missing_data
from beforeafter.sensitivity.missing.imputation import complete, multiple_imputation
from beforeafter.sensitivity.missing.rubin import pool
from beforeafter.sensitivity.missing.tipping import tipping_point
from beforeafter.study import Outcome, Study

R = Path(__file__).resolve().parents[3] / "r"
ANSWERS = pd.read_csv(R / "missing.csv", na_values=["NA"])
DATASETS = ANSWERS.dataset[ANSWERS.statistic == "limit.mean"].tolist()
POOLS = ANSWERS.dataset[ANSWERS.statistic == "missing_information"].tolist()
SIMULATED = ("limit.", "mice.")
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
IMPUTATIONS = 200_000
# Four standard errors of a simulation: one comparison in 16,000 fails by chance, for other seeds.
SURE = 4


def answers(dataset: str) -> dict[str, float]:
    rows = ANSWERS[ANSWERS.dataset == dataset]
    return dict(zip(rows.statistic, rows.value, strict=True))


def case(dataset: str, study: Study, imputations: int = 100) -> tuple[pd.DataFrame, Outcome, Study]:
    data = pd.read_csv(R / "data" / f"{dataset}.csv", dtype=float)
    minimum, maximum = ENDS.get(dataset, (0, 10))
    outcome, here = with_others(
        study,
        sum(name.startswith("other") for name in data),
        better="higher" if dataset in HIGHER else "lower",
        minimum=minimum,
        maximum=maximum,
        imputations=imputations,
        confidence_level=0.95,
    )
    return data, outcome, here


def test_there_are_answers_to_compare() -> None:
    assert len(DATASETS) == 8
    assert len(POOLS) == 4


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_is_not_simulated_agrees_with_r(dataset: str, study: Study) -> None:
    computed = {key: value for key, (value, *_) in flatten(missing_data(*case(dataset, study)))}
    expected = {k: v for k, v in answers(dataset).items() if not k.startswith(SIMULATED)}
    assert set(expected) <= set(computed)
    assert len(expected) == 42
    found = {key: computed[key] for key in expected}
    assert found == pytest.approx(expected, rel=EXACT, abs=1e-14, nan_ok=True)


@pytest.mark.parametrize("dataset", DATASETS)
def test_many_imputations_come_near_their_limit(dataset: str, study: Study) -> None:
    """The limit is a formula, so that only the error of this simulation counts."""
    expected = answers(dataset)
    found = multiple_imputation(*case(dataset, study, IMPUTATIONS))
    error = math.sqrt(expected["limit.between_variance"] / IMPUTATIONS)
    assert found.simulation_error == pytest.approx(error, rel=0.05)
    assert found.mean == pytest.approx(expected["limit.mean"], abs=SURE * error)
    # Imputed values follow t-distributions with five degrees of freedom or more, of kurtosis 9 or
    # less: a variance has a relative standard error of √(8 / m) or less, that within of less.
    close = SURE * math.sqrt(8 / IMPUTATIONS)
    assert found.between_variance == pytest.approx(expected["limit.between_variance"], rel=close)
    assert found.within_variance == pytest.approx(expected["limit.within_variance"], rel=close)
    # The degrees of freedom follow from the share of both, and those of imputing, at the limit
    # endless, are here many.
    assert found.degrees_of_freedom == pytest.approx(
        expected["limit.degrees_of_freedom"], rel=close
    )
    width = expected["limit.upper"] - expected["limit.lower"]
    for bound in ("lower", "upper"):
        assert getattr(found, bound) == pytest.approx(
            expected[f"limit.{bound}"], abs=SURE * error + close * width / 4
        )


@pytest.mark.parametrize("dataset", DATASETS)
def test_many_imputations_tip_where_their_limit_does(dataset: str, study: Study) -> None:
    expected, (data, outcome, here) = answers(dataset), case(dataset, study, IMPUTATIONS)
    completed, found = complete(data, outcome, here), tipping_point(data, outcome, here)
    assert completed is not None
    error = float(completed.lost_mean.std()) / math.sqrt(IMPUTATIONS)
    assert found.expected_change == pytest.approx(
        expected["limit.expected_change"], abs=SURE * error
    )
    # The bound moves with delta about as far as the mean of those lost: 1% covers the error of the
    # variances, of which the bound takes the root.
    assert found.delta == pytest.approx(expected["limit.delta"], rel=0.01, abs=SURE * error)


@pytest.mark.parametrize("dataset", DATASETS)
def test_imputation_agrees_with_mice(dataset: str, study: Study) -> None:
    """mice draws every value lost: both simulations have an error, that of mice the larger."""
    expected, found = answers(dataset), multiple_imputation(*case(dataset, study, 20_000))
    share = 1 / expected["mice.times"] + 1 / 20_000
    error = math.sqrt(expected["mice.between_variance"] * share)
    assert found.mean == pytest.approx(expected["mice.mean"], abs=SURE * error)
    close = SURE * math.sqrt(8 * share)
    for name in ("within_variance", "between_variance", "degrees_of_freedom"):
        assert getattr(found, name) == pytest.approx(expected[f"mice.{name}"], rel=close), name


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_imputations_of_the_study_are_enough(dataset: str, study: Study) -> None:
    """As many as the study asks for: within four of its own simulation errors of the limit."""
    found = multiple_imputation(*case(dataset, study, study.analysis.imputations))
    assert found.mean == pytest.approx(
        answers(dataset)["limit.mean"], abs=SURE * found.simulation_error
    )


@pytest.mark.parametrize("dataset", POOLS)
def test_pooling_agrees_with_mice(dataset: str) -> None:
    expected = answers(dataset)
    estimates, variances = (
        np.array([value for key, value in expected.items() if key.startswith(part)])
        for part in ("estimates.", "variances.")
    )
    found = pool(estimates, variances, expected["n"] - 1, 0.95)
    computed = {key: value for key, (value, *_) in flatten(found)}
    assert len(computed) == 9
    assert computed == pytest.approx({key: expected[key] for key in computed}, rel=EXACT)
