"""A paper built from nothing, once for each test process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from paper.build import LEFT_OUT

ROOT = Path(__file__).parents[2]
PAPER = Path(sys.executable).parent / "paper"

Copy = Callable[[], Path]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    output: str
    error: str


def run_paper(folder: Path, *arguments: str | Path) -> Ran:
    """Run the `paper` command in a folder, as its user would."""
    done = subprocess.run(
        [PAPER, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


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
