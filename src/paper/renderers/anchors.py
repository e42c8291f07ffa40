"""The places of a rendered page that something can point to, by the words a reader finds there."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element

from paper.renderers.html_tree import read_html

HEADING = re.compile(r"h[1-6]")
CAPTIONS = {"figcaption", "caption"}
# The number that a renderer puts before a caption.
NUMBERED = re.compile(r"\w+\s\d+")
TITLE = "Title and abstract"


def read_anchors(page: Path) -> dict[str, str]:
    """Return what the anchors of a page stand for, whichever renderer made it.

    Returns identifier → title of its section after those above it (`Results: Patients`), or the
    number of its figure or table (`Figure 1`). Identifiers of anything else, and those in
    navigation, are left out.
    """
    anchors: dict[str, str] = {}
    sections: dict[str, str] = {}  # tag → title of those around

    def read(element: Element, identifier: str) -> None:
        # The identifier of a caption itself is made anew by each render.
        if element.tag not in CAPTIONS:
            identifier = element.get("id") or identifier
        if HEADING.fullmatch(element.tag) or element.tag in CAPTIONS:
            words = _label(element, sections)
            if identifier:
                anchors.setdefault(identifier, words)
        for child in element:
            if child.tag != "nav":
                read(child, identifier)

    read(read_html(page), "")
    return anchors


def _label(element: Element, sections: dict[str, str]) -> str:
    text = " ".join("".join(element.itertext()).split())
    if element.tag in CAPTIONS:
        number = NUMBERED.match(text)
        return number[0] if number else text
    if "title" in element.get("class", "").split():
        return TITLE
    for tag in [tag for tag in sections if tag >= element.tag]:
        del sections[tag]
    sections[element.tag] = text
    return ": ".join(sections.values())
