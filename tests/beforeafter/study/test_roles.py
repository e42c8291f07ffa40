"""One role for each column: what is looked at twice has the checks of its first role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import odd
import pytest

from beforeafter.records import check_records
from beforeafter.study import roles
from declared import DataError

AGE = {"name": "age", "label": "Age", "column": "age", "unit": "years"}
SEX = {"name": "sex", "label": "Sex", "column": "sex", "categories": ["female", "male"]}
TIME = {
    "name": "relief", "label": "Relief", "columns": {"time": "t", "event": "e"}, "event": "relapse",
    "event_free": "free", "unit": "months", "step": 1, "horizon": 6, "decimals": {"default": 1},
}  # fmt: skip
BASELINE = {"name": "start", "label": "Pain", "column": "nrs_0", "unit": "points"}


def of(*others: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return odd.wide(others=[*others]) | parts


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "age and sex in one column": (of(AGE, SEX | {"column": "age"}), "'age': column used twice"),
    "time and event in one column": (
        of(durations=[TIME | {"columns": {"time": "t", "event": "t"}}]),
        "'t': column used twice",
    ),
    "an outcome's column as a number": (of(BASELINE), "'nrs_0': column used twice"),
    "an outcome's column as categories": (
        of(SEX | {"column": "nrs_0"}), "'nrs_0': column used twice"
    ),
    "a rating's column": (
        of(AGE | {"column": "pgic"}, ratings=odd.wide(pgic=True)["ratings"]),
        "'pgic': column used twice",
    ),
    "the column of patients": (of(AGE | {"column": "patient"}), "is the column of patients"),
    "a name twice": (of(AGE, SEX | {"name": "age"}), "'age': name used twice"),
    "a category twice": (
        of(SEX | {"categories": ["Female", "male", " female"]}), "category given twice"
    ),
    "a step too fine": (odd.wide(step=1e-9), "too fine to check"),
    "an unknown visit is compared": (
        odd.wide(records={"visits": {"sheets": {"baseline": "a", "day 7": "b"}}}),
        "'follow_up': compared, and not among the visits",
    ),
    "a visit that records have not": (
        odd.three(
            compare=["day 0", "day 30"],
            records={"visits": {"sheets": {"day 0": "a", "day 30": "b"}}},
        ),
        "'day 7': not among the visits of the records",
    ),
    "one visit compared with itself": (
        odd.three(compare=["day 0", "day 0"]), "expected two visits"
    ),
    "an unknown visit": (
        odd.three(compare=["day 0", "day 3"]), "'day 3': no such visit of an outcome"
    ),
    "rows from the last to the first": (
        odd.wide(records={"rows": [10, 2]}), "expected the first row and the last"
    ),
    "an outcome's column tells the visit": (
        odd.wide(records={"visits": {"column": "nrs", "baseline": 1, "follow_up": 2}}),
        "'nrs': is another column of the study",
    ),
    "an outcome's column at another visit": (
        odd.wide(columns={"baseline": "a", "follow_up": "b", "other": {"week": "a"}}),
        "'a': column used twice",
    ),
    "a column of dates twice": (
        of(
            durations=[TIME],
            records={"dates": {"relief": {"start": "d", "event": "d", "last_seen": "e"}}},
        ),
        "'d': column used twice",
    ),
    "an outcome's column as a date": (
        of(
            durations=[TIME],
            records={"dates": {"relief": {"start": "nrs_0", "event": "d", "last_seen": "e"}}},
        ),
        "'nrs_0': column used twice",
    ),
    "a visit twice": (
        odd.wide(records={"visits": {"suffixes": {"baseline": "a", "follow_up": "a"}}}),
        "a stands for two of them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_study_that_says_two_things_is_refused(case: str) -> None:
    definition, rule = REFUSED[case]
    with pytest.raises(DataError) as refused:
        odd.study(definition)
    assert rule in str(refused.value)


def test_cuts_of_the_baseline_keep_the_checks_of_the_outcome(tmp_path: Path) -> None:
    study = odd.study(of(BASELINE | {"cuts": [5]}))
    role = roles(study)["nrs_0"]
    assert (role.outcome, role.minimum, role.maximum, role.step) == ("nrs", 0, 10, 1)
    file = tmp_path / "p.csv"
    file.write_text("patient,nrs_0,nrs_30\n1,70,5\n2,7,5\n", encoding="utf-8")
    (problem,) = check_records(file, study).problems
    assert (problem.row, problem.rule) == (2, "from 0 to 10")
    file.write_text("patient,nrs_30\n1,5\n", encoding="utf-8")
    (problem,) = check_records(file, study).problems
    assert (problem.column, problem.rule) == ("nrs_0", "column is missing")


def test_other_visits_are_checked_like_those_compared(tmp_path: Path) -> None:
    study = odd.study(odd.three(compare=["day 0", "day 30"]))
    file = tmp_path / "p.csv"
    file.write_text("patient,EN J0,EN J7,EN J30\n1,7,70,5\n2,7,,5\n", encoding="utf-8")
    report = check_records(file, study)
    assert [(one.row, one.column, one.rule) for one in report.problems] == [
        (2, "EN J7", "from 0 to 10")
    ]
    assert ("EN J7", 1, 1) in [(one.column, one.recorded, one.missing) for one in report.recorded]


def test_scores_at_a_visit_without_a_column_are_told(tmp_path: Path) -> None:
    visits = {"column": "v", "baseline": "J0", "follow_up": "J30", "other": ["J7"]}
    study = odd.study(odd.wide(records={"visits": visits}))
    file = tmp_path / "p.csv"
    file.write_text("patient,v,nrs\n1,J0,7\n1,J7,6\n1,J30,5\n2,J0,7\n", encoding="utf-8")
    report = check_records(file, study)
    assert report.problems == []
    assert [(one.column, one.rule) for one in report.doubts if "read" in one.rule] == [
        ("nrs", "1 values at the other visit were not read")
    ]
    assert ("patient", "patients have a row of the baseline visit only", 1) in [
        (one.column, one.what, one.cells) for one in report.conversions
    ]
