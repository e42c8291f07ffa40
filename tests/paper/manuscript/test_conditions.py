"""Sentences that hold only for some numbers: they follow the numbers, or the build stops."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from little import RECORD, write_little_paper, write_notebook

from paper.errors import PaperError
from paper.manuscript.check import check_sources
from paper.manuscript.conditions import (
    UnknownFactError,
    conjuncts,
    holds,
    parts,
    unmarked,
    values_of,
)
from paper.manuscript.printed_text import Passage
from paper.renderers.pandoc import pandoc
from paper.storage.project import open_project

FACTS = {
    "pain_fell": {"holds": True, "notebook": "a.ipynb", "cell": "b"},
    "real": {"holds": False, "notebook": "a.ipynb", "cell": "c"},
    "made": {"holds": True, "notebook": "a.ipynb", "cell": "d"},
}


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("pain_fell", True),
        ("real", False),
        ("not real", True),
        ("not real and made", True),
        ("made and pain_fell and not real", True),
        ("made and not pain_fell", False),
        ("made and not made", False),
        # What need not be known may be missing.
        ("real and nowhere", False),
    ],
)
def test_a_condition_names_facts(condition: str, answer: bool) -> None:
    assert holds(condition, FACTS) is answer


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "pain_fell or made",
        "not not made",
        "not",
        "made and",
        "made  and real",
        "(made)",
        "pain.mean < 0",
        "Made",
        "made, real",
        "made and not",
        "and",
        "__import__('os').system('true')",
    ],
)
def test_nothing_else_is_a_condition(condition: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the condition is the message)
        holds(condition, FACTS)


def test_a_fact_that_nothing_published_is_named() -> None:
    with pytest.raises(UnknownFactError, match="pain_fel"):
        holds("made and pain_fel", FACTS)


def test_facts_and_why_they_do_not_hold_are_told() -> None:
    assert conjuncts("made and not real") == {"made", "not real"}
    said = values_of("not made and pain_fell and real", FACTS)
    assert said == "made holds (a.ipynb, cell d), real does not hold (a.ipynb, cell c)"


TEXT = """\
Before. [Pain [fell]{.small} by {{< num x[0] >}}, see [1](a)]{says="made
and real"} and `[code]{says="no"}` and \\[not]{.a}.

::: {.banner when="made"}
Inner [one]{when="real"}.

::: {.other}
Deep.
:::
:::

After <!-- ]{says="no"} -->.
"""


def test_parts_are_found_with_their_ends() -> None:
    found = [(part.kind, part.condition, TEXT[part.start : part.end]) for part in parts(TEXT)]
    assert [(kind, condition) for kind, condition, _ in found] == [
        ("says", "made and real"),
        ("when", "made"),
        ("when", "real"),
    ]
    first, block, inner = (text for *_, text in found)
    assert first.startswith("[Pain [fell]")
    assert first.endswith('real"}')
    assert block.startswith("::: {.banner")
    assert block.endswith("Deep.\n:::\n:::")
    assert inner == '[one]{when="real"}'


def test_a_sentence_is_told_without_its_marks() -> None:
    assert unmarked('[A [b]{says="c < 0"} d]{when="e"}.', 0, 34) == "A b d."
    passage = Passage("a", 'One. [Pain fell.]{says="x < 0"} Two.', 0, 36)
    assert passage.sentence(8) == "Pain fell."


def edit(folder: Path, old: str, new: str, name: str = "paper.qmd") -> None:
    file = folder / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def said(folder: Path) -> list[str]:
    problems = check_sources(open_project(folder)).problems
    return [str(problem).replace("\n", " ") for problem in problems]


def test_an_if_known_part_has_the_keys_of_its_own_numbers() -> None:
    text = "[A {{< num a.b >}}[, {{< num a.c >}}]{.if-known} {{< num a.d >}}]{.small .if-known}"
    assert [(part.kind, part.condition) for part in parts(text)] == [
        ("known", "a.b a.d"),
        ("known", "a.c"),
    ]


FACT = 'from paper import fact\nfact("{name}", {holds})'


@pytest.fixture
def told(little: Path) -> Path:
    """Return the little paper with two facts, one of which does not hold."""
    cells = (FACT.format(name="pain_high", holds=True), FACT.format(name="pain_low", holds=False))
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), *cells)
    assert run_paper(little, "run").status == 0
    return little


def test_facts_are_collected_beside_the_numbers(told: Path) -> None:
    content = json.loads((told / "results/numbers.json").read_text())
    assert [*content] == ["pain.mean", "mood.mean", "facts"]
    where = {"notebook": "notebooks/b.ipynb", "cell": "cell-2"}
    assert content["facts"]["pain_high"] == {"holds": True, "side": None, "about": []} | where
    assert said(told) == []
    edit(told, '"holds": true', '"holds": false', "results/numbers.json")
    assert "not what the notebooks recorded: pain_high" in said(told)[0]


def test_a_claim_that_holds_is_no_problem(told: Path) -> None:
    edit(told, "See @tbl-pain", '[Pain was high.]{says="pain_high"} See @tbl-pain')
    assert said(told) == []


def test_a_claim_that_does_not_hold_stops_with_sentence_and_fact(told: Path) -> None:
    edit(told, "See @tbl-pain", '[Pain was *low*.]{says="pain_low"} See @tbl-pain')
    assert said(told) == [
        "paper.qmd, line 12, column 24: says 'Pain was *low*.', which is so if pain_low; but "
        "pain_low does not hold (notebooks/b.ipynb, cell cell-3) "
        "Rewrite the sentence, and its condition."
    ]
    ran = run_paper(told, "check")
    assert ran.status == 1
    assert "but pain_low does not hold" in ran.error


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            '[A]{says="pain_high"} [B]{when="pain_hihg"}',
            "publishes a fact 'pain_hihg' Nearest: pai",
        ),
        ('[A]{when="pain.mean > 2"}', "is not a condition"),
        ('::: {when="pain_low"}\n[A]{says="pain_low"}\n:::\n\n[B]{says="pain_low"}', "says 'B'"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_where_it_counts(
    told: Path, text: str, what: str
) -> None:
    edit(told, "See @tbl-pain", f"\n{text}\n\nSee @tbl-pain")
    (problem,) = said(told)
    assert what in problem


def test_the_claim_of_a_cell_is_that_of_its_caption_and_alternative_text(told: Path) -> None:
    notebook = "notebooks/a.ipynb"
    edit(told, "#| tbl-cap: ", '#| says: \\"pain_low\\"\\n#| tbl-cap: ', notebook)
    (problem,) = said(told)
    assert problem.startswith("notebooks/a.ipynb, cell tbl-pain, line 3")
    assert "says 'Pain of {{< num pain.mean >}} points.'" in problem


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ('fact("Pain fell", True)', "Pain fell: not a name of a fact"),
        ('fact("not", True)', "not: not a name of a fact"),
        ('fact("a", True, side="left")', "a: 'left' is no side"),
    ],
)
def test_what_is_no_fact_is_refused_where_it_is_said(little: Path, call: str, what: str) -> None:
    write_notebook(little / "notebooks/b.ipynb", f"from paper import fact\n{call}")
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert what in ran.error


def test_facts_told_twice_or_about_no_scale_are_refused(little: Path) -> None:
    twice = "from paper import fact\nfact('a', True)\nfact('a', True)\nfact('b', True, about='c')"
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), twice)
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert "cell cell-2: publishes the fact a, which notebooks/b.ipynb, cell cell-2, " in ran.error
    assert "the fact b is about 'c', which is no scale of the study" in ran.error


WITHHELD = """\
from types import SimpleNamespace
from paper import publish
few = SimpleNamespace(value=float("nan"), text="not shown", unit="points", n=3, rule="all")
publish({"mood.mean": few})
"""


def test_a_span_whose_number_is_withheld_goes_by_itself(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", WITHHELD)
    edit(
        little,
        "Pain was {{< num pain.mean >}} of {{< num mood.mean >}} at\nday 0",
        "[Pain: {{< num pain.mean >}}[ of {{< num mood.mean >}}]{.if-known} at day 0]{.if-known}",
    )
    edit(little, "See @tbl", "[Gone is {{< num mood.mean >}}.]{.if-known} See @tbl")
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    page = (little / "_manuscript/index.html").read_text()
    text = page.partition("<main")[2].partition("<script")[0]
    assert "at day 0" in text
    assert "not shown" not in text
    assert "Gone" not in text


GUARD = """\
from paper import applies_when, fact
fact("pain_high", {high})
applies_when("pain_high", holds={holds}, otherwise="Nothing to say.")
"""


def write_guarded(folder: Path, guard: str) -> None:
    inside = 'from paper import fact\nfact("inside", True)'
    write_notebook(folder / "notebooks/b.ipynb", guard, RECORD.format(key="mood"), inside)


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """Return a little paper whose second notebook applies only to great pain."""
    folder = tmp_path / "paper"
    write_little_paper(folder)
    write_guarded(folder, GUARD.format(high=True, holds=True))
    return folder


def test_what_some_data_do_not_have_is_used_only_where_that_is_said(guarded: Path) -> None:
    assert run_paper(guarded, "run").status == 0
    lacking = ' is there only when pain_high Use it in a part of its own: ::: {when="pain_high"}'
    (problem,) = said(guarded)
    assert f"mood.mean{lacking}" in problem
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain_high"}')
    assert said(guarded) == []
    edit(guarded, "See @tbl", '[A]{when="inside"} [B]{when="pain_high and inside"} @tbl')
    (problem,) = said(guarded)
    assert f"inside{lacking}" in problem


def test_a_notebook_that_does_not_apply_ends_in_one_line_and_the_text_leaves_it_out(
    guarded: Path,
) -> None:
    write_guarded(guarded, GUARD.format(high=False, holds=False))
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain_high"}')
    ran = run_paper(guarded, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    assert [*json.loads((guarded / "results/numbers.json").read_text())] == [
        "pain.mean",
        "facts",
        "applies",
    ]
    cells = json.loads((guarded / "notebooks/b.ipynb").read_text())["cells"]
    assert "**Not applicable.** Nothing to say." in json.dumps(cells[0]["outputs"])
    assert "Traceback" not in json.dumps(cells)
    assert (cells[1]["outputs"], cells[1]["execution_count"]) == ([], None)
    page = (guarded / "_manuscript/index.html").read_text()
    assert "mood" not in page.partition("<main")[2].partition("<script")[0]
    assert "Nothing to say." in (guarded / "_manuscript/notebooks/b-preview.html").read_text()


def test_a_notebook_that_ends_against_its_own_condition_is_found_out(guarded: Path) -> None:
    write_guarded(guarded, GUARD.format(high=False, holds=True))
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain_high"}')
    assert run_paper(guarded, "run").status == 0
    assert said(guarded) == [
        "notebooks/b.ipynb, cell cell-1: went on, but pain_high does not hold "
        "(notebooks/b.ipynb, cell cell-1)"
    ]


FILTERED = """\
---
title: 'A [b]{when="no"}[c]{when="yes"}'
subtitle: '[gone]{when="no"}'
abstract: |
  [Kept.]{says="yes"} [Left [out]{says="yes"}.]{when="no"}
