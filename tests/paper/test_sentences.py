"""The sentences of the paper, with other numbers: those that would be untrue are left out."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from commands import ROOT

from paper.manuscript.conditions import holds, one_line, parts

TEXT = (ROOT / "paper.qmd").read_text()
NUMBERS = json.loads((ROOT / "results/numbers.json").read_text())
SCALES = ("nrs", "npsi", "sf12_mental", "sf12_physical", "hads_anxiety", "hads_depression")
HIGHER_IS_BETTER = ("sf12_mental", "sf12_physical")
OF_THIS_COHORT = (
    *("were better", "rest on the patients who came back", "would not survive"),
    *("explains a part of the change", "of what was seen", "lower than the first"),
    *("To explain all of it", "**Patients lost.** ["),
)


def printed(others: Mapping[str, float | None]) -> str:
    """Return the text that is left when some numbers are others."""
    numbers = NUMBERS | {key: {"value": value} for key, value in others.items()}
    gone = [part for part in parts(TEXT) if not holds(part.condition, numbers)]
    left = "".join(
        sign for place, sign in enumerate(TEXT) if not any(part.covers(place) for part in gone)
    )
    return one_line(left)


def test_an_edited_cohort_is_called_one_and_has_no_bounds() -> None:
    text = printed({"cohort.as_printed": 0.0, "cohort.edited": 1.0})
    assert "edited copy of a reconstruction" in text
    for words in ("built to satisfy", "ranges.n_cohorts", "has *bounds*", "is reproduced"):
        assert words in printed({})
        assert words not in text


def all_worse() -> dict[str, float]:
    worse: dict[str, float] = {}
    for name in SCALES:
        ends = (-4.0, -2.0) if name in HIGHER_IS_BETTER else (2.0, 4.0)
        worse |= dict(zip((f"{name}.change.lower", f"{name}.change.upper"), ends, strict=True))
        worse[f"{name}.multiverse.n_better"] = 0
    # As much as in this cohort, and all of it the other way.
    shares = [key for key in NUMBERS if key.endswith("share.proportion")]
    return worse | {key: -NUMBERS[key]["value"] for key in shares}


def test_of_this_cohort_each_is_printed() -> None:
    for sentence in OF_THIS_COHORT:
        assert sentence in printed({}), sentence


def test_where_all_got_worse_nothing_is_said_to_have_got_better() -> None:
    text = printed(all_worse())
    for sentence in ("were better", "would not survive", "explains a part", "of what was seen"):
        assert sentence not in text, sentence


def test_where_nobody_was_lost_nothing_rests_on_those_who_came_back() -> None:
    text = printed({"cohort.n_lost": 0})
    for sentence in ("who came back", "would not survive", "Patients lost.** [", "tbl-tipping"):
        assert sentence not in text, sentence


@pytest.mark.parametrize("months", [0.0, None])
def test_where_pain_came_back_at_once_or_never_no_reading_gives_less(months: float | None) -> None:
    assert "lower than the first" not in printed({"relief.naive.ended_only": months})


@pytest.mark.parametrize("reliability", [-0.2, 1.06, None])
def test_no_reliability_beyond_0_and_1_is_said_to_be_enough(reliability: float | None) -> None:
    key = "nrs.regression_to_the_mean.towards.mean_5.sufficient.reliability"
    assert "To explain all of it" not in printed({key: reliability})
