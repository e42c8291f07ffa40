"""LaTeX, which journals ask for: its source, and with TeX (`make test-latex`) each of its pages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import documents
import pypdf
import pytest
import tex
from commands import ROOT
from extract import first_missing, html_numbers, pdf_text, tex_numbers

from paper.renderers.quarto import search_path

IMAGE = re.compile(r"\\includegraphics\[[^\]]*\]\{([^}]+)\}")
LABEL = re.compile(r"\\label\{((?:fig|tbl)-[\w-]+)\}")
REFERENCE = re.compile(r"\\hyperref\[((?:fig|tbl)-[\w-]+)\]\{\S+?~\\ref\*\{\1\}\}")
MOST_PAGES = 30
NOBODY = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]


def sources(manuscript: Path) -> tuple[Path, list[Path]]:
    """Return the LaTeX source of a rendered paper and the figures that it names."""
    source = manuscript / "paper-latex.tex"
    return source, [manuscript / name for name in IMAGE.findall(source.read_text())]


def check_source(manuscript: Path, page: Path) -> None:
    """The numbers of the page, in their order; figures of vectors; references to what is there."""
    source, figures = sources(manuscript)
    keys = list(dict.fromkeys(key for key, _ in html_numbers(page)))
    found = [(keys[row - 1], text) for row, text in tex_numbers(source)]
    assert found == html_numbers(page)
    text = source.read_text()
    labels = LABEL.findall(text)
    assert len(labels) == len(set(labels)) > 15
    assert set(REFERENCE.findall(text)) == set(labels)
    assert len(figures) == sum(label.startswith("fig-") for label in labels)
    for figure in figures:
        check_figure(figure)
    for said in ("This cohort is reconstructed.", "[Institution: to be completed]", "Keywords:"):
        # Where lines break is up to Pandoc.
        assert said.replace("[", "{[}").replace("]", "{]}") in " ".join(text.split())


def check_figure(file: Path) -> None:
    """A figure is one page without a date, and its fonts are what journals take."""
    reader = pypdf.PdfReader(file)
    assert len(reader.pages) == 1
    assert reader.metadata is not None
    assert reader.metadata.creation_date is None
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        assert font.get_object()["/Subtype"] == "/Type0"
        shown = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in shown.get_object()


def compiled(manuscript: Path, folder: Path, engine: str) -> Path:
    """Compile the source of a rendered paper as a journal would, in a folder with its figures."""
    source, figures = sources(manuscript)
    for file in (source, *figures):
        target = folder / file.relative_to(manuscript)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return tex.compile_tex(folder / source.name, engine)


def check_pdf(document: Path, source: Path, manuscript: Path) -> None:
    """Every page is whole, and they hold every number, figure, table and link."""
    tex.check_pages(document)
    reader = pypdf.PdfReader(document)
    assert len(reader.pages) < MOST_PAGES
    text = pdf_text(document)
    assert first_missing(text, manuscript / "index.html") is None
    labels = LABEL.findall(source.read_text())
    for word, kind in (("Figure", "fig-"), ("Table", "tbl-")):
        count = sum(label.startswith(kind) for label in labels)
        assert set(re.findall(rf"{word} (\d+)\. ", text)) == set(map(str, range(1, count + 1)))
    assert tex.count_figures(document) == sum(label.startswith("fig-") for label in labels)
    documents.check_links_in_pdf(manuscript, document)
    assert reader.metadata is not None
    assert reader.metadata.title
    assert reader.metadata.author
    assert reader.metadata["/Keywords"]
    assert reader.trailer["/Root"]["/Lang"] == "en"


@pytest.fixture
def with_built(built: Path, tmp_path: Path) -> Path:
    """Return the paper as git has it, with what was built beside it."""
    folder = tmp_path / "paper"
    shutil.copytree(built, folder)
    shutil.copy(ROOT / ".gitignore", folder)
    for command in (["init", "-q"], ["add", "--all"], [*NOBODY, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def render(folder: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run Quarto as in an activated environment, with programs that come before all others."""
    program = os.environ.get("QUARTO", "quarto").split(os.pathsep)[0]
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{search_path()}"}
    found = shutil.which(program, path=search_path())
    assert found, "this test needs Quarto"
    command = [found, "render", "paper.qmd", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def status(folder: Path) -> str:
    """Return what git does not have."""
    command = ["git", "status", "--porcelain", "--", ":!.gitignore"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_source_holds_what_the_page_holds(built: Path) -> None:
    manuscript = built / "_manuscript"
    check_source(manuscript, manuscript / "index.html")


def test_no_page_of_a_notebook_shows_the_pdf_of_a_figure(built: Path) -> None:
    pages = sorted((built / "_manuscript/notebooks").glob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert "application/pdf" not in page.read_text()


@pytest.mark.latex
@pytest.mark.parametrize("engine", tex.ENGINES)
def test_every_page_is_whole_and_holds_every_number(
    built: Path, tmp_path: Path, engine: str
) -> None:
    document = compiled(built / "_manuscript", tmp_path, engine)
    tex.check_log(document.with_suffix(".log"))
    check_pdf(document, document.with_suffix(".tex"), built / "_manuscript")


@pytest.mark.quarto
def test_the_source_by_quarto_holds_what_the_page_holds(built: Path, by_quarto: Path) -> None:
    check_source(by_quarto, built / "_manuscript/index.html")


@pytest.mark.quarto
@pytest.mark.latex
@pytest.mark.parametrize("engine", tex.ENGINES)
def test_every_page_by_quarto_is_whole_and_holds_every_number(
    by_quarto: Path, tmp_path: Path, engine: str
) -> None:
    document = compiled(by_quarto, tmp_path, engine)
    tex.check_log(document.with_suffix(".log"))
    check_pdf(document, document.with_suffix(".tex"), by_quarto)


@pytest.mark.quarto
@pytest.mark.latex
def test_quarto_compiles_it_beside_the_other_pdf(built: Path, with_built: Path) -> None:
    before = (with_built / "_manuscript/paper.pdf").read_bytes()
    done = render(with_built, "--to", "html,pdf")
    assert done.returncode == 0, done.stderr
    manuscript = with_built / "_manuscript"
    source, _ = sources(built / "_manuscript")
    check_pdf(manuscript / "paper-latex.pdf", source, manuscript)
    assert (manuscript / "paper.pdf").read_bytes() == before
    assert status(with_built) == ""


@pytest.mark.quarto
def test_a_run_of_tex_that_fails_leaves_nothing_for_git(with_built: Path, tmp_path: Path) -> None:
    for engine in tex.ENGINES:
        (tmp_path / engine).write_text("#!/bin/sh\necho '! Broken.' > paper.log\nexit 1\n")
        (tmp_path / engine).chmod(0o755)
    done = render(with_built, "--to", "pdf", path=str(tmp_path))
    assert done.returncode != 0
    assert (with_built / "paper.tex").is_file()
    assert status(with_built) == ""
