"""The README's way from one's own table to a PDF, followed to the letter with another study."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest
import yaml
from commands import ROOT

from paper.storage.project import left_out

HEADING = "## Your own study in ten minutes"


def steps() -> list[str]:
    """Return the commands of the README, one a line, but for the first, which gets a copy."""
    section = (ROOT / "README.md").read_text().split(HEADING)[1].split("\n## ")[0]
    first, *rest = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert first.startswith("git clone")
    return [line for block in (first, *rest) for line in block.splitlines()][1:]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "my-paper"
    shutil.copytree(ROOT, folder, ignore=left_out)
    shutil.copytree(ROOT / "tests/second_study", folder / "tests/second_study")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    for step in steps():
        done = subprocess.run(
            step, shell=True, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (step, done.stderr)
    return folder


def test_the_steps_of_the_readme_give_a_paper_about_the_other_study(own: Path) -> None:
    paper = own / "_manuscript-records"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(paper / "paper.pdf").pages)
    for said in (
        "Sleep before and after six weeks",
        "slept better",
        "40 adults",
        "who answered twice, sleep disturbance went from",
        "of all",
    ):
        assert said in " ".join(text.split())
    for name in ("index.html", "paper.docx", "paper.xml", "notebooks/01-sleep-preview.html"):
        assert (paper / name).is_file()
    assert "etamine" not in (paper / "index.html").read_text().partition("<main")[2]


def test_the_other_study_is_rendered_with_the_same_settings() -> None:
    ours, theirs = (
        yaml.safe_load((folder / "_quarto.yml").read_text())
        for folder in (ROOT, ROOT / "tests/second_study/paper")
    )
    for study in (ours, theirs):
        del study["manuscript"]["notebooks"]
    assert theirs == ours


def test_no_line_of_the_code_had_to_change(own: Path) -> None:
    for file in sorted((ROOT / "src").rglob("*.py")):
        assert (own / file.relative_to(ROOT)).read_bytes() == file.read_bytes()
    notebook = (own / "notebooks/01-sleep.ipynb").read_bytes()
    assert notebook == (ROOT / "tests/second_study/paper/notebooks/01-sleep.ipynb").read_bytes()


def test_a_change_stands_beside_the_means_of_the_same_people(own: Path) -> None:
    pages = pypdf.PdfReader(own / "_manuscript-records/paper.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    found = re.search(
        r"In the (\d+) who answered twice, sleep disturbance went from ([\d.]+) to ([\d.]+) "
        r"\(−(\d+)%",
        text,
    )
    assert found is not None
    n, before, after, fall = (float(part) for part in found.groups())
    assert n < 40
    assert 100 * (before - after) / before == pytest.approx(fall, abs=1.5)
    assert "Of 3 ways to count those lost" in text
    assert re.search(r"counting those lost as not, it is \d+% of all", text)
