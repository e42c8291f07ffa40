"""Quarto's last step: what it rendered is looked through, and what is ruined does not stay."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import documents
import pytest
from commands import run_paper

from declared import DataError
from paper.errors import PaperError
from paper.renderers.finish import FILES, GOOD, LISTED, OUTPUT, finish
from paper.renderers.inspection.inspect import RUINED
from paper.renderers.inspection.recorded.numbers import EXPECTED
from paper.storage.project import Project, open_project

CHECKLIST = """\
title: List
about: What is reported.
sections: [{title: All, items: [{item: 1, asks: Whether., anchor: results}]}]
"""
FORMATS = ["index.html", "paper.pdf", "paper.docx", "paper.xml"]


@pytest.fixture(scope="module")
def little_rendered(little_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the little paper in all formats, with what expected.lua kept of them."""
    folder = tmp_path_factory.mktemp("rendered") / "paper"
    shutil.copytree(little_run, folder)
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    return folder


@pytest.fixture
def project(little_rendered: Path, tmp_path: Path) -> Project:
    """Return the little paper as Quarto leaves it: rendered, and nothing kept of an earlier one."""
    shutil.copytree(little_rendered, tmp_path / "paper")
    shutil.rmtree(tmp_path / "paper/.paper" / GOOD)
    return open_project(tmp_path / "paper")


def told(*names: str, output: str = "_manuscript") -> Mapping[str, str]:
    """Return the environment in which Quarto tells that it rendered some files."""
    return {OUTPUT: output, FILES: "\n".join(f"{output}/{name}" for name in names)}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_a_bundle_holds_what_was_completed_and_all_else_as_it_was(project: Project) -> None:
    article = project.output / "paper.xml"
    complete = article.read_bytes()
    bare = complete.replace(b"research-article", b"other")
    article.write_bytes(bare)
    bundle = project.output / "paper-meca.zip"
    with zipfile.ZipFile(bundle, "w") as made:
        made.writestr("manifest.xml", "<manifest/>")
        made.writestr("paper.xml", bare)
    finish(project, told("paper.xml"))
    with zipfile.ZipFile(bundle) as found:
        held = {name: found.read(name) for name in found.namelist()}
    assert held == {"manifest.xml": b"<manifest/>", "paper.xml": complete}


def ruin(project: Project, name: str) -> bytes:
    """Put in the place of a file another one, which lacks all of the text."""
    (project.output / name).write_bytes(b"ruined")
    return b"ruined"


def test_an_article_as_quarto_leaves_it_is_completed(project: Project) -> None:
    file = project.output / "paper.xml"
    text = file.read_text().partition("<article ")[2].replace("research-article", "other", 1)
    file.write_text(f'<!DOCTYPE article PUBLIC "v1.2" "JATS.dtd">\n<article {text}')
    finish(project, told("paper.xml"))
    documents.check_jats(file)
    assert 'article-type="research-article"' in file.read_text()


@pytest.mark.parametrize("name", FORMATS)
def test_one_format_alone_is_finished(project: Project, name: str) -> None:
    for other in project.output.iterdir():
        if other.name != name:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    assert finish(project, told(name)) == [name]
    assert contents(project.cache / GOOD) == contents(project.output)


def test_checklists_are_added_to_a_page_and_to_nothing_else(project: Project) -> None:
    (project.root / "supplements").mkdir()
    (project.root / "supplements/list.yml").write_text(CHECKLIST)
    finish(project, told("paper.pdf"))
    assert not (project.output / "supplements").exists()
    finish(project, told("index.html", "paper.pdf"))
    assert (project.output / "supplements/list.html").is_file()


@pytest.mark.parametrize("name", FORMATS)
def test_a_ruined_file_gives_way_to_the_last_good_paper(project: Project, name: str) -> None:
    finish(project, told(*FORMATS))
    before = contents(project.output)
    shutil.rmtree(project.output / "notebooks")  # as Quarto empties the folder
    ruined = ruin(project, name)
    with pytest.raises(PaperError) as refused:
        finish(project, told(name))
    assert str(refused.value).startswith(f"{name}: ")
    assert str(refused.value).endswith(f"It lies in .paper/ruined/{name}, to look at.")
    assert contents(project.output) == before
    assert (project.cache / RUINED / name).read_bytes() == ruined


