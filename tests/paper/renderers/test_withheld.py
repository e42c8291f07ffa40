"""A number that is withheld is told in words that are read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import ROOT

from paper.renderers.pandoc import pandoc

NUMBERS = {"a.mean": "6.7", "a.sd": "not shown", "b.mean": "9.1", "b.sd": "2.0"}


# Notebooks keep the numbers of a cell on one line.
@pytest.mark.parametrize("gap", [" ", "\N{NO-BREAK SPACE}"], ids=["space", "no break"])
@pytest.mark.parametrize("form", ["html", "typst", "latex", "docx", "jats"])
def test_what_is_withheld_is_told_once_and_with_its_name(
    tmp_path: Path, form: str, gap: str
) -> None:
    (tmp_path / "results").mkdir()
    of = {"notebook": "notebooks/a.ipynb", "n": None, "standing": None}
    told = {key: of | {"text": text} for key, text in NUMBERS.items()}
    (tmp_path / "results/numbers.json").write_text(json.dumps(told))
    cells = [f'<span data-key="{key}">{text}</span>' for key, text in NUMBERS.items()]
    sign, to = f"{gap}±{gap}", f"{gap}to{gap}"
    interval = f"({cells[1]}{to}{cells[1]})"
    row = f"| {cells[0]}{sign}{cells[1]} (80) | {cells[2]}{sign}{cells[3]} {interval} |"
    text = f"From [a.mean]{{.num}} ± [a.sd]{{.num}} on.\n\n| Pain | Mood |\n|---|---|\n{row}\n"
    (tmp_path / "a.md").write_text(text)
    lua, place = ROOT / "_extensions/paper/num.lua", {"PAPER_ROOT": str(tmp_path)}
    pandoc(["a.md", f"--lua-filter={lua}", f"--to={form}", "-o", f"out.{form}"], tmp_path, place)
    back = [f"out.{form}", f"--from={form}", "--to=plain", "--columns=200", "-o", "text"]
    pandoc(back, tmp_path, {})
    said = " ".join((tmp_path / "text").read_text().replace("|", " ").split())
    assert "From 6.7 (SD not shown) on." in said
    assert "6.7 (SD not shown) (80) 9.1 ± 2.0 (not shown)" in said
