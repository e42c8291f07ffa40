"""A renderer that reports success over a ruined file does not get it into the paper."""

from __future__ import annotations

import re
from pathlib import Path

import pypdf
import pytest

from paper.build import build
from paper.errors import PaperError
from paper.notebooks.progress import progress_bar
from paper.storage.project import EXTENSION, Renderer, open_project


def build_here(root: Path) -> None:
    with progress_bar() as progress:
        build(open_project(root), Renderer.EMBEDDED, progress)


@pytest.fixture
def template(project: Path) -> Path:
    """Return the template of the PDF, to spoil; the paper was built with a good one."""
    return project / EXTENSION / "typst-template.typ"


def test_columns_that_reach_the_page_stop_the_build(project: Path, template: Path) -> None:
    before = (project / "_manuscript/paper.pdf").read_bytes()
    text = template.read_text()
    assert text.count("  set page(\n") == 1
    # What `columns: 300` of _quarto.yml comes to in Quarto 1.8 and later.
    template.write_text(text.replace("  set page(\n", "  set page(\n    columns: 300,\n"))
    with pytest.raises(PaperError) as refused:
        build_here(project)
    told = str(refused.value)
    assert re.search(r"^paper\.pdf: 2 pages for a text of \d+ letters, which takes \d to", told)
    assert re.search(r"^paper\.pdf, page 1: “.*” goes beyond the lower edge$", told, re.MULTILINE)
    assert re.search(
        r"^paper\.pdf, page 1: “.*” and “.*” are printed on each other$", told, re.MULTILINE
    )
    assert (project / "_manuscript/paper.pdf").read_bytes() == before
    assert len(pypdf.PdfReader(project / ".paper/ruined/paper.pdf").pages) == 2


def test_a_table_that_does_not_fit_stops_the_build(project: Path, template: Path) -> None:
    text = template.read_text()
    # As wide as LaTeX sets it, which makes no column narrower because the page ends.
    cells = "  set table(inset: (x: 60pt))\n  show table: box.with(width: 1500pt)\n"
    template.write_text(text.replace("  doc\n}", f"{cells}  doc\n}}"))
    with pytest.raises(PaperError) as refused:
        build_here(project)
    assert re.search(
        r"^paper\.pdf, page \d+: “.*” goes beyond the (?:left|right) edge$",
        str(refused.value),
        re.MULTILINE,
    )


def test_a_word_that_a_filter_swallows_stops_the_build_of_that_format(
    project: Path, template: Path
) -> None:
    floats = template.with_name("floats.lua")
    swallow = 'Str = function(word) if is_word and word.text == "Regimen" then return {} end end'
    floats.write_text(floats.read_text().replace("return {\n", f"return {{\n  {{ {swallow} }},\n"))
    with pytest.raises(PaperError, match=r"^paper\.docx: “Regimen” is missing after “"):
        build_here(project)
