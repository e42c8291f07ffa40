"""What the manuscript may not say, or the renderer not render, stops the build with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run_paper
from little import RECORD, TABLE, write_notebook

from paper.errors import PaperError
from paper.manuscript.check import check_sources
from paper.storage.project import open_project

ANCHOR = "### Limitations"


def build_with(project: Path, addition: str) -> tuple[str, int]:
    """Put text before a heading; return the error and the line where the text stands."""
    article = project / "paper.qmd"
    text = article.read_text()
    article.write_text(text.replace(ANCHOR, f"{addition}\n\n{ANCHOR}"))
    before = (project / "_manuscript/index.html").read_bytes()
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 2, ran.output
    assert "Traceback" not in ran.error
    assert (project / "_manuscript/index.html").read_bytes() == before
    return " ".join(ran.error.split()), text[: text.index(ANCHOR)].count("\n") + 1


def test_an_unknown_number_is_named_with_the_nearest(project: Path) -> None:
    error, line = build_with(project, "It was {{< num nrs.chnge.p >}}.")
    assert f"paper.qmd, line {line}, column 8: no number is recorded as 'nrs.chnge.p'" in error
    assert "Nearest: nrs.change.p" in error


def test_an_unknown_number_in_the_abstract_has_its_line_too(project: Path) -> None:
    article = project / "paper.qmd"
    article.write_text(article.read_text().replace("num cohort.n_enrolled", "num cohort.n", 1))
    line = article.read_text()[: article.read_text().index("num cohort.n ")].count("\n") + 1
    ran = run_paper(project, "build", "--renderer", "embedded")
    place = f"paper.qmd, line {line}, column 16: "
    assert f"{place}no number is recorded as 'cohort.n'" in ran.error


def test_an_unknown_number_in_a_caption_is_named_with_its_cell(little: Path) -> None:
    table = TABLE.replace("num pain.mean", "num who")
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), table)
    ran = run_paper(little, "build", "--renderer", "embedded")
    place = "notebooks/a.ipynb, cell tbl-pain, line 2, column 22: "
    assert f"{place}no number is recorded as 'who'" in ran.error


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("{{< video film.mp4 >}}", "shortcode 'video' is not known here"),
        ("{{< num >}}", "no number is recorded as ''"),
        ("{{< embed", "not a shortcode"),
        ("{{< embed notebooks/01-cohort.ipynb#fig-gone >}}", "no cell labelled 'fig-gone'"),
        ("{{< embed notebooks/99.ipynb#fig-flow >}}", "which is no notebook of this paper"),
        ("{{< embed notebooks/01-cohort.ipynb#flow >}}", "has no figure and no table"),
        ("See @fig-gone.", "@fig-gone refers to nothing embedded here"),
        ("See @sec-methods.", "@sec-methods refers to nothing embedded here"),
        ("::: {.panel-tabset}\nA\n:::", "'::: {.panel-tabset}' is not known here"),
        ("```{r}\n1 + 1\n```", "code to run is Python here"),
    ],
)
def test_the_unknown_is_refused_with_its_line(project: Path, addition: str, said: str) -> None:
    error, line = build_with(project, addition)
    assert f"paper.qmd, line {line}, column " in error
    assert said in error


@pytest.mark.parametrize("output", [".", "..", "notebooks", "data/", "src", "x/../results"])
def test_an_output_folder_that_holds_sources_is_refused(little: Path, output: str) -> None:
    file = little / "_quarto.yml"
    file.write_text(file.read_text().replace("_manuscript", output))
    with pytest.raises(PaperError, match=r"_quarto\.yml: output-dir: a build would replace"):
        open_project(little)


@pytest.mark.parametrize("name", ["paper.qmd", "references.bib", "supplements/list.yml"])
def test_a_text_that_is_not_utf8_is_refused_with_its_line(little: Path, name: str) -> None:
    (little / "supplements").mkdir()
    with (little / name).open("ab") as stream:
        stream.write("\n% Müller\n".encode("latin-1"))
    line = (little / name).read_bytes().count(b"\n")
    with pytest.raises(PaperError, match=rf"{name}, line {line}: not UTF-8: byte 0xfc"):
        check_sources(open_project(little))


def test_a_citation_without_reference_is_refused(project: Path) -> None:
    error, _ = build_with(project, "As shown [@nobody2020].")
    assert "@nobody2020 is not in the bibliography" in error


def test_an_unknown_field_of_the_front_matter_is_refused(project: Path) -> None:
    article = project / "paper.qmd"
    article.write_text(article.read_text().replace("lang: en", "lang: en\nfancy: true"))
    ran = run_paper(project, "build", "--renderer", "embedded")
    assert ran.status == 2
    assert "the front matter has a field 'fancy', not known here" in ran.error


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#| tbl-cap", "#| tbl-kap", "notebooks/a.ipynb, cell tbl-pain: has no tbl-cap"),
        ("from types", "#| label pain\\nfrom types", "cell options are not `name: value`"),
        ('"cells"', "cells", "notebooks/a.ipynb: not a notebook"),
    ],
)
def test_a_broken_notebook_is_named(little: Path, old: str, new: str, said: str) -> None:
    notebook = little / "notebooks/a.ipynb"
    text = notebook.read_text()
    assert old in text
    notebook.write_text(text.replace(old, new))
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 2
    assert said in ran.error
    assert "Traceback" not in ran.error


def test_the_cited_source_of_the_claims_is_in_the_bibliography(project: Path) -> None:
    published = (project / "data/published.yml").read_text()
    key = published.partition("citation: ")[2].partition(",")[0]
    assert f"{{{key}," in (project / "references.bib").read_text()
