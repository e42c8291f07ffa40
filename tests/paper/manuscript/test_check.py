"""`paper check`: no typed number, no unknown name, everything at once and with its place."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from commands import ROOT, run_paper
from extract import NUMERAL
from little import ALLOWED, RECORD, write_notebook

from paper.manuscript.check import Checked, check_sources
from paper.manuscript.printed_text import SHORTCODE
from paper.storage.project import left_out, open_project


def check(folder: Path) -> Checked:
    return check_sources(open_project(folder))


def said(folder: Path) -> list[str]:
    return [str(problem).replace("\n", " ") for problem in check(folder).problems]


def edit(folder: Path, old: str, new: str, name: str = "paper.qmd") -> None:
    file = folder / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def place_of(folder: Path, wanted: str) -> str:
    """Say where a text first stands in the manuscript, counted by splitting lines."""
    lines = (folder / "paper.qmd").read_text().split("\n")
    line = next(number for number, line in enumerate(lines) if wanted in line)
    return f"paper.qmd, line {line + 1}, column {lines[line].index(wanted) + 1}: "


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a copy of the sources of the paper itself."""
    folder = tmp_path / "sources"
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def test_nothing_is_wrong_with_the_paper_and_that_is_known_within_a_second() -> None:
    start = time.process_time()
    checked = check(ROOT)
    assert time.process_time() - start < 1
    assert checked.problems == []
    assert len(checked.uses) > 150
    assert "nrs.change.mean" not in checked.unused
    assert "nrs.change.standard_deviation" in checked.unused


def test_each_number_of_the_paper_is_found_out_when_it_is_typed(sources: Path) -> None:
    article = sources / "paper.qmd"
    numbers = json.loads((sources / "results/numbers.json").read_text())
    keys = [s["argument"] for s in SHORTCODE.finditer(article.read_text()) if s["name"] == "num"]
    texts = [numbers[key]["text"] for key in keys]
    article.write_text(
        SHORTCODE.sub(
            lambda s: numbers[s["argument"]]["text"] if s["name"] == "num" else s[0],
            article.read_text(),
        )
    )
    typed = [problem for problem in check(sources).problems if "typed" in problem.what]
    assert len(typed) == sum(bool(NUMERAL.search(text)) for text in texts) > 150


def test_the_little_paper_is_in_order(little: Path) -> None:
    assert said(little) == []


TYPED = [
    ("Pain was {{< num pain.mean >}} of", "Pain was 7.1 of", "7.1"),
    ("  Pain was {{< num pain.mean >}} at", "  Pain was 26% at", "26%"),
    ("A little paper", "A paper on 89 patients", "89"),
    ("[@cook2020pain]", "(N=89) [@cook2020pain]", "N=89"),
    ("{{< embed", "| Pain |\n|---|\n| 5.59 |\n\n: Of 80.\n\n{{< embed", "5.59"),
    ("## Results", "## Results of ½ a year", "½"),
    ("## Results", "## Results at 3–6 months", "3–6"),
    ("See @tbl-pain", "See @tbl-pain, **0.5**", "0.5"),
]


@pytest.mark.parametrize(("old", "new", "shown"), TYPED)
def test_a_typed_number_has_its_line_and_column(
    little: Path, old: str, new: str, shown: str
) -> None:
    edit(little, old, new)
    assert f"{place_of(little, shown)}{shown} is typed, not computed." in said(little)[0]


@pytest.mark.parametrize("option", ["tbl-cap", "fig-alt"])
def test_a_typed_number_in_a_caption_has_its_cell(little: Path, option: str) -> None:
    edit(little, "#| tbl-cap: ", f"#| {option}: \\\"Of 7 points.\\\"\\n#| tbl-cap: ",
         "notebooks/a.ipynb")  # fmt: skip
    column = len(f'#| {option}: "Of ') + 1
    place = f"notebooks/a.ipynb, cell tbl-pain, line 2, column {column}"
    assert said(little)[0].startswith(f"{place}: 7 is typed, not computed.")


def test_a_recorded_number_with_the_typed_text_is_offered(little: Path) -> None:
    edit(little, "Pain was {{< num pain.mean >}} of", "Pain was 2.5 of")
    assert "Recorded with this text: pain.mean, mood.mean." in said(little)[0]


NO_NUMBER = [
    "`cohort89.csv`",
    "<!-- 89 -->",
    "[@cook2020pain; see @cook2020pain]",
    "<https://doi.org/10.1000/182>",
    "[text]{width=50%}",
    "```\n1 + 1\n```",
    "seven patients",
]


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number_of_the_prose_may_have_digits(little: Path, text: str) -> None:
    edit(little, "See @tbl-pain", f"{text}\n\nSee @tbl-pain")
    assert said(little) == []


@pytest.mark.parametrize("text", ["day 0.5", "day 05", "day 0%", "Monday 0", "day 0,5"])
def test_an_entry_allows_only_the_whole_text(little: Path, text: str) -> None:
    edit(little, "See @tbl-pain", f"On {text}. See @tbl-pain")
    assert len(said(little)) == 1


def test_an_entry_spans_lines_but_no_number(little: Path) -> None:
    edit(little, "See @tbl-pain", "On day\n0. See @tbl-pain")
    assert said(little) == []
    edit(little, "On day\n0", "On day {{< num pain.mean >}} 0")
    assert len(said(little)) == 1


BAD_ENTRIES = [
    ("- {text: week 9, reason: planned}", "'week 9' stands nowhere in the text or the captions"),
    ('- {text: "0", reason: zero}', "'0' alone would allow a result that looks the same"),
    ("- {text: day 0}", "an entry has a text and a reason, and nothing else"),
    ("- {text: day 0, reason: }", "text and reason are words"),
    ("- {text: day, reason: none}", "'day' has no digit to allow"),
    ("- day 0", "an entry has a text and a reason, and nothing else"),
]


