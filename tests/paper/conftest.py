"""A paper built from nothing, once for all test processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from filelock import FileLock
from little import write_little_paper
from playwright.sync_api import Browser, sync_playwright

from paper.project import left_out

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project, built without anything remembered from earlier builds."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the folder of each process lies in that of the run
    folder = shared / "built" / "paper"
    with FileLock(shared / "built.lock"):
        # The first to come builds; a build that fails is tried again, and fails every test.
        if not (folder / "_manuscript").is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(ROOT, folder, ignore=left_out)
            ran = run_paper(folder, "build", "--renderer", "embedded")
            assert ran.status == 0, ran.error
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the built project, to break and mend."""
    folder = tmp_path / "paper"
    shutil.copytree(built, folder)
    return folder


@pytest.fixture(scope="session")
def little_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the little paper, its notebooks executed."""
    folder = tmp_path_factory.mktemp("little") / "paper"
    write_little_paper(folder)
    ran = run_paper(folder, "run")
    assert ran.status == 0, ran.error
    return folder


@pytest.fixture
def little(little_run: Path, tmp_path: Path) -> Path:
    """Return a copy of the little paper, to break and mend."""
    folder = tmp_path / "paper"
    shutil.copytree(little_run, folder)
    return folder


@pytest.fixture(scope="session")
def by_quarto(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what Quarto makes of the same project."""
    folder = tmp_path_factory.mktemp("quarto") / "paper"
    shutil.copytree(built, folder)
    ran = run_paper(folder, "build", "--renderer", "quarto")
    assert ran.status == 0, ran.error
    return folder / "_manuscript"


@pytest.fixture(params=["built", pytest.param("by_quarto", marks=pytest.mark.quarto)])
def paper(request: pytest.FixtureRequest) -> Path:
    """Return the rendered paper, of either renderer."""
    folder: Path = request.getfixturevalue(request.param)
    return folder / "_manuscript" if request.param == "built" else folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()
