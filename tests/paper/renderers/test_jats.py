"""The JATS article has what a journal looks for."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import documents
import lxml.etree
import pytest
from commands import run_paper
from jats_style import KINDS, style_faults

from paper.renderers.jats import complete

HREF = "{http://www.w3.org/1999/xlink}href"
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
# All that a front matter can say to a journal.
FRONT = """\
author:
  - name: {given: Ada, family: Lovelace}
    orcid: 0000-0002-1825-0097
    email: ada@example.org
    corresponding: true
    roles: [conceptualization, {software: lead}]
    affiliations: [{name: A hospital, city: Lyon, country: France}]
  - name: {given: Grace, family: Hopper}
    affiliations: [{name: A university}]
license: CC BY
copyright: {holder: The authors, year: 2024}
keywords: [pain, ketamine]
running-title: Pain
statements:
  ethics: "The committee of *Lyon* [approved](https://example.org/approval) the study."
  data: Data are with the authors.
  funding: Nobody paid for this.
  conflicts: None.
"""
STATEMENTS = """
## Introduction

Why.

## Statements

**Ethics approval.** {{< meta statements.ethics >}}

**Data.** {{< meta statements.data >}}

**Funding.** {{< meta statements.funding >}}

**Conflicts of interest.** {{< meta statements.conflicts >}}

## References
"""


@pytest.fixture(scope="module")
def told(little_run: Path, tmp_path_factory: pytest.TempPathFactory) -> lxml.etree._Element:
    """Return the article of a little paper whose authors said all that they can."""
    folder = Path(shutil.copytree(little_run, tmp_path_factory.mktemp("told") / "paper"))
    article = folder / "paper.qmd"
    text = article.read_text().replace("author: [{name: Nobody}]\n", FRONT)
    text = text.replace("  Pain was", "  **Aim.** Why.\n\n  **Results.** Pain was", 1)
    article.write_text(text + STATEMENTS)
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    documents.check_jats(folder / "_manuscript/paper.xml")
    return lxml.etree.parse(folder / "_manuscript/paper.xml").getroot()


def test_all_that_authors_can_say_is_told_as_pubmed_central_asks(told: lxml.etree._Element) -> None:
    assert style_faults(told) == []


def test_this_paper_lacks_only_the_names_of_its_authors(article: lxml.etree._Element) -> None:
    assert style_faults(article) == ["contrib without a name in parts"]


@pytest.mark.parametrize(
    ("path", "attribute", "fault"),
    [
        (".", "article-type", "article of no kind"),
        (".//subj-group", "subj-group-type", "not one heading in article-categories"),
        (".//contrib", "contrib-type", "contrib of no kind"),
        (".//contrib-id", "", "contrib-id of no ORCID"),
        (".//role", "vocab-term-identifier", "role without its term"),
        (".//copyright-year", "", "copyright-year of no year"),
        (".//license", HREF, "license without words and address"),
        (".//abstract/sec/title", "", "title is empty"),
        ("body/sec[2]", "sec-type", "sec without its kind"),
        (".//table-wrap", "id", "label without an id to refer to"),
        (".//xref[@ref-type='table']", "ref-type", "xref to tbl-pain of no kind"),
        (".//element-citation", "publication-type", "citation of no kind"),
        (".//ref", "id", "ref without id"),
        (".//person-group", "person-group-type", "persons of no kind"),
    ],
)
def test_what_an_article_lacks_is_told(
    told: lxml.etree._Element, path: str, attribute: str, fault: str
) -> None:
    other = copy.deepcopy(told)
    element = other.find(path)
    if attribute:
        del element.attrib[attribute]
    else:
        element.text = None
    assert fault in style_faults(other)


def test_authors_are_named_in_parts_with_orcid_roles_and_places(told: lxml.etree._Element) -> None:
    first, second = told.iterfind("front//contrib")
    assert (first.findtext("name/surname"), first.findtext("name/given-names")) == (
        "Lovelace",
        "Ada",
    )
    assert first.findtext("contrib-id") == "https://orcid.org/0000-0002-1825-0097"
    roles = [(one.get("vocab-term"), one.get("degree-contribution")) for one in first.iter("role")]
    assert roles == [("Conceptualization", None), ("Software", "lead")]
    places = {one.get("id"): one.findtext(".//institution") for one in told.iter("aff")}
    aims = [[one.get("rid") for one in who.iter("xref")] for who in (first, second)]
    assert [places[aim[0]] for aim in aims] == ["A hospital", "A university"]
    assert aims[0][1] == told.find(".//corresp").get("id")


def test_an_abstract_in_parts_has_sections(told: lxml.etree._Element) -> None:
    sections = told.findall("front//abstract/sec")
    assert [one.findtext("title") for one in sections] == ["Aim", "Results"]
    assert sections[0].findtext("p") == "Why."


def test_rights_and_funding_are_metadata(told: lxml.etree._Element) -> None:
    rights = told.find("front//permissions")
    assert [rights.findtext(f"copyright-{of}") for of in ("statement", "year", "holder")] == [
        "© 2024 The authors", "2024", "The authors",
    ]  # fmt: skip
    assert rights.find("license").get(HREF) == "https://creativecommons.org/licenses/by/4.0/"
    assert told.findtext("front//funding-statement") == "Nobody paid for this."
    assert [one.text for one in told.iterfind("front//kwd")] == ["pain", "ketamine"]
    assert told.findtext("front//alt-title[@alt-title-type='running-head']") == "Pain"


def test_each_statement_is_a_section_of_its_kind(told: lxml.etree._Element) -> None:
    kinds = {one.get("sec-type"): one.findtext("title") for one in told.iterfind("back/sec/sec")}
    assert kinds.pop(None) == "Conflicts of interest"
    assert kinds == {
        "ethics-statement": "Ethics approval",
        "data-availability": "Data",
        "funding-statement": "Funding",
    }


def test_a_statement_of_conflicts_is_a_note_on_the_authors(told: lxml.etree._Element) -> None:
    """So JATS4R has it, https://jats4r.niso.org/conflict-of-interest-coi-statements, 1.1."""
    (conflicts,) = told.iterfind("front/article-meta/author-notes/fn[@fn-type='coi-statement']/p")
    assert conflicts.text == "None."
    assert told.find(".//sec[@sec-type='COI-statement']") is None
    assert told.find("front//author-notes/corresp") is not None


