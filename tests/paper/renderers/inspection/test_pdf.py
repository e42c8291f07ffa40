"""A ruined PDF is told from a good one: what is wrong with it, on which page, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import Planted, plant, text_of, typst_of

SOURCE = typst_of(text_of())
SECOND = "It began with 89 patients who came to the clinic in the course of a single year."
LAST = SOURCE[SOURCE.index("A trial that compares") :].strip()
NOTHING = SOURCE[SOURCE.index("Nothing can be said") : SOURCE.index("A trial that compares")]
FIGURE = SOURCE[SOURCE.index("#figure(") : SOURCE.index("== Discussion")]


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    paper = plant(tmp_path)
    paper.know("paper.pdf", text_of())
    return paper


def test_a_good_pdf_is_left_alone(planted: Planted) -> None:
    assert planted.told_of_pdf(SOURCE) == ""


# What is replaced in the source, by what, and what is told.
FAULTS = {
    "a missing number": ("from 7.54 points", "from points", "“7.54” is missing after “Pain"),
    "another number": ("by −1.96 points", "by −1.69 points", "“−1.96” is missing after"),
    "a missing sign": ("by −1.96 points", "by 1.96 points", "“−1.96” is missing after"),
    "a number printed twice": (
        "by −1.96 points",
        "by −1.96 −1.96 points",
        "“−1.96” is printed after “",
    ),
    "a number printed twice, first in its paragraph": (
        "Nothing can be said",
        "Nothing can Nothing can be said",
        "“Nothing can” is printed after “",
    ),
    "a missing sentence": (
        LAST,
        "",
        "“A trial that compares rest with work, among patients like …” is missing after “they were",
    ),
    "a missing heading": ("== Discussion", "", "“Discussion” is missing after “"),
    "a paragraph printed twice": (
        "== Results",
        f"{SECOND}\n\n== Results",
        "“It began with 89 patients who came to the clinic in the …” is printed twice",
    ),
    "the last page printed twice": (LAST, f"{LAST}\n#pagebreak()\n{LAST}", "is printed twice"),
    "paragraphs out of order": (
        f"{NOTHING}{LAST}",
        f"{LAST}\n\n{NOTHING}",
        "“A trial that compares rest with work, among patients like …” stands on page 2, and "
        "not where it belongs, after “they were given and what was hoped for.”",
    ),
    "a missing caption": (
        "Outcomes of all patients who were seen twice.",
        "Table",
        "“Outcomes of all patients who were seen twice.” is missing",
    ),
    "a missing note": (
        "#footnote[Not everyone was asked, for want of time.]",
        "",
        "“Not everyone was asked, for want of time.” is missing",
    ),
    "a missing row": (
        "[Pain of the night], [6.31], [−0.42],",
        "",
        "the row “Pain of the night 6.31 −0.42” of a table is not printed as it should be",
    ),
    "a missing cell": ("[6.31], [−0.42],", "[6.31], [],", "the row “Pain of the night 6.31 −0.42”"),
    "lines on each other": (
        "== Results",
        "#place(dy: -16pt)[These words do not belong here at all.]\n\n== Results",
        "page 1: “single year.” and “These words do not belong here at all.” are printed on each",
    ),
    "a table wider than the page": (
        "columns: 3,",
        "columns: (200pt, 100pt, 150pt),",
        "“−1.96” goes beyond the right edge",
    ),
    "text cut at the edge of the page": (
        "== Results",
        "#place(dx: 240pt)[This is cut off.]\n== Results",
        "“This is cut off.” goes beyond the right edge",
    ),
    "a block higher than the page": (
        NOTHING,
        f"#block(breakable: false, height: 300pt, align(bottom)[{NOTHING}])\n",
        "goes beyond the lower edge",
    ),
    "a picture beyond the page": (
        FIGURE,
        f'#image("wide.png", width: 400pt)\n{FIGURE}',
        "a picture goes beyond the right edge",
    ),
    "an empty page": (
        "== Discussion",
        "#page(header: none, numbering: none)[]\n== Discussion",
        "page 3: nothing is on this page",
    ),
    "a paragraph above the one before it": (
        f"== Discussion\n<discussion>\n{NOTHING}{LAST}",
        f"== Discussion\n<discussion>\n#pagebreak()\n#v(90pt)\n{NOTHING}#place(top)[{LAST}]",
        "stands above “",
    ),
    "a few letters on each of many pages": (
        "margin: 36pt",
        "margin: (x: 135pt, y: 105pt)",
        "pages for a text of 962 letters, which takes 1 to",
    ),
    "all on a page that cannot hold it": (
        "width: 320pt, height: 260pt, margin: 36pt",
        "width: 120pt, height: 100pt, columns: 9, margin: 5pt",
        "pages for a text of 962 letters, which takes 6 to",
    ),
}
WIDE = Path(__file__).parents[4] / "docs/page.png"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told(planted: Planted, fault: str) -> None:
    old, new, told = FAULTS[fault]
    assert old in SOURCE
    (planted.folder / "wide.png").write_bytes(WIDE.read_bytes())
    assert told in planted.told_of_pdf(SOURCE.replace(old, new, 1))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"nothing"])
def test_what_is_no_pdf_is_told(planted: Planted, content: bytes) -> None:
    (planted.folder / "paper.pdf").write_bytes(content)
    assert planted.told("paper.pdf").startswith("paper.pdf: cannot be read")
