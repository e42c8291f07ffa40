"""`paper submit` makes what a journal asks for, and says what is missing."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import documents
import docx
import extract
import lxml.etree
import pypandoc
import pytest
from commands import run_paper
from PIL import Image
from pypdf import PdfReader

from paper.deposit.submission import _open
from paper.deposit.word_file import number_lines
from paper.storage.project import open_project

HREF = "{http://www.w3.org/1999/xlink}href"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def submission(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    paper = Path(shutil.copytree(built, tmp_path_factory.mktemp("submitted") / "paper"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAPER_KEEP", "1")
        ran = run_paper(paper, "submit")
        assert ran.status == 0, ran.error
        assert "submission: for the journal; 14 things are open, see OPEN.md" in ran.output
        yield paper / "submission"


def test_every_line_of_the_word_file_has_a_number(submission: Path) -> None:
    document = docx.Document(str(submission / "manuscript.docx"))
    layouts = document.element.body.findall(f".//{WORD}sectPr")
    assert layouts
    for layout in layouts:
        names = [part.tag.removeprefix(WORD) for part in layout]
        assert names.count("lnNumType") == 1
        after = names[names.index("lnNumType") + 1 :]
        assert not {"pgSz", "pgMar", "headerReference", "footnotePr"} & set(after)


@pytest.mark.parametrize(
    ("layout", "numbered"),
    [([], ["LN"]), (["pgSz"], ["pgSz", "LN"]), (["cols", "docGrid"], ["LN", "cols", "docGrid"])],
)
def test_numbers_of_lines_stand_where_word_wants_them(
    layout: list[str], numbered: list[str]
) -> None:
    body = ET.Element("body")
    section = ET.SubElement(body, f"{WORD}sectPr")
    for name in layout:
        ET.SubElement(section, f"{WORD}{name}")
    number_lines(body)
    names = [part.tag.removeprefix(WORD).replace("lnNumType", "LN") for part in section]
    assert names == numbered


def test_figures_are_files_under_their_numbers(submission: Path) -> None:
    names = {file.name for file in (submission / "figures").iterdir()}
    assert names == {f"Figure-{n}.{form}" for n in range(1, 11) for form in ("pdf", "png")}
    for file in (submission / "figures").glob("*.png"):
        with Image.open(file) as image:
            # For the width of a page, 16 cm, twice what a screen shows.
            assert image.width > 900
            assert round(image.info["dpi"][0]) >= 200
    article = lxml.etree.parse(submission / "article.xml")
    named = [image.get(HREF) for image in article.iterfind("body//graphic")]
    assert named == [f"figures/Figure-{n}.png" for n in range(1, 11)]
    # Each is there once; LaTeX has its own, and a notebook what the article does not show.
    for image in article.iterfind("sub-article//graphic"):
        folder, name = image.get(HREF).split("/")
        assert (folder == "figures") == (image.get(HREF) in named)
        assert folder == "figures" or name.startswith("nb-")
    others = {file.parent.name for file in submission.rglob("*.png")}
    assert others == {"figures", "notebooks"}


def test_latex_has_all_that_it_includes(submission: Path) -> None:
    source = (submission / "latex/manuscript.tex").read_text()
    for file in (submission / "latex").glob("*_files/*"):
        assert file.stem in source
        assert len(PdfReader(file).pages) == 1


@pytest.fixture(scope="module")
def bundle(submission: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what another system unpacks."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(submission / "article.meca.zip") as packed:
        packed.extractall(folder)
    return folder


def test_a_bundle_for_other_systems_lists_what_it_holds(submission: Path, bundle: Path) -> None:
    manifest = lxml.etree.parse(bundle / "manifest.xml")
    assert manifest.docinfo.public_id == "-//MECA//DTD Manifest v1.0//en"
    check_meca(bundle / "manifest.xml")
    listed = {one.get(HREF): one.get("media-type") for one in manifest.iter("{*}instance")}
    held = {one.relative_to(bundle).as_posix() for one in bundle.rglob("*") if one.is_file()}
    assert listed.keys() | {"manifest.xml"} == held
    kinds = [one.get("item-type") for one in manifest.iter("{*}item")]
    assert kinds == ["article-metadata", "manuscript", *["figure"] * 15]
    assert (bundle / "article.xml").read_bytes() == (submission / "article.xml").read_bytes()
    assert len(PdfReader(bundle / "manuscript.pdf").pages) > 10


def check_meca(file: Path) -> None:
    """Validate a file of a bundle against its document type, as NISO RP-30 has it."""
    dtd = lxml.etree.DTD(str(Path(__file__).parent / "meca" / f"{file.stem}-1.0.dtd"))
    assert dtd.validate(lxml.etree.parse(file)), dtd.error_log


TRANSFER = "{https://manuscriptexchange.org/schema/transfer}"
AUTHOR = """\
author:
  - name: {given: Ada, family: Lovelace}
    email: ada@example.org
    corresponding: true
