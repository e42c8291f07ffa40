"""Every odd file is read with the right numbers, or refused with its cause; never in between."""

from __future__ import annotations

from pathlib import Path

import good
import odd
import odd_files
import pytest
from matplotlib import pyplot as plt

from beforeafter.estimates import patient_flow
from beforeafter.figures import draw_flow
from beforeafter.records import Report, UnreadableError, check_records, draft_study
from beforeafter.study import read_study

FEWEST = 60


def checked(case: odd_files.Odd, folder: Path) -> Report:
    return check_records(case.make(folder), odd.study(case.definition))


def test_there_are_many_and_none_twice() -> None:
    names = [case.name for case in (*odd_files.ACCEPTED, *odd_files.REFUSED)]
    assert len({*names}) == len(names) >= FEWEST


@pytest.mark.parametrize("case", odd_files.ACCEPTED, ids=lambda case: case.name)
def test_an_odd_file_is_read(case: odd_files.Odd, tmp_path: Path) -> None:
    report = checked(case, tmp_path)
    assert report.problems == []
    assert report.cohort is not None
    before, after = odd.study(case.definition).outcomes[0].columns.pair
    pairs = report.cohort[[before, after]].dropna()
    assert sorted(report.cohort[before]) == sorted(odd_files.BEFORE)
    assert sorted(zip(pairs[before], pairs[after], strict=True)) == sorted(
        pair for pair in zip(odd_files.BEFORE, odd_files.AFTER, strict=True) if pair[1] is not None
    )


@pytest.mark.parametrize("case", odd_files.REFUSED, ids=lambda case: case.name)
def test_an_odd_file_is_refused_with_its_cause(case: odd_files.Odd, tmp_path: Path) -> None:
    try:
        report = checked(case, tmp_path)
    except UnreadableError as error:
        rules = [error.remark.told]
    else:
        assert report.cohort is None
        rules = [problem.told for problem in report.problems]
    assert any(case.says in rule for rule in rules), rules


# Of each kind one: a file of SPSS takes seconds, as a process of its own reads it.
@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [case for case in (*odd_files.ACCEPTED, *odd_files.REFUSED) if " in sav" not in case.name],
    ids=lambda case: case.name,
)
def test_a_draft_of_an_odd_file_is_a_definition(case: odd_files.Odd, tmp_path: Path) -> None:
    made = case.make(tmp_path)
    try:
        text = draft_study([*sorted(made.iterdir())] if made.is_dir() else [made])
    except UnreadableError as error:
        assert error.remark.told  # noqa: PT017
        return
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    assert read_study(file).outcomes


def test_patients_left_out_are_counted_once_with_their_reason(tmp_path: Path) -> None:
    rows = [[n, visit, 5, "A" if n < 4 else "B"] for n in range(1, 9) for visit in ("J0", "J30")]
    rows += [[1, visit, 9, "C"] for visit in ("J0", "J30")]
    file = good.write_csv([["patient", "visite", "nrs", "arm"], *rows], tmp_path / "p.csv")
    study = odd.study(odd_files.declared(**odd_files.LONG, only={"arm": "A"}))
    report = check_records(file, study)
    assert report.cohort is not None
    assert len(report.cohort) == 3
    assert report.cohort.attrs == {"left_out": {"arm is not A": 5}}
    flow = patient_flow(report.cohort, study)
    assert (flow.n_enrolled, flow.n_left_out) == (3, 5)
    figure = draw_flow(flow, study.protocol)
    assert "Not taken\narm is not A: n = 5" in [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)


def test_hidden_rows_that_are_passed_over_are_in_the_flow(tmp_path: Path) -> None:
    (case,) = (case for case in odd_files.ACCEPTED if case.name == "hidden, skipped")
    report = checked(case, tmp_path)
    assert report.cohort is not None
    assert report.cohort.attrs == {"left_out": {"hidden or struck out": 1}}
    flow = patient_flow(report.cohort, odd.study(case.definition))
    assert flow.left_out == (("hidden or struck out", 1),)


def test_bytes_are_the_text_that_they_are(tmp_path: Path) -> None:
    (case,) = (case for case in odd_files.ACCEPTED if case.name == "bytes in parquet")
    report = checked(case, tmp_path)
    assert report.cohort is not None
    assert report.cohort["patient"].tolist() == [f"P{number}" for number in range(1, 13)]


def test_a_patient_who_has_the_means_of_the_others_is_a_patient(tmp_path: Path) -> None:
    """Scores in tenths are as fine as their means are printed."""
    rows = [[1, 6.5, 3], [2, 7.0, 4], [3, 7.5, 2], [4, 8.0, 5], [5, 7.3, 3], [6, 7.2, 3]]
    file = good.write_csv([odd_files.plain()[0], *rows], tmp_path / "p.csv")
    report = check_records(file, odd.study(odd.wide(step=0.1)))
    assert report.problems == []
