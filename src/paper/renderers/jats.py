"""What a journal looks for in a JATS article, and neither Pandoc nor Quarto writes.

Notes
-----
JATS4R (https://jats4r.niso.org), the tagging guidelines and the style checker of PubMed Central
(https://pmc.ncbi.nlm.nih.gov/tools/stylechecker) ask for these. What only a publisher knows, its
name, dates and pages, is not made up.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from declared import read_yaml
from paper.manuscript.statements import OPEN

# Of the sets of JATS the one that a manuscript can satisfy: the others want a journal and a date.
PROLOG = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC
  "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD with MathML3 v1.3 20210610//EN"
  "https://jats.nlm.nih.gov/archiving/1.3/JATS-archivearticle1-3-mathml3.dtd">
"""
WORDS = read_yaml(Path(__file__).with_name("jats.yml")).content
NAMESPACES = WORDS["namespaces"]
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HREF, LICENSE = f"{{{NAMESPACES['xlink']}}}href", f"{{{NAMESPACES['ali']}}}license_ref"
CONFLICTS = "COI-statement"
# The number that stands before a caption.
NUMBERED = re.compile(r"(?P<label>.+\d)\.")


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
    said = fields.get("statements")
    _complete_front(article, str(said.get("funding") or "") if isinstance(said, dict) else "")
    _shorten_title(article, str(fields.get("running-title") or ""))
    _label(article)
    _move_statements(article)
    _note_conflicts(article)
    tags = {element.get("id"): element.tag for element in article.iter()}
    for reference in article.iter("xref"):
        if kind := WORDS["references"].get(tags.get(reference.get("rid"))):
            reference.set("ref-type", kind)
        elif reference.get("rid") not in tags:
            # It led to the heading of what Pandoc moved: its words are left.
            reference.tag, reference.attrib = "styled-content", {"specific-use": "reference"}
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
        meta.insert(sum(child.tag == "article-id" for child in meta), categories)
    if funding and not OPEN.search(funding) and meta.find("funding-group") is None:
        group = ET.SubElement(meta, "funding-group")
        ET.SubElement(group, "funding-statement").text = funding
    for author in meta.iter("contrib"):
        _complete_author(author)
    for licence in meta.iter("license"):
        address = (licence.findtext(LICENSE) or "").strip()
        if "creativecommons.org" in address:
            licence.set("license-type", "open-access")
            licence.set(HREF, address)


def _shorten_title(article: ET.Element, title: str) -> None:
    group = article.find("front/article-meta/title-group")
    if title and group is not None and group.find("alt-title") is None:
        ET.SubElement(group, "alt-title", {"alt-title-type": "running-head"}).text = title


def _complete_author(author: ET.Element) -> None:
    """Name an author once, in parts where they are known, and with the address of the ORCID."""
    for whole in author.findall("string-name") if author.find("name") is not None else ():
        author.remove(whole)
    for orcid in author.iterfind("contrib-id[@contrib-id-type='orcid']"):
        orcid.text = f"https://orcid.org/{(orcid.text or '').strip().rpartition('/')[2]}"


def _move_statements(article: ET.Element) -> None:
    """Move the statements that end the body to what stands behind it."""
    for body, back in zip(article.findall("body"), article.findall("back"), strict=False):
        for section in body.findall("sec[last()]"):
            if any(part.get("sec-type") in WORDS["statements"] for part in section.iter("sec")):
                body.remove(section)
                back.insert(0, section)


def _note_conflicts(article: ET.Element) -> None:
    """Tell a written statement of conflicts as a note on the authors too, as PubMed looks for it.

    Notes
    -----
    JATS4R, Conflict of interest (COI) statements, version 1.1: in `author-notes`, and in no section
    of that kind (https://jats4r.niso.org/conflict-of-interest-coi-statements).
    """
    for meta, section in product(
        article.findall("front/article-meta"), article.findall(f".//sec[@sec-type='{CONFLICTS}']")
    ):
        if OPEN.search("".join(section.itertext())):
            continue
        del section.attrib["sec-type"]
        notes = meta.find("author-notes")
        if notes is None:
            behind = [n for n, part in enumerate(meta) if part.tag in WORDS["before-notes"]]
            notes = ET.Element("author-notes")
            meta.insert(max(behind, default=-1) + 1, notes)
        note = ET.SubElement(notes, "fn", {"fn-type": "coi-statement"})
        note.extend(deepcopy(section.findall("p")))


def _kind_of_source(citation: ET.Element) -> str:
    """Return the word that JATS has for a kind of source, instead of that of citation styles."""
    kind = citation.get("publication-type", "")
    in_journal = citation.find("volume") is not None or citation.find("issue") is not None
    return str(WORDS["sources"].get(kind, kind)) or ("journal" if in_journal else "other")


def _leave_out_empty(element: ET.Element) -> None:
    """Leave out frames without anything in them, the inner ones first."""
    for child in list(element):
        _leave_out_empty(child)
        if child.tag in WORDS["frames"] and len(child) == 0 and not (child.text or "").strip():
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
