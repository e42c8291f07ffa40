from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from beforeafter.study import Study
from beforeafter.wording import every_number

NUMBERS = Path(__file__).parents[3] / "results/numbers.json"


def test_it_holds_the_recorded_numbers_under_their_keys(cohort: pd.DataFrame, study: Study) -> None:
    recorded = json.loads(NUMBERS.read_text(encoding="utf-8"))
    names = {part.name for part in (*study.outcomes, *study.ratings, *study.durations)}
    computed = every_number(cohort, study)
    # The last three are there for what a figure shows.
    aside = re.compile(
        r"relief\.whole|hads_anxiety\.baseline_bounds|\w+\.(category_\d|quantiles|specifications)\."
    )
    expected = {
        key: entry["text"]
        for key, entry in recorded.items()
        if key.partition(".")[0] in names and not aside.match(key)
    }
    assert {key: number.text(number.value) for key, number in computed.items()} == expected


def test_subgroups_of_the_primary_outcome_are_among_them(
    cohort: pd.DataFrame, study: Study
) -> None:
    """The reconstructed patients have no characteristics; these are of every other sex."""
    cohort["sex"] = ["female", "male"] * 44 + ["female"]
    one = study.model_copy(update={"outcomes": study.outcomes[:1], "ratings": (), "durations": ()})
    computed = every_number(cohort, one)
    men = cohort[cohort.sex == "male"]
    change = (men["nrs_day30"] - men["nrs_day0"]).mean()
    assert computed["nrs.subgroups.sex.groups.male.mean"].value == pytest.approx(change)
