"""What a journal looks for in a JATS article, and neither Pandoc nor Quarto writes.

Notes
-----
JATS4R (https://jats4r.niso.org), the tagging guidelines and the style checker of PubMed Central
(https://pmc.ncbi.nlm.nih.gov/tools/stylechecker) ask for these. What only a publisher knows, its
name, dates and pages, is not made up.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from paper.manuscript.statements import OPEN
from paper.renderers.inspection.letters import letters

# Of the sets of JATS the one that a manuscript can satisfy: the others want a journal and a date.
PROLOG = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC
  "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD with MathML3 v1.3 20210610//EN"
  "https://jats.nlm.nih.gov/archiving/1.3/JATS-archivearticle1-3-mathml3.dtd">
"""
NAMESPACES = {
    "mml": "http://www.w3.org/1998/Math/MathML",
    "xlink": "http://www.w3.org/1999/xlink",
    "ali": "http://www.niso.org/schemas/ali/1.0/",
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HREF, LICENSE = f"{{{NAMESPACES['xlink']}}}href", f"{{{NAMESPACES['ali']}}}license_ref"
# What a reference to each kind of element is called.
KINDS = {"fig": "fig", "table-wrap": "table", "sec": "sec", "disp-formula": "disp-formula"}
# The number that stands before a caption.
NUMBERED = re.compile(r"(?P<label>.+\d)\.")
# What says nothing where it is empty.
FRAMES = {
    "journal-meta", "journal-id", "journal-title-group", "issn", "publisher", "publisher-name",
    "history", "permissions", "back", "sec", "boxed-text", "preformat",
}  # fmt: skip
BEFORE_TITLE = ("article-id", "article-version", "article-version-alternatives")
BEFORE_DATE = (*BEFORE_TITLE, "article-categories", "title-group", "contrib-group", "aff",
               "author-notes")  # fmt: skip
SECTIONS = {
    "introduction": "intro", "background": "intro", "methods": "methods", "results": "results",
    "discussion": "discussion", "conclusion": "conclusions", "conclusions": "conclusions",
}  # fmt: skip
# Field of `statements` → kind of section.
STATEMENTS = {
    "ethics": "ethics-statement", "consent": "consent-statement", "registration": "registration",
    "data": "data-availability", "funding": "funding-statement", "conflicts": "COI-statement",
    "contributions": "author-contributions",
}  # fmt: skip
SOURCES = {
    "article-journal": "journal", "paper-conference": "confproc", "chapter": "book",
    "webpage": "web", "dataset": "data", "article": "preprint",
}  # fmt: skip
LINK = re.compile(r"\]\([^)]*\)")


def complete(file: Path, fields: Mapping[str, Any]) -> None:
    """Complete an article that Pandoc or Quarto wrote, in its place; a second time changes nothing.

    `file`: XML; any but an article is left as it is. `fields`: the front matter. Raises ParseError
    if it is not XML.
    """
    for prefix, address in NAMESPACES.items():
        ET.register_namespace(prefix, address)
    article = fromstring(file.read_text(encoding="utf-8"))
    if article.tag != "article":
        return
    article.set("article-type", "research-article")
    article.set("dtd-version", "1.3")
    article.set(LANGUAGE, str(fields.get("lang") or "en"))
    statements = fields.get("statements") or {}
    _complete_front(article, str(statements.get("funding") or ""))
    _label(article)
    for abstract in article.iterfind("front/article-meta/abstract"):
        for place, paragraph in enumerate(abstract if len(abstract) > 1 else ()):
            if (section := _headed(paragraph)) is not None:
                abstract[place] = section
    for section in article.findall("body/sec"):
        if kind := SECTIONS.get((section.findtext("title") or "").strip().lower()):
            section.set("sec-type", kind)
    _tell_statements(article, statements)
    _name_references(article)
    for citation in article.iter("element-citation"):
        citation.set("publication-type", _kind_of_source(citation))
    _leave_out_empty(article)
    text = ET.tostring(article, encoding="unicode")
    file.write_text(f"{PROLOG}{text}\n", encoding="utf-8")


def _complete_front(article: ET.Element, funding: str) -> None:
    meta = article.find("front/article-meta")
    if meta is None:
        return
    if meta.find("article-categories") is None:
        categories = ET.Element("article-categories")
        group = ET.SubElement(categories, "subj-group", {"subj-group-type": "heading"})
        ET.SubElement(group, "subject").text = "Research Article"
        _insert(meta, categories, BEFORE_TITLE)
    if meta.find("pub-date") is None and meta.find("pub-date-not-available") is None:
        _insert(meta, ET.Element("pub-date-not-available"), BEFORE_DATE)
    if funding and not OPEN.search(funding) and meta.find("funding-group") is None:
        group = ET.SubElement(meta, "funding-group")
        ET.SubElement(group, "funding-statement").text = LINK.sub("", funding.replace("[", ""))
    for author in meta.iter("contrib"):
        _complete_author(author)
    for licence in meta.iter("license"):
        address = (licence.findtext(LICENSE) or "").strip()
        if "creativecommons.org" in address:
            licence.set("license-type", "open-access")
            licence.set(HREF, address)


def _complete_author(author: ET.Element) -> None:
    """Name an author once, in parts where they are known, and with the address of the ORCID."""
    whole = author.find("string-name")
    if whole is not None and author.find("name") is not None:
        author.remove(whole)
    for orcid in author.iterfind("contrib-id[@contrib-id-type='orcid']"):
        orcid.text = f"https://orcid.org/{(orcid.text or '').strip().rpartition('/')[2]}"


def _insert(parent: ET.Element, element: ET.Element, before: tuple[str, ...]) -> None:
    """Insert an element behind those of some names, which begin its parent."""
    element.tail = "\n"
    parent.insert(sum(child.tag in before for child in parent), element)


def _headed(paragraph: ET.Element) -> ET.Element | None:
    """Return a section instead of a paragraph that begins with its title in bold."""
    lead = next(iter(paragraph), None)
    is_led = lead is not None and lead.tag == "bold" and not (paragraph.text or "").strip()
    if paragraph.tag != "p" or lead is None or not is_led:
        return None
    section = ET.Element("sec")
    section.tail, paragraph.tail = paragraph.tail, "\n"
    ET.SubElement(section, "title").text = "".join(lead.itertext()).strip().rstrip(".:")
    paragraph.text = (lead.tail or "").lstrip()
    paragraph.remove(lead)
    section.append(paragraph)
    return section


def _tell_statements(article: ET.Element, statements: Mapping[str, Any]) -> None:
    """Make a section of each statement that ends one, of its kind, and move what ends the body."""
    said = {
        letters(LINK.sub("]", str(text))): name
        for name, text in statements.items()
        if name in STATEMENTS and letters(str(text))
    }
    body, back = article.find("body"), article.find("back")
    for around in list(article.iterfind("body//sec")):
        for place, paragraph in reversed(list(enumerate(around))):
            text = letters("".join(paragraph.itertext()))
            name = next((name for words, name in said.items() if text.endswith(words)), None)
            if paragraph.tag != "p" or name is None:
                break
            section = _headed(paragraph)
            if section is None:
                section = ET.Element("sec")
                section.append(paragraph)
            section.set("sec-type", STATEMENTS[name])
            around[place] = section
        if body is not None and back is not None and around is body[-1] and _is_of_back(around):
            body.remove(around)
            back.insert(0, around)


def _is_of_back(section: ET.Element) -> bool:
    return any(part.get("sec-type") in STATEMENTS.values() for part in section.iterfind("sec"))


def _kind_of_source(citation: ET.Element) -> str:
    """Return the word that JATS has for a kind of source, instead of that of citation styles."""
    kind = citation.get("publication-type", "")
    in_journal = citation.find("volume") is not None or citation.find("issue") is not None
    return SOURCES.get(kind, kind) or ("journal" if in_journal else "other")


def _leave_out_empty(element: ET.Element) -> None:
    """Leave out frames without anything in them, the inner ones first."""
    for child in list(element):
        _leave_out_empty(child)
        if child.tag in FRAMES and len(child) == 0 and not (child.text or "").strip():
            element.remove(child)


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
