"""A paper built from nothing, once for all test processes."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from filelock import FileLock
from little import write_little_paper
from playwright.sync_api import Browser, sync_playwright
from quartos import QUARTOS, Quarto, Rendered, commit_all, git, version_of

from paper.storage.project import left_out

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MISSING = "these tests need Quarto: install it, or name it in QUARTO"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project, built without anything remembered from earlier builds."""
    if given := os.environ.get("PAPER_BUILT"):
        return Path(given)  # a copy in which a fault was planted: see tests/faults.py
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the folder of each process lies in that of the run
    folder = shared / "built" / "paper"
    with FileLock(shared / "built.lock"):
        # The first to come builds; a build that fails is tried again, and fails every test.
        if not (folder / "_manuscript").is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(ROOT, folder, ignore=left_out)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PAPER_KEEP", "1")  # what is committed, as in a clone
                ran = run_paper(folder, "build", "--renderer", "embedded")
            assert ran.status == 0, ran.error
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the built project, to break and mend; its outputs are taken for granted."""
    monkeypatch.setenv("PAPER_KEEP", "1")
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
def clone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Clone the working state; what a build remembers comes along, so that no notebook runs."""
    origin = tmp_path_factory.mktemp("origin")
    commit_all(ROOT, origin)

    def make() -> Path:
        folder = tmp_path_factory.mktemp("clone") / "paper"
        git(origin, "clone", "--quiet", origin, folder)
        shutil.copytree(built / ".paper", folder / ".paper")
        return folder

    return make


@pytest.fixture(scope="session", params=QUARTOS, ids=version_of)
def quarto(request: pytest.FixtureRequest) -> Quarto:
    """Return each Quarto to be tried."""
    given: Quarto | None = request.param
    assert given, MISSING
    return given


@pytest.fixture(scope="session")
def render_all(clone: Callable[[], Path]) -> Callable[[Quarto], Rendered]:
    """Return what runs `quarto render` in a fresh clone, once for each Quarto."""

    @functools.cache
    def render(quarto: Quarto) -> Rendered:
        assert quarto, MISSING
        folder = clone()
        return Rendered(folder, quarto.run(folder, "render"))

    return render


@pytest.fixture(scope="session")
def rendered(quarto: Quarto, render_all: Callable[[Quarto], Rendered]) -> Rendered:
    """Return a clone in which each Quarto rendered the paper, and what that said."""
    return render_all(quarto)


@pytest.fixture(scope="session")
def by_quarto(rendered: Rendered) -> Path:
    """Return the paper as each Quarto rendered it."""
    assert rendered.ran.status == 0, rendered.ran.error
    return rendered.folder / "_manuscript"


@pytest.fixture(
    params=["built", *(pytest.param(one, marks=pytest.mark.quarto) for one in QUARTOS)],
    ids=version_of,
)
def paper(request: pytest.FixtureRequest) -> Path:
    """Return the rendered paper, of each renderer."""
    if request.param == "built":
        folder: Path = request.getfixturevalue("built")
    else:
        folder = request.getfixturevalue("render_all")(request.param).folder
    return folder / "_manuscript"


# What tests use says of which kind they are.
KINDS = {
    "browser": {"browser", "page"},
    "whole": {"built", "project", "clone", "rendered", "paper"},
}


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the tests that build whole papers, and those that open pages in a browser."""
    for item in items:
        for kind, fixtures in KINDS.items():
            if fixtures & {*getattr(item, "fixturenames", ())}:
                item.add_marker(kind)


def pytest_report_collectionfinish(items: Sequence[pytest.Item]) -> list[str]:
    """Say which Quartos are tried."""
    tried = any(item.get_closest_marker("quarto") for item in items)
    return [f"Quarto: {', '.join(map(version_of, QUARTOS))}"] if tried else []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()