def test_conflicts_to_be_completed_stay_where_they_are(article: lxml.etree._Element) -> None:
    assert article.find("back/sec/sec[@sec-type='COI-statement']") is not None
    assert article.find(".//fn[@fn-type='coi-statement']") is None


def test_a_note_on_conflicts_stands_behind_the_authors_without_an_address(tmp_path: Path) -> None:
    file = tmp_path / "paper.xml"
    people = "<contrib-group><contrib/></contrib-group><permissions>©</permissions>"
    section = '<sec><title>S</title><sec sec-type="COI-statement"><p>None.</p></sec><p>.</p></sec>'
    file.write_text(
        BARE.replace("<permissions>{permissions}</permissions>", people)
        .format(caption="Scores.")
        .replace("</body>", f"</body><back>{section}</back>")
    )
    complete(file, {})
    meta = lxml.etree.parse(file).find("front/article-meta")
    tags = [part.tag for part in meta]
    assert tags.index("author-notes") == tags.index("contrib-group") + 1
    assert meta.findtext("author-notes/fn/p") == "None."


def test_notebooks_are_sub_articles(built: Path, article: lxml.etree._Element) -> None:
    notebooks = article.findall("sub-article[@article-type='notebook']")
    titles = [one.findtext("front-stub//article-title") for one in notebooks]
    assert len(titles) == 13
    assert titles[1] == "2 Pain intensity"
    pain = notebooks[1].find("body")
    assert "draw_paired_change(cohort" in "".join(one.text for one in pain.iter("code"))
    assert "nrs.change.mean" in "".join(one.text for one in pain.iter("preformat"))
    assert any("How much does pain intensity" in (one.text or "") for one in pain.iter("p"))
    (figure,) = pain.iter("fig")
    assert figure.findtext(".//alt-text").startswith("Two panels.")
    assert "2.5" not in figure.findtext("caption/p")
    assert len([one for book in notebooks for one in book.iter("table")]) > 8
    for graphic in article.iter("graphic"):
        assert (built / "_manuscript" / graphic.get(HREF)).is_file()


def test_to_complete_an_article_twice_changes_nothing(built: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(built / "_manuscript/paper.xml", tmp_path))
    complete(file, {"lang": "en"})
    assert file.read_bytes() == (built / "_manuscript/paper.xml").read_bytes()


def test_a_reference_to_what_is_not_there_is_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "paper.xml"
    text = BARE.format(caption="Scores.", permissions="").replace('rid="tbl-a"', 'rid="sec-end"')
    file.write_text(text)
    complete(file, {})
    root = lxml.etree.parse(file).getroot()
    assert root.find(".//xref") is None
    assert root.findtext("body/p/styled-content") == "Table 1"


def test_statements_of_another_form_are_none(tmp_path: Path) -> None:
    file = tmp_path / "paper.xml"
    file.write_text(BARE.format(caption="Scores.", permissions=""))
    complete(file, {"statements": "None."})
    assert lxml.etree.parse(file).find(".//funding-group") is None


def test_other_xml_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "sitemap.xml").write_text("<urlset />")
    complete(tmp_path / "sitemap.xml", {})
    assert (tmp_path / "sitemap.xml").read_text() == "<urlset />"


@pytest.fixture
def article(built: Path) -> lxml.etree._Element:
    return lxml.etree.parse(built / "_manuscript/paper.xml").getroot()


def test_figures_and_tables_have_labels_in_their_order(article: lxml.etree._Element) -> None:
    for tag, word, n in (("fig", "Figure", 10), ("table-wrap", "Table", 12)):
        found = list(article.find("body").iter(tag))
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
        assert citation.get("publication-type") in {"journal", "book", "confproc", "other"}
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
    complete(file, {"lang": "fr"})
    root = lxml.etree.parse(file).getroot()
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    (table,) = root.iter("table-wrap")
    assert table.findtext("label") == label
    assert "".join(table.find("caption").itertext()) == rest
    assert table.get("id") == "tbl-a"
    assert root.find(".//permissions") is not None
    assert root.find(".//journal-meta") is None
    assert root.find(".//xref").get("ref-type") == "table"
