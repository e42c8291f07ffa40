"""Manuscripts as authors elsewhere write them are rendered in all formats, and nothing is lost."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import documents
import lxml.etree
import pytest
from commands import ROOT, Ran, run_paper
from defusedxml import ElementTree
from jats_style import style_faults
from pypdf import PdfReader
from quartos import Quarto

from paper.renderers.inspection.documents import read_page, read_word


def article_text(file: Path) -> Iterator[str]:
    """Return the text of an article, with the full stop of other formats behind a label."""
    article = ElementTree.parse(file).getroot()
    for notebook in article.findall("sub-article"):
        article.remove(notebook)
    for label in article.iter("label"):
        label.text = f"{label.text}."
    for name in article.iter("name"):  # of the parts of a name some renderers put the last first
        name[:] = sorted(name, key=lambda part: part.tag != "given-names")
        for part in name:
            part.tail = " "
    return article.itertext()


MANUSCRIPTS = ROOT / "tests/manuscripts"
NAMES = ("one", "two", "three", "four", "five")
FORMATS: dict[str, Callable[[Path], Iterable[str]]] = {
    "index.html": lambda file: (line.text for line in read_page(file)[0]),
    "paper.pdf": lambda file: (page.extract_text() for page in PdfReader(file).pages),
    "paper.docx": lambda file: (line.text for line in read_word(file)[0]),
    "paper.xml": article_text,
}


def lay_out(name: str, folder: Path) -> Path:
    """Copy a manuscript to where it is built, with what it is rendered with."""
    shutil.copytree(MANUSCRIPTS / name, folder)
    shutil.copytree(ROOT / "_extensions", folder / "_extensions")
    return folder


def texts(rendered: Path) -> dict[str, str]:
    """Return what each format says, on one line, without what breaks words."""
    # Quarto names them after the article.
    files = {name: next(rendered.glob(f"*{Path(name).suffix}")) for name in FORMATS}
    found = {name: " ".join(read(files[name])) for name, read in FORMATS.items()}
    return {name: " ".join(text.replace("doi.\n", "doi.").split()) for name, text in found.items()}


def check_says(rendered: Path, *words: str) -> None:
    for name, text in texts(rendered).items():
        missing = [one for one in words if one not in text]
        assert not missing, (name, missing, text)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the manuscript that holds everything, rendered."""
    folder = lay_out("every", tmp_path_factory.mktemp("every") / "paper")
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    return folder / "_manuscript"


@pytest.fixture(scope="module")
def said(every: Path) -> dict[str, str]:
    """Return what each format of it says."""
    return texts(every)


