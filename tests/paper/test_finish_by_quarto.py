"""Quarto's last step, run by Quarto itself: one format alone, and a PDF that it ruins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from paper.project import CACHE
from paper.quarto import search_path

pytestmark = pytest.mark.quarto
ALONE = {"html": "index.html", "typst": "paper.pdf", "docx": "paper.docx", "jats": "paper.xml"}


@pytest.fixture
def fresh(built: Path, tmp_path: Path) -> Path:
    """Return the project as it is cloned, its notebooks run: nothing is rendered."""
    folder = tmp_path / "paper"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("_manuscript"))
    for name in ("good", "expected", "formats"):
        shutil.rmtree(folder / CACHE / name)
    return folder


def quarto(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": search_path(), "QUARTO_PYTHON": sys.executable}
    return subprocess.run(
        ["quarto", "render", "paper.qmd", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_format_alone_is_rendered_and_looked_through(fresh: Path) -> None:
    for number, (form, name) in enumerate(ALONE.items(), start=1):
        done = quarto(fresh, "--to", form)
        assert done.returncode == 0, done.stderr
        assert f"{name}: looked through, nothing is ruined" in done.stdout
        there = {file.name for file in (fresh / "_manuscript").iterdir()}
        assert len(there & set(ALONE.values())) == number


def test_a_pdf_that_quarto_ruins_stops_it_and_the_good_one_stays(fresh: Path) -> None:
    assert quarto(fresh, "--to", "typst").returncode == 0
    before = (fresh / "_manuscript/paper.pdf").read_bytes()
    template = fresh / "src/paper/assets/typst-template.typ"
    template.write_text(
        template.read_text().replace("set page(\n", "set page(\n    columns: 300,\n")
    )
    done = quarto(fresh, "--to", "typst")
    assert done.returncode != 0
    assert "are printed on each other" in done.stderr
    assert (fresh / "_manuscript/paper.pdf").read_bytes() == before
    assert (fresh / CACHE / "ruined/paper.pdf").read_bytes() != before