"""


def test_a_bundle_says_from_whom_it_comes_and_where_it_goes(little: Path) -> None:
    article = little / "paper.qmd"
    article.write_text(article.read_text().replace("author: [{name: Nobody}]\n", AUTHOR))
    ran = run_paper(little, "submit", "--journal", "bja")
    assert ran.status == 0, ran.error
    with zipfile.ZipFile(little / "submission/article.meca.zip") as packed:
        packed.extractall(little / "bundle")
    for name in ("transfer.xml", "manifest.xml"):
        check_meca(little / "bundle" / name)
    transfer = lxml.etree.parse(little / "bundle/transfer.xml")
    said = {
        one.getroottree().getelementpath(one).replace(TRANSFER, ""): one.text
        for one in transfer.iter() if (one.text or "").strip()
    }  # fmt: skip
    source, contact = "transfer-source/publication", "transfer-source/publication/contact"
    assert said == {
        f"{source}/publication-title": "A little paper",
        f"{contact}/contact-name/surname": "Lovelace",
        f"{contact}/contact-name/given-names": "Ada",
        f"{contact}/email": "ada@example.org",
        "destination/publication/publication-title": "British Journal of Anaesthesia",
    }
    listed = lxml.etree.parse(little / "bundle/manifest.xml").iter("{*}item")
    assert "transfer-metadata" in [one.get("item-type") for one in listed]


def test_a_bundle_for_no_journal_has_nothing_to_transfer_it_to(bundle: Path) -> None:
    assert not (bundle / "transfer.xml").exists()


def test_the_article_of_a_bundle_is_valid_and_has_its_images(bundle: Path) -> None:
    documents.check_jats(bundle / "article.xml")
    article = lxml.etree.parse(bundle / "article.xml")
    images = {one.get(HREF) for one in article.iter("graphic")}
    assert len(images) == 15
    assert all((bundle / image).is_file() for image in images)


def test_pandoc_reads_the_article_of_a_bundle_back(bundle: Path) -> None:
    read = json.loads(pypandoc.convert_file(str(bundle / "article.xml"), "json", format="jats"))
    kinds = Counter(one["t"] for one in _elements(read["blocks"]))
    # Of the article and of its notebooks.
    article = lxml.etree.parse(bundle / "article.xml")
    assert kinds["Figure"] == len(article.findall(".//fig")) == 10 + 15
    assert kinds["Table"] == len(article.findall(".//table")) > 12
    assert len(read["meta"]["references"]["c"]) == 47
    text = pypandoc.convert_file(str(bundle / "article.xml"), "plain", format="jats")
    said = extract.plain(text.replace("\n", " "))
    for _, number in extract.jats_numbers(bundle / "article.xml"):
        assert number in said


def _elements(content: Any) -> Iterator[dict[str, Any]]:
    """Yield all that Pandoc names, within what it read."""
    if isinstance(content, dict) and "t" in content:
        yield content
    for inner in content.values() if isinstance(content, dict) else content:
        if isinstance(inner, dict | list):
            yield from _elements(inner)


@pytest.mark.parametrize(
    "what",
    [
        "statements.ethics is open",
        "above the text: This cohort is reconstructed.",
        "contributor without ORCID",
        "no license",
        "journal",
    ],
)
def test_what_is_missing_is_listed(submission: Path, what: str) -> None:
    assert what in (submission / "OPEN.md").read_text()
    assert "## Ethics" in (submission / "statements.md").read_text()


def test_what_a_drafted_study_asks_is_open_until_it_is_answered(
    built: Path, tmp_path: Path
) -> None:
    paper = Path(shutil.copytree(built, tmp_path / "paper"))
    study = paper / "data/study.yml"
    study.write_text(f"# ? Is higher better?\n{study.read_text()}")
    told = list(_open(open_project(paper), paper / "_manuscript"))
    assert "data/study.yml, line 1: not answered: Is higher better?" in told


def test_a_submission_is_made_anew_and_nothing_else_is_replaced(submission: Path) -> None:
    (submission / "OPEN.md").write_text("old")
    paper = submission.parent
    assert run_paper(paper, "submit").status == 0
    assert "is open" in (submission / "OPEN.md").read_text()
    (paper / "mine").mkdir()
    (paper / "mine/letter.txt").write_text("mine")
    ran = run_paper(paper, "submit", "mine")
    assert ran.status == 2
    assert "exists and is not a submission" in ran.error
    assert (paper / "mine/letter.txt").read_text() == "mine"
