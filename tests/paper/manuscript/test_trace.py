"""`paper trace`: from a number to its cell and to its sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import ROOT, Ran, run_paper
from little import RECORD, write_notebook


def words(ran: Ran) -> str:
    return " ".join(ran.output.split())


def test_a_number_of_the_paper_answers_for_itself() -> None:
    ran = run_paper(ROOT, "trace", "nrs.change.mean")
    assert (ran.status, ran.error) == (0, "")
    number = json.loads((ROOT / "results/numbers.json").read_text())["nrs.change.mean"]
    value = number["value"]
    assert f"value {value} unit points n 80 rounding 2 decimals, ties up" in words(ran)
    assert "name Pain intensity: change of the mean, patients seen at both visits" in words(ran)
    assert "arithmetic 5.59 − 7.53 = −1.94" in words(ran)
    assert "standing bounded, −2.01 to −1.91" in words(ran)
    assert "notebook notebooks/02-pain-intensity.ipynb, cell nrs-change" in words(ran)
    assert 'pain = paired_change(cohort, study["nrs"])' in words(ran)
    assert "#| label" not in ran.output
    text = (ROOT / "paper.qmd").read_text()
    line = text[: text.rindex("{{< num nrs.change.mean >}}")].count("\n") + 1
    sentence = f"The mean change is pinned down: {number['text']} points."
    assert f"paper.qmd, line {line}, column" in words(ran)
    assert words(ran).endswith(sentence)


def test_every_sentence_and_caption_is_shown_with_its_place(little: Path) -> None:
    shown = words(run_paper(little, "trace", "pain.mean"))
    assert "paper.qmd, line 6, column 12 Pain was 2.5 at day 0." in shown
    assert "paper.qmd, line 11, column 10 Pain was 2.5 of 2.5 at day 0 [@cook2020pain]." in shown
    assert "notebooks/a.ipynb, cell tbl-pain, line 2, column 22" in shown
    assert "Pain of 2.5 points." in shown


def test_a_number_printed_nowhere_says_so(little: Path) -> None:
    article = little / "paper.qmd"
    article.write_text(article.read_text().replace(" of {{< num mood.mean >}}", ""))
    assert "no sentence" in run_paper(little, "trace", "mood.mean").output


def test_the_printed_text_of_a_publication_is_shown(little: Path) -> None:
    more = 'from paper import record_printed\nrecord_printed({"pain.mean": "2.50"})'
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), more)
    assert run_paper(little, "run").status == 0
    assert "publication 2.50" in words(run_paper(little, "trace", "pain.mean"))


@pytest.mark.parametrize("key", ["mood.meen", "", "mood"])
def test_an_unknown_key_names_the_nearest(little: Path, key: str) -> None:
    ran = run_paper(little, "trace", key)
    assert (ran.status, ran.output) == (1, "")
    assert f"no number is recorded as '{key}'" in ran.error
    assert "Nearest: mood.mean" in ran.error or not key
    assert "Traceback" not in ran.error