@pytest.mark.parametrize(("entry", "what"), BAD_ENTRIES)
def test_a_bad_entry_has_its_line(little: Path, entry: str, what: str) -> None:
    (little / "paper.yml").write_text(f"{ALLOWED}{entry}\n")
    assert said(little)[0].startswith(f"paper.yml, line 3: {what}")


@pytest.mark.parametrize(
    ("text", "what"), [("a: [", "not YAML"), ("typed-numbers: {a: 1}", "not a list")]
)
def test_a_list_of_entries_that_is_none_is_refused(little: Path, text: str, what: str) -> None:
    (little / "paper.yml").write_text(text)
    assert any(line.startswith(f"paper.yml: {what}") for line in said(little))


@pytest.mark.parametrize("text", ["a: [", "typd-numbers: []", "- day 0", "typed-numbers: {a: 1}"])
def test_one_mistake_in_the_settings_is_said_once(little: Path, text: str) -> None:
    (little / "paper.yml").write_text(text)
    assert sum(line.startswith("paper.yml") for line in said(little)) == 1


def test_without_a_list_nothing_may_be_typed(little: Path) -> None:
    (little / "paper.yml").unlink()
    assert [line.partition(" is typed")[0][-2:] for line in said(little)] == [" 0", " 0"]


NAMES = [
    ("num mood.mean", "num mood.meen", "no number is recorded as 'mood.meen' Nearest: mood.mean"),
    ("num mood.mean", "nun mood.mean", "there is no shortcode 'nun' Nearest: num"),
    ("num mood.mean >}}", "num", "not a shortcode: {{< num at"),
    ("@tbl-pain", "@tbl-pian", "@tbl-pian refers to nothing embedded here Nearest: tbl-pain"),
    ("@cook2020pain", "@cook2020", "@cook2020 is not in the bibliography Nearest: cook2020pain"),
    (
        "ipynb#tbl-pain",
        "ipynb#tbl-pian",
        "has no cell labelled 'tbl-pian' It has: cell-1, tbl-pain",
    ),
]


@pytest.mark.parametrize(("old", "new", "what"), NAMES)
def test_an_unknown_name_has_its_place_and_the_nearest(
    little: Path, old: str, new: str, what: str
) -> None:
    edit(little, old, new)
    assert any(line.startswith("paper.qmd, line 1") and what in line for line in said(little))


def test_everything_is_told_at_once(little: Path) -> None:
    edit(little, "See @tbl-pain", "See @tbl-pian, 7.1 {{< num pain.men >}} [@nobody] in")
    ran = run_paper(little, "check")
    assert (ran.status, ran.output) == (1, "")
    for what in ("@tbl-pian refers", "7.1 is typed", "recorded as 'pain.men'", "@nobody is not"):
        assert what in ran.error
    assert "Traceback" not in ran.error


def test_a_key_recorded_twice_names_both_cells(little: Path) -> None:
    edit(little, "mood.mean", "pain.mean", "notebooks/b.ipynb")
    what = "notebooks/b.ipynb, cell cell-1: records pain.mean, which notebooks/a.ipynb, cell cell-1"
    assert any(line.startswith(what) for line in said(little))


def test_a_number_edited_by_hand_is_found_out(little: Path) -> None:
    edit(little, '"text": "2.5"', '"text": "1.5"', "results/numbers.json")
    assert said(little) == [
        "results/numbers.json: not what the notebooks recorded: pain.mean, mood.mean "
        "Run `paper run`; nobody edits it by hand."
    ]


@pytest.mark.parametrize(("text", "what"), [("[", "not a collection"), (None, "missing")])
def test_numbers_that_are_none_are_named(little: Path, text: str | None, what: str) -> None:
    numbers = little / "results/numbers.json"
    numbers.unlink()
    if text:
        numbers.write_text(text)
    assert said(little)[0].startswith(f"results/numbers.json: {what}")


def test_a_nan_is_refused(little: Path) -> None:
    for name in ("results/numbers.json", "notebooks/b.ipynb"):
        edit(little, '"text": "2.5"', '"text": "nan%"', name)
    edit(little, '"text": "2.5"', '"text": "nan%"', "notebooks/a.ipynb")
    assert said(little)[0].startswith("notebooks/a.ipynb, cell cell-1: pain.mean prints 'nan%'")


def test_a_build_stops_before_it_renders(little: Path) -> None:
    edit(little, "Pain was {{< num pain.mean >}} of", "Pain was 7.1 of")
    ran = run_paper(little, "build", "--renderer", "embedded")
    assert ran.status == 2
    assert "7.1 is typed, not computed" in ran.error
    assert "Manuscript" not in ran.error
    assert not (little / "_manuscript").exists()


def test_what_is_recorded_and_not_printed_is_counted_and_listed_when_asked(little: Path) -> None:
    edit(little, " of {{< num mood.mean >}}", "")
    assert "1 of 2 recorded numbers printed" in run_paper(little, "check").output
    assert run_paper(little, "check", "--unused").output == "mood.mean\n"


def test_a_check_warns_of_stale_numbers(little: Path) -> None:
    assert "Warning" not in run_paper(little, "check").error
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), "1 + 1")
    edit(little, " of {{< num mood.mean >}}", "")
    (little / "results/numbers.json").write_text(
        json.dumps(
            {"pain.mean": json.loads((little / "results/numbers.json").read_text())["pain.mean"]}
        )
    )
    assert "1 notebooks did not run since their inputs changed" in run_paper(little, "check").error
