"""A cohort that holds totals, answers to items, or both."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from beforeafter.estimates import paired_change, patient_flow
from beforeafter.records import read_cohort
from beforeafter.records.computed import score_totals
from beforeafter.study import Study, read_study
from declared import DataError

DATA = Path(__file__).resolve().parents[3] / "data"
Edit = Callable[[pd.DataFrame], object]

# Answers of two patients at both visits; the third has none. Anxiety (odd items) is 10 then 5, and
# 12 then 10; depression (even items) stays at 7, and at 14.
HADS = {
    "day0": ["11212121111111", "22222222221212", "." * 14],
    "day30": ["11111111110101", "22221212221212", "." * 14],
}


def item_columns(prefix: str, answers: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return text columns `prefix_item_visit` from a row of digits for each patient."""
    return {
        f"{prefix}_{item + 1}_{visit}": ["" if row[item] == "." else row[item] for row in rows]
        for visit, rows in answers.items()
        for item in range(len(rows[0]))
    }


def odd(row: str) -> int:
    return sum(map(int, row[::2]))


def even(row: str) -> int:
    return sum(map(int, row[1::2]))


TOTALS = [
    f"hads_{score}_{visit}" for score in ("anxiety", "depression") for visit in ("day0", "day30")
]


@pytest.fixture
def totals() -> pd.DataFrame:
    """Three patients of the file of this study, as text, lost ones last."""
    text = pd.read_csv(DATA / "cohort.csv", dtype=str, keep_default_na=False)
    seen, lost = text[text["nrs_day30"] != ""], text[text["nrs_day30"] == ""]
    return pd.concat([seen.head(2), lost.head(1)], ignore_index=True)


@pytest.fixture
def both(totals: pd.DataFrame) -> pd.DataFrame:
    """Return totals and the items of anxiety and depression, which agree."""
    table = totals.assign(**item_columns("hads", HADS))
    for visit, rows in HADS.items():
        table[f"hads_anxiety_{visit}"] = [*(str(odd(row)) for row in rows[:2]), ""]
        table[f"hads_depression_{visit}"] = [*(str(even(row)) for row in rows[:2]), ""]
    return table


@pytest.fixture
def items(both: pd.DataFrame) -> pd.DataFrame:
    return both.drop(columns=TOTALS)


def write(table: pd.DataFrame, folder: Path) -> Path:
    file = folder / "patients.csv"
    table.to_csv(file, index=False)
    return file


def refusal(table: pd.DataFrame, folder: Path, study: Study) -> list[str]:
    with pytest.raises(DataError) as refused:
        read_cohort(write(table, folder), study)
    return [line.removeprefix("patients.csv, ") for line in str(refused.value).splitlines()]


