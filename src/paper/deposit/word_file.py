"""The Word file of a manuscript, laid out as a journal reads it."""

import copy
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from defusedxml import ElementTree

from paper.deposit.journals import Findings, Journal, Placement

DOCUMENT, STYLES, LINKS = "word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"
PROPERTIES = ("docProps/core.xml", "docProps/custom.xml", "docProps/app.xml")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What in the layout of pages stands behind the numbers of lines.
BEHIND = "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid"
# Styles of what stays as close as it is: tables, the appendix, the title.
CLOSE = {"Compact", "KeptRow", "AfterTable", "Appendix", "AppendixHeading", "Title", "Subtitle"}
REMOVED, NO_BREAK = "[removed for review]", "\N{NO-BREAK SPACE}"
ON_AUTHORS = ("acknowledg", "contributions of authors", "author contributions")


def write_word(
    source: Path, folder: Path, journal: Journal | None, names: Iterable[str], found: Findings
) -> None:
    """Write the manuscript with a number at each line, and else as a journal wants it.

    `source`: the paper in Word. `folder`: where manuscripts and tables are written. `names`: what
    referees must not read where they must not know the authors. `found`: is told what was made.
    """
    with zipfile.ZipFile(source) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    document = _parse(parts[DOCUMENT])
    number_lines(document)
    if journal and journal.line_numbers:
        found.met.append("line numbers: of all lines")
    if journal and journal.double_spacing:
        parts[STYLES] = _spaced(parts[STYLES])
        found.met.append("double spacing: of the text")
    if journal and journal.placement:
        for name, alone in _move(document, journal.placement):
            (folder / "tables").mkdir(exist_ok=True)
            _write(folder / "tables" / name, parts, alone)
        how = f"tables {journal.placement.tables}, figures {journal.placement.figures}"
        found.met.append(f"placement: {how}")
    _write(folder / "manuscript.docx", parts, document)
    if journal and journal.blind_review:
        left = _hide(document, parts, sorted(filter(None, names), key=len, reverse=True))
        _write(folder / "manuscript-blind.docx", parts, document)
        line = f"blind review: manuscript-blind.docx names {', '.join(left) or 'nobody'}"
        found.add(line, is_met=not left)


def number_lines(document: ET.Element) -> None:
    """Put a number at each line, where the schema of Word wants it."""
    for layout in document.iter(f"{W}sectPr"):
        tags = [part.tag.removeprefix(W) for part in layout]
        place = next((n for n, tag in enumerate(tags) if tag in BEHIND.split()), len(tags))
        counted = {f"{W}countBy": "1", f"{W}restart": "continuous"}
        layout.insert(place, ET.Element(f"{W}lnNumType", counted))


def _spaced(content: bytes) -> bytes:
    """Leave the height of a line between the lines of the text."""
    styles = _parse(content)
    for style in (*styles.iter(f"{W}pPrDefault"), *styles.iter(f"{W}style")):
        spacing = style.find(f"{W}pPr/{W}spacing")
        names_none = style.tag == f"{W}style" and f"{W}line" not in getattr(spacing, "attrib", ())
        if spacing is not None and not names_none and style.get(f"{W}styleId") not in CLOSE:
            spacing.attrib.update({f"{W}line": "480", f"{W}lineRule": "auto"})
    return _bytes(styles)


def _move(document: ET.Element, asked: Placement) -> Iterator[tuple[str, ET.Element]]:
    """Put tables and figures where they are asked for; yield those tables that leave the text."""
    body = document[0]
    behind: list[ET.Element] = []
    for number, table in enumerate(_runs(body, "TableCaption", "AfterTable"), start=1):
        if asked.tables == "files":
            alone = copy.deepcopy(document)
            alone[0][:] = copy.deepcopy([*table, body[-1]])
            _freeze_numbers(alone)
            yield f"Table-{number}.docx", alone
        if asked.tables != "text":
            behind += _cut(body, table) if asked.tables == "end" else _cut(body, table)[:0]
    for *drawings, caption in _runs(body, "CaptionedFigure", "ImageCaption"):
        if asked.figures != "text":
            behind += _cut(body, drawings) if asked.figures == "end" else _cut(body, drawings)[:0]
            behind += _cut(body, [caption]) if "end" in {asked.figures, asked.captions} else []
    body[-1:-1] = behind


def _runs(body: ET.Element, first: str, last: str) -> Iterator[list[ET.Element]]:
    """Yield what stands between paragraphs of two styles, with these."""
    found: list[ET.Element] = []
    for element in list(body):
        if found or _style(element) == first:
            found.append(element)
        if found and _style(element) == last:
            yield found
            found = []


def _cut(body: ET.Element, parts: list[ET.Element]) -> list[ET.Element]:
    for part in parts:
        body.remove(part)
    return parts


def _freeze_numbers(document: ET.Element) -> None:
    """Leave the number of a caption as it is, which Word would count anew."""
    for paragraph in document.iter(f"{W}p"):
        for run in list(paragraph):
            if run.find(f"{W}fldChar") is not None or run.find(f"{W}instrText") is not None:
                paragraph.remove(run)


def _hide(document: ET.Element, parts: dict[str, bytes], names: list[str]) -> list[str]:
    """Take out authors, addresses and properties; return names that are in the text still."""
    _cut(document[0], list(_on_authors(document[0])))
    for text in document.iter(f"{W}t"):
        for name in names:
            text.text = (text.text or "").replace(name, REMOVED)
    for part in {LINKS, *PROPERTIES} & parts.keys():
        content = _parse(parts[part])
        for entry in list(content):
            if part != LINKS:
                content.remove(entry)
            elif any(name in entry.get("Target", "") for name in names):
                entry.set("Target", "about:blank")
        parts[part] = _bytes(content)
    said = "".join(document.itertext())
    return [name for name in names if name in said]


def _on_authors(body: ET.Element) -> Iterator[ET.Element]:
    """Yield the paragraphs that tell who wrote the paper: by style, heading or first words."""
    is_within = False
    for element in body.findall(f"{W}p"):
        said = "".join(text.text or "" for text in element.iter(f"{W}t"))
        is_on_authors = said.replace(NO_BREAK, " ").casefold().startswith(ON_AUTHORS)
        if _style(element).startswith("Heading"):
            is_within = is_on_authors
        if is_within or is_on_authors or _style(element) == "Author":
            yield element


def _style(element: ET.Element) -> str:
    style = element.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(f"{W}val", "")


def _parse(content: bytes) -> ET.Element:
    """Parse a part, and keep the prefixes that it has."""
    for _, (prefix, address) in ElementTree.iterparse(io.BytesIO(content), events=["start-ns"]):
        ET.register_namespace(prefix, address)
    parsed: ET.Element = ElementTree.fromstring(content)
    return parsed


def _bytes(part: ET.Element) -> bytes:
    written: bytes = ET.tostring(part, encoding="utf-8", xml_declaration=True)
    return written


def _write(target: Path, parts: dict[str, bytes], document: ET.Element) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {**parts, DOCUMENT: _bytes(document)}.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
