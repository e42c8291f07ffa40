"""The sentences of the paper, with other facts: those that would be untrue are left out."""

from __future__ import annotations

import json

import pytest
from commands import ROOT

from paper.manuscript.conditions import holds, one_line, parts

TEXT = (ROOT / "paper.qmd").read_text()
FACTS = json.loads((ROOT / "results/numbers.json").read_text())["facts"]
OF_THIS_COHORT = (
    *("were better", "rest on the patients who came back", "would not survive"),
    *("it could explain all", "of what was seen", "would stand"),
    *("To explain all of it", "**Patients lost.** @tbl-dropout", "the largest P value"),
)


def printed(**others: bool) -> str:
    """Return the text that is left when some facts are others."""
    facts = FACTS | {name: FACTS[name] | {"holds": value} for name, value in others.items()}
    named = [part for part in parts(TEXT) if part.kind != "known"]
    gone = [part for part in named if not holds(part.condition, facts)]
    left = "".join(
        sign for place, sign in enumerate(TEXT) if not any(part.covers(place) for part in gone)
    )
    return one_line(left)


def test_an_edited_cohort_is_called_one_and_has_no_bounds() -> None:
    text = printed(as_printed=False, edited=True)
    assert "edited copy of a reconstruction" in text
    for words in (
        "built to satisfy",
        "ranges.n_cohorts",
        "has *bounds*",
        "Many cohorts have every",
    ):
        assert words in printed()
        assert words not in text


def test_of_this_cohort_each_is_printed() -> None:
    for sentence in OF_THIS_COHORT:
        assert sentence in printed(), sentence


def test_where_all_got_worse_nothing_is_said_to_have_got_better() -> None:
    with_side = {name: False for name, fact in FACTS.items() if fact["side"]}
    text = printed(**with_side, regression_may_explain_all=False, regression_has_shares=False)
    for sentence in ("were better", "would not survive", "could explain all", "of what was seen"):
        assert sentence not in text, sentence


def test_where_nobody_was_lost_nothing_rests_on_those_who_came_back() -> None:
    text = printed(some_lost=False)
    for sentence in (
        "who came back",
        "would not survive",
        "**Patients lost.** @tbl-dropout",
        "tbl-tipping",
    ):
        assert sentence not in text, sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pain_leaves_no_room", "Whatever score the scale allows them"),
        ("a_reliability_suffices", "To explain all of it"),
        ("tests_agree", "The three tests agree"),
        ("every_sign_counted", "both count every pattern"),
    ],
)
def test_a_sentence_goes_with_its_fact(name: str, sentence: str) -> None:
    assert sentence in printed()
    assert sentence not in printed(**{name: False})
