"""Quarto's last step, run by Quarto itself: a ruined PDF stops it, and the good one stays."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import lxml.etree
import pytest
from quartos import Quarto

from paper.storage.project import CACHE

pytestmark = pytest.mark.quarto
PDF = ("render", "paper.qmd", "--to", "typst")


def test_a_pdf_that_quarto_ruins_stops_it_and_the_good_one_stays(
    quarto: Quarto, clone: Callable[[], Path]
) -> None:
    folder = clone()
    good = quarto.run(folder, *PDF)
    assert good.status == 0, good.error
    assert "paper.pdf: looked through, nothing is ruined" in good.output + good.error
    before = (folder / "_manuscript/paper.pdf").read_bytes()
    template = folder / "_extensions/paper/typst-template.typ"
    text = template.read_text()
    assert "set page(\n" in text
    template.write_text(text.replace("set page(\n", "set page(\n    columns: 300,\n"))
    ruined = quarto.run(folder, *PDF)
    assert ruined.status != 0
    assert "are printed on each other" in ruined.output + ruined.error
    assert (folder / "_manuscript/paper.pdf").read_bytes() == before
    assert (folder / CACHE / "ruined/paper.pdf").read_bytes() != before


def test_the_bundle_of_quarto_holds_the_article_as_it_was_completed(by_quarto: Path) -> None:
    with zipfile.ZipFile(by_quarto / "paper-meca.zip") as bundle:
        held = set(bundle.namelist())
        assert bundle.read("paper.xml") == (by_quarto / "paper.xml").read_bytes()
        manifest = lxml.etree.fromstring(bundle.read("manifest.xml"))
    listed = {one.get("{http://www.w3.org/1999/xlink}href") for one in manifest.iter("{*}instance")}
    assert "paper.xml" in listed
    # Of the sources Quarto lists the folder.
    assert listed - {"source"} <= held