---

::: {.banner when="no"}
Hidden.
:::

::: {.banner when="yes"}
Shown [deep]{when="yes and
yes" .num}.
:::

::: {says="yes"}
## Title

Block.
:::
"""


def test_the_filter_leaves_out_and_unwraps(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    answers = {"yes": True, "no": False, "yes and yes": True}
    (tmp_path / ".paper/conditions.json").write_text(json.dumps({"answers": answers}))
    (tmp_path / "a.md").write_text(FILTERED)
    arguments = [
        "a.md",
        f"--lua-filter={ROOT / '_extensions/paper/conditions.lua'}",
        "--standalone",
    ]
    pandoc([*arguments, "--to=markdown", "-o", "out.md"], tmp_path, {"PAPER_ROOT": str(tmp_path)})
    text = (tmp_path / "out.md").read_text()
    for word in ("gone", "Left", "out.", "Hidden", "says", "when"):
        assert word not in text, word
    for word in ("A c", "Kept.", "::: banner", "Shown [deep]{.num}.", "## Title", "Block."):
        assert word in text, word


def test_the_filter_does_not_guess(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    (tmp_path / ".paper/conditions.json").write_text('{"answers": {}}')
    (tmp_path / "a.md").write_text('[A]{when="pain_fell"}')
    arguments = ["a.md", f"--lua-filter={ROOT / '_extensions/paper/conditions.lua'}"]
    with pytest.raises(PaperError, match="a condition was not checked"):
        pandoc(arguments, tmp_path, {"PAPER_ROOT": str(tmp_path)})


READ_AS = {"plain": "markdown"}
SPACED = """\
one choice among many[ that satisfy [it ]{when="yes"}]{when="yes"}; x[ gone]{when="no"} y.
[a ]{when="yes"}b[, c]{when="yes"}. [One.]{says="yes"}[ Two.]{says="yes"}
Of [n]{.num}[ points]{says="yes"} (see[ c]{when="yes"})[ d]{when="yes"}
[mean]{when="yes"} – [a]{when="yes"}[b]{when="no"}–c
"""
UNSPACED = (
    "one choice among many that satisfy it; x y. a b, c. One. Two. Of n points (see c) d mean – a–c"
)


@pytest.mark.parametrize("form", ["plain", "html", "typst", "latex", "docx", "jats"])
def test_a_space_inside_the_brackets_of_a_part_is_kept(tmp_path: Path, form: str) -> None:
    (tmp_path / ".paper").mkdir()
    answers = {"answers": {"yes": True, "no": False}, "withheld": []}
    (tmp_path / ".paper/conditions.json").write_text(json.dumps(answers))
    (tmp_path / "a.md").write_text(SPACED)
    lua = f"--lua-filter={ROOT / '_extensions/paper/conditions.lua'}"
    place = {"PAPER_ROOT": str(tmp_path)}
    pandoc(["a.md", lua, f"--to={form}", "--wrap=none", "-o", f"out.{form}"], tmp_path, place)
    pandoc(
        [f"out.{form}", f"--from={READ_AS.get(form, form)}", "--to=plain", "--wrap=none", "-otext"],
        tmp_path,
        {},
    )
    text = " ".join((tmp_path / "text").read_text().split())
    assert text.replace(" ,", ",") == UNSPACED


# As Quarto hands a shortcode to a filter: in the text as a span without words, in metadata unread.
SPAN = '<span class="quarto-shortcode__" data-raw="{{&lt; num n &gt;}}"><span></span> </span>'
SHORTCODES = {SPAN: SPAN, "{{< num n >}}": "{{&lt; num n &gt;}}"}


@pytest.mark.parametrize("number", SHORTCODES, ids=["text", "metadata"])
def test_a_shortcode_is_a_word_beside_a_part(tmp_path: Path, number: str) -> None:
    (tmp_path / ".paper").mkdir()
    (tmp_path / ".paper/conditions.json").write_text('{"answers": {"yes": true}}')
    text = "N[ and N]{says=yes}[ (N; ]{says=yes}@fig-a)[ of]{says=yes} N[ [@cook]]{says=yes}."
    (tmp_path / "a.md").write_text(text.replace("N", number))
    lua = f"--lua-filter={ROOT / '_extensions/paper/conditions.lua'}"
    place = {"PAPER_ROOT": str(tmp_path)}
    page = pandoc(["a.md", lua, "--to=html", "--wrap=none"], tmp_path, place)
    said = re.sub("</?p>", "", page.replace(SHORTCODES[number], "N")).strip()
    assert re.sub("<[^>]*>", "", said) == "N and N (N; @fig-a) of N [@cook]."


def test_what_is_left_out_leaves_no_second_space(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    answers = {"answers": {"no": False, "yes": True}, "withheld": []}
    (tmp_path / ".paper/conditions.json").write_text(json.dumps(answers))
    part = '[b]{when="no"}'
    (tmp_path / "a.md").write_text(f"{part} A {part} c, d {part}. E {part} {part} f {part}\n")
    lua = f"--lua-filter={ROOT / '_extensions/paper/conditions.lua'}"
    place = {"PAPER_ROOT": str(tmp_path)}
    assert pandoc(["a.md", lua, "--to=plain", "--wrap=none"], tmp_path, place) == "A c, d. E f\n"
