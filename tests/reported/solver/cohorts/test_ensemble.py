"""The ensemble in the repository: every cohort verified, the chains mixed, the numbers right."""

from __future__ import annotations

import json
import shutil
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
from reported.solver.cohorts import central as central_of
from reported.solver.cohorts.central import central, ordered, ranks, read_cohort_in_steps
from reported.solver.cohorts.ensemble import Ensemble, cells, read_ensemble, write_ensemble
from reported.solver.cohorts.open_numbers import of_ensemble, open_numbers
from reported.solver.cohorts.reconstruct import _kept
from reported.solver.cohorts.sampler import Sampler
from reported.solver.cohorts.told import CENTRAL
from reported.verifier.verdicts import verify_cells

DATA = Path(__file__).parents[4] / "data"
FILE = DATA / "ensemble.npy.xz"


@pytest.fixture(scope="module")
def ensemble(study: Study, published: Published) -> Ensemble:
    return read_ensemble(FILE, study, published)


@pytest.fixture(scope="module")
def numbers(ensemble: Ensemble) -> dict[str, np.ndarray]:
    return of_ensemble(ensemble)


@pytest.fixture(scope="module")
def shown(ensemble: Ensemble) -> np.ndarray:
    return read_cohort_in_steps(ensemble.table, DATA / "cohort.csv")


def test_there_are_a_thousand_different_cohorts(ensemble: Ensemble) -> None:
    assert len(ensemble.cohorts) == 1000
    assert len({cohort.tobytes() for cohort in ensemble.cohorts}) == 1000


