"""What a page, a Word file and a JATS article say, and which recorded numbers they mark as such."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml import ElementTree

from paper.renderers.html_tree import ELEMENTS, read_html
from paper.renderers.inspection.expected import Number, named
from paper.renderers.inspection.stream import Line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document.xml", "word/footnotes.xml")
Read = tuple[list[Line], list[Number]]


def read_page(file: Path) -> Read:
    """Return the lines of an HTML page, without its navigation, and its numbers."""
    page = read_html(file)
    lines = _lines(page, "html")
    return lines, _numbers(page.iter("a"))


def read_jats(file: Path) -> Read:
    """Return the lines of a JATS article, without notebooks and references, and its numbers."""
    article = ElementTree.parse(file).getroot()
    lines = _lines(article, "jats")
    return lines, _numbers(article.iter("named-content"))


def _numbers(elements: Iterable[Element]) -> list[Number]:
    marked = (named(one.attrib, "".join(one.itertext())) for one in elements)
    return [number for number in marked if number]


def _lines(root: Element, kind: str) -> list[Line]:
    """Return the lines of a tree, and take out of it what is not read."""
    inline, unread = (ELEMENTS[kind][what] for what in ("inline", "not read"))
    for element in [one for one in root.iter() if one.tag in unread]:
        tail = element.tail
        element.clear()
        element.tail = tail
    texts = "".join(_texts(root, inline)).split("\n")
    return [Line(text) for text in texts if text.strip()]


def _texts(element: Element, inline: Set[str]) -> Iterator[str]:
    edge = "" if element.tag in inline else "\n"
    yield edge + (" " if element.tag == "br" else (element.text or "").replace("\n", " "))
    for child in element:
        yield from _texts(child, inline)
        yield (child.tail or "").replace("\n", " ")
    yield edge


def read_word(file: Path) -> Read:
    """Return the paragraphs of a Word file, then its notes, and its numbers, without their keys."""
    lines, numbers = [], []
    with zipfile.ZipFile(file) as document:
        for part in PARTS:
            if part in document.namelist():
                root = ElementTree.fromstring(document.read(part))
                for paragraph in root.iter(f"{W}p"):
                    runs = [
                        (run, "".join(part.text or "" for part in run.iterfind(f"{W}t")))
                        for run in paragraph.iter(f"{W}r")
                    ]
                    lines.append(Line("".join(text for _, text in runs)))
                    style = f"{W}rPr/{W}rStyle[@{W}val='Number']"
                    numbers += [Number("", t) for run, t in runs if run.find(style) is not None]
    return lines, numbers
