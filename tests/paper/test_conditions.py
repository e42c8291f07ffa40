"""Sentences that hold only for some numbers: they follow the numbers, or the build stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from little import ALLOWED, RECORD, write_little_paper, write_notebook

from paper.errors import PaperError
from paper.manuscript.check import check_sources
from paper.manuscript.conditions import (
    UnknownKeyError,
    conjuncts,
    holds,
    keys_of,
    parts,
    unmarked,
)
from paper.manuscript.printed_text import Passage
from paper.renderers.pandoc import pandoc
from paper.storage.project import open_project

NUMBERS = {
    "pain.mean": {"value": -1.5},
    "pain.p": {"value": 0.03},
    "mood.mean": {"value": None},
    "real": {"value": 0.0},
    "made": {"value": 1.0},
}


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("pain.mean < 0", True),
        ("pain.mean > 0", False),
        ("pain.mean <= -1.5 <= 0", True),
        ("-2 < pain.mean < -1 and pain.p < 0.05", True),
        ("-2 < pain.mean < -1 and pain.p < 0.01", False),
        ("pain.p < 0.01 or pain.mean == -1.5", True),
        ("not pain.mean < 0", False),
        ("-pain.mean > pain.p", True),
        ("made", True),
        ("real", False),
        ("not real and made", True),
        ("pain.mean != -1.5", False),
        # What could not be estimated bears out no sentence, and not its opposite either.
        ("mood.mean < 0", False),
        ("not mood.mean < 0", False),
        ("made or mood.mean < 0", True),
        # What need not be known may be missing.
        ("real and nowhere > 1", False),
        ("made or nowhere > 1", True),
    ],
)
def test_a_condition_compares_numbers(condition: str, answer: bool) -> None:
    assert holds(condition, NUMBERS) is answer


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "pain.mean <",
        "pain.mean = 1",
        "pain.mean + 1 < 0",
        "abs(pain.mean) > 1",
        "__import__('os').system('true')",
        "pain['mean'] < 0",
        "'a' < 'b'",
        "True",
        "pain.mean in made",
        "(lambda: 1)()",
        "[made for made in real]",
        "made if real else made",
        "(made := 1)",
        "f'{made}'",
        "pain.mean is made",
        "(" * 500,
    ],
)
def test_nothing_else_is_a_condition(condition: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the expression is the message)
        holds(condition, NUMBERS)


def test_a_key_that_nothing_recorded_is_named() -> None:
    with pytest.raises(UnknownKeyError, match=r"pain\.meen"):
        holds("made and pain.meen < 0", NUMBERS)


def test_keys_and_what_must_hold_are_told_apart() -> None:
    keys = ["made", "mood.mean.upper", "pain.mean"]
    assert sorted(keys_of("-1 < pain.mean < mood.mean.upper and made")) == keys
    assert conjuncts("made and not  real") == {"made", "not real"}
    assert conjuncts("made or real") == {"made or real"}


TEXT = """\
Before. [Pain [fell]{.small} by {{< num x[0] >}}, see [1](a)]{says="pain.mean
< 0"} and `[code]{says="no"}` and \\[not]{.a}.

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
        ("says", "pain.mean < 0"),
        ("when", "made"),
        ("when", "real"),
    ]
    first, block, inner = (text for *_, text in found)
    assert first.startswith("[Pain [fell]")
    assert first.endswith('< 0"}')
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


def test_a_claim_that_holds_is_no_problem(little: Path) -> None:
    edit(little, "See @tbl-pain", '[Pain was high.]{says="pain.mean > 2"} See @tbl-pain')
    assert said(little) == []


