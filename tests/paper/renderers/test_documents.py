"""PDF, Word and JATS: where each number comes from, captions, tables, tags, schema."""

from __future__ import annotations

import re
from pathlib import Path

import documents
import docx
import lxml.html
import PIL.Image
import pypdf
import pypdfium2
import pytest
from commands import run_paper
from little import RECORD, write_notebook
from playwright.sync_api import Browser

from paper.storage.files import digest


def test_each_number_in_word_leads_to_its_row_and_back(built: Path) -> None:
    documents.check_appendix_in_word(built / "_manuscript", built / "_manuscript/paper.docx")


def test_each_number_in_the_pdf_leads_to_the_appendix_and_back(built: Path) -> None:
    documents.check_links_in_pdf(built / "_manuscript", built / "_manuscript/paper.pdf")
    # Five in all, which may begin at the foot of a page and end at the head of another.
    assert documents.pages_of_appendix(built / "_manuscript/paper.pdf") <= 6


def test_captions_in_word_are_fields_and_references_name_them(built: Path) -> None:
    documents.check_captions_in_word(built / "_manuscript/paper.docx")


def test_key_points_are_boxed_in_every_format(built: Path) -> None:
    folder = built / "_manuscript"
    assert 'class="key-points"' in (folder / "index.html").read_text()
    assert r"\begin{keypoints}" in (folder / "paper-latex.tex").read_text()
    paragraphs = docx.Document(str(folder / "paper.docx")).paragraphs
    (title,) = (paragraph for paragraph in paragraphs if paragraph.text == "Key points")
    assert title.style is not None
    assert title.style.name == "Key Points"


def test_tables_in_word_have_style_header_and_widths(built: Path) -> None:
    documents.check_tables_in_word(built / "_manuscript/paper.docx")


def test_pages_of_word_divide_no_row_and_no_caption(built: Path) -> None:
    documents.check_pages_in_word(built / "_manuscript/paper.docx")


def test_word_says_what_it_is(built: Path) -> None:
    documents.check_description_in_word(built / "_manuscript/paper.docx")


def test_figures_in_word_are_what_any_word_shows(built: Path) -> None:
    documents.check_figures_in_word(built / "_manuscript/paper.docx")


def test_the_pdf_says_what_it_is_and_is_tagged(built: Path) -> None:
    file = built / "_manuscript/paper.pdf"
    documents.check_pdf(file)
    root = pypdf.PdfReader(file).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()


def test_a_figure_or_table_in_the_pdf_stands_before_the_next_section(built: Path) -> None:
    reader = pypdf.PdfReader(built / "_manuscript/paper.pdf")
    pages = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
    begins = {
        str(one.title): reader.get_destination_page_number(one)
        for one in reader.outline
        if isinstance(one, pypdf.generic.Destination)
    }
    places = lxml.html.parse(built / "_manuscript/index.html").xpath(
        "//main//h2 | //main//figcaption | //main//caption"
    )
    waiting, seen = [], 0
    for place in places:
        text = re.sub(r"\s+", " ", place.text_content())
        if place.tag != "h2":
            waiting.append(text[:25])
            continue
        for caption in waiting if text in begins else ():
            stands = [number for number, words in enumerate(pages) if caption in words]
            assert stands[0] <= begins[text], caption
            seen += 1
        waiting = []
    assert seen > 15


def test_the_article_is_valid_jats(built: Path) -> None:
    documents.check_jats(built / "_manuscript/paper.xml")


def test_published_notebooks_are_linked_and_bytes_repeat(project: Path) -> None:
    names = ("paper.pdf", "paper.docx", "paper.xml", "paper-latex.tex")
    before = [digest([(project / "_manuscript" / name).read_bytes()]) for name in names]
    assert run_paper(project, "build", "--renderer", "embedded").status == 0
    assert [digest([(project / "_manuscript" / name).read_bytes()]) for name in names] == before
    configuration = project / "_quarto.yml"
    url = "https://example.org/a_b--c"
    text = configuration.read_text().replace(
        "manuscript:\n", f"manuscript:\n  manuscript-url: {url}\n"
    )
    configuration.write_text(text)
    assert run_paper(project, "build", "--renderer", "embedded").status == 0
    relations = docx.Document(str(project / "_manuscript/paper.docx")).part.rels.values()
    linked = {one.target_ref for one in relations if one.is_external}
    assert f"{url}/notebooks/02-pain-intensity-preview.html#cell-nrs-change" in linked


PICTURE = """\
#| label: fig-small
#| fig-cap: A picture.
#| fig-alt: A square.
#| {option}
from IPython.display import Image
Image("../small.png")
"""
EMU = 914_400  # to an inch, in Word


@pytest.mark.parametrize(("option", "inches"), [("", 2.0), ("out-width: 3in", 3.0)])
def test_a_small_picture_is_as_large_as_its_pixels_unless_a_width_is_given(
    little: Path, browser: Browser, option: str, inches: float
) -> None:
    """192 pixels of 96 to an inch are 2 inches wide."""
    PIL.Image.new("RGB", (192, 96), "navy").save(little / "small.png", dpi=(96, 96))
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"),
                   PICTURE.format(option=option))  # fmt: skip
    article = little / "paper.qmd"
    article.write_text(article.read_text() + "\n{{< embed notebooks/b.ipynb#fig-small >}}\n")
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    folder = little / "_manuscript"
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((folder / "index.html").as_uri())
    image = page.locator("#fig-small img")
    shown = image.evaluate("i => i.getBoundingClientRect().width") / 96
    page.close()
    with pypdfium2.PdfDocument(folder / "paper.pdf") as document:
        boxes = [
            one.get_bounds() for page in document for one in page.get_objects()
            if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        ]  # fmt: skip
    ((left, _, right, _),) = boxes
    printed = (right - left) / 72
    (drawn,) = docx.Document(str(folder / "paper.docx")).inline_shapes
    in_word = drawn.width / EMU
    latex = (folder / "paper-latex.tex").read_text()
    assert [round(one, 2) for one in (shown, printed, in_word)] == [inches] * 3
    of_figure = latex.split("A picture.")[0].rpartition("\\begin{figure}")[2]
    assert "\\figureimage{" not in of_figure
    assert ("width=3in" in of_figure) == bool(option)
