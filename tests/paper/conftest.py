"""A paper built from nothing, once for each test process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper

from paper.build import LEFT_OUT


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project, built without anything remembered from earlier builds."""
    folder = tmp_path_factory.mktemp("built") / "paper"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the built project, to break and mend."""
    folder = tmp_path / "paper"
    shutil.copytree(built, folder)
    return folder