def test_where_there_was_no_good_paper_the_ruined_file_is_gone(project: Project) -> None:
    ruin(project, "paper.docx")
    before = contents(project.output)
    with pytest.raises(PaperError):
        finish(project, told(*FORMATS))
    del before["paper.docx"]
    assert contents(project.output) == before
    assert not (project.cache / GOOD).exists()


def test_a_checklist_that_leads_nowhere_brings_the_last_good_paper_back(project: Project) -> None:
    finish(project, told(*FORMATS))
    before = contents(project.output)
    (project.output / "paper.pdf").unlink()
    (project.root / "supplements").mkdir()
    (project.root / "supplements/list.yml").write_text(CHECKLIST.replace("results", "gone"))
    with pytest.raises(DataError, match="'gone': the paper has no such place"):
        finish(project, told("index.html"))
    assert contents(project.output) == before


def test_a_page_of_a_notebook_is_looked_through(project: Project) -> None:
    page = project.output / "notebooks/a-preview.html"
    page.write_text(page.read_text().replace("</body>", "{{&lt; num pain.mean &gt;}}</body>"))
    with pytest.raises(PaperError, match=r"notebooks/a-preview\.html, line \d+: a shortcode"):
        finish(project, told("notebooks/a-preview.html", "notebooks/a.ipynb"))


def test_another_folder_is_looked_through_and_nothing_kept_of_it(project: Project) -> None:
    finish(project, told(*FORMATS))
    shutil.copytree(project.output, project.root / "elsewhere")
    kept = contents(project.cache / GOOD)
    finish(project, told("paper.pdf", output="elsewhere"))
    (project.root / "elsewhere/paper.pdf").write_bytes(b"ruined")
    (project.output / "paper.pdf").unlink()
    with pytest.raises(PaperError, match=r"paper\.pdf"):
        finish(project, told("paper.pdf", output="elsewhere"))
    assert contents(project.cache / GOOD) == kept
    assert not (project.output / "paper.pdf").exists()


def test_the_list_of_files_may_be_in_a_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("_manuscript/index.html\n_manuscript/notebooks/a-preview.html")
    environment = {OUTPUT: str(project.output), LISTED: str(tmp_path / "list")}
    assert finish(project, environment) == ["index.html", "notebooks/a-preview.html"]


def test_without_quarto_all_of_the_paper_is_looked_through(project: Project) -> None:
    assert finish(project, {}) == sorted([*FORMATS, "paper-latex.tex"])


def test_the_command_says_what_it_did_or_what_is_wrong(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in told("paper.docx", "paper.xml").items():
        monkeypatch.setenv(name, value)
    ran = run_paper(project.root, "finish")
    assert (ran.status, ran.output) == (
        0,
        "paper.docx, paper.xml: looked through, nothing is ruined\n",
    )
    ruin(project, "paper.xml")
    ran = run_paper(project.root, "finish")
    assert ran.status == 2  # so that Quarto stops
    assert "paper.xml: cannot be read" in ran.error
    assert run_paper(project.root, "finish").status == 0


def test_a_filter_that_is_not_listed_is_asked_for(project: Project) -> None:
    shutil.rmtree(project.cache / EXPECTED)
    with pytest.raises(PaperError, match=r"expected\.lua did not keep the text of typst"):
        finish(project, told("paper.pdf"))


def test_a_number_of_the_sources_that_no_filter_kept_is_told(project: Project) -> None:
    file = project.cache / EXPECTED / "html.json"
    document = json.loads(file.read_text())
    del document["meta"]["abstract"]
    file.write_text(json.dumps(document))
    with pytest.raises(PaperError, match=r"the number pain\.mean of the sources is lost once"):
        finish(project, told("index.html"))
