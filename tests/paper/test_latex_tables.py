"""Tables of any width and length in LaTeX: which form each takes, and that none leaves its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
import tex
from extract import plain

from paper.renderers.pandoc import ASSETS, pandoc

HEADER = (
    "---\ntitle: Tables\nlang: en\nby-author: [{name: {literal: Nobody}}]\n---\n\n## Tables\n\n"
)
FILTERS = ("floats.lua", "shared.lua", "latex.lua", "tables.lua")
TEXT = "those seen again at the second visit and those who had been lost before it "
INTERVAL = "−{}.{}2 (−2.42 to −1.50)".replace(" ", "\N{NO-BREAK SPACE}")
WORD = "extraordinarily_long_words_without_a_place_to_break"

Cell = Callable[[int, int], str]
# Name → columns, rows, what is in a cell, and the environments that the table takes.
TABLES: dict[str, tuple[int, int, Cell, set[str]]] = {
    "numbers": (4, 5, lambda row, column: f"{row}.{column}", {"table", "tabular"}),
    "greek": (2, 3, lambda *_: "α ≤ β", {"table", "tabular"}),
    "text": (3, 4, lambda _, column: TEXT * (column + 1), {"table", "tabularx"}),
    "many": (14, 4, lambda row, column: f"{row * column}.25", {"table", "tabular"}),
    "intervals": (6, 5, INTERVAL.format, {"landscape", "longtable"}),
    "wide": (9, 5, INTERVAL.format, {"landscape", "longtable"}),
    "long": (3, 90, lambda row, column: f"{row}.{column}", {"longtable"}),
    "wrapped": (3, 60, lambda row, column: TEXT if column else str(row), {"longtable"}),
    "word": (9, 3, lambda *_: WORD, {"landscape", "longtable"}),
}
ENVIRONMENTS = re.compile(r"\\begin\{(table|tabularx?|longtable|landscape|center)\}")
LAST = "last"


def markdown(name: str, *, numbered: bool = True) -> str:
    """Write a table of which every cell of the last row ends in a word of its own."""
    columns, rows, cell, _ = TABLES[name]
    lines = [
        [f"C{column}" for column in range(columns)],
        ["--:" if column % 2 else "---" for column in range(columns)],
        *([cell(row, column) for column in range(columns)] for row in range(rows - 1)),
        [f"{LAST}{column}" for column in range(columns)],
    ]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n: All of {name}.\n"
    return f"::: {{#tbl-{name}}}\n{text}:::\n" if numbered else text


def written(folder: Path, text: str) -> Path:
    """Let Pandoc write a LaTeX source as the embedded renderer does."""
    (folder / "tables.md").write_text(HEADER + text)
    arguments = [
        "tables.md", "--from=markdown", "--to=latex", "--output=tables.tex", "--columns=300",
        f"--template={ASSETS / 'paper.latex'}", "--shift-heading-level-by=-1",
        *(f"--lua-filter={ASSETS / name}" for name in FILTERS),
    ]  # fmt: skip
    pandoc(arguments, folder, {})
    return folder / "tables.tex"


def body(source: Path) -> str:
    return source.read_text().split(r"\begin{document}")[1]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_form_that_it_needs(tmp_path: Path, name: str) -> None:
    text = body(written(tmp_path, markdown(name)))
    assert set(ENVIRONMENTS.findall(text)) == TABLES[name][-1]
    assert text.count(rf"\label{{tbl-{name}}}") == 1
    assert r"\endhead" in text or "longtable" not in TABLES[name][-1]


@pytest.mark.parametrize(("name", "form"), [("numbers", "center"), ("long", "longtable")])
def test_a_table_without_a_label_has_no_number(tmp_path: Path, name: str, form: str) -> None:
    text = body(written(tmp_path, markdown(name, numbered=False)))
    assert form in ENVIRONMENTS.findall(text)
    assert r"\label{tbl" not in text
    assert re.search(r"\\caption(of)?\*", text)
    assert (r"\addtocounter{table}{-1}" in text) == (form == "longtable")


def test_cells_across_columns_are_left_to_pandoc(tmp_path: Path) -> None:
    table = "+---+---+\n| A | B |\n+===+===+\n| both  |\n+---+---+\n| c | d |\n+---+---+\n"
    text = body(written(tmp_path, table))
    assert r"\multicolumn{2}" in text
    assert "longtable" in text


@pytest.mark.latex
@pytest.mark.parametrize("engine", tex.ENGINES)
def test_no_table_leaves_its_page(tmp_path: Path, engine: str) -> None:
    tables = [markdown(name, numbered=numbered) for name in TABLES for numbered in (True, False)]
    document = tex.compile_tex(written(tmp_path, "\n\n".join(tables)), engine)
    tex.check_log(document.with_suffix(".log"))
    tex.check_pages(document)
    text = plain(" ".join(page.extract_text() for page in pypdf.PdfReader(document).pages))
    assert all(text.count(f"All of {name}.") == 2 for name in TABLES)
    for column in range(14):
        having = sum(column < columns for columns, *_ in TABLES.values())
        assert len(re.findall(rf"\b{LAST}{column}\b", text)) == 2 * having
    numbers = re.findall(r"Table (\d+)\. All of", text)
    assert sorted(map(int, numbers)) == list(range(1, len(TABLES) + 1))


@pytest.mark.latex
@pytest.mark.parametrize("engine", tex.ENGINES)
def test_a_character_that_no_font_has_is_never_left_out(tmp_path: Path, engine: str) -> None:
    source = written(tmp_path, "A name: 張.")
    with pytest.raises(AssertionError, match="Missing character: There is no 張"):
        tex.compile_tex(source, engine)
