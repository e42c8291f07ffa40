"""The PDF says of its authors what they said: where they are, and who answers letters."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from pypdf import PdfReader
from quartos import Quarto

CLINIC = "{name: Clinic of Nowhere, department: Pain, city: Bern, country: Switzerland}"
FIRST = """\
- name: Ann Alpha
  affiliations: [CLINIC]
  email: ann@example.org
  orcid: 0000-0002-1825-0097
  corresponding: true
  equal-contributor: true
"""
NOTES = "Corresponding author, Contributed equally"


def write(folder: Path, others: int) -> None:
    shutil.copytree(ROOT / "_extensions", folder / "_extensions")
    (folder / "_quarto.yml").write_text("project: {type: paper}\n")
    more = "".join(f"- name: B. Beta {n}\n  affiliations: [CLINIC]\n" for n in range(others))
    authors = f"{FIRST}{more}".replace("CLINIC", CLINIC)
    (folder / "index.qmd").write_text(f"---\ntitle: Pain\nauthor:\n{authors}---\n\nText.\n")


def head(file: Path) -> str:
    return " ".join(PdfReader(file).pages[0].extract_text().split())


def check(said: str, others: int) -> None:
    for one in ("Pain, Clinic of Nowhere, Bern, Switzerland", "ann@example.org", "1825-0097"):
        assert one in said
    assert all(note in said for note in NOTES.split(", "))
    # Where they are is said once of many.
    assert said.count("Clinic of Nowhere") == (1 if others > 6 else others + 1)


@pytest.mark.parametrize("others", [1, 24])
def test_authors_are_told(tmp_path: Path, others: int) -> None:
    write(tmp_path, others)
    ran = run_paper(tmp_path, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    check(head(tmp_path / "_manuscript/paper.pdf"), others)


@pytest.mark.quarto
@pytest.mark.parametrize("others", [1, 24])
def test_authors_are_told_by_quarto(tmp_path: Path, quarto: Quarto, others: int) -> None:
    write(tmp_path, others)
    ran = quarto.run(tmp_path, "render", "index.qmd", "--to", "typst")
    assert ran.status == 0, ran.error
    check(head(tmp_path / "_manuscript/index.pdf"), others)
