"""Checklists lead to places of the paper that are there, in every form, or stop the build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import lxml.html
import pytest
import yaml
from commands import ROOT, run_paper
from extract import plain

from paper.errors import PaperError
from paper.renderers.anchors import read_anchors
from paper.renderers.checklist import read_checklist

STROBE = "supplements/strobe.yml"
# The numbers of the statement, with the sub-items that cohort studies have.
NUMBERS = [
    *("1a", "1b", "2", "3", "4", "5", "6a", "6b", "7", "8", "9", "10", "11"),
    *("12a", "12b", "12c", "12d", "12e", "13a", "13b", "13c", "14a", "14b", "14c", "15"),
    *("16a", "16b", "16c", "17", "18", "19", "20", "21", "22"),
]


def rows(page: Path) -> list[lxml.html.HtmlElement]:
    """Return the rows of a rendered checklist that hold an item."""
    found = lxml.html.parse(page).xpath("//main//tbody/tr")
    return [row for row in found if plain(row[0].text_content())]


def test_every_item_of_the_statement_is_there_once_in_order() -> None:
    checklist = read_checklist(ROOT / STROBE)
    assert [item.item for _, items in checklist.sections for item in items] == NUMBERS


def test_every_item_leads_to_the_place_it_names_or_says_why_not(built: Path) -> None:
    page = built / "_manuscript/supplements/strobe.html"
    paper = lxml.html.parse(built / "_manuscript/index.html")
    items = rows(page)
    assert [plain(row[0].text_content()) for row in items] == NUMBERS
    for row in items:
        links = row[2].xpath(".//a")
        for link in links:
            base, _, identifier = link.get("href").partition("#")
            assert (page.parent / base).resolve() == built / "_manuscript/index.html"
            (target,) = paper.xpath("//*[@id=$name]", name=identifier)
            last = plain(link.text_content()).rpartition(": ")[2]
            if identifier != "title-block-header":
                assert last in plain(target.text_content())
        if not links:
            assert plain(row[2].text_content()).startswith(("Not reported. ", "Not applicable. "))
            assert len(row[2].text_content()) > 30


def test_word_holds_the_same_rows_without_links(built: Path) -> None:
    document = docx.Document(str(built / "_manuscript/supplements/strobe.docx"))
    (table,) = document.tables
    texts = [[plain(cell.text) for cell in row.cells] for row in table.rows]
    page = [
        [plain(cell.text_content()) for cell in row]
        for row in rows(built / "_manuscript/supplements/strobe.html")
    ]
    assert [row for row in texts[1:] if row[0]] == page
    assert not document.element.body.xpath(".//w:tbl//w:hyperlink")


def test_the_page_of_the_paper_leads_to_the_checklist(built: Path) -> None:
    links = lxml.html.parse(built / "_manuscript/index.html").xpath("//nav//a/@href")
    assert "supplements/strobe.html" in links


def test_sections_are_named_after_those_above_them(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<nav id="TOC"><h2 id="toc-title">Contents</h2></nav><main id="content">'
        '<header id="top"><h1 class="title">Of <em>pain</em></h1></header>'
        '<h1 id="methods">Methods</h1><h2 id="design">Design</h2><p id="text">One<br>two</p>'
        '<section id="results"><h1>Results</h1><img id="image" src="x.png">'
        '<div id="fig-a"><figure><figcaption id="fig-a-caption-1f">Figure&nbsp;1: A</figcaption>'
        '</figure></div><section id="more"><h2>More</h2></section></section></main>'
    )
    assert read_anchors(page) == {
        "top": "Title and abstract",
        "methods": "Methods",
        "design": "Methods: Design",
        "results": "Results",
        "fig-a": "Figure 1",
        "more": "Results: More",
    }


def test_a_heading_that_is_renamed_stops_the_build_and_leaves_the_old_paper(project: Path) -> None:
    article = project / "paper.qmd"
    article.write_text(
        article.read_text().replace("### Limitations", "### Limitations of the study")
    )
    before = (project / "_manuscript/index.html").read_bytes()
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 2
    line = (project / STROBE).read_text().partition("asks: Efforts")[0].count("\n")
    assert f"{STROBE}, line {line}, item 9: the paper has no place named 'limitations'" in ran.error
    assert "Nearest: limitations-of-the-study, " in ran.error
    assert (project / "_manuscript/index.html").read_bytes() == before


def test_a_paper_without_checklists_has_none(project: Path) -> None:
    (project / STROBE).unlink()
    article = project / "paper.qmd"
    lines = article.read_text().splitlines(keepends=True)
    article.write_text("".join(line for line in lines if "other-links" not in line))
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    assert not (project / "_manuscript/supplements").exists()
    assert "Other links" not in (project / "_manuscript/index.html").read_text()


def minimal() -> dict[str, object]:
    item = {"item": 1, "asks": "What?", "anchor": "methods"}
    return {"title": "T", "about": "A", "sections": [{"title": "S", "items": [item]}]}


def item_of(content: dict) -> dict[str, object]:  # type: ignore[type-arg]
    found: dict[str, object] = content["sections"][0]["items"][0]
    return found


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda c: c.pop("title"), "line 1: field 'title' is missing"),
        (lambda c: c.update(colour="red"), "line 1: field 'colour' is not known"),
        (lambda c: c.update(sections="none"), "not a list: 'none'"),
        (lambda c: c["sections"].append("x"), "not `field: value`: 'x'"),
        (lambda c: item_of(c).update(anker="methods"), "field 'anker' is not known\nNearest: anch"),
        (lambda c: item_of(c).pop("anchor"), "item 1: has neither place nor reason"),
        (lambda c: item_of(c).update(anchor=[]), "item 1: anchor: [] is not an identifier"),
        (lambda c: item_of(c).update(anchor=7), "item 1: anchor: 7 is not an identifier"),
        (lambda c: item_of(c).update(not_reported="So."), "item 1: has anchor and not_reported"),
        (lambda c: item_of(c).update(asks=""), "asks: '' is not a text"),
        (lambda c: c["sections"][0]["items"].append(item_of(c).copy()), "item 1: is there already"),
    ],
)
def test_what_is_no_checklist_is_refused_with_its_place(
    tmp_path: Path, spoil: Callable[[dict[str, object]], object], said: str
) -> None:
    file = tmp_path / "own.yml"
    content = minimal()
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    assert read_checklist(file).title == "T"
    spoil(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(PaperError) as refused:
        read_checklist(file)
    assert str(refused.value).startswith("supplements/own.yml")
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["title: [", "", "- a", "\x80"])
def test_what_is_no_yaml_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(PaperError, match=r"supplements/own\.yml"):
        read_checklist(file)


LEFT_OUT = '\n::: {when="pain.mean > 99"}\n### Gone {#gone}\n:::\n'
CHECKLIST = """\
title: A list
about: Of one item.
sections: [{title: All, items: [{item: 1, asks: Results, anchor: [results, gone]}]}]
"""


def test_a_place_left_out_that_is_now_nowhere_stops_the_next_build(little: Path) -> None:
    article = little / "paper.qmd"
    article.write_text(article.read_text() + LEFT_OUT)
    (little / "supplements").mkdir()
    (little / "supplements/list.yml").write_text(CHECKLIST)
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    article.write_text(article.read_text().replace("{#gone}", ""))
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert (ran.status, "no place named 'gone'" in ran.error) == (2, True)
