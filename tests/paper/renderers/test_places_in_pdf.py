"""Figures and tables of the PDF stand in their section, and leave the title where it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from pypdf import PdfReader

TABLE = "See @tbl-a.\n\n| Place | What |\n|---|---|\n{rows}\n: Of places. {{#tbl-a}}\n\n"
WORDS = "Words that fill this paper, and say nothing. "
PAGE = f"{WORDS * 30}\n\n" * 4
TITLE, CAPTION = "Pain in a small trial", "Table 1. Of places."
BREAK, NEXT = "{{< pagebreak >}}\n\n", f"{WORDS * 30}\n\n## Discussion\n\n{PAGE}"


def table(rows: int) -> str:
    return TABLE.format(rows="| one | other |\n" * rows)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        # On the first page, below the title.
        (f"{table(2)}{PAGE}", TITLE, CAPTION),
        # On a page on which its section begins, below the heading.
        (f"{PAGE}{BREAK}## Results\n\n{table(2)}{PAGE}", "Results", CAPTION),
        # Where it does not fit beside its text, above the section that comes next.
        (f"{WORDS * 60}\n\n{table(30)}{NEXT}", CAPTION, "Discussion"),
        (f"{PAGE}{BREAK}## Results\n\n{WORDS * 60}\n\n{table(30)}{NEXT}", CAPTION, "Discussion"),
    ],
    ids=["title", "heading", "first page", "later page"],
)  # fmt: skip
def test_a_table_stands_in_its_section(text: str, first: str, second: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "_extensions", tmp_path / "_extensions")
    (tmp_path / "_quarto.yml").write_text("project: {type: paper}\n")
    (tmp_path / "index.qmd").write_text(f"---\ntitle: {TITLE}\n---\n\n{text}")
    ran = run_paper(tmp_path, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    pages = PdfReader(tmp_path / "_manuscript/paper.pdf").pages
    text = "\n".join(page.extract_text(extraction_mode="layout") for page in pages)
    lines = [line.strip() for line in text.splitlines()]
    # A running head has the number of its page beside it.
    places = [lines.index(first), lines.index(second)]
    assert places == sorted(places)
