"""Read the numbers back out of what was rendered."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import lxml.etree
import lxml.html
import pypdf

NUMERAL = re.compile(r"[−+]?\d+(?:\.\d+)?")
# Numerals that name an instrument or its range.
NAMES = re.compile(r"SF-\s?12|0–10|at day\s0 are of all")


# The heading of the appendix, which repeats the numbers in PDF and Word.
APPENDIX = "Where each number comes from"


def without_appendix(text: str) -> str:
    """Return the text before the appendix of numbers."""
    before, heading, _ = text.partition(APPENDIX)
    assert heading, "no appendix"
    return before


def plain(text: str) -> str:
    """Make every run of white space one space."""
    return " ".join(text.split())


def html_numbers(page: Path, *, floats: bool = True) -> list[tuple[str, str]]:
    """Return key and text of each number of the page in order, those of floats too or not."""
    prose = "" if floats else "[not(ancestor::figcaption or ancestor::table)]"
    links = lxml.html.parse(page).xpath(f"//a[@class='num']{prose}")
    return [(link.get("data-key"), plain(link.text_content())) for link in links]


def first_missing(text: str, page: Path) -> tuple[str, str] | None:
    """Return the first number of the page's prose that a text does not hold in its turn.

    Captions and tables are left out: in a PDF they float.
    """
    position = 0
    for key, number in html_numbers(page, floats=False):
        found = text.find(number, position)
        if found < 0:
            return key, number
        position = found + len(number)
    return None


def jats_numbers(article: Path) -> list[tuple[str, str]]:
    """Return key and text of each number of the JATS article, in order.

    Quarto appends the notebooks as sub-articles; these are not the article.
    """
    tree = lxml.etree.parse(article)
    found = tree.xpath("//named-content[@content-type='number'][not(ancestor::sub-article)]")
    return [(entry.get("vocab-term"), plain("".join(entry.itertext()))) for entry in found]


def docx_numbers(document: Path) -> list[str]:
    """Return the text of each run in the style Number, in order."""
    body = docx.Document(str(document)).element.body
    styled = body.xpath(".//w:r[w:rPr/w:rStyle/@w:val='Number']")
    return [plain("".join(t.text for t in run.xpath("./w:t"))) for run in styled]


RECORDED = re.compile(r"\\recorded\{number_(\d+)\}\{")
TEX = {r"\textless": "<", r"\textgreater": ">", r"\%": "%", "~": " ", "--": "–", "{": "", "}": ""}


def tex_numbers(source: Path) -> list[tuple[int, str]]:
    """Return row in the appendix and text of each number of a LaTeX source, in order."""
    text = source.read_text()
    return [
        (int(found[1]), _tex_text(text[found.end() : _closing(text, found.end())]))
        for found in RECORDED.finditer(text)
    ]


def _closing(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise AssertionError(text[start : start + 80])


def _tex_text(text: str) -> str:
    text = re.sub(r"\\hypertarget\{\w+\}", "", text)
    for written, read in TEX.items():
        text = text.replace(written, read)
    return plain(text)


def docx_text(document: Path) -> str:
    """Return the text of a Word document, but for the appendix of numbers."""
    body = docx.Document(str(document)).element.body
    paragraphs = ("".join(t.text or "" for t in p.xpath(".//w:t")) for p in body.xpath(".//w:p"))
    return without_appendix(plain(" ".join(paragraphs)))


def pdf_text(document: Path) -> str:
    """Return the text of a PDF, but for the appendix of numbers."""
    pages = pypdf.PdfReader(document).pages
    return without_appendix(plain(" ".join(page.extract_text() for page in pages)))


def html_text(page: Path) -> str:
    """Return the text of the page, without its navigation."""
    return plain(lxml.html.parse(page).find(".//main").text_content())


def jats_text(article: Path) -> str:
    """Return the text of the JATS article."""
    return plain(" ".join(lxml.etree.parse(article).getroot().itertext()))


def abstract_numerals(text: str) -> list[str]:
    """Return the numerals of the abstract, from the regimen to the conclusion."""
    start = text.index("Inpatients received a")
    end = text.index("Conclusion", start)
    return NUMERAL.findall(NAMES.sub("", text[start:end]))
