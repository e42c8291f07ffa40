"""What a page, a Word file and a JATS article say, and which recorded numbers they mark as such."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml import ElementTree

from paper.renderers.inspection.expected import Number
from paper.renderers.inspection.stream import Line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# What goes on in the same line; all other elements begin a line of their own.
INLINE = {
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip
INLINE_JATS = {
    "bold", "break", "email", "ext-link", "inline-graphic", "italic", "monospace", "named-content",
    "overline", "roman", "sans-serif", "sc", "strike", "styled-content", "sub", "sup", "underline",
    "uri", "xref",
}  # fmt: skip
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
}  # fmt: skip
NOT_READ = {"head", "nav", "script", "style", "svg", "template", "title"}
NOT_READ_JATS = {"sub-article", "ref"}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document.xml", "word/footnotes.xml")
Read = tuple[list[Line], list[Number]]


def read_page(file: Path) -> Read:
    """Return the lines of an HTML page, without its navigation, and its numbers."""
    reader = _Page()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    reader.end_line()
    return reader.lines, reader.numbers


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.numbers: list[Number] = []
        self._text: list[str] = []
        self._unread: list[str] = []  # elements around that are not read
        self._key: str | None = None
        self._number: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or a number."""
        if tag in NOT_READ or (self._unread and tag == self._unread[-1]):
            self._unread.append(tag)
        if tag not in INLINE:
            self.end_line()
        elif tag == "br":
            self._text.append(" ")
        attributes = dict(attrs)
        if tag == "a" and "num" in (attributes.get("class") or "").split():
            self._key, self._number = attributes.get("data-key") or "", []

    def handle_data(self, data: str) -> None:
        """Read what is shown."""
        if not self._unread:
            self._text.append(data)
            self._number.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End a line, or a number."""
        if self._unread and tag == self._unread[-1]:
            self._unread.pop()
        if tag not in INLINE:
            self.end_line()
        if tag == "a" and self._key is not None:
            self.numbers.append(Number(self._key, "".join(self._number)))
            self._key = None

    def end_line(self) -> None:
        """Keep what was read since the line began."""
        if text := "".join(self._text).strip():
            self.lines.append(Line(text))
        self._text = []


def read_jats(file: Path) -> Read:
    """Return the lines of a JATS article, without notebooks and references, and its numbers."""
    article = ElementTree.parse(file).getroot()
    for parent, unread in [(p, c) for p in article.iter() for c in p if c.tag in NOT_READ_JATS]:
        parent.remove(unread)
    numbers = [
        Number(one.get("vocab-term", ""), "".join(one.itertext()))
        for one in article.iter("named-content")
        if one.get("content-type") == "number"
    ]
    return [Line(text) for text in "".join(_jats(article)).split("\n") if text.strip()], numbers


def _jats(element: Element) -> Iterator[str]:
    edge = "" if element.tag in INLINE_JATS else "\n"
    yield edge + (element.text or "").replace("\n", " ")
    for child in element:
        yield from _jats(child)
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
                    lines.append(Line("".join(map(_word_text, paragraph.iter(f"{W}r")))))
                    numbers += [
                        Number("", _word_text(run))
                        for run in paragraph.iter(f"{W}r")
                        if run.find(f"{W}rPr/{W}rStyle[@{W}val='Number']") is not None
                    ]
    return lines, numbers


def _word_text(run: Element) -> str:
    return "".join((part.text or "") if part.tag == f"{W}t" else "" for part in run)
