"""What good files have that looks like a fault, and is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import Planted, plant, text_of, typst_of

SOURCE = typst_of(text_of())
DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60"><rect width="200" height="60"/>
<text x="9" y="30" font-size="20">Pain of all</text>
<text x="12" y="31" font-size="20">Over it</text>
<text transform="rotate(-90 20 50)" x="20" y="50" font-size="12">Upright</text></svg>"""
# What is added to the source, or put in the place of what.
GOOD = {
    "two columns": ("height: 260pt,", "height: 260pt, columns: 2,"),
    "a wide outer margin": ("margin: 36pt,", "margin: (left: 36pt, right: 99pt, y: 36pt),"),
    "a large initial capital": ("Chronic pain", "#text(size: 24pt)[C]hronic pain"),
    "capitals": ("== Results", "#show heading: upper\n== Results"),
    "small capitals": ("== Results", "#show heading: smallcaps\n== Results"),
    "numbers of sections": ("== Results", '#set heading(numbering: "1.1")\n== Results'),
    "a table of contents": ("== Introduction", "#outline()\n== Introduction"),
    "a formula of three floors": (
        "== Results",
        "$ sum_(i=1)^n x_i/y_i hat(x) sqrt(a/b) $\n== Results",
    ),
    "an accent of its own": ("Chronic", "Chro\u0301nic"),
    "a drawing with text in it": ("== Results", '#image("a.svg", alt: "x")\n== Results'),
    "a watermark": (
        "== Results",
        "#place(rotate(-45deg, text(size: 60pt, luma(220))[DRAFT]))\n== Results",
    ),
    "a rotated note in the margin": (
        "== Results",
        "#place(dx: -30pt, rotate(-90deg, reflow: true)[Note])\n== Results",
    ),
    "struck and underlined words": (
        "in a difficult, official trial",
        "in a #strike[difficult], #underline[official] trial",
    ),
    "letters that share their place": ("patients call", "patients c#h(-0.4em)all"),
    "tight lines": ("#set par(justify: true)", "#set par(justify: true, leading: 0.3em)"),
    "a line that is drawn twice to be bold": (
        "It began with",
        "#box(place(dx: 0.2pt)[It began with])It began with",
    ),
    "a repeated phrase": ("== Results", "#emph[In short: Pain intensity went from]\n\n== Results"),
    "a page with a picture alone": (
        "== Results",
        '#page(header: none, image("a.svg", alt: "x"))\n== Results',
    ),
}


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    paper = plant(tmp_path)
    paper.know("paper.pdf", text_of())
    (paper.folder / "a.svg").write_text(DRAWING)
    return paper


@pytest.mark.parametrize("case", GOOD)
def test_a_pdf_may_have(planted: Planted, case: str) -> None:
    old, new = GOOD[case]
    assert old in SOURCE
    assert planted.told_of_pdf(SOURCE.replace(old, new, 1)) == ""


def test_a_minus_sign_may_be_typed_as_a_hyphen(planted: Planted) -> None:
    text = text_of().replace("an official trial", "a trial").replace("three times", "-28% as")
    planted.know("paper.pdf", text)
    assert planted.told_of_pdf(typst_of(text)) == ""
