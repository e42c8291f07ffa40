"""Quarto prints what the embedded renderer prints. Needs Quarto: run by `make test-quarto`."""

from __future__ import annotations

from pathlib import Path

import documents
import docx
import pytest
from commands import run_paper
from extract import docx_numbers, first_missing, html_numbers, jats_numbers, pdf_text

pytestmark = pytest.mark.quarto


def test_the_page_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = html_numbers(built / "_manuscript/index.html")
    assert html_numbers(by_quarto / "index.html") == expected


def test_jats_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = jats_numbers(built / "_manuscript/paper.xml")
    assert jats_numbers(by_quarto / "paper.xml") == expected


def test_word_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = docx_numbers(built / "_manuscript/paper.docx")
    assert docx_numbers(by_quarto / "paper.docx") == expected


def test_word_names_the_same_authors(built: Path, by_quarto: Path) -> None:
    names = [
        [one.text for one in docx.Document(str(file)).paragraphs if one.style.name == "Author"]
        for file in (built / "_manuscript/paper.docx", by_quarto / "paper.docx")
    ]
    assert names[0] == names[1] != []


def test_the_pdf_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    page = built / "_manuscript/index.html"
    assert first_missing(pdf_text(by_quarto / "paper.pdf"), page) is None


def test_the_documents_of_quarto_are_as_good(by_quarto: Path) -> None:
    documents.check_appendix_in_word(by_quarto, by_quarto / "paper.docx")
    documents.check_captions_in_word(by_quarto / "paper.docx")
    documents.check_tables_in_word(by_quarto / "paper.docx")
    documents.check_figures_in_word(by_quarto / "paper.docx")
    documents.check_links_in_pdf(by_quarto, by_quarto / "paper.pdf")
    documents.check_pdf(by_quarto / "paper.pdf")
    documents.check_jats(by_quarto / "paper.xml")


def test_an_unknown_number_stops_quarto(by_quarto: Path) -> None:
    folder = by_quarto.parent
    article = folder / "paper.qmd"
    text = article.read_text()
    article.write_text(text.replace("num nrs.change.p ", "num nrs.chnge.p ", 1))
    ran = run_paper(folder, "build", "--renderer", "quarto")
    article.write_text(text)
    assert ran.status == 2
    assert "no number is recorded as 'nrs.chnge.p'\nNearest: nrs.change.p" in ran.error
    assert (by_quarto / "index.html").is_file()
