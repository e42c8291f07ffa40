"""Quarto prints what the embedded renderer prints. Needs Quarto: run by `make test-quarto`."""

from __future__ import annotations

import statistics
from pathlib import Path

import documents
import docx
import lxml.etree
import pypdf
import pytest
from extract import (
    APPENDIX,
    docx_numbers,
    first_missing,
    html_numbers,
    jats_numbers,
    pdf_text,
    plain,
)
from jats_style import style_faults

pytestmark = pytest.mark.quarto


def pdfs(built: Path, by_quarto: Path) -> tuple[Path, Path]:
    """Return the PDF of Quarto and that of the embedded renderer."""
    return by_quarto / "paper.pdf", built / "_manuscript/paper.pdf"


def widths_of_rows(document: Path) -> dict[str, int]:
    """Return the rows of the tables, and how many characters would fit between their ends."""
    pages = [
        page.extract_text(extraction_mode="layout") for page in pypdf.PdfReader(document).pages
    ]
    before_appendix = "\n".join(pages).partition(APPENDIX)[0]
    rows = map(str.strip, before_appendix.splitlines())
    return {plain(row): len(row) for row in rows if "   " in row}


def test_the_page_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = html_numbers(built / "_manuscript/index.html")
    assert html_numbers(by_quarto / "index.html") == expected


def test_jats_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = jats_numbers(built / "_manuscript/paper.xml")
    assert jats_numbers(by_quarto / "paper.xml") == expected


def test_word_holds_the_same_numbers(built: Path, by_quarto: Path) -> None:
    expected = docx_numbers(built / "_manuscript/paper.docx")
    assert docx_numbers(by_quarto / "paper.docx") == expected


def test_word_says_the_same_to_the_last_space(built: Path, by_quarto: Path) -> None:
    files = (built / "_manuscript/paper.docx", by_quarto / "paper.docx")
    ours, theirs = ([one.text for one in docx.Document(str(file)).paragraphs] for file in files)
    assert theirs == ours


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
    documents.check_pages_in_word(by_quarto / "paper.docx")
    documents.check_links_in_pdf(by_quarto, by_quarto / "paper.pdf")
    documents.check_pdf(by_quarto / "paper.pdf")
    documents.check_jats(by_quarto / "paper.xml")
    assert style_faults(lxml.etree.parse(by_quarto / "paper.xml").getroot()) == []


def test_the_pdf_has_as_many_pages(built: Path, by_quarto: Path) -> None:
    theirs, ours = (len(pypdf.PdfReader(file).pages) for file in pdfs(built, by_quarto))
    assert abs(theirs - ours) <= 1


def test_the_lines_of_the_pdf_are_as_long(built: Path, by_quarto: Path) -> None:
    theirs, ours = (
        statistics.median(
            len(line)
            for page in pypdf.PdfReader(file).pages[:3]
            for line in page.extract_text().splitlines()
        )
        for file in pdfs(built, by_quarto)
    )
    assert theirs == pytest.approx(ours, rel=0.1)


def test_the_tables_of_the_pdf_are_as_wide(built: Path, by_quarto: Path) -> None:
    theirs, ours = map(widths_of_rows, pdfs(built, by_quarto))
    common = theirs.keys() & ours.keys()
    assert len(common) > 100
    assert {row: theirs[row] for row in common} == pytest.approx(
        {row: ours[row] for row in common}, rel=0.15
    )
