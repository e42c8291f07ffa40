"""What a paper is rendered with comes with the package, and is written into a paper's folder."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from commands import ROOT, run_paper
from little import write_little_paper

from paper.errors import PaperError
from paper.storage import extension
from paper.storage.project import EXTENSION, open_project

SHIPPED = {file.name: file.read_bytes() for file in (ROOT / EXTENSION).iterdir()}


def written(root: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (root / EXTENSION).iterdir()}


def test_an_upgrade_mends_what_is_old_lost_or_left_over_and_says_so(tmp_path: Path) -> None:
    little = tmp_path / "paper"
    write_little_paper(little)
    (little / EXTENSION / "paper.css").write_text("old")
    (little / EXTENSION / "num.lua").unlink()
    (little / EXTENSION / "left.lua").write_text("old")
    said = run_paper(little, "upgrade")
    assert (said.status, said.error) == (0, "")
    assert said.output == "_extensions/paper: left.lua, num.lua, paper.css changed\n"
    assert written(little) == SHIPPED
    assert run_paper(little, "upgrade").output.endswith("nothing changed\n")
    assert [file.name for file in (little / "_extensions").iterdir()] == ["paper"]


def test_a_paper_without_it_is_told_the_remedy(tmp_path: Path) -> None:
    little = tmp_path / "paper"
    write_little_paper(little)
    (little / EXTENSION).rename(little / "gone")
    with pytest.raises(PaperError, match=r"(?s)^_extensions/paper: is not there.*paper upgrade"):
        open_project(little)
    assert run_paper(little, "upgrade").status == 0
    assert open_project(little).extension == little / EXTENSION


def test_every_file_of_it_is_in_a_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    (patterns,) = settings["data-files"].values()
    assert {file.name for pattern in patterns for file in ROOT.glob(pattern)} == {*SHIPPED}


def test_where_there_is_no_checkout_it_is_what_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "share/extension"
    shutil.copytree(ROOT / EXTENSION, place)
    (place / "paper.css").write_text("installed")
    found = SimpleNamespace(name="_extension.yml", locate=lambda: place / "_extension.yml")
    monkeypatch.setattr(extension, "CHECKOUT", tmp_path)
    monkeypatch.setattr(extension, "files", lambda _: [found])
    (tmp_path / "new").mkdir()
    assert extension.write_extension(tmp_path / "new") == sorted(SHIPPED)
    assert written(tmp_path / "new") == {**SHIPPED, "paper.css": b"installed"}


def test_an_installation_that_lost_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension, "CHECKOUT", tmp_path)
    monkeypatch.setattr(extension, "files", lambda _: None)
    with pytest.raises(PaperError, match="does not have it"):
        extension.write_extension(tmp_path)


@pytest.mark.parametrize("folder", [ROOT, ROOT / "src/paper/template/files"])
def test_a_configuration_is_short_and_names_nothing_inside_it(folder: Path) -> None:
    text = (folder / "_quarto.yml").read_text()
    assert len(text.splitlines()) <= 40
    assert not [name for name in SHIPPED if name in text and name != "_extension.yml"]
    assert yaml.safe_load(text)["project"]["type"] == "paper"


def test_every_file_of_it_is_used() -> None:
    """Each is named by its definition, by the code, or by another of its files."""
    texts = [(ROOT / EXTENSION / name).read_text() for name in SHIPPED if name != "reference.docx"]
    texts += [file.read_text() for file in (ROOT / "src/paper").rglob("*.py")]
    for name in {*SHIPPED} - {"_extension.yml"}:
        assert any(name in text for text in texts), name
