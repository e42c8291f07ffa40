"""Tables as people keep them: read as they are, or after one line in the study definition.

The numbers are those of R (`exact=FALSE`, `correct=FALSE`) and SciPy, of the values typed into each
table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cases
import odd
import pandas as pd
import pytest
from scipy import stats

from beforeafter.records import check_records, draft_study
from beforeafter.study import read_study

MEASURED = "12 7.0000 1.5374 11 7.0909 5.0909 -2.0000 1.4142 0.000853897 0.00731638"
READ: dict[str, tuple[dict[str, Any], str]] = {
    "merged_title.xlsx": (
        odd.wide("EN J0", "EN J30", records={"header_row": 3}),
        MEASURED,
    ),
    "three_visits.csv": (odd.three(compare=["day 0", "day 30"]), MEASURED),
    "three_visits.csv, day 7": (
        odd.three(compare=["day 0", "day 7"]),
        "12 7.0000 1.5374 12 7.0000 5.5000 -1.5000 0.5222 7.77353e-07 0.00165937",
    ),
    "three_visits.csv, suffixes": (
        odd.three(
            compare=["day 0", "day 30"],
            records={
                "columns": {"nrs": "EN"},
                "visits": {"suffixes": {"day 0": " J0", "day 7": " J7", "day 30": " J30"}},
            },
        ),
        MEASURED,
    ),
    "sheet_per_visit.xlsx": (
        odd.wide(
            "nrs_0",
            "nrs_30",
            records={
                "columns": {"nrs": "EN"},
                "visits": {"sheets": {"baseline": "J0", "follow_up": "J30"}},
            },
        ),
        MEASURED,
    ),
    "ids_across_visits.csv": (
        odd.wide(
            "nrs_0",
            "nrs_30",
            records={
                "columns": {"nrs": "EN"},
                "visits": {
                    "column": "visite", "baseline": "J0", "follow_up": "J30", "match": "alike"
                },
            },
        ),
        MEASURED,
    ),
    "rating_in_words.csv": (odd.wide("nrs_0", "nrs_30", pgic=True), MEASURED),
    "continuous.csv": (
        odd.wide("bpi_0", "bpi_30", step=None),
        "8 4.8804 1.7719 7 4.8395 3.6374 -1.2020 1.1952 0.0374831 0.0179605",
    ),
    "summary_rows.xlsx": (
        odd.wide(
            "SF J0",
            "SF J30",
            maximum=100,
            step=0.1,
            better="higher",
            records={"skip": ["Moyenne", "Écart-type"]},
        ),
        "8 35.5000 5.9030 8 35.5000 40.2875 4.7875 3.0647 0.00308748 0.0171536",
    ),
    "label_not_missing.sav": (
        odd.wide(
            "eva0",
            "eva30",
            maximum=100,
            records={"columns": {"eva30": {"name": "eva30", "missing": [99]}}},
        ),
        "12 70.0000 15.3741 10 72.0000 53.0000 -19.0000 14.4914 0.00249869 0.0111092",
    ),
}  # fmt: skip


def computed(cohort: pd.DataFrame, before: str, after: str) -> str:
    """The numbers of the case in the order above."""
    first, pairs = cohort[before].dropna(), cohort[[before, after]].dropna()
    change = pairs[after] - pairs[before]
    zeros = {"zero_method": "wilcox", "correction": False, "method": "approx"}
    return " ".join([
        f"{len(first)} {first.mean():.4f} {first.std():.4f}",
        f"{len(pairs)} {pairs[before].mean():.4f} {pairs[after].mean():.4f}",
        f"{change.mean():.4f} {change.std():.4f}",
        f"{stats.ttest_rel(pairs[after], pairs[before]).pvalue:.6g}",
        f"{stats.wilcoxon(change, **zeros).pvalue:.6g}",
    ])  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_the_right_numbers(case: str, tmp_path: Path) -> None:
    definition, numbers = READ[case]
    study = odd.study(definition)
    report = check_records(cases.write(case.split(",", maxsplit=1)[0], tmp_path), study)
    assert report.problems == []
    assert report.cohort is not None
    assert computed(report.cohort, *study.outcomes[0].columns.pair) == numbers


REFUSED = {
    "summary_rows.xlsx": (
        odd.wide("SF J0", "SF J30", maximum=100, step=0.1, better="higher"),
        [(10, "Moyenne", "row of totals"), (11, "Écart-type", "row of totals")],
    ),
    "label_not_missing.sav": (
        odd.wide("eva0", "eva30", maximum=100),
        [(3, 99.0, "99 has the label non fait"), (9, 99.0, "99 has the label non fait")],
    ),
    "ids_across_visits.csv": (
        odd.wide(
            "nrs_0",
            "nrs_30",
            records={
                "columns": {"nrs": "EN"},
                "visits": {"column": "visite", "baseline": "J0", "follow_up": "J30"},
            },
        ),
        [(14, "P01 and p01", "alike but for case or zeros")],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_read_wrongly_is_asked_about(case: str, tmp_path: Path) -> None:
    definition, expected = REFUSED[case]
    report = check_records(cases.write(case, tmp_path), odd.study(definition))
    assert report.cohort is None
    found = [(one.row, one.value, one.rule) for one in report.problems]
    assert [(row, value) for row, value, _ in found] == [one[:2] for one in expected]
    for (_, _, rule), (_, _, said) in zip(found, expected, strict=True):
        assert said in rule


def test_words_of_a_rating_are_its_codes(tmp_path: Path) -> None:
    definition, _ = READ["rating_in_words.csv"]
    report = check_records(cases.write("rating_in_words.csv", tmp_path), odd.study(definition))
    assert report.cohort is not None
    rated = report.cohort["pgic"].dropna()
    counts = [len(rated), int((rated <= 3).sum()), int((rated <= 2).sum()), int((rated == 4).sum())]
    assert counts == [10, 6, 5, 3]
    assert int((rated > 4).sum()) == 1
    assert ("pgic", "No change → 4, the category No change", 3) in [
        (one.column, one.what, one.cells) for one in report.conversions
    ]


# What is not certain is asked, and answered in one line.
EDITS = {"ids_across_visits.csv": ("    column: visite", "    column: visite\n    match: alike")}


@pytest.mark.parametrize("case", [case for case in READ if "," not in case])
def test_a_draft_reads_its_file_with_the_right_numbers(case: str, tmp_path: Path) -> None:
    table = cases.write(case, tmp_path)
    text = draft_study([table])
    if case in EDITS:
        assert "# ? check: codes of patients are alike but for case or zeros" in text
        text = text.replace(*EDITS[case])
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    study = read_study(file)
    report = check_records(table, study)
    assert report.problems == []
    assert report.cohort is not None
    assert computed(report.cohort, *study.outcomes[0].columns.pair) == READ[case][1]
    assert study.outcomes[0].better == odd.study(READ[case][0]).outcomes[0].better
