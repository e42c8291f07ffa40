"""The JATS article has what a journal looks for."""

from __future__ import annotations

from pathlib import Path

import lxml.etree
import pytest

from paper.renderers.jats import complete

KINDS = {"fig": "fig", "table-wrap": "table", "sec": "sec", "ref": "bibr", "aff": "aff"}
BARE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "JATS.dtd">
<article article-type="other">
<front>
<journal-meta><journal-id></journal-id></journal-meta>
<article-meta><permissions>{permissions}</permissions></article-meta>
</front>
<body><p><xref rid="tbl-a">Table 1</xref></p>
<table-wrap><caption><p>{caption}</p></caption>
<table id="tbl-a"><tr><td>1</td></tr></table></table-wrap>
</body></article>
"""


@pytest.fixture
def article(built: Path) -> lxml.etree._Element:
    return lxml.etree.parse(built / "_manuscript/paper.xml").getroot()


def test_figures_and_tables_have_labels_in_their_order(article: lxml.etree._Element) -> None:
    for tag, word, n in (("fig", "Figure", 10), ("table-wrap", "Table", 12)):
        found = list(article.iter(tag))
        labels = [one.findtext("label").replace("\u00a0", " ") for one in found]
        assert labels == [f"{word} {number}" for number in range(1, n + 1)]
        assert all(one.get("id") for one in found)
        assert not any(
            "".join(one.find("caption").itertext()).strip().startswith(word) for one in found
        )


def test_references_within_say_what_they_lead_to(article: lxml.etree._Element) -> None:
    targets = {one.get("id"): one.tag for one in article.iter() if one.get("id")}
    for reference in article.iter("xref"):
        assert reference.get("ref-type") == KINDS[targets[reference.get("rid")]]


def test_every_source_is_structured(article: lxml.etree._Element) -> None:
    sources = list(article.iterfind("back//ref"))
    assert len(sources) == 47
    for source in sources:
        (citation,) = source
        assert citation.tag == "element-citation"
        assert citation.get("publication-type") in {"journal", "other"}
        assert citation.findtext("article-title") or citation.findtext("source")
        assert citation.findtext("year")
    without = {
        one.get("id") for one in sources if one.find(".//pub-id[@pub-id-type='doi']") is None
    }
    # One is a preprint, one is older than these identifiers.
    assert without == {"ref-effectiveness2025ketamine", "ref-holm1979simple"}


def test_an_article_says_its_kind_and_language_and_has_no_empty_frame(
    article: lxml.etree._Element,
) -> None:
    assert article.get("article-type") == "research-article"
    assert article.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    for frame in ("journal-meta", "permissions"):
        assert all("".join(one.itertext()).strip() for one in article.iter(frame))


@pytest.mark.parametrize(
    ("caption", "label", "rest"),
    [
        ("<bold>Table 1.</bold> Scores.", "Table 1", "Scores."),
        ("<bold>Table A2.</bold> Scores, <bold>all</bold>.", "Table A2", "Scores, all."),
        ("Of <bold>Table 1.</bold>", None, "Of Table 1."),
        ("<bold>Scores.</bold> All.", None, "Scores. All."),
        ("Scores.", None, "Scores."),
    ],
)
def test_a_label_is_what_stands_before_a_caption(
    tmp_path: Path, caption: str, label: str | None, rest: str
) -> None:
    file = tmp_path / "paper.xml"
    file.write_text(BARE.format(caption=caption, permissions="<p>CC</p>"))
    complete(file, "fr")
    text = file.read_text()
    assert text.startswith(BARE[: BARE.index("<article")])
    root = lxml.etree.fromstring(text.encode())
    (table,) = root.iter("table-wrap")
    assert table.findtext("label") == label
    assert "".join(table.find("caption").itertext()) == rest
    assert table.get("id") == "tbl-a"
    assert root.find(".//permissions") is not None
    assert root.find(".//journal-meta") is None
    assert root.find(".//xref").get("ref-type") == "table"
