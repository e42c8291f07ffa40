"""What is not in the subset of Quarto is refused with its line; the rest is read."""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT

from paper.errors import PaperError, ProblemsError
from paper.manuscript.check import check_sources
from paper.manuscript.conditions import write_answers
from paper.renderers.reading.cells import cell_as_markdown, code_as_markdown
from paper.renderers.reading.source import Manuscript, placed, read_manuscript
from paper.renderers.reading.tree import nodes
from paper.storage.project import open_project
from paper.storage.sources.article import front_matter

CONFIGURATION = "project: {type: paper}\n"
FRONT = "---\ntitle: T\n---\n\n"
PIXEL = ROOT / "tests/manuscripts/three/plot.png"
Read = Callable[..., Manuscript]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what reads a manuscript in a folder that holds nothing else but an image."""
    shutil.copytree(ROOT / "_extensions", tmp_path / "_extensions")
    shutil.copy(PIXEL, tmp_path / "plot.png")
    (tmp_path / "results").mkdir()
    (tmp_path / "results/numbers.json").write_text("{}")

    def read(text: str, configuration: str = CONFIGURATION, **files: str) -> Manuscript:
        (tmp_path / "_quarto.yml").write_text(configuration)
        (tmp_path / "index.qmd").write_text(text if text.startswith("---") else FRONT + text)
        for name, content in files.items():
            (tmp_path / f"{name}.qmd").write_text(content)
        project = open_project(tmp_path)
        checked = check_sources(project)
        if checked.problems:
            raise ProblemsError(checked.problems)
        write_answers(project, checked.answers, checked.left_out, checked.withheld)
        return read_manuscript(project)

    return read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A sum, `{r} one + two`.", "line 5, column 9: code to run is Python here"),
        ("See @fig-a.\n\n```{r}\n#| label: fig-a\nx\n```", "line 7, column 4: code to run is Py"),
        ("```{mermaid}\ngraph\n```", "line 5, column 4: code to run is Python here"),
        ("Said.[^gone]", "line 5, column 6: the footnote [^gone] is not there"),
        ("# A\n\n#### B\n\n# C", "line 7, column 1: a heading of level 4 follows one of level 1"),
        ("# A {#sec-a}\n\n# B {#sec-a}", "line 5, column 6: Duplicate identifier 'sec-a'"),
        ("![a](plot.png){#fig-a}\n\n![b](plot.png){#fig-a}", "#fig-a is the label of two things"),
        ("A\n\n::: {.callout-note}\nB\n", "line 7, column 1: Div unclosed"),
        ("See \\ref{a}.", "Write it as Markdown: @fig-x"),
        ("---\ntitle: T\nauthor: {name: A, attributes: {equal: true}}\n---\n", "field 'equal'"),
        ("---\ntitle: T\n\nText.", "index.qmd: the front matter has no end"),
        ("A ![of](gone.png)", "line 5, column 9: the image gone.png is not there"),
        ("A ![of](plot.bmp)", "line 5, column 9: the image plot.bmp is of no known kind"),
        ("![](plot.png)", "line 5, column 5: no words say what plot.png shows"),
        ("![a](https://example.org/a.png)", "line 5, column 6: the image https://example.org"),
        ("Not <u>underlined</u>.", "line 5, column 5: only the page would print '<u>'"),
        ("\\vspace{x}", "line 5, column 1: only LaTeX would print"),
        ("::: {.panel-tabset}\nA\n:::", "block '::: {.panel-tabset}' is not known here"),
        ("::: {.callout-danger}\nA\n:::", "block '::: {.callout-danger}' is not known here"),
        ('::: {.content-visible when-meta="x"}\nA\n:::', "'::: {.when-meta}' is not known here"),
        ("::: {#thm-a}\nA\n:::", "block '::: {#thm-a}' is not known here"),
        ("::: {#tbl-a}\nNo table.\n:::", "line 5, column 6: #tbl-a holds 0 tables"),
        ("Loose {#fig-a} label.", "line 5, column 7: {#fig-a} belongs to nothing"),
        ("See @fig-gone.", "line 5, column 5: @fig-gone refers to nothing"),
        ("See @thm-gone.", "line 5, column 5: @thm-gone refers to nothing"),
        ("{{< video a.mp4 >}}", "line 5, column 1: shortcode 'video' is not known here"),
        ("{{< include gone.qmd >}}", "index.qmd, line 5: includes gone.qmd, which is not there"),
        ("---\ntitle: T\nfancy: a\n---\n", "line 3: the front matter has a field 'fancy'"),
        ("---\ntitle: T\nfancy: a\nplain: b\n---\n", "line 4: the front matter has a field 'pl"),
        ("---\ntitle: T\nauthor: {name: A, shoe: b}\n---\n", "an author has a field 'shoe'"),
        ("---\ntitle: T\nauthor: [{name: A, orcid: x}]\n---\n", "line 3: an author: orcid: 'x'"),
        ("---\ntitle: T\nauthor: [{email: a}]\n---\n", "line 3: an author: no name"),
        (
            "---\ntitle: T\nauthor: [{name: A, affiliations: [{ref: x}]}]\n---\n",
            "line 3: no affiliation has the id 'x'",
        ),
        ("---\ntitle: T\ndate: [a]\n---\n", "line 3: date is not a date"),
        ("---\ntitle: [\n---\n", "index.qmd: front matter is not YAML"),
        ("Nothing above.", "index.qmd: the front matter has no end"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_its_line(read: Read, text: str, said: str) -> None:
    with pytest.raises(PaperError) as caught:
        read("---\n" if text.startswith("Nothing") else text)
    assert said in str(caught.value)


def test_a_file_that_is_included_has_lines_of_its_own(read: Read) -> None:
    with pytest.raises(PaperError, match=r"part\.qmd, line 3, column 6: code to run is Py"):
        read("{{< include part.qmd >}}\n", part="One\n\nand `{r} two`.\n")
    with pytest.raises(PaperError, match=r"part\.qmd, line 1, column 5: 42 is typed"):
        read("{{< include part.qmd >}}\n", part="Was 42.\n")
    with pytest.raises(PaperError, match=r"part\.qmd, line 1: includes part\.qmd, which includes"):
        read("{{< include part.qmd >}}\n", part="{{< include part.qmd >}}\n")


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ("manuscript: {article: gone.qmd}", "names gone.qmd, which is not there"),
        ("manuscript: {article: index.ipynb}", "names index.ipynb, which is not there"),
        ("manuscript: {notebooks: [a.qmd]}", "names a.qmd, which is not there"),
        ("manuscript: {notebooks: [gone.ipynb]}", "_quarto.yml: names gone.ipynb, which is not"),
        ("bibliography: gone.bib", "names gone.bib, which is not there"),
        ("csl: gone.csl", "names gone.csl, which is not there"),
        ("project: paper", "project is not `field: value`"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused(
    read: Read, configuration: str, said: str
) -> None:
    with pytest.raises(PaperError) as caught:
        read("Text.", configuration)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "gone.ipynb",
            "index.qmd, line 5, column 1: embeds a cell of gone.ipynb, which is not there",
        ),
        ("map.qmd", "index.qmd, line 5, column 1: embeds a cell of map.qmd, which is not there"),
    ],
)
def test_a_notebook_that_is_none_is_told_where_it_is_embedded(
    read: Read, name: str, said: str
) -> None:
    with pytest.raises(PaperError) as caught:
        read(f"{{{{< embed {name}#fig-map >}}}}")
    assert said in str(caught.value)


def test_what_follows_an_included_file_begins_a_block_of_its_own(read: Read) -> None:
    text = "{{< include part.qmd >}}\n## After {#sec-after}\n\nSee @sec-after.\n"
    assert "## After" in read(text, part="A file that ends in a word, and no line break").body


@pytest.mark.parametrize(
    "front", ["\n\n---\ntitle: T\n---\n", "---\ntitle: T\n...\n", "---\ntitle: T\n---"]
)
def test_front_matter_may_have_lines_before_it_and_end_in_dots(front: str) -> None:
    assert front_matter(front, "a").content == {"title": "T"}
    begun = front.index("title")
    assert front_matter(front, "a").line(("title",)) == front.count("\n", 0, begun) + 1


def test_a_reference_may_begin_a_sentence_and_a_comment_hold_anything(read: Read) -> None:
    text = "@Fig-a, and (@good).\n\n(@good) One\n\n![a](plot.png){#fig-a}\n\n"
    body = read(f"{text}<!-- {{{{< gone x >}}}}\n@fig-gone -->\n")
    cited = [one["c"][0][0]["citationId"] for one in nodes(body.document) if one["t"] == "Cite"]
    assert cited == ["fig-a"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", "text"), ("a.svg", "<svg><g></svg>"), ("a.jpg", "\x89PNG")]
)
def test_an_image_that_is_none_is_refused_with_its_line(
    read: Read, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(PaperError, match=rf"index\.qmd, line 5, column 6: {name} is no image"):
        read(f"![a]({name})")


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ("Could not convert TeX math\n  \\foo{x}\n  , rendering as TeX", 3),
        ('Typst: PDF/UA-1 error: the text `"中"` could not be displayed with font `"L"`', 12),
        ("something else", 0),
    ],
)
def test_what_a_format_quotes_is_told_with_its_place(
    read: Read, tmp_path: Path, said: str, column: int
) -> None:
    read("A $\\foo{x}$ 中.")
    where = f"index.qmd, line 5, column {column + 1}" if column else "paper.typ"
    assert placed(PaperError("paper.typ", said), open_project(tmp_path)).where == where


AUTHORS: dict[str, tuple[str, list[str]]] = {
    "a name": ("author: Jane Roe", ["Jane Roe"]),
    "names": ("author: [Jane Roe, John Doe]", ["Jane Roe", "John Doe"]),
    "a map": ("author: {name: Jane Roe, affiliation: Here}", ["Jane Roe, Here"]),
    "parts": ("author: [{name: {given: Jane, family: Roe}}]", ["Jane Roe"]),
    "a text": ("author: [{name: J, affiliations: Here}]", ["J, Here"]),
    "texts": ("author: [{name: J, affiliations: [Here, There]}]", ["J, Here; There"]),
    "maps": ("author: [{name: J, affiliations: [{name: Here, city: Bern}]}]", ["J, Here, Bern"]),
    "references": (
        "author: [{name: J, affiliations: [{ref: a}, b]}]\n"
        "affiliations: [{id: a, name: Here}, {id: b, name: There}]",
        ["J, Here; There"],
    ),
    "marks": (
        "author: [{name: J, corresponding: true, email: j@example.org, equal-contributor: true}]",
        ["J; Corresponding author, Contributed equally; [j@example.org](mailto:j@example.org)"],
    ),
    "others": (
        "author: [{name: J, deceased: true, note: N, acknowledgements: To all}]",
        ["J; Deceased; N; To all"],
    ),
    "roles": ("author: [{name: J, roles: [editing, {software: lead}, cook]}]",
              ["J; Writing – review & editing, Software (lead), cook"]),
}  # fmt: skip


@pytest.mark.parametrize("form", AUTHORS)
def test_authors_may_be_written_as_in_quarto(read: Read, form: str) -> None:
    written, expected = AUTHORS[form]
    assert read(f"---\ntitle: T\n{written}\n---\n\nText.\n").metadata["author"] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("date: 2024-05-31", "May 31, 2024"),
        ('date: "2024-05-31"', "May 31, 2024"),
        ("date: 2024-05-31T10:00:00", "May 31, 2024"),
        ("date: Spring 2024", "Spring 2024"),
        ("date: last-modified", "January 2, 1980"),
        ("date: today", "January 2, 1980"),
    ],
)
def test_dates_may_be_written_as_in_quarto(
    read: Read, monkeypatch: pytest.MonkeyPatch, written: str, expected: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "315619200")
    assert read(f"---\ntitle: T\n{written}\n---\n\nText.\n").metadata["date"] == expected


def test_nothing_but_a_title_is_needed(read: Read) -> None:
    assert read("Text.\n", "{}").metadata == {"title": "T", "link-citations": True, "by-author": [],
                                              "author": [], "date": ""}  # fmt: skip


def shown(
    *outputs: dict[str, Any], label: str = "words", more: str = "", echo: bool = False
) -> str:
    """Return what a cell with these outputs shows, and the names of its images."""
    media: dict[str, bytes] = {}
    cell = {"source": f"#| label: {label}\n{more}code", "outputs": list(outputs)}
    code = code_as_markdown(cell, "a.ipynb") if echo else ""
    text = code + cell_as_markdown(cell, f"a.ipynb#{label}", str, media)
    return "\n".join([text.strip(), *media])


def data(**forms: str) -> dict[str, Any]:
    return {"data": {name.replace("_", "/").replace("xml", "+xml"): v for name, v in forms.items()}}


ALT = "#| fig-cap: C\n#| fig-alt: A\n"
PNG, JPG = b64encode(b"\x89PNG").decode(), b64encode(b"\xff\xd8").decode()
DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"


def test_outputs_are_shown_in_the_best_form() -> None:
    assert shown({"text": "one\n"}, {"text": "two\n"}).count("``````") == 4
    assert shown(data(text_latex="$\\displaystyle x$")) == "$$x$$"
    assert shown(data(text_markdown="*m*", text_plain="p")) == "*m*"
    assert "{=html}" in shown(data(text_html="<table></table>", text_plain="p"))
    assert "{=latex}" in shown(data(text_latex="\\begin{tabular}{l}x\\end{tabular}"))
    assert shown({"text": "x"}, echo=True).startswith("``````python\ncode\n``````")
    assert shown({"text": "*m*"}, more="#| output: asis\n") == "*m*"
    assert not shown({})


def test_an_image_is_taken_in_any_form() -> None:
    raster = shown(data(image_jpeg=JPG, text_plain="<Figure>"), label="fig-a", more=ALT)
    assert raster == '![C](paper_files/fig-a.jpg){#fig-a alt="A"}\nfig-a.jpg'
    dense = {**data(image_png=PNG), "metadata": {"image/png": {"width": 320, "height": 240}}}
    assert 'alt="A" width=320px}' in shown(dense, label="fig-a", more=ALT)
    assert "width=50%}" in shown(dense, label="fig-a", more=f"{ALT}#| out-width: 50%\n")
    drawn = shown({"data": {"image/svg+xml": DRAWING}}, label="fig-a", more=ALT)
    assert drawn.splitlines()[0].endswith("width=100%}")
    assert drawn.splitlines()[1:] == ["fig-a.svg", "fig-a.pdf", "fig-a.png"]


def test_a_caption_is_the_words_of_a_figure_that_has_no_others() -> None:
    image = shown(data(image_png=PNG), label="fig-a", more="#| fig-cap: C\n")
    assert image.startswith('![C](paper_files/fig-a.png){#fig-a alt="C"}')


def test_several_captions_are_several_figures() -> None:
    two = shown(
        *[data(image_png=PNG)] * 2, label="fig-a", more="#| fig-cap: [C, D]\n#| fig-alt: A\n"
    )
    assert "![C](paper_files/fig-a.png){#fig-a-1" in two
    assert "![D](paper_files/fig-a-2.png){#fig-a-2" in two


@pytest.mark.parametrize(
    ("output", "label", "said"),
    [
        (data(image_png="eA=="), "words", "a.ipynb, cell words: shows no image that can be read"),
        (data(text_html="<div>map</div>"), "words", "shows HTML that is no table"),
        (data(image_png=PNG), "fig-a", "has no fig-cap"),
        (data(text_markdown="| a |"), "tbl-a", "has no tbl-cap"),
        (data(image_png=PNG), "words", "has no fig-alt"),
    ],
)
def test_a_cell_that_cannot_be_shown_is_refused(
    output: dict[str, Any], label: str, said: str
) -> None:
    with pytest.raises(PaperError) as caught:
        shown(output, label=label)
    assert said in str(caught.value)
