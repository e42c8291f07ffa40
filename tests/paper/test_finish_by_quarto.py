"""Quarto's last step, run by Quarto itself: a ruined PDF stops it, and the good one stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
    template = folder / "src/paper/renderers/assets/typst-template.typ"
    text = template.read_text()
    assert "set page(\n" in text
    template.write_text(text.replace("set page(\n", "set page(\n    columns: 300,\n"))
    ruined = quarto.run(folder, *PDF)
    assert ruined.status != 0
    assert "are printed on each other" in ruined.output + ruined.error
    assert (folder / "_manuscript/paper.pdf").read_bytes() == before
    assert (folder / CACHE / "ruined/paper.pdf").read_bytes() != before
