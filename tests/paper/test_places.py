"""A paper is built wherever it lies, with what a bare machine has."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from commands import run_paper
from little import write_little_paper


def test_a_path_with_spaces_and_accents_without_git_in_a_plain_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Ma thèse, l'année 1" / "étude n° 1"
    write_little_paper(folder)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("LC_ALL", "C")
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    made = folder / "_manuscript"
    assert ">2.5</a>" in (made / "index.html").read_text()
    assert (made / "paper.pdf").read_bytes().startswith(b"%PDF")
    assert "2.5" in zipfile.ZipFile(made / "paper.docx").read("word/document.xml").decode()
    assert "2.5" in (made / "paper.xml").read_text()