def test_a_claim_that_does_not_hold_stops_with_sentence_and_numbers(little: Path) -> None:
    edit(little, "See @tbl-pain", '[Pain was *low*.]{says="pain.mean < 2"} See @tbl-pain')
    assert said(little) == [
        "paper.qmd, line 12, column 24: says 'Pain was *low*.', which is so if pain.mean < 2; but "
        "pain.mean is 2.5 Rewrite the sentence, and its condition."
    ]
    ran = run_paper(little, "check")
    assert ran.status == 1
    assert "but pain.mean is 2.5" in ran.error


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[A]{says="pain.mean"} [B]{when="pain.maen > 1"}', "recorded as 'pain.maen'"),
        ('[A]{when="pain.mean ~ 1"}', "is not a condition"),
        ('::: {when="pain.mean < 2"}\n[A]{says="pain.mean < 1"}\n:::\n\n[B]{says="0"}', "says 'B'"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_where_it_counts(
    little: Path, text: str, what: str
) -> None:
    edit(little, "See @tbl-pain", f"\n{text}\n\nSee @tbl-pain")
    (problem,) = said(little)
    assert what in problem


def test_the_claim_of_a_cell_is_that_of_its_caption_and_alternative_text(little: Path) -> None:
    notebook = "notebooks/a.ipynb"
    edit(little, "#| tbl-cap: ", '#| says: \\"pain.mean < 2\\"\\n#| tbl-cap: ', notebook)
    (problem,) = said(little)
    assert problem.startswith("notebooks/a.ipynb, cell tbl-pain, line 3")
    assert "says 'Pain of {{< num pain.mean >}} points.'" in problem


WORDS = f"""\
{ALLOWED}directional-words:
  words: [fell, bett\\w+]
  sections_without_results: [Methods]
  allowed:
    - {{text: "fell asleep", reason: of sleep}}
"""


def test_a_word_that_takes_a_side_stands_under_a_condition_or_is_allowed(little: Path) -> None:
    (little / "paper.yml").write_text(WORDS)
    where = "See @tbl-pain"
    edit(little, where, f'[Mood fell.]{{says="pain.mean > 2"}} Who fell asleep? {where}')
    assert said(little) == []
    edit(little, where, f'Pain fell. [Mood got better.]{{when="pain.mean"}} {where}')
    first, second = said(little)
    assert "'fell' takes a side whatever the numbers are: Pain fell." in first
    assert "'better' takes a side whatever the numbers are: Mood got better." in second
    edit(little, "## Results", "## Methods\n\nWe ask who fell.\n\n## Results")
    assert len(said(little)) == 2


def test_the_list_of_words_is_read_strictly(little: Path) -> None:
    words = little / "paper.yml"
    words.write_text(WORDS)
    assert said(little) == [
        "paper.yml, line 7: 'fell asleep' stands nowhere in the text or the captions "
        "Delete the entry."
    ]
    words.write_text(WORDS.replace("fell asleep", "sleep"))
    assert "'sleep' has none of the words" in said(little)[0]
    words.write_text(f"{ALLOWED}directional-words: {{words: [a]}}\n")
    assert "expected allowed, sections_without_results, words, each a list" in said(little)[0]


GUARD = """\
from paper import applies_when
applies_when("pain.mean > {least}", holds={holds}, otherwise="Nothing to say.")
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """Return a little paper whose second notebook applies only to great pain."""
    folder = tmp_path / "paper"
    write_little_paper(folder)
    guard = GUARD.format(least=2, holds=True)
    write_notebook(folder / "notebooks/b.ipynb", guard, RECORD.format(key="mood"))
    return folder


def test_what_some_data_do_not_have_is_used_only_where_that_is_said(guarded: Path) -> None:
    assert run_paper(guarded, "run").status == 0
    lacking = 'mood.mean is there only when pain.mean > 2 Use it in a part of its own: ::: {when="'
    (problem,) = said(guarded)
    assert lacking in problem
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain.mean > 2"}')
    assert said(guarded) == []
    edit(
        guarded,
        "See @tbl",
        '[A]{says="mood.mean > 1"} [B]{when="pain.mean > 2 and mood.mean"} @tbl',
    )
    (problem,) = said(guarded)
    assert lacking in problem


def test_a_notebook_that_does_not_apply_ends_in_one_line_and_the_text_leaves_it_out(
    guarded: Path,
) -> None:
    guard = GUARD.format(least=3, holds=False)
    write_notebook(guarded / "notebooks/b.ipynb", guard, RECORD.format(key="mood"))
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain.mean > 3"}')
    ran = run_paper(guarded, "build", "--renderer", "embedded")
    assert ran.status == 0, ran.error
    assert [*json.loads((guarded / "results/numbers.json").read_text())] == ["pain.mean"]
    cells = json.loads((guarded / "notebooks/b.ipynb").read_text())["cells"]
    assert "**Not applicable.** Nothing to say." in json.dumps(cells[0]["outputs"])
    assert "Traceback" not in json.dumps(cells)
    assert (cells[1]["outputs"], cells[1]["execution_count"]) == ([], None)
    page = (guarded / "_manuscript/index.html").read_text()
    assert "mood" not in page.partition("<main")[2].partition("<script")[0]
    assert "Nothing to say." in (guarded / "_manuscript/notebooks/b-preview.html").read_text()


def test_a_notebook_that_ends_against_its_own_condition_is_found_out(guarded: Path) -> None:
    guard = GUARD.format(least=3, holds=True)
    write_notebook(guarded / "notebooks/b.ipynb", guard, RECORD.format(key="mood"))
    edit(guarded, " of {{< num mood.mean >}}", '[ of {{< num mood.mean >}}]{when="pain.mean > 3"}')
    assert run_paper(guarded, "run").status == 0
    assert said(guarded) == ["notebooks/b.ipynb, cell cell-1: went on, but pain.mean is 2.5"]


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
Shown [deep]{when="no or
yes" .num}.
:::

::: {says="yes"}
## Title

Block.
:::
"""


def test_the_filter_leaves_out_and_unwraps(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    answers = {"yes": True, "no": False, "no or yes": True}
    (tmp_path / ".paper/conditions.json").write_text(json.dumps({"answers": answers}))
    (tmp_path / "a.md").write_text(FILTERED)
    arguments = ["a.md", f"--lua-filter={ROOT / '_extensions/num/conditions.lua'}", "--standalone"]
    pandoc([*arguments, "--to=markdown", "-o", "out.md"], tmp_path, {"PAPER_ROOT": str(tmp_path)})
    text = (tmp_path / "out.md").read_text()
    for word in ("gone", "Left", "out.", "Hidden", "says", "when"):
        assert word not in text, word
    for word in ("A c", "Kept.", "::: banner", "Shown [deep]{.num}.", "## Title", "Block."):
        assert word in text, word


def test_the_filter_does_not_guess(tmp_path: Path) -> None:
    (tmp_path / ".paper").mkdir()
    (tmp_path / ".paper/conditions.json").write_text('{"answers": {}}')
    (tmp_path / "a.md").write_text('[A]{when="pain.mean < 0"}')
    arguments = ["a.md", f"--lua-filter={ROOT / '_extensions/num/conditions.lua'}"]
    with pytest.raises(PaperError, match="a condition was not checked"):
        pandoc(arguments, tmp_path, {"PAPER_ROOT": str(tmp_path)})
