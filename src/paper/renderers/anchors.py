"""The places of a rendered page that something can point to, by the words a reader finds there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

HEADING = re.compile(r"h[1-6]")
CAPTIONS = {"figcaption", "caption"}
# The number that a renderer puts before a caption.
NUMBERED = re.compile(r"\w+\s\d+")
TITLE = "Title and abstract"
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
}  # fmt: skip


def read_anchors(page: Path) -> dict[str, str]:
    """Return what the anchors of a page stand for, whichever renderer made it.

    Parameters
    ----------
    page
        An HTML page.

    Returns
    -------
    dict
        Identifier → title of its section after those above it (`Results: Patients`), or the
        number of its figure or table (`Figure 1`). Identifiers of anything else, and those in
        navigation, are left out.
    """
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.anchors


class _Reader(HTMLParser):
    """Gives the text of each heading or caption to the innermost element that has an identifier."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []  # tag and identifier of the elements around
        self._above: list[tuple[str, str]] = []  # tag and title of the sections around
        self._text: list[str] | None = None
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and begin to read where it is a heading or a caption."""
        if tag in VOID:
            return
        attributes = dict(attrs)
        # The identifier of a caption itself is made anew by each render.
        identifier = "" if tag in CAPTIONS else attributes.get("id") or ""
        self._open.append((tag, identifier))
        if HEADING.fullmatch(tag) or tag in CAPTIONS:
            self._text = []
            self._is_title = "title" in (attributes.get("class") or "").split()

    def handle_data(self, data: str) -> None:
        """Read the text of a heading or a caption."""
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Give what was read to its identifier, and close the element."""
        if self._text is not None and (HEADING.fullmatch(tag) or tag in CAPTIONS):
            label = self._label(tag, " ".join("".join(self._text).split()))
            inner = next((name for _, name in reversed(self._open) if name), "")
            if inner and "nav" not in (around for around, _ in self._open):
                self.anchors.setdefault(inner, label)
            self._text = None
        if tag in {name for name, _ in self._open}:
            while self._open.pop()[0] != tag:
                pass

    def _label(self, tag: str, text: str) -> str:
        if tag in CAPTIONS:
            number = NUMBERED.match(text)
            return number[0] if number else text
        if self._is_title:
            return TITLE
        self._above = [(above, title) for above, title in self._above if above < tag]
        self._above.append((tag, text))
        return ": ".join(title for _, title in self._above)
