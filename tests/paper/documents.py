"""What must hold of a PDF, a Word file and a JATS article, whichever renderer made them."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import Bio.Entrez
import docx
import lxml.etree
import pypdf
from extract import APPENDIX, html_numbers

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MINUS, TIMES_TEN = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10"


def first_uses(manuscript: Path) -> list[str]:
    """Return the keys of the page's numbers in order of first use."""
    return list(dict.fromkeys(key for key, _ in html_numbers(manuscript / "index.html")))


def _text(element: Any) -> str:
    return "".join(run.text for run in element.iter(f"{W}t"))


def check_appendix_in_word(manuscript: Path, document: Path) -> None:
    """Each number leads to the row of its key, and the row back to its first use."""
    body = docx.Document(str(document)).element.body
    bookmarks = body.xpath(".//w:bookmarkStart/@w:name")
    assert len(set(bookmarks)) == len(bookmarks)
    rows = body.xpath(".//w:p[w:pPr/w:pStyle/@w:val='Appendix'][w:bookmarkStart]")
    keys = first_uses(manuscript)
    ids = [row.xpath("./w:bookmarkStart/@w:name") for row in rows]
    assert sorted(ids) == sorted([f"number_{number}"] for number in range(1, len(keys) + 1))
    key_of = {f"number_{number}": key for number, key in enumerate(keys, start=1)}
    linked = [
        link.get(f"{W}anchor")
        for link in body.xpath(".//w:hyperlink[.//w:rStyle[@w:val='Number']]")
    ]
    page = html_numbers(manuscript / "index.html")
    assert [key_of[anchor] for anchor in linked] == [key for key, _ in page]
    uses = [f"use_{number}" for number in range(1, len(keys) + 1)]
    assert [bookmark for bookmark in bookmarks if bookmark.startswith("use_")] == uses
    for row, (number,) in zip(rows, ids, strict=True):
        assert row.xpath(".//w:hyperlink/@w:anchor") == [number.replace("number", "use")]
    _check_values(
        manuscript, {key_of[number]: row for (number,), row in zip(ids, rows, strict=True)}
    )


def _check_values(manuscript: Path, rows: dict[str, Any]) -> None:
    recorded = json.loads((manuscript.parent / "results/numbers.json").read_text())
    head = ""
    for key, row in rows.items():
        entry = recorded[key]
        before = row.getprevious()
        head = head if before.find(f"{W}bookmarkStart") is not None else _text(before)
        of, _, which = entry["label"].partition(": ")
        assert head == f"{of}, {Path(entry['notebook']).stem}, {entry['cell']}"
        named, _, told = _text(row).partition(f" {which}: ")
        assert named.replace("\N{NO-BREAK SPACE}", " ") == entry["text"]
        value, *said = told.split("; ")
        formula, _, value = value.rpartition(" = ")
        assert re.sub(
            r"{(.+?)}", lambda one: recorded[one[1]]["text"], entry.get("formula", "")
        ) == (formula)
        written = value.replace(MINUS, "-").replace(TIMES_TEN, "e")
        number = re.match(r"[-+0-9.e]+", written)
        assert number is not None
        assert abs(float(number[0]) - entry["value"]) <= 1e-7 * abs(entry["value"])
        if entry["n"] is not None:
            assert said.pop(0) == f"n\N{NO-BREAK SPACE}{entry['n']}"
        rule, *standing = said
        assert rule == entry["rule"]
        known = entry.get("standing", {}).get("kind", "")
        words = {"bounded": "bounds", "ranged": "range"}
        if "printed" in entry:
            assert standing == [f"printed {entry['printed']}"]
        else:
            assert "".join(standing).split(" ")[0] == words.get(known, known)


def check_captions_in_word(document: Path) -> None:
    """Captions are numbered by fields, in order, and references are fields that name them."""
    body = docx.Document(str(document)).element.body
    codes = [code.text.split() for code in body.iter(f"{W}instrText")]
    captions = [code[1] for code in codes if code[0] == "SEQ"]
    references = [code[1] for code in codes if code[0] == "REF"]
    bookmarks = body.xpath(".//w:bookmarkStart[starts-with(@w:name, '_Ref_')]/@w:name")
    assert len(captions) == len(bookmarks) > 10
    assert set(references) == set(bookmarks)
    for word in ("Figure", "Table"):
        shown = [
            _text(paragraph)
            for paragraph in body.iter(f"{W}p")
            if any(f"SEQ {word} " in (code.text or "") for code in paragraph.iter(f"{W}instrText"))
        ]
        assert len(shown) == captions.count(word)
        for number, caption in enumerate(shown, start=1):
            assert caption.startswith(f"{word}\N{NO-BREAK SPACE}{number}. ")


