"""`paper submit --journal`: what a journal asks, what a paper has of it, what is made for it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import docx
import pypandoc
import pypdfium2
import pytest
import yaml
from commands import run_paper
from PIL import Image

from declared import DataError
from paper.deposit.figure_files import write_figures
from paper.deposit.journal_checks import check_paper, words
from paper.deposit.journals import PROFILES, FigureFiles, Findings, Journal, read_journal
from paper.deposit.word_file import write_word
from paper.errors import PaperError
from paper.storage.project import Project

PAGE = {"source": "https://example.org/authors"}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Counted by hand: 7 words in the abstract with its two headings, 9 in the text with its three.
ARTICLE = """\
<article><front><article-meta>
<title-group><article-title>Pain <italic>and</italic> sleep</article-title>
<alt-title alt-title-type="running-head">Sleep</alt-title></title-group>
<contrib-group>
<contrib><contrib-id contrib-id-type="orcid">https://orcid.org/0000-0002-1825-0097</contrib-id>
<name><surname>Roe</surname><given-names>Ann</given-names></name></contrib></contrib-group>
<abstract><sec><title>Methods</title><p>We looked.</p></sec>
<sec><title>Results</title><p>It <bold>f</bold>ell once.</p></sec></abstract>
<kwd-group><kwd>pain</kwd><kwd>sleep</kwd></kwd-group>
</article-meta></front>
<body><boxed-text><p>Not counted.</p></boxed-text>
<sec><title>Methods</title><p>Two<xref>1</xref> words.</p>
<sec><title>Patients</title><p>Three more here.</p>
<fig id="a"><caption><p>Never this.</p></caption></fig></sec></sec>
<sec><title>Results</title><table-wrap><caption><p>Nor this.</p></caption></table-wrap>
<p>One.</p></sec></body>
<back><sec><title>Grant information</title><p>None.</p></sec>
<ref-list><ref id="r1"/><ref id="r2"/><ref id="r3"/></ref-list></back></article>
"""
FIELDS = {
    "statements": {"funding": "None.", "ethics": "[Ethics: to be completed]"},
}


def profile(**asked: Any) -> Journal:
    about = {"title": "A Journal", "article": "article", "seen": "2026-11-29"}
    return Journal.model_validate({**about, **{k: {**v, **PAGE} for k, v in asked.items()}})


@pytest.fixture
def paper(tmp_path: Path) -> Project:
    (tmp_path / "supplements").mkdir()
    (tmp_path / "supplements/strobe.yml").touch()
    csl = tmp_path / "vancouver.csl"
    return Project(tmp_path, "paper.qmd", (), tmp_path / "_manuscript", (), csl, tmp_path)


def check(paper: Project, asked: Mapping[str, Any]) -> Findings:
    return check_paper(paper, profile(**asked), ET.fromstring(ARTICLE), FIELDS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"abstract_words": {"at_most": 7}}, "abstract words: 7, at most 7"),
        ({"main_words": {"at_most": 9}}, "main words: 9, at most 9"),
        ({"main_words": {"at_least": 9}}, "main words: 9, at least 9"),
        ({"main_words": {}}, "main words: 9, any number"),
        ({"references": {"at_most": 3}}, "references: 3, at most 3"),
        ({"tables_and_figures": {"at_most": 2}}, "tables and figures: 2, at most 2"),
        ({"tables": {"at_most": 1}}, "tables: 1, at most 1"),
        ({"figures": {"at_most": 1}}, "figures: 1, at most 1"),
        ({"keywords": {"at_least": 2, "at_most": 2}}, "keywords: 2, at least 2 and at most 2"),
        ({"title_characters": {"at_most": 14}}, "title characters: 14, at most 14"),
        ({"running_title_characters": {"at_least": 1, "at_most": 5}},
         "running title characters: 5, at least 1 and at most 5"),
        ({"heading_levels": {"at_most": 2}}, "heading levels: 2, at most 2"),
        ({"abstract_headings": {"names": ["methods", "Results"]}},
         "abstract headings: Methods, Results; asked: methods, Results"),
        ({"abstract_headings": {}}, "abstract headings: Methods, Results; asked: some"),
        ({"citation_style": {"names": ["vancouver"]}},
         "citation style: vancouver; asked: vancouver, by `csl: vancouver.csl`"),
        ({"checklist": {"names": ["strobe", "consort"]}},
         "checklist: strobe; asked: strobe or consort"),
        ({"statements": {"named": {"funding": "Grant information"}}},
         "statements: funding written"),
        ({"orcid": {}}, "orcid: of 1 of 1 authors"),
    ],
)  # fmt: skip
def test_what_is_met_is_told_with_its_number(paper: Project, asked: Any, said: str) -> None:
    found = check(paper, asked)
    assert found.met == [said]
    assert found.missed == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"abstract_words": {"at_most": 6}}, "abstract words: 7, at most 6"),
        ({"main_words": {"at_most": 8}}, "main words: 9, at most 8"),
        ({"main_words": {"at_least": 10}}, "main words: 9, at least 10"),
        ({"references": {"at_most": 2}}, "references: 3, at most 2"),
        ({"tables_and_figures": {"at_most": 1}}, "tables and figures: 2, at most 1"),
        ({"tables": {"at_most": 0}}, "tables: 1, at most 0"),
        ({"figures": {"at_least": 2}}, "figures: 1, at least 2"),
        ({"keywords": {"at_least": 3}}, "keywords: 2, at least 3"),
        ({"title_characters": {"at_most": 13}}, "title characters: 14, at most 13"),
        ({"running_title_characters": {"at_most": 4}}, "running title characters: 5, at most 4"),
        ({"heading_levels": {"at_most": 1}}, "heading levels: 2, at most 1"),
        ({"abstract_headings": {"names": ["Results", "Methods"]}},
         "abstract headings: Methods, Results; asked: Results, Methods"),
        ({"citation_style": {"names": ["apa"]}},
         "citation style: vancouver; asked: apa, by `csl: apa.csl`"),
        ({"checklist": {"names": ["consort"]}}, "checklist: none; asked: consort"),
        ({"statements": {"named": {"ethics": ""}}}, "statements: ethics open"),
        ({"statements": {"named": {"consent": ""}}}, "statements: consent open"),
        ({"statements": {"named": {"funding": "Funding"}}},
         "statements: funding written, without its title, “Funding”"),
    ],
)  # fmt: skip
def test_what_is_missed_is_told_with_its_number(paper: Project, asked: Any, said: str) -> None:
    found = check(paper, asked)
    assert found.missed == [said]
    assert found.met == []


def test_an_author_without_orcid_is_missed_and_an_abstract_without_headings(paper: Project) -> None:
    bare = ET.fromstring(ARTICLE)
    (author,), (abstract,) = bare.findall(".//contrib"), bare.findall(".//abstract")
    author.remove(author[0])
    abstract[:] = []
    found = check_paper(paper, profile(orcid={}, abstract_headings={}), bare, FIELDS)
    assert found.missed == ["abstract headings: none; asked: some", "orcid: of 0 of 1 authors"]


def test_what_a_profile_does_not_say_is_not_checked(paper: Project) -> None:
    found = check(paper, {"tables": {"at_most": 9}})
    assert "abstract words" in found.not_checked
    assert "blind review" in found.not_checked
    assert not any(line.startswith("tables:") for line in found.not_checked)
    assert "tables" not in found.not_checked
    assert len(found.not_checked) == len(list(profile().asks())) - 1


def test_words_are_parted_by_blocks_and_not_by_marks() -> None:
    text = "<sec><title>One</title><p>t<sub>w</sub>o</p><p>three<fig><p>no</p></fig></p></sec>"
    assert words(ET.fromstring(text)) == "One two three"


def test_each_profile_says_whence_and_when_it_is_from() -> None:
    known = yaml.safe_load(PROFILES.read_text("utf-8"))
    assert len(known) >= 5
    for name in known:
        journal = read_journal(name)
        asked = [one for _, one in journal.asks() if one]
        assert len(asked) >= 3
        assert all(one.source.startswith(("https://", "http://")) for one in asked)
        assert journal.seen.year == 2026


def test_an_unknown_journal_is_told_with_those_that_are_known() -> None:
    with pytest.raises(PaperError, match="known are anesthesiology, bja, bmj-open") as told:
        read_journal("nature")
    assert "my-journal.yml" in str(told.value)


def test_a_profile_of_ones_own_is_told_line_by_line_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("title: Mine\narticle: article\nseen: 2026-01-01\nkeywords: {at_most: few}\n")
    with pytest.raises(DataError) as told:
        read_journal(str(file))
    assert "line 4" in str(told.value)
    assert "keywords" in str(told.value)
    assert "source" in str(told.value)


# --- The Word file --------------------------------------------------------------------------------

MARKDOWN = """\
---
title: Sleep
author: Ann Roe
---

