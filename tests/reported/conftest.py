from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from beforeafter.study import Study, read_study
from reported.claims.published import Published, read_published
from reported.solver.cohorts.reconstruct import reconstruct

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def study() -> Study:
    return read_study(DATA / "study.yml")


@pytest.fixture(scope="session")
def published() -> Published:
    return read_published(DATA / "published.yml")


@pytest.fixture(scope="session")
def reconstructed(
    study: Study, published: Published, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The cohort made now: what is tested is the solver, not the file in the repository."""
    file = tmp_path_factory.mktemp("reconstructed") / "cohort.csv"
    reconstruct(study, published, file)
    return file


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data in a directory of its own, which is made the current one."""
    shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"