def check_tables_in_word(document: Path) -> None:
    """Every table has a style, a header row that is repeated, and column widths."""
    opened = docx.Document(str(document))
    for table in opened.tables:
        assert table.style is not None
        assert table.style.name == "Table"
        assert len(table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader")) == 1
        assert len(table._tbl.xpath("./w:tblGrid/w:gridCol[@w:w]")) == len(table.columns)
    for drawing in opened.element.body.xpath(".//wp:docPr"):
        assert drawing.get("descr")


def check_pages_in_word(document: Path) -> None:
    """No row, caption or entry is divided between pages; captions stay with what they are of."""
    opened = docx.Document(str(document))
    assert opened.styles["Table"].element.xpath("./w:trPr/w:cantSplit")
    # What reads no style of rows keeps the lines of a paragraph.
    cells = opened.element.body.xpath(".//w:tbl//w:p/w:pPr/w:pStyle/@w:val")
    assert set(cells) <= {"Compact", "KeptRow"}
    for name in ("Compact", "Table Caption", "Image Caption", "Appendix"):
        assert opened.styles[name].paragraph_format.keep_together, name
    for name in ("Table Caption", "Captioned Figure", "Appendix Heading"):
        assert opened.styles[name].paragraph_format.keep_with_next, name


def check_description_in_word(document: Path) -> None:
    """The file says its title, keywords and language, which its text has too."""
    opened = docx.Document(str(document))
    told = opened.core_properties
    assert told.title.startswith("Continuous ketamine infusion")
    assert told.keywords.startswith("ketamine, magnesium sulfate")
    assert told.language == "en"
    assert opened.styles.element.xpath(".//w:lang/@w:val") == ["en"]
    assert any(one.text.startswith("Keywords: ketamine") for one in opened.paragraphs)


def check_figures_in_word(document: Path) -> None:
    """Every figure is a PNG, which any Word shows."""
    with zipfile.ZipFile(document) as parts:
        figures = [name for name in parts.namelist() if name.startswith("word/media/")]
    assert len(figures) > 8
    assert {Path(name).suffix for name in figures} == {".png"}


Place = tuple[int, float]  # page and distance from its top, so that places are in order


def check_links_in_pdf(manuscript: Path, document: Path) -> None:
    """As many links lead from the text to the appendix as there are numbers, and back as rows."""
    reader = pypdf.PdfReader(document)
    start = _appendix(reader)
    links = []
    edge = 0.0
    for page, sheet in enumerate(reader.pages):
        for note in (one.get_object() for one in sheet.get("/Annots", [])):
            left, _, right, top = map(float, note["/Rect"])
            # Older Typst draws a link in pieces.
            if (target := _target(reader, note)) and left != edge:
                links.append(((page, -top), _place(reader, target)))
            edge = right
    there = sum(source < start < target for source, target in links)
    back = sum(target < start < source for source, target in links)
    assert there == len(html_numbers(manuscript / "index.html"))
    assert back == len(first_uses(manuscript))


def pages_of_appendix(document: Path) -> int:
    """Return how many pages have a part of the appendix."""
    reader = pypdf.PdfReader(document)
    return len(reader.pages) - _appendix(reader)[0]


def _appendix(reader: pypdf.PdfReader) -> Place:
    # Typst 0.14 names no places: its heading is found by its bookmark.
    for mark in _bookmarks(reader.outline):
        if mark.title == APPENDIX:
            return _place(reader, mark.dest_array)
    # LaTeX bookmarks no appendix: just above the first row.
    page, top = _place(reader, reader.named_destinations["number_1"].dest_array)
    return page, top - 12


def _bookmarks(outline: list[Any]) -> Iterator[Any]:
    for mark in outline:
        if isinstance(mark, list):
            yield from _bookmarks(mark)
        else:
            yield mark


def _target(reader: pypdf.PdfReader, note: Any) -> Any:
    target = note.get("/Dest") or note.get("/A", {}).get("/D")
    if isinstance(target, str):
        return reader.named_destinations[target].dest_array
    return target and target.get_object()


def _place(reader: pypdf.PdfReader, target: Any) -> Place:
    page = reader.get_page_number(target[0].get_object())
    assert page is not None
    return page, -float(target[3])


def check_pdf(document: Path) -> None:
    """The PDF says what it is, in which language, and brings its fonts."""
    reader = pypdf.PdfReader(document)
    assert reader.metadata is not None
    assert reader.metadata.title
    assert reader.metadata.author
    assert reader.metadata["/Keywords"]
    assert reader.metadata.creation_date is None
    assert reader.trailer["/Root"]["/Lang"] == "en"
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            shown = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(shown.get_object())


def check_jats(article: Path) -> None:
    """The article, as it is delivered, is valid by the DTD that it declares: JATS 1.3.

    The DTD, by the National Library of Medicine, is in the public domain; Biopython brings it.
    """
    tree = lxml.etree.parse(article)
    assert tree.getroot().get("dtd-version") == "1.3"
    file = Path(Bio.Entrez.__file__).parent / "DTDs" / Path(tree.docinfo.system_url).name
    assert " ".join(tree.docinfo.public_id.split()) in file.read_text()
    schema = lxml.etree.DTD(str(file))
    assert schema.validate(tree), schema.error_log.filter_from_errors()
