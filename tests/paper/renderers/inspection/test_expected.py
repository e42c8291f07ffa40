"""The text of a document, as Pandoc has it, is read as a reader reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT
from planted import PANDOC

from paper.errors import PaperError
from paper.renderers.inspection.expected import GAP, Expected, Number, read_expected


def read(markdown: str, tmp_path: Path) -> Expected:
    command = [PANDOC, "--from=markdown", "--to=json"]
    done = subprocess.run(command, input=markdown, capture_output=True, text=True, check=True)
    (tmp_path / "html.json").write_text(done.stdout)
    return read_expected(tmp_path / "html.json")


def texts(found: Expected) -> list[str]:
    return [block.text for block in found.flow]


def test_title_subtitle_and_abstract_come_first(tmp_path: Path) -> None:
    front = (
        "---\nabstract: |\n  One.\n\n  Two.\ntitle: A title\nsubtitle: And more\nauthor: N\n---\n"
    )
    assert texts(read(f"{front}\nText.", tmp_path)) == [
        "A title",
        "And more",
        "One.",
        "Two.",
        "Text.",
    ]


def test_each_block_is_read_in_its_place(tmp_path: Path) -> None:
    found = read(
        "# H\n\nOne *two* [three]{.smallcaps}\nfour ‘five’.\n\n1. a\n\n    b\n2. c\n\n> d\n\n"
        "::: box\ne\n:::\n\nf\n:   g\n\n| h\n| i\n\n```\nj  k\n```\n",
        tmp_path,
    )
    assert texts(found) == [
        "H", "One two three four ‘five’.", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j  k",
    ]  # fmt: skip


def test_marks_may_stand_before_headings_and_items_and_nothing_before_paragraphs(
    tmp_path: Path,
) -> None:
    found = read("---\nabstract: a\n---\n\n# b\n\nc\n\n- d\n\n::: e\nf\n:::\n", tmp_path)
    assert {block.text: block.is_marked for block in found.flow} == {
        "a": True,
        "b": True,
        "c": False,
        "d": True,
        "f": False,
    }


def test_what_each_format_prints_in_its_own_way_is_a_gap(tmp_path: Path) -> None:
    found = read(
        "One [@two], [three](#three), $x$, ![](y.png), `z`{=html} [four](a.html).", tmp_path
    )
    assert texts(found) == [f"One {GAP}, {GAP}, {GAP}, {GAP}, {GAP} four."]
    assert found.pictures == 1


def test_captions_and_notes_are_apart(tmp_path: Path) -> None:
    found = read(
        "One.^[Two.]\n\n![Three.](a.png)\n\n| a | b |\n|---|---|\n| c | d |\n\n: Four.\n", tmp_path
    )
    assert texts(found) == [f"One.{GAP}"]
    assert [block.text for block in found.floats if block.text != GAP] == [
        "Two.",
        "Three.",
        "Four.",
    ]
    assert [[row.cells for row in rows] for rows in found.tables] == [[("a", "b"), ("c", "d")]]
    assert found.pictures == 1


def test_numbers_are_read_wherever_they_stand(tmp_path: Path) -> None:
    found = read(
        "---\ntitle: '[1]{data-key=a}'\nabstract: '[2]{data-key=b}'\n---\n\n"
        "[3](x){data-key=c}^[[4]{vocab-term=d}]\n\n| [5]{data-key=e} |\n|---|\n| f |\n\n"
        ": [6]{data-key=f}\n",
        tmp_path,
    )
    assert sorted(found.numbers, key=lambda number: number.key) == [
        Number(key, text) for text, key in zip("123456", "abcdef", strict=True)
    ]


def quarto_float(*slots: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what Quarto makes of a figure or table."""
    attributes = [["__quarto_custom", "true"], ["__quarto_custom_type", "FloatRefTarget"]]
    scaffold = ["", [], [["__quarto_custom_scaffold", "true"]]]
    inner = [{"t": "Div", "c": [scaffold, blocks]} for blocks in slots]
    return {"t": "Div", "c": [["", [], attributes], inner]}


def test_a_figure_of_quarto_is_apart(tmp_path: Path) -> None:
    image = {"t": "Plain", "c": [{"t": "Image", "c": [["", [], []], [], ["a.svg", ""]]}]}
    caption = {"t": "Plain", "c": [{"t": "Str", "c": "Pain."}]}
    blocks = [{"t": "Para", "c": [{"t": "Str", "c": "Text."}]}, quarto_float([image], [caption])]
    document = {"meta": {}, "blocks": blocks}
    (tmp_path / "html.json").write_text(json.dumps(document))
    found = read_expected(tmp_path / "html.json")
    assert (texts(found), [block.text for block in found.floats]) == (["Text."], ["Pain.", GAP])
    assert found.pictures == 1


def test_a_renderer_that_keeps_no_text_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(PaperError) as refused:
        read_expected(tmp_path / "typst.json")
    assert str(refused.value).startswith("_quarto.yml: expected.lua did not keep the text of typst")
    assert "project: {type: paper}" in str(refused.value)


def test_a_reference_of_quarto_is_one_gap(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    reference = "`#ref(<fig-a>, supplement: [`{=typst}Figure`])`{=typst}"
    command = [PANDOC, "--to=typst", f"--lua-filter={ROOT / '_extensions/paper/expected.lua'}"]
    text, place = f"Seen ({reference}, {reference}).", {"PAPER_ROOT": str(tmp_path)}
    subprocess.run(command, input=text, env=place, text=True, check=True)
    found = read_expected(tmp_path / ".paper/expected/typst.json")
    assert texts(found) == [f"Seen ({GAP}, {GAP})."]
