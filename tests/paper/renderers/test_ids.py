"""No name is given twice within a page, an article or a document, whichever renderer made it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import lxml.etree
import lxml.html

WORDS = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}


def names(paper: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield every list of names that must differ, and where it is from."""
    for page in sorted(paper.rglob("*.html")):
        # Quarto gives its sheets of style for light and dark one id.
        yield page.name, lxml.html.parse(page).xpath("//*[not(self::link)]/@id")
    yield "paper.xml", lxml.etree.parse(paper / "paper.xml").xpath("//@id")
    with zipfile.ZipFile(paper / "paper.docx") as document:
        body = lxml.etree.fromstring(document.read("word/document.xml"))
    for query in ("//w:bookmarkStart/@w:name", "//w:bookmarkStart/@w:id", "//wp:docPr/@id"):
        yield f"paper.docx, {query}", body.xpath(query, namespaces=WORDS)


def test_every_name_is_given_once(paper: Path) -> None:
    lists = dict(names(paper))
    assert len(lists) > 15
    assert all(lists.values())
    for where, found in lists.items():
        assert sorted(found) == sorted(set(found)), where