@pytest.mark.parametrize("step", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_every_cohort_is_accepted_by_the_verifier(
    ensemble: Ensemble, study: Study, published: Published, step: int
) -> None:
    for columns in list(ensemble.columns())[::step]:
        assert all(verdict.holds for verdict in verify_cells(columns, study, published))


def test_the_file_is_small() -> None:
    assert FILE.stat().st_size <= 1_000_000


def test_the_ensemble_is_worth_200_independent_cohorts_in_every_open_number(
    ensemble: Ensemble, numbers: dict[str, np.ndarray]
) -> None:
    mixed = ensemble.told["mixing"]
    assert mixed.keys() == numbers.keys()
    assert min(effective for _, effective in mixed.values()) >= 200


def test_chains_from_different_starts_agree(ensemble: Ensemble) -> None:
    assert max(r_hat for r_hat, _ in ensemble.told["mixing"].values()) <= 1.05


def test_nobody_is_implausible_and_fewer_cannot_be(
    ensemble: Ensemble, study: Study, published: Published
) -> None:
    assert Sampler(study, published).fewest.proven == 0
    assert not ensemble.implausible(ensemble.cohorts)["any"].any()


def test_no_number_is_beyond_its_proven_bounds(
    numbers: dict[str, np.ndarray], study: Study, published: Published
) -> None:
    bounds = read_bounds(DATA / "bounds.json", study, published)
    for key in bounds.keys() & numbers.keys():
        slack = float(bounds[key].statistic.rounding) + 1e-9
        assert numbers[key].min() >= float(bounds[key].low.bound) - slack
        assert numbers[key].max() <= float(bounds[key].high.bound) + slack


def test_numbers_are_those_of_the_analysis(
    ensemble: Ensemble, shown: np.ndarray, study: Study
) -> None:
    of_nobody = study.with_data(reconstructed=True)
    theirs = every_number(read_cohort(DATA / "cohort.csv", study), of_nobody)
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


def test_the_cohort_shown_is_central(ensemble: Ensemble, shown: np.ndarray) -> None:
    broken = ensemble.implausible(shown[np.newaxis])
    assert {rule: of.tolist() for rule, of in broken.items()} == ensemble.told["implausible"]
    theirs = ranks(ensemble.table, ordered(ensemble), shown[np.newaxis])
    assert {key: rank.tolist() for key, rank in theirs.items()} == ensemble.told["ranks"]
    outside = {key for key, (rank,) in theirs.items() if not 0.2 <= rank <= 0.8}
    assert not outside


def test_spreads_are_those_of_the_ensemble(
    ensemble: Ensemble, numbers: dict[str, np.ndarray]
) -> None:
    spreads = ensemble.told["spreads"]
    shared = spreads.keys() & numbers.keys()
    assert {"nrs.correlation", "npsi.standardised.d_z", "relief.median"} <= shared
    for key in shared:
        ends = np.quantile(numbers[key], CENTRAL)
        assert spreads[key][:2] == pytest.approx(ends.tolist(), abs=1e-6), key


def test_what_is_told_of_another_ensemble_is_refused(
    study: Study, published: Published, ensemble: Ensemble, tmp_path: Path
) -> None:
    shutil.copy(DATA / "ensemble.json", tmp_path)
    write_ensemble(ensemble.cohorts[:5], tmp_path / "ensemble.npy.xz")
    other = read_ensemble(tmp_path / "ensemble.npy.xz", study, published)
    with pytest.raises(ReportedError, match="another ensemble"):
        _ = other.told


def test_a_cohort_that_lacks_a_printed_number_is_refused(
    ensemble: Ensemble, study: Study, published: Published, tmp_path: Path
) -> None:
    few = ensemble.cohorts[:4].copy()
    column = ensemble.table.part("nrs").columns[0]
    few[0, 0, column] += 1 if few[0, 0, column] < 10 else -1
    write_ensemble(few, tmp_path / "changed.npy.xz")
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


def test_relief_at_the_horizon_is_what_is_printed(
    ensemble: Ensemble, numbers: dict[str, np.ndarray]
) -> None:
    """18 of 80 are free of the event, in every cohort: their share is no open number."""
    assert "relief.event_free.proportion" not in numbers
    column = ensemble.table.part("relief").columns[0]
    free = (ensemble.cohorts[:, : ensemble.table.n, column] == 6).sum(axis=1)
    assert {Fraction(int(count), 80) for count in free} == {Fraction(18, 80)}


@pytest.mark.parametrize("changed", ["", "a score", "a column", "nothing there", "off the middle"])
def test_a_cohort_that_is_there_stays_while_it_is_central(
    ensemble: Ensemble, study: Study, published: Published, tmp_path: Path, changed: str
) -> None:
    file = tmp_path / "cohort.csv"
    table = pd.read_csv(DATA / "cohort.csv", dtype=str, keep_default_na=False)
    match changed:
        case "a score":
            table.loc[0, "nrs_day0"] = "10" if table.loc[0, "nrs_day0"] != "10" else "9"
        case "a column":
            table = table.drop(columns="pgic")
        case "off the middle":
            outside = next(c for c in ensemble.cohorts if not _is_central(ensemble, c))
            table = pd.DataFrame(cells(ensemble.table, outside))
    if changed != "nothing there":
        table.to_csv(file, index=False)
    there = _kept(ensemble, Sampler(study, published), file)
    assert [verdict.claim for verdict in there] == ([] if changed else [*published.claims])


def _is_central(ensemble: Ensemble, cohort: np.ndarray) -> bool:
    of = ranks(ensemble.table, ordered(ensemble), cohort[np.newaxis]).values()
    return all(0.2 <= rank <= 0.8 for (rank,) in of)


def test_a_search_finds_a_cohort_more_central_than_any_drawn(
    ensemble: Ensemble, study: Study, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(central_of, "ROUNDS", 150)
    few = Ensemble(study, ensemble.table, ensemble.cohorts[:200])
    there = ordered(few)

    def off(cohorts: np.ndarray) -> float:
        of = np.array([*ranks(few.table, there, cohorts).values()])
        return float(abs(of - 1 / 2).max(axis=0).min())

    found = central(few, Sampler(study, published))
    assert off(found[np.newaxis]) < off(few.cohorts)
    assert not few.implausible(found[np.newaxis])["any"].any()
    verdicts = verify_cells(cells(few.table, found), study, published)
    assert all(verdict.holds for verdict in verdicts)


def test_what_was_measured_is_given_in_units(ensemble: Ensemble) -> None:
    before, after = ensemble.values("sf12_mental")
    assert before.shape == after.shape == (1000, 80)
    assert before.mean() == pytest.approx(31.4, abs=0.5)
    (times,) = ensemble.values("relief")
    assert times.mean(axis=1) == pytest.approx(2.99, abs=0.005)
