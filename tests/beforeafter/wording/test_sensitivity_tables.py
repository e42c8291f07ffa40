"""Tables of the sensitivity analyses: which number stands in which cell, and under which head."""

from __future__ import annotations

import re

import pytest

from beforeafter.study import Study
from beforeafter.wording import Number
from beforeafter.wording import sensitivity_tables as tables


class Keys(dict[str, Number]):
    """Numbers whose text is their key, written as a p-value."""

    def __missing__(self, key: str) -> Number:
        return Number(0, f"P = {key}", "", None, "")


@pytest.fixture
def one(study: Study) -> Study:
    """A study of one secondary outcome."""
    outcome = study.outcomes[0].model_copy(update={"name": "pain", "abbreviation": "PAIN"})
    return study.model_copy(update={"outcomes": (outcome,)})


def cells(table: str) -> list[list[str]]:
    head, _, *rows = (
        [
            re.sub(r"</?span[^>]*>", "", cell).strip().replace("\u00a0", " ")
            for cell in line.strip("|").split("|")
        ]
        for line in table.splitlines()
    )
    return [head, *rows]


def sides(table: str) -> str:
    """Say of each column whether it stands left or right."""
    return "".join(
        "l" if column.startswith(":") else "r"
        for column in table.splitlines()[1].strip("|").split("|")
    )


def test_tests_side_by_side(one: Study) -> None:
    table = tables.tests_table(one, {"pain": Keys()}, {"pain": Keys()})
    assert cells(table) == [
        ["Outcome", "Paired t", "Signed-rank", "Permutation", "Adjusted", "Pseudo-median (CI)"],
        [
            "PAIN",
            "t_test.p",
            "wilcoxon.p",
            "permutation.p",
            "p",
            "P = hodges_lehmann.estimate (P = hodges_lehmann.lower to P = hodges_lehmann.upper)",
        ],
    ]
    assert sides(table) == "lrrrrr"
    assert cells(tables.tests_table(one, {"pain": Keys()}, {}))[1][4] == "–"


def test_lost_beside_seen(one: Study) -> None:
    table = tables.dropout_table(one, {"pain": Keys()})
    assert cells(table) == [
        ["Day 0", "Seen at day 30", "Lost", "Difference (CI)", "In SD"],
        [
            "PAIN",
            "P = dropout.seen.mean ± P = dropout.seen.standard_deviation",
            "P = dropout.lost.mean ± P = dropout.lost.standard_deviation",
            "P = dropout.difference (P = dropout.lower to P = dropout.upper)",
            "P = dropout.standardised_difference",
        ],
    ]
    assert sides(table) == "lrrrr"


def test_assumptions_below_each_other() -> None:
    table = tables.missing_table(Keys())
    head, *rows = cells(table)
    assert head == ["Assumption", "Patients", "Mean change (CI)", "P"]
    keys = {
        "Seen at both visits": "complete_cases",
        "Seen at either visit": "available_cases",
        "Lost: no change": "baseline_carried_forward",
        "Lost: imputed": "multiple_imputation",
        "Lost: worst score": "tipping_point.worst_case",
        "Lost: best score": "tipping_point.best_case",
    }
    assert rows == [
        [
            label,
            f"P = {key}.n_patients",
            f"P = {key}.mean (P = {key}.lower to P = {key}.upper)",
            f"{key}.p",
        ]
        for label, key in keys.items()
    ]
    assert sides(table) == "lrrr"


def test_what_would_tip_the_conclusion(one: Study) -> None:
    table = tables.tipping_table(one, {"pain": Keys()})
    worst = "tipping_point.worst_case"
    assert cells(table) == [
        [
            "Outcome",
            "Expected change of the lost",
            "Worse by",
            "The scale allows",
            "Mean change, all lost at worst (CI)",
        ],
        [
            "PAIN",
            "P = tipping_point.expected_change",
            "P = tipping_point.delta",
            "P = tipping_point.room",
            f"P = {worst}.mean (P = {worst}.lower to P = {worst}.upper)",
        ],
    ]
    assert sides(table) == "lrrrr"


def test_what_all_specifications_say(one: Study) -> None:
    table = tables.multiverse_table(one, {"pain": Keys()})
    assert cells(table) == [
        [
            "Outcome",
            "Specifications",
            "Interval all better",
            "Least change",
            "Greatest change",
            "Greatest P",
        ],
        ["PAIN", "P = n_specifications", "P = n_better", "P = least", "P = greatest", "greatest_p"],
    ]
    assert sides(table) == "lrrrrr"


def test_a_cell_never_breaks(one: Study) -> None:
    """A line break inside an interval would read as two numbers."""
    made = [
        tables.tests_table(one, {"pain": Keys()}, {}),
        tables.dropout_table(one, {"pain": Keys()}),
        tables.tipping_table(one, {"pain": Keys()}),
    ]
    for table in made:
        row = table.splitlines()[2].strip("| ")
        assert not [cell for cell in row.split(" | ") if " " in cell.strip()]
