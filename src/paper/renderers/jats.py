"""What a journal looks for in a JATS article, and Pandoc does not write.

Notes
-----
JATS4R (https://jats4r.niso.org) and the style checker of PubMed Central ask for these: a kind of
article, labels beside captions, identifiers on what is referred to, the kind of each reference.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

NAMESPACES = {
    "mml": "http://www.w3.org/1998/Math/MathML",
    "xlink": "http://www.w3.org/1999/xlink",
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# What a reference to each kind of element is called.
KINDS = {"fig": "fig", "table-wrap": "table", "sec": "sec", "disp-formula": "disp-formula"}
# The number that stands before a caption.
NUMBERED = re.compile(r"(?P<label>.+\d)\.")


def complete(file: Path, language: str) -> None:
    """Complete an article that Pandoc wrote, in its place."""
    text = file.read_text(encoding="utf-8")
    prolog = text[: text.index("<article")]
    for prefix, address in NAMESPACES.items():
        ET.register_namespace(prefix, address)
    article = fromstring(text)
    article.set("article-type", "research-article")
    article.set(LANGUAGE, language)
    _leave_out_empty(article)
    _label(article)
    _name_references(article)
    for citation in article.iter("element-citation"):
        in_journal = citation.find("volume") is not None or citation.find("issue") is not None
        citation.set("publication-type", "journal" if in_journal else "other")
    whole = ET.tostring(article, encoding="unicode")
    # Pandoc declares both, used or not; ElementTree only what is used.
    for prefix, address in NAMESPACES.items():
        if f"xmlns:{prefix}" not in whole:
            whole = whole.replace("<article", f'<article xmlns:{prefix}="{address}"', 1)
    file.write_text(f"{prolog}{whole}\n", encoding="utf-8")


def _leave_out_empty(article: ET.Element) -> None:
    """Leave out the frames of what the front matter does not say."""
    for parent, name in (("front", "journal-meta"), ("front/article-meta", "permissions")):
        around = article.find(parent)
        inner = around.find(name) if around is not None else None
        if around is not None and inner is not None and not "".join(inner.itertext()).strip():
            around.remove(inner)


def _label(article: ET.Element) -> None:
    """Give figures and tables their numbers as labels, and tables the names they go by."""
    for element in [*article.iter("fig"), *article.iter("table-wrap")]:
        table = element.find("table")
        if table is not None and (name := table.attrib.pop("id", "")):
            element.set("id", name)
        words = element.find("caption/p")
        first = words.find("bold") if words is not None else None
        found = NUMBERED.fullmatch(first.text or "") if first is not None else None
        if words is not None and first is not None and found and not words.text:
            label = ET.Element("label")
            label.text, label.tail = found["label"], element.text
            element.insert(0, label)
            words.text = (first.tail or "").lstrip()
            words.remove(first)


def _name_references(article: ET.Element) -> None:
    """Say of each reference what it leads to."""
    targets: Mapping[str, str] = {
        element.get("id", ""): KINDS[element.tag]
        for element in article.iter()
        if element.tag in KINDS
    }
    for reference in article.iter("xref"):
        if kind := targets.get(reference.get("rid", "")):
            reference.set("ref-type", kind)