WORDS = {
    "authors": ["Jane Roe", "Clinic of Nowhere", "Doe", "University of Somewhere", "Major",
                "Deceased", "Thanked by all"],
    "addresses": ["Institute of Things", "Pain", "Bern", "0000-0002-1825-0097", "jane@example.org"],
    "roles": ["Conceptualization", "Writing – original draft"],
    "rest of the front matter": [
        "With everything that a manuscript may hold", "trial of nothing", "2024", "Paid for",
        "CC BY", "The Roe Foundation", "Journal of Nothing", "10.1234/abcd",
    ],
    "summaries": ["Key points", "The first point of all", "In plain words, nothing was found."],
    "citations": ["Cook 2020 at 5", "Roe 2021", "Pain of nobody", "Another thing", "A book"],
    "references to figures": [
        "to one, Figure 1", "to a part, Figure 2 (a)", "Figure 2 (b)", "number 1",
        "Drawing 1", "Supplementary Figure 1", "Figure 4 (b)",
    ],
    "other references": ["Table 1", "Table 4", "Section 2", "Equation 1", "See References"],
    "numbers of sections": ["1 Introduction", "2 Methods", "2.1 Boxes", "3 Appendix of the trial"],
    "figures": [
        "Figure 1. A plot of the author", "Figure 2. Two plots side by side.", "(a) The left part",
        "(b) The right part", "Supplementary Figure 1. A supplementary plot.",
        "A picture without a number",
    ],
    "included": ["Included text with a note.", "The included note."],
    "callouts": [
        "Heading of a note", "A note to the reader.", "Beware of this", "A warning to the reader.",
        "Tip", "A tip to the reader.", "Caution", "A caution to the reader.", "Important",
        "An important word to the reader.",
    ],
    "plain blocks": ["A remark in the margin.", "Something wide.", "The right column."],
    "layouts": ["Without number one", "Without number three"],
    "tables": [
        "Table 1. A grid with lists.", "one item", "other item", "Table 2. A table of pipes.",
        "under it", "Table 3. Columns with widths.", "lower", "rest of the row",
        "Table 6 is longer than a page.", "Table 6. A long table.", "line aa", "line gj",
    ],
    "cells": [
        "Figure 3. A plot of a cell.", "Figure 4. Two plots of a cell.", "(a) The first of two",
        "Table 4. A data frame.", "alpha", "Table 5. A styled frame.", "gamma",
        "Printed by a cell of the notebook", "omega",
    ],
    "code": ["frame = pd.DataFrame("],
    "lists and notes": [
        "Term of art", "What the term means.", "A line of verse", "The words of the footnote.",
        "Appendix of the trial", "The words of the appendix.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_it(said: dict[str, str], name: str, kind: str) -> None:
    missing = [one for one in WORDS[kind] if one not in said[name]]
    assert not missing, said[name]


def test_each_part_is_in_its_formats_alone(said: dict[str, str]) -> None:
    of_page = [name for name, text in said.items() if "Shown on the page alone" in text]
    of_others = [name for name, text in said.items() if "Shown by all but the page" in text]
    by_word = [name for name, text in said.items() if "Shown by Word alone." in text]
    assert (of_page, of_others) == (["index.html"], ["paper.pdf", "paper.docx", "paper.xml"])
    assert by_word == ["paper.docx"]
    assert not any("Not this one" in text for text in said.values())


def alternatives(reader: PdfReader) -> list[str]:
    """Return the words that stand for pictures and formulas."""
    objects = (reader.get_object(number) for number in range(1, len(reader.xref[0])))
    return [str(one["/Alt"]) for one in objects if isinstance(one, dict) and "/Alt" in one]


def test_formulas_are_formulas_and_have_words(every: Path) -> None:
    page, article = ((every / name).read_text() for name in ("index.html", "paper.xml"))
    article = article.partition("<sub-article")[0]
    assert page.count("<math") == article.count("<mml:math") == 5
    with zipfile.ZipFile(every / "paper.docx") as document:
        assert document.read("word/document.xml").decode().count("<m:oMath>") == 5
    # PDF/UA-1, which Typst checks, asks for words of each.
    assert "y equals a plus b times x" in str(alternatives(PdfReader(every / "paper.pdf")))


def test_the_article_is_valid_and_as_pubmed_central_asks(every: Path) -> None:
    documents.check_jats(every / "paper.xml")
    # Two authors are written in one word each, which nobody may take apart.
    faults = style_faults(lxml.etree.parse(every / "paper.xml").getroot())
    assert faults == ["contrib without a name in parts"]


def test_the_article_has_its_people_and_rights(every: Path) -> None:
    article = (every / "paper.xml").read_text()
    for part in (
        'contrib-id-type="orcid">https://orcid.org/0000-0002-1825-0097<',
        "<email>jane@example.org</email>", 'corresp="yes"', 'equal-contrib="yes"',
        "<surname>Doe</surname>", "contributor-roles/conceptualization/",
        'iso-8601-date="2024-05-31"', "<funding-statement>Paid for by nobody at all.",
        "<kwd>pain</kwd>", "https://creativecommons.org/licenses/by/4.0/",
        '<article-id pub-id-type="doi">10.1234/abcd',
        "<copyright-statement>© 2024 The Roe Foundation",
        "<alt-text>A line that rises</alt-text>", "<fig-group",
    ):  # fmt: skip
        assert part in article, part


def test_latex_has_all_of_it(every: Path) -> None:
    source = (every / "paper-latex.tex").read_text()
    for part in (
        r"\begin{equation}\label{eq-line}", r"\begin{minipage}", r"\label{fig-left}",
        "images-plot-svg", r"\caption*{\phantomsection\label{suppfig-one}", r"\clearpage{}",
        r"\begin{landscape}", "other item",
    ):  # fmt: skip
        assert part in source, part


@pytest.mark.parametrize("name", NAMES)
def test_a_manuscript_of_others_is_rendered(name: str, tmp_path: Path) -> None:
    folder = lay_out(name, tmp_path / "paper")
    check_built(name, folder, run_paper(folder, "build", "--renderer", "embedded"))


@pytest.mark.quarto
@pytest.mark.parametrize("name", [name for name in NAMES if name != "five"])
def test_quarto_renders_it_too(
    name: str, quarto: Quarto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in quarto.environment.items():
        monkeypatch.setenv(variable, value)
    folder = lay_out(name, tmp_path / "paper")
    check_built(name, folder, run_paper(folder, "build", "--renderer", "quarto"))


SAID = {
    "one": ["Visits to Clinics", "Mary Major", "The mean was 6.0 visits", "Figure 1", "Table 1"],
    "two": [
        "Stretching against waiting", "Institute of Waiting", "The score fell by 2.1 points",
        "Supplementary Figure 1", "Equation 1", "6.1 ± 1.2",
    ],
    "three": [
        "Protocol of a study", "Carl Gamma", "Not to be done", "Nobody is harmed", "a part of it",
        "What is not measured",
    ],
    "four": [
        "The mean was 14.0 steps, the largest number 20", "the words of code are *not* markup",
        "plt.bar(range(6), steps)", "Three ``` marks are printed", "shown and never run",
        "not_run =", "The included value is 43.", "A line of the second notebook.",
        "whose number is 3", "14.00000",
    ],
    "five": ["An article that is a notebook.", "Guests stayed 3.0 nights", "Conclusion"],
}  # fmt: skip


def check_built(name: str, folder: Path, ran: Ran) -> None:
    assert ran.status == 0, ran.error
    if name == "two" and "embedded" in ran.output:
        check_says(folder / "docs", "Paid for by the Fund for Nothing.", "FN-12", "CC BY-NC")
    rendered = folder / ("docs" if name == "two" else "_manuscript")
    check_says(rendered, *SAID[name])
    for form, text in texts(rendered).items():
        if form != "paper.xml":  # in which Quarto puts whole notebooks
            assert "Not to be seen" not in text
            assert "hidden + 1" not in text


def test_code_of_a_text_runs_again_when_it_changed_and_else_is_kept(tmp_path: Path) -> None:
    folder = lay_out("four", tmp_path / "paper")
    assert run_paper(folder, "build", "--renderer", "embedded").status == 0
    assert "kept" in run_paper(folder, "build", "--renderer", "embedded", "--explain").output
    notebook = folder / "notebooks/second.qmd"
    notebook.write_text(notebook.read_text().replace("A line that rises", "A rising line"))
    table = folder / "notebooks/table.csv"
    table.write_text(table.read_text() + "4,16,1\n")
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert "second.qmd: done" in ran.error
    assert "index.qmd: done" not in ran.error
    check_says(folder / "_manuscript", "whose number is 4")
    assert run_paper(folder, "rerun").status == 0
    (folder / "results/numbers.json").write_text("{}")
    assert "second.rows" in run_paper(folder, "rerun").error


def test_what_only_a_notebook_shows_changes_in_the_article_of_a_journal_too(tmp_path: Path) -> None:
    folder = lay_out("four", tmp_path / "paper")
    table, article = folder / "notebooks/table.csv", folder / "_manuscript/paper.xml"
    for of_c, last in ((3, "3,9,1\n"), (5, "3,9,3\n")):
        table.write_text(table.read_text().replace("3,9,1\n", last))
        assert run_paper(folder, "build", "--renderer", "embedded").status == 0
        assert f"The sum of c is {of_c}" in article.read_text()


def test_an_article_that_is_a_notebook_stays_as_its_author_saved_it(tmp_path: Path) -> None:
    folder = lay_out("five", tmp_path / "paper")
    before = (folder / "index.ipynb").read_bytes()
    assert run_paper(folder, "build", "--renderer", "embedded").status == 0
    assert (folder / "index.ipynb").read_bytes() == before


def test_an_article_that_is_a_notebook_is_not_left_to_quarto(tmp_path: Path) -> None:
    folder = lay_out("five", tmp_path / "paper")
    ran = run_paper(folder, "build", "--renderer", "quarto")
    assert ran.status == 2
    assert "index.ipynb: is a notebook, of which Quarto would print the outputs" in ran.error


def test_code_of_a_text_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    folder = lay_out("four", tmp_path / "paper")
    article = folder / "index.qmd"
    article.write_text(article.read_text().replace("int(steps.max())", "int(stairs.max())"))
    ran = run_paper(folder, "build", "--renderer", "embedded")
    assert ran.status == 2
    assert "index.qmd, cell value-2: NameError: name 'stairs' is not defined" in ran.error
