from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from beforeafter.study import Study, read_study
from reported.claims.published import Published, read_published

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def study() -> Study:
    return read_study(DATA / "study.yml")


@pytest.fixture(scope="session")
def published() -> Published:
    return read_published(DATA / "published.yml")


@pytest.fixture(scope="session")
def reconstructed() -> Path:
    """The cohort in the repository, which takes minutes to make."""
    return DATA / "cohort.csv"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data in a directory of its own, which is made the current one."""
    shutil.copytree(DATA, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"
