"""What is rendered after a change of each kind of input: that, all of it, and nothing else."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import pytest

import paper.renderers.inspection.inspect
from paper.build import Built, build
from paper.notebooks.progress import progress_bar
from paper.renderers import checklist_pages, embedded, notebook_pages, press
from paper.storage.project import Renderer, open_project

FORMATS = {"HTML", "PDF", "DOCX", "JATS", "LaTeX"}
PAGES = {"notebooks/a-preview.html", "notebooks/b-preview.html"}
PLACES, LIST = "places of the page", "supplements/list"
CHECKLIST = """\
title: List
about: What is reported.
sections:
  - title: All
    items:
      - {item: 1, asks: Whether., anchor: results}
"""
PAGE = "<section id='results'><h2>Results</h2><p>{}</p></section>"


def stub(arguments: Sequence[str | Path], folder: Path, _: Mapping[str, str]) -> str:
    """Write what Pandoc would, in little."""
    names = [str(one).partition("=")[2] for one in arguments if str(one).startswith("--output=")]
    if not names:
        return ""
    target = folder / names[0]
    if target.suffix == ".docx":
        with zipfile.ZipFile(target, "w") as document:
            document.writestr("word/document.xml", "<w:p/>")
    else:
        source = next(
            (folder / str(one) for one in arguments if str(one).endswith((".md", "paper.json"))),
            None,
        )
        text = source.read_text() if source else ""
        is_jats = target.suffix == ".xml"
        target.write_text(f"<article>{escape(text)}</article>" if is_jats else PAGE.format(text))
    return ""


@pytest.fixture
def root(little: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the little paper, rendered."""
    for module in (notebook_pages, press, checklist_pages):
        monkeypatch.setattr(module, "pandoc", stub)
    monkeypatch.setattr(embedded, "compile_typst", shutil.copy)
    monkeypatch.setattr(paper.renderers.inspection.inspect, "inspect", lambda *_: {})
    (little / "supplements").mkdir()
    (little / "supplements/list.yml").write_text(CHECKLIST)
    assert made(little) == FORMATS | PAGES | {PLACES, LIST}
    assert made(little) == set()
    return little


def built(root: Path) -> Built:
    """Build a paper."""
    with progress_bar() as progress:
        return build(open_project(root), Renderer.EMBEDDED, progress)


def made(root: Path) -> set[str]:
    """Build a paper; return what was made."""
    return {step.name for step in built(root).steps if step.reason}


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("paper.qmd", "See", "Look at", FORMATS | {PLACES}),
        ("paper.qmd", "## Results", "## Findings {#results}", FORMATS | {PLACES}),
        ("references.bib", "Pain}", "Ache}", FORMATS | {LIST}),
        ("_extensions/paper/numeric.csl", "</style>", "</style>\n", FORMATS | {LIST}),
        ("_quarto.yml", "title: A}", "title: B}", FORMATS | PAGES),
        ("_extensions/paper/num.lua", "", "\n", FORMATS),
        ("_extensions/paper/appendix.lua", "", "\n", FORMATS),
        ("_extensions/paper/jats.lua", "", "\n", FORMATS),
        ("_extensions/paper/sub-article.jats", "", "\n", {"JATS"}),
        ("supplements/list.yml", "Whether.", "If.", {LIST}),
        ("_extensions/paper/paper.css", "", "\n", {"HTML", LIST} | PAGES),
        ("_extensions/paper/paper.js", "", "\n", {"HTML"} | PAGES),
        ("_extensions/paper/embedded.typ", "", "\n", {"PDF"}),
        ("_extensions/paper/typst-template.typ", "", "\n", {"PDF"}),
        ("_extensions/paper/typst-show.typ", "", "\n", {"PDF"}),
        ("_extensions/paper/expected.lua", "", "\n", FORMATS),
        ("_extensions/paper/floats.lua", "", "\n", FORMATS),
        ("_extensions/paper/panels.lua", "", "\n", FORMATS),
        ("_extensions/paper/manuscript.lua", "", "\n", FORMATS),
        ("_extensions/paper/paper.latex", "", "\n", {"LaTeX"}),
        ("_extensions/paper/latex.lua", "", "\n", {"LaTeX"}),
        ("_extensions/paper/tables.lua", "", "\n", {"LaTeX"}),
        ("paper.yml", "", "\n", set()),
        ("data/study.yml", "", "", {"HTML"}),
    ],
)
def test_a_changed_file_renders_exactly_what_it_is_part_of(
    root: Path, name: str, old: str, new: str, expected: set[str]
) -> None:
    file = root / name
    file.parent.mkdir(exist_ok=True)
    text = file.read_text() if file.exists() else ""
    file.write_text(text.replace(old, new, 1) if old else text + new)
    assert made(root) == expected
    assert made(root) == set()


def test_word_has_its_own_template(root: Path) -> None:
    with (root / "_extensions/paper/reference.docx").open("ab") as stream:
        stream.write(b"\0")
    assert made(root) == {"DOCX", LIST}


def test_a_changed_environment_renders_all_that_carry_a_date(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert made(root) == FORMATS | {LIST}


def test_the_reason_is_told(root: Path) -> None:
    article = root / "paper.qmd"
    article.write_text(article.read_text().replace("See", "Look at"))
    steps = {step.name: str(step) for step in built(root).steps}
    assert steps["PDF"] == "PDF: made, the text changed"
    assert steps["notebooks/a.ipynb"] == "notebooks/a.ipynb: kept, nothing changed"


def test_an_edited_or_deleted_output_is_put_right(root: Path) -> None:
    page = root / "_manuscript/index.html"
    before = page.read_text()
    page.write_text("mine")
    (root / "_manuscript/paper.pdf").unlink()
    (root / "_manuscript/left-over.txt").write_text("old")
    assert made(root) == set()
    assert page.read_text() == before
    assert (root / "_manuscript/paper.pdf").is_file()
    assert not (root / "_manuscript/left-over.txt").exists()


def test_what_was_kept_may_be_deleted(root: Path) -> None:
    shutil.rmtree(root / ".paper/formats")
    assert made(root) == FORMATS | PAGES | {PLACES, LIST}