First, by Ann Roe of [Springfield](https://example.org/repo/main).

::: {custom-style="TableCaption"}
Table 1. Scores.
:::

| A | B |
|---|---|
| 1 | 2 |

::: {custom-style="AfterTable"}
.
:::

Second.

::: {custom-style="CaptionedFigure"}
![](figure.png)
:::

::: {custom-style="ImageCaption"}
Figure 1. Curve.
:::

Last.
"""


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("word")
    Image.new("RGB", (40, 30), "navy").save(folder / "figure.png")
    text = MARKDOWN.replace("figure.png", str(folder / "figure.png"))
    pypandoc.convert_text(text, "docx", "markdown", outputfile=str(folder / "paper.docx"))
    return folder / "paper.docx"


def laid_out(word: Path, folder: Path, names: tuple[str, ...] = (), **asked: Any) -> Findings:
    found = Findings()
    write_word(word, folder, profile(**asked), names, found)
    return found


def content(file: Path) -> list[str]:
    """Return the paragraphs, tables and pictures of a Word file, in order."""
    body = docx.Document(str(file)).element.body
    kinds = {f"{W}tbl": "[table]", f"{W}p": ""}
    parts = [
        "[picture]" if part.findall(f".//{W}drawing")
        else kinds[part.tag] or "".join(text.text or "" for text in part.iter(f"{W}t"))
        for part in body if part.tag in kinds
    ]  # fmt: skip
    return [part for part in parts if part and part != "."]


TEXT = "First, by Ann Roe of Springfield."
CAPTION, CURVE = "Table 1. Scores.", "Figure 1. Curve."


@pytest.mark.parametrize(
    ("placement", "in_order"),
    [
        ({}, [TEXT, CAPTION, "[table]", "Second.", "[picture]", CURVE, "Last."]),
        ({"tables": "end", "figures": "end"},
         [TEXT, "Second.", "Last.", CAPTION, "[table]", "[picture]", CURVE]),
        ({"tables": "files"}, [TEXT, "Second.", "[picture]", CURVE, "Last."]),
        ({"figures": "files"}, [TEXT, CAPTION, "[table]", "Second.", CURVE, "Last."]),
        ({"figures": "files", "captions": "end"},
         [TEXT, CAPTION, "[table]", "Second.", "Last.", CURVE]),
    ],
)  # fmt: skip
def test_tables_and_figures_are_where_they_are_asked_for(
    word: Path, tmp_path: Path, placement: dict[str, str], in_order: list[str]
) -> None:
    found = laid_out(word, tmp_path, placement=placement)
    assert content(tmp_path / "manuscript.docx") == ["Sleep", "Ann Roe", *in_order]
    of_tables = list((tmp_path / "tables").glob("*")) if (tmp_path / "tables").is_dir() else []
    assert [file.name for file in of_tables] == (
        ["Table-1.docx"] if placement.get("tables") == "files" else []
    )
    for file in of_tables:
        assert content(file) == [CAPTION, "[table]"]
    assert found.met[0].startswith("placement: tables ")


def test_lines_of_the_text_are_spaced_as_asked(word: Path, tmp_path: Path) -> None:
    def spacing_of(style: str) -> Any:
        styles = docx.Document(str(tmp_path / "manuscript.docx")).styles
        return styles[style].paragraph_format.line_spacing

    laid_out(word, tmp_path)
    defaults = f"pPrDefault/{W}pPr/{W}spacing"
    styles = docx.Document(str(tmp_path / "manuscript.docx")).styles.element
    assert f"{W}line" not in styles.find(f"{W}docDefaults/{W}{defaults}").attrib
    found = laid_out(word, tmp_path, double_spacing={}, line_numbers={})
    styles = docx.Document(str(tmp_path / "manuscript.docx")).styles.element
    assert styles.find(f"{W}docDefaults/{W}{defaults}").get(f"{W}line") == "480"
    assert spacing_of("Compact") != 2
    assert found.met == ["line numbers: of all lines", "double spacing: of the text"]


def test_a_copy_for_blind_review_names_nobody(word: Path, tmp_path: Path) -> None:
    names = ("Ann Roe", "Roe", "Springfield", "https://example.org/repo", "")
    found = laid_out(word, tmp_path, names, blind_review={})
    assert found.met == ["blind review: manuscript-blind.docx names nobody"]
    hidden = "First, by [removed for review] of [removed for review]."
    assert content(tmp_path / "manuscript-blind.docx")[:2] == ["Sleep", hidden]
    assert content(tmp_path / "manuscript.docx")[1:3] == ["Ann Roe", TEXT]
    blind = docx.Document(str(tmp_path / "manuscript-blind.docx"))
    assert blind.core_properties.author == ""
    assert not any("example.org" in link.target_ref for link in blind.part.rels.values())


def test_a_copy_for_blind_review_thanks_nobody(tmp_path: Path) -> None:
    text = (
        "Kept.\n\n# Acknowledgements\n\nWe thank her.\n\nAnd him.\n\n# Statements\n\n"
        "**Author contributions.** A.R. wrote it.\n\n**Funding.** None."
    )
    pypandoc.convert_text(text, "docx", "markdown", outputfile=str(tmp_path / "paper.docx"))
    laid_out(tmp_path / "paper.docx", tmp_path, blind_review={})
    assert content(tmp_path / "manuscript-blind.docx") == ["Kept.", "Statements", "Funding. None."]


def test_a_name_that_stays_in_the_blind_copy_is_told(tmp_path: Path) -> None:
    pypandoc.convert_text(
        "By Ann *Roe*.", "docx", "markdown", outputfile=str(tmp_path / "paper.docx")
    )
    found = laid_out(tmp_path / "paper.docx", tmp_path, ("Ann Roe",), blind_review={})
    assert found.missed == ["blind review: manuscript-blind.docx names Ann Roe"]


# --- Files of figures -----------------------------------------------------------------------------


def drawing(folder: Path, width_cm: float, height_cm: float) -> None:
    """Write Figure-1 as a drawing of some size: PDF, and PNG for the screen."""
    with pypdfium2.PdfDocument.new() as document:
        document.new_page(width_cm / 2.54 * 72, height_cm / 2.54 * 72)
        document.save(folder / "Figure-1.pdf")
    Image.new("RGB", (10, 10)).save(folder / "Figure-1.png", dpi=(96, 96))


@pytest.mark.parametrize(
    ("asked", "file", "width_cm", "height_cm"),
    [
        ({"formats": ["tiff"]}, "Figure-1.tif", 16, 8),
        ({"formats": ["jpeg"], "width_cm": [5, 8]}, "Figure-1.jpg", 8, 4),
        ({"formats": ["eps", "tiff"], "width_cm": [20, 24]}, "Figure-1.tif", 20, 10),
        ({"formats": ["tiff"], "height_cm": 6, "named": "Fig{}"}, "Fig1.tif", 12, 6),
        ({"formats": ["tiff", "pdf"], "width_cm": [5, 8]}, "Figure-1.tif", 8, 4),
    ],
)
def test_a_drawing_is_made_in_the_size_and_resolution_asked_for(
    tmp_path: Path, asked: Any, file: str, width_cm: float, height_cm: float
) -> None:
    drawing(tmp_path, 16, 8)
    found = Findings()
    write_figures(tmp_path, FigureFiles.model_validate({**asked, "dpi": [300, 600], **PAGE}), found)
    with Image.open(tmp_path / file) as image:
        across, down = (round(cm / 2.54 * 300) for cm in (width_cm, height_cm))
        assert abs(image.width - across) <= 1
        assert abs(image.height - down) <= 1
        assert image.mode == "RGB"
        assert round(image.info["dpi"][0]) == 300
        if file.endswith("tif"):
            assert image.info["compression"] == "tiff_lzw"
    assert found.met == [f"{file}: {width_cm:.1f} cm wide at 300 dpi, at least 300 dpi"]


def test_a_drawing_that_fits_stays_a_drawing(tmp_path: Path) -> None:
    drawing(tmp_path, 16, 8)
    found = Findings()
    asked = {"formats": ["tiff", "pdf"], "named": "Fig{}", **PAGE}
    write_figures(tmp_path, FigureFiles.model_validate(asked), found)
    assert found.met == ["Fig1.pdf: drawn, 16.0 cm wide"]
    assert (tmp_path / "Fig1.pdf").read_bytes() == (tmp_path / "Figure-1.pdf").read_bytes()


def test_a_picture_with_too_few_pixels_is_told_and_not_blown_up(tmp_path: Path) -> None:
    Image.new("RGBA", (400, 200), (0, 0, 0, 0)).save(tmp_path / "Figure-2.png", dpi=(100, 100))
    found = Findings()
    asked = {"formats": ["tiff"], "width_cm": [8, 20], "colours": "L", **PAGE}
    write_figures(tmp_path, FigureFiles.model_validate(asked), found)
    assert found.missed == ["Figure-2.tif: 10.2 cm wide at 100 dpi, at least 300 dpi"]
    with Image.open(tmp_path / "Figure-2.tif") as image:
        assert image.size == (400, 200)
        assert image.mode == "L"
        assert image.getpixel((0, 0)) == 255  # what let the page shine through is white


def test_a_picture_with_more_pixels_than_are_taken_has_fewer(tmp_path: Path) -> None:
    Image.new("RGB", (2400, 1200)).save(tmp_path / "Figure-3.jpg", dpi=(300, 300))
    found = Findings()
    asked = {
        "formats": ["png", "tiff"],
        "dpi": [300, 600],
        "width_cm": [5, 5.08],
        "colours": "CMYK",
    }
    write_figures(tmp_path, FigureFiles.model_validate({**asked, **PAGE}), found)
    assert found.met == ["Figure-3.tif: 5.1 cm wide at 600 dpi, at least 300 dpi"]
    with Image.open(tmp_path / "Figure-3.tif") as image:  # no PNG has these colours
        assert (image.size, image.mode) == ((1200, 600), "CMYK")


def test_a_picture_without_a_number_keeps_its_name(tmp_path: Path) -> None:
    Image.new("RGB", (400, 200)).save(tmp_path / "logo.png", dpi=(300, 300))
    found = Findings()
    asked = {"formats": ["tiff"], "named": "Fig{}", **PAGE}
    write_figures(tmp_path, FigureFiles.model_validate(asked), found)
    assert (tmp_path / "logo.tif").is_file()


def test_a_form_that_cannot_be_made_is_missed(tmp_path: Path) -> None:
    drawing(tmp_path, 16, 8)
    found = Findings()
    asked = {"formats": ["pdf"], "width_cm": [5, 8], **PAGE}
    write_figures(tmp_path, FigureFiles.model_validate(asked), found)
    said = "Figure-1.tif: 8.0 cm wide at 300 dpi, at least 300 dpi; asked: pdf"
    assert (found.met, found.missed) == ([], [said])


def test_no_drawing_becomes_a_picture_in_an_eps(tmp_path: Path) -> None:
    drawing(tmp_path, 16, 8)
    found = Findings()
    write_figures(tmp_path, FigureFiles.model_validate({"formats": ["eps"], **PAGE}), found)
    assert not (tmp_path / "Figure-1.eps").exists()
    (said,) = found.missed
    assert said.startswith("Figure-1.tif: 16.0 cm wide")
    assert said.endswith("Figure-1.pdf is drawn")


def test_a_picture_becomes_an_eps(tmp_path: Path) -> None:
    Image.new("RGB", (1200, 600)).save(tmp_path / "Figure-1.png", dpi=(300, 300))
    found = Findings()
    write_figures(tmp_path, FigureFiles.model_validate({"formats": ["eps"], **PAGE}), found)
    assert (tmp_path / "Figure-1.eps").read_bytes().startswith(b"%!PS")
    assert found.met == ["Figure-1.eps: 10.2 cm wide at 300 dpi, at least 300 dpi"]


# --- The whole ------------------------------------------------------------------------------------


def test_a_submission_for_a_journal_tells_what_is_met_missed_and_not_checked(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    ran = run_paper(project, "submit", "--journal", "plos-one")
    assert ran.status == 0, ran.error
    assert "Met: double spacing: of the text" in ran.output
    assert "Missed: citation style: numeric" in ran.output
    assert "Not checked: keywords" in ran.output
    told = (project / "submission/OPEN.md").read_text("utf-8")
    assert "## PLOS ONE, research article" in told
    assert told.index("### Met") < told.index("### Missed") < told.index("### Not checked")
    assert "https://journals.plos.org/plosone/s/submission-guidelines" in told
    figures = {file.name for file in (project / "submission/figures").glob("Fig?*.tif")}
    assert figures == {f"Fig{n}.tif" for n in range(1, 11)}
    kinds = content(project / "submission/manuscript.docx")
    assert "[picture]" not in kinds
    assert kinds.count("[table]") == 12
    shutil.rmtree(project / "submission")


def test_an_unknown_journal_stops_before_anything_is_rendered(little: Path) -> None:
    ran = run_paper(little, "submit", "--journal", "nature")
    assert ran.status == 2
    assert "known are anesthesiology, bja" in ran.error
    assert not (little / "submission").exists()


def test_tables_on_their_own_keep_their_numbers(project: Path, tmp_path: Path) -> None:
    """Word would count them anew; no field is left that it could count."""
    asked = profile(placement={"tables": "files"})
    write_word(project / "_manuscript/paper.docx", tmp_path, asked, (), Findings())
    alone = tmp_path / "tables/Table-3.docx"
    caption, table = content(alone)
    assert caption.startswith("Table\N{NO-BREAK SPACE}3. Outcomes")
    assert table == "[table]"
    assert not docx.Document(str(alone)).element.body.findall(f".//{W}instrText")