def test_items_give_the_totals(
    items: pd.DataFrame, both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    scored = read_cohort(write(items, tmp_path), study)
    recorded = read_cohort(write(both, tmp_path), study)
    pd.testing.assert_frame_equal(scored[recorded.columns], recorded)
    anxiety = [odd(row) for row in HADS["day0"][:2]]
    np.testing.assert_array_equal(scored["hads_anxiety_day0"], [*anxiety, math.nan])
    assert scored["hads_3_day30"].dtype == float


def test_analysis_of_scored_totals_is_that_of_recorded_ones(
    items: pd.DataFrame, both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    scored = read_cohort(write(items, tmp_path), study)
    recorded = read_cohort(write(both, tmp_path), study)
    outcome = study.outcome("hads_anxiety")
    assert repr(paired_change(scored, outcome, study.analysis)) == repr(
        paired_change(recorded, outcome, study.analysis)
    )
    assert patient_flow(scored, study) == patient_flow(recorded, study)


def test_only_some_outcomes_may_have_items(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    mixed = both.drop(columns=["hads_depression_day30"])
    scored = read_cohort(write(mixed, tmp_path), study)
    assert scored["hads_depression_day30"].tolist()[:2] == [even(r) for r in HADS["day30"][:2]]


def test_items_of_a_total_alone_may_be_there(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    """Anxiety needs the odd items; depression, recorded, is checked against none."""
    even_items = [f"hads_{n}_{visit}" for n in range(2, 15, 2) for visit in HADS]
    table = both.drop(columns=["hads_anxiety_day0", "hads_anxiety_day30", *even_items])
    scored = read_cohort(write(table, tmp_path), study)
    assert scored["hads_anxiety_day0"].tolist()[:2] == [odd(row) for row in HADS["day0"][:2]]


def test_prorated_total_may_lie_between_the_steps(
    items: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    for item in (1, 3, 5):
        items.loc[0, f"hads_{item}_day0"] = ""
    scored = read_cohort(write(items, tmp_path), study)
    kept = HADS["day0"][0][6::2]
    assert scored.loc[0, "hads_anxiety_day0"] == sum(map(int, kept)) * 7 / 4
    items.loc[0, "hads_7_day0"] = ""
    scored = read_cohort(write(items, tmp_path), study)
    assert math.isnan(scored.loc[0, "hads_anxiety_day0"])


def test_totals_in_tenths_agree_with_weighted_items(
    totals: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    answers = {
        "day0": ["332221213455", "511111156611", "." * 12],
        "day30": ["133222211165", "332221213455", "." * 12],
    }
    table = totals.assign(**item_columns("sf12", answers))
    table["sf12_physical_day0"] = ["54.0", "24.0", ""]
    table["sf12_physical_day30"] = ["56.6", "54.0", ""]
    table["sf12_mental_day0"] = ["46.0", "19.1", ""]
    table["sf12_mental_day30"] = ["60.8", "46.0", ""]
    read = read_cohort(write(table, tmp_path), study)
    assert read["sf12_mental_day0"].tolist()[:2] == [46.0, 19.1], "recorded totals stay"
    columns = [c for c in table if c.startswith(("sf12_mental", "sf12_physical"))]
    scored = read_cohort(write(table.drop(columns=columns), tmp_path), study)
    assert scored["sf12_physical_day0"].tolist()[:2] == pytest.approx([54.02145, 23.99938])
    table.loc[1, "sf12_physical_day0"] = "24.1"
    assert refusal(table, tmp_path, study) == [
        "row 3, column sf12_physical_day0: '24.1': its items give 23.9994"
    ]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (
            lambda t: t.__setitem__("hads_anxiety_day0", ["8", *t["hads_anxiety_day0"][1:]]),
            "row 2, column hads_anxiety_day0: '8': its items give 10",
        ),
        (
            lambda t: t.__setitem__("hads_anxiety_day0", ["10", "", ""]),
            "row 3, column hads_anxiety_day0: '': its items give 12",
        ),
        (
            lambda t: [t.__setitem__(f"hads_{n}_day0", ["", *t[f"hads_{n}_day0"][1:]])
                       for n in (1, 3, 5, 7)],
            "row 2, column hads_anxiety_day0: '10': "
            "its items give no score: 3 answered, at least 4 needed",
        ),
    ],
)  # fmt: skip
def test_total_that_is_not_what_its_items_give(
    edit: Edit, problem: str, both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    edit(both)
    assert refusal(both, tmp_path, study) == [problem]


def test_one_answer_is_enough_to_contradict_a_total(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    for n in range(3, 15, 2):
        both.loc[0, f"hads_{n}_day0"] = ""
    assert refusal(both, tmp_path, study) == [
        "row 2, column hads_anxiety_day0: '10': "
        "its items give no score: 1 answered, at least 4 needed"
    ]


def test_a_table_of_nothing_but_the_items_of_a_score_is_scored(study: Study) -> None:
    columns = [f"hads_{n}_day0" for n in range(1, 15, 2)]
    table, faults = score_totals(pd.DataFrame(1.0, index=[0], columns=columns), study)
    assert faults == []
    assert table["hads_anxiety_day0"].tolist() == [7]
    assert list(table) == [*columns, "hads_anxiety_day0"]


def test_total_without_any_answer_stands_alone(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    both.loc[2, "hads_anxiety_day0"] = "17"
    read = read_cohort(write(both, tmp_path), study)
    assert read.loc[2, "hads_anxiety_day0"] == 17


def test_every_disagreement_is_reported_at_once_with_rows_as_an_editor_counts(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    both.loc[0, "hads_anxiety_day0"] = "1"
    both.loc[1, "hads_depression_day30"] = "2"
    file = write(both, tmp_path)
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([head, "", *rows]), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_cohort(file, study)
    assert [problem.where for problem in refused.value.problems] == [
        "row 3, column hads_anxiety_day0",
        "row 4, column hads_depression_day30",
    ]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("4", "'4': one of the codes 0, 1, 2, 3"),
        ("1.5", "'1.5': one of the codes 0, 1, 2, 3"),
        ("often", "(not shown): not a number"),
    ],
)
def test_answer_that_is_no_code(
    value: str, rule: str, items: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    items.loc[1, "hads_3_day30"] = value
    assert refusal(items, tmp_path, study) == [f"row 3, column hads_3_day30: {rule}"]


def test_missing_item_columns_are_named(items: pd.DataFrame, tmp_path: Path, study: Study) -> None:
    short = items.drop(columns=["hads_3_day0", "hads_13_day0"])
    assert refusal(short, tmp_path, study) == [
        "column hads_anxiety_day0: 'hads_anxiety_day0': column is missing, "
        "and cannot be scored without hads_3_day0, hads_13_day0"
    ]


def test_items_in_part_check_nothing_and_are_refused(
    both: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    short = both.drop(columns=["hads_3_day0", "hads_5_day0", "hads_2_day0"])
    assert refusal(short, tmp_path, study) == [
        "column hads_anxiety_day0: 'hads_anxiety_day0': "
        "cannot be checked against its items without hads_3_day0, hads_5_day0",
        "column hads_depression_day0: 'hads_depression_day0': "
        "cannot be checked against its items without hads_2_day0",
    ]


def test_neither_total_nor_items(totals: pd.DataFrame, tmp_path: Path, study: Study) -> None:
    (problem,) = refusal(totals.drop(columns=["hads_anxiety_day0"]), tmp_path, study)
    assert problem.startswith("column hads_anxiety_day0: 'hads_anxiety_day0': column is missing, ")
    assert problem.endswith("hads_1_day0, hads_3_day0, hads_5_day0, hads_7_day0, hads_9_day0, "
                            "hads_11_day0, hads_13_day0")  # fmt: skip


def test_unknown_item_column_is_unknown(items: pd.DataFrame, tmp_path: Path, study: Study) -> None:
    (problem,) = refusal(items.assign(hads_15_day0=["1", "1", ""]), tmp_path, study)
    assert problem.startswith("column 41: (not shown): column is not in the study definition")


NPSI = {
    "day0": ["123445334567", "x23556334867", "." * 12],
    "day30": ["000100" + "1" * 6] * 3,
}


def npsi_columns() -> dict[str, list[str]]:
    columns = item_columns("npsi", NPSI)
    return {name: ["10" if cell == "x" else cell for cell in c] for name, c in columns.items()}


def test_subscore_as_an_outcome_of_the_study(
    totals: pd.DataFrame, tmp_path: Path, study: Study
) -> None:
    content = yaml.safe_load((DATA / "study.yml").read_text(encoding="utf-8"))
    (npsi,) = (outcome for outcome in content["outcomes"] if outcome["name"] == "npsi")
    items = {**npsi["items"], "score": "evoked"}
    columns = {"baseline": "evoked_day0", "follow_up": "evoked_day30"}
    evoked = {**npsi, "name": "evoked", "items": items, "columns": columns, "maximum": 10}
    content["outcomes"].append(evoked)
    (tmp_path / "instruments").symlink_to(DATA / "instruments")
    file = tmp_path / "study.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    wider = read_study(file)
    table = totals.assign(**npsi_columns()).drop(columns=["npsi_day0", "npsi_day30"])
    scored = read_cohort(write(table, tmp_path), wider)
    assert scored["evoked_day0"].tolist()[:2] == [4, (3 + 4 + 8) / 3]
    assert scored["npsi_day0"].tolist()[:2] == [40, 10 + 2 + 3 + 5 + 6 + 3 + 4 + 8 + 6 + 7]
    change = paired_change(scored, wider.outcome("evoked"), study.analysis)
    assert change.change.mean == pytest.approx((1 - 4 + 1 - 5) / 2)
