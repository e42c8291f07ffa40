from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from paincohort.overview import every_number
from paincohort.study import Study

NUMBERS = Path(__file__).parents[2] / "results/numbers.json"


def test_it_holds_the_recorded_numbers_under_their_keys(cohort: pd.DataFrame, study: Study) -> None:
    recorded = json.loads(NUMBERS.read_text(encoding="utf-8"))
    names = {part.name for part in (*study.outcomes, *study.ratings, *study.durations)}
    computed = every_number(cohort, study)
    aside = ("relief.whole", "hads_anxiety.baseline_bounds")
    expected = {
        key: entry["text"]
        for key, entry in recorded.items()
        if key.partition(".")[0] in names and not key.startswith(aside)
    }
    assert {key: number.text(number.value) for key, number in computed.items()} == expected
