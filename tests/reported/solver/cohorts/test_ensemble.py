"""The ensemble in the repository: every cohort verified, the chains agreed, the numbers right."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beforeafter import every_number, read_cohort
from beforeafter.study import Study
from reported.claims.errors import ReportedError
from reported.claims.published import Published
from reported.solver.bounds.bounds_file import read_bounds
from reported.solver.bounds.certainty import read_spreads
from reported.solver.cohorts.ensemble import Ensemble, read_ensemble, write_ensemble
from reported.solver.cohorts.open_numbers import open_numbers
from reported.verifier.verdicts import verify_cells

DATA = Path(__file__).parents[4] / "data"
FILE = DATA / "ensemble.npy.xz"


@pytest.fixture(scope="module")
def ensemble(study: Study, published: Published) -> Ensemble:
    return read_ensemble(FILE, study, published)


@pytest.fixture(scope="module")
def shown(ensemble: Ensemble) -> np.ndarray:
    cells = pd.read_csv(DATA / "cohort.csv", dtype=str, keep_default_na=False)
    return ensemble.from_cells({name: cells[name].tolist() for name in cells})


def test_every_cohort_is_accepted_by_the_verifier(
    ensemble: Ensemble, study: Study, published: Published
) -> None:
    assert len(ensemble.cohorts) == 1000
    assert len({cohort.tobytes() for cohort in ensemble.cohorts}) == 1000
    for columns in ensemble.columns():
        assert all(verdict.holds for verdict in verify_cells(columns, study, published))


def test_the_file_is_small() -> None:
    assert FILE.stat().st_size <= 2_000_000


def test_chains_agree_about_every_open_number(ensemble: Ensemble) -> None:
    found = ensemble.mixing()
    assert max(found.values(), key=lambda one: one.r_hat).r_hat <= 1.05
    assert min(found.values(), key=lambda one: one.effective).effective >= 200


def test_no_number_is_beyond_its_proven_bounds(
    ensemble: Ensemble, study: Study, published: Published
) -> None:
    bounds = read_bounds(DATA / "bounds.json", study, published)
    for key in bounds.keys() & ensemble.numbers.keys():
        slack = float(bounds[key].statistic.rounding) + 1e-9
        assert ensemble.numbers[key].min() >= float(bounds[key].low.bound) - slack
        assert ensemble.numbers[key].max() <= float(bounds[key].high.bound) + slack


def test_numbers_are_those_of_the_analysis(
    ensemble: Ensemble, shown: np.ndarray, study: Study
) -> None:
    theirs = every_number(read_cohort(DATA / "cohort.csv", study), study)
    ours = open_numbers(ensemble.table, shown[np.newaxis])
    shared = ours.keys() & theirs.keys()
    assert {"nrs.correlation", "nrs.standardised.d_z", "relief.median"} <= shared
    for key in shared:
        assert float(ours[key][0]) == pytest.approx(theirs[key].value, abs=1e-6), key


def test_the_cohort_shown_has_no_more_implausible_patients_than_any(
    ensemble: Ensemble, shown: np.ndarray
) -> None:
    here = ensemble.implausible(shown[np.newaxis])["any"][0]
    assert here <= ensemble.implausible(ensemble.cohorts)["any"].min()


def test_the_cohort_shown_is_not_one_of_the_ensemble(ensemble: Ensemble, shown: np.ndarray) -> None:
    rows = {np.sort(cohort, axis=0).tobytes() for cohort in ensemble.cohorts}
    assert np.sort(shown, axis=0).tobytes() not in rows


def test_spreads_are_those_of_the_ensemble(ensemble: Ensemble) -> None:
    spreads = read_spreads(DATA / "ensemble.json", FILE)
    for key in ("nrs.correlation", "npsi.standardised.d_z", "relief.median"):
        low, high = np.quantile(ensemble.numbers[key], (0.025, 0.975))
        assert (spreads[key].low, spreads[key].high) == pytest.approx((low, high))


def test_spreads_of_another_ensemble_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "ensemble.npy.xz"
    other.write_bytes(b"another")
    with pytest.raises(ReportedError, match="another ensemble"):
        read_spreads(DATA / "ensemble.json", other)


def test_a_cohort_that_lacks_a_printed_number_is_refused(
    ensemble: Ensemble, study: Study, published: Published, tmp_path: Path
) -> None:
    draws = ensemble.draws[:1, :4].copy()
    column = ensemble.table.part("nrs").columns[0]
    draws[0, 0, 0, column] += 1 if draws[0, 0, 0, column] < 10 else -1
    write_ensemble(draws, tmp_path / "changed.npy.xz")
    with pytest.raises(ReportedError, match="other claims or scales"):
        read_ensemble(tmp_path / "changed.npy.xz", study, published)


def test_a_file_of_something_else_is_refused(
    study: Study, published: Published, tmp_path: Path
) -> None:
    file = tmp_path / "ensemble.npy.xz"
    with pytest.raises(ReportedError, match="no ensemble"):
        read_ensemble(file, study, published)
    file.write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(ReportedError, match="no ensemble"):
        read_ensemble(file, study, published)


def test_relief_at_the_horizon_is_what_is_printed(ensemble: Ensemble) -> None:
    """18 of 80 are free of the event, in every cohort: their share is no open number."""
    assert "relief.event_free.proportion" not in ensemble.numbers
    column = ensemble.table.part("relief").columns[0]
    free = (ensemble.cohorts[:, : ensemble.table.n, column] == 6).sum(axis=1)
    assert {Fraction(int(count), 80) for count in free} == {Fraction(18, 80)}
