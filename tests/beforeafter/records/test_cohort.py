"""Reading the patients: what is accepted, and how a refusal names the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from beforeafter.estimates import patient_flow
from beforeafter.records import plain_cells, read_cohort
from beforeafter.study import Characteristic, Study
from declared import DataError

# Three patients: complete, lost after baseline, and seen again without a duration.
HEADER = [
    "patient",
    "nrs_day0",
    "nrs_day30",
    "npsi_day0",
    "npsi_day30",
    "sf12_mental_day0",
    "sf12_mental_day30",
    "sf12_physical_day0",
    "sf12_physical_day30",
    "hads_anxiety_day0",
    "hads_anxiety_day30",
    "hads_depression_day0",
    "hads_depression_day30",
    "pgic",
    "relief_months",
    "recurrence_observed",
]
ROWS = (
    "P1,7,5,48,30,31.4,36.4,30.2,32.8,11,9,10,8,2,3,true",
    "P2,8,,50,,30.1,,29.9,,12,,11,,,,",
    "P3,9,7,60,55,25.0,28.3,31.1,30.7,15,14,12,12,4,,",
)
RECONSTRUCTED = Path(__file__).parents[3] / "data/cohort.csv"
NO_PATIENTS = "file: no rows below the header: a cohort has one patient or more"
Table = list[list[str]]
Refused = Callable[[Table], list[str]]


@pytest.fixture
def table() -> Table:
    return [list(HEADER), *(row.split(",") for row in ROWS)]


def write(table: Sequence[Sequence[str]], folder: Path) -> Path:
    file = folder / "patients.csv"
    file.write_text("".join(",".join(row) + "\n" for row in table), encoding="utf-8")
    return file


def put(table: Table, line: int, column: str, value: str) -> None:
    """Change a cell; lines count as in an editor, the header being line 1."""
    table[line - 1][HEADER.index(column)] = value


@pytest.fixture
def refused(tmp_path: Path, study: Study) -> Refused:
    return lambda table: refusal(write(table, tmp_path), study)


def refusal(file: Path, study: Study) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_cohort(file, study)
    assert caught.value.file == file
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file.name}, ") for line in lines)
    return [line.removeprefix(f"{file.name}, ") for line in lines]


def test_good_file_is_read(table: Table, tmp_path: Path, study: Study) -> None:
    cohort = read_cohort(write(table, tmp_path), study)
    assert list(cohort.columns) == HEADER
    assert cohort["patient"].tolist() == ["P1", "P2", "P3"]
    assert cohort["sf12_mental_day0"].tolist() == [31.4, 30.1, 25.0]
    assert cohort["nrs_day30"].dtype == float
    assert cohort["nrs_day30"].isna().tolist() == [False, True, False]
    assert cohort["recurrence_observed"].dtype == "boolean"
    assert cohort["recurrence_observed"].tolist() == [True, pd.NA, pd.NA]


def test_reconstructed_cohort_is_read(cohort: pd.DataFrame) -> None:
    assert len(cohort) == 89


def test_order_of_columns_is_free(table: Table, tmp_path: Path, study: Study) -> None:
    there = read_cohort(write(table, tmp_path), study)
    back = read_cohort(write([row[::-1] for row in table], tmp_path), study)
    pd.testing.assert_frame_equal(back[HEADER], there)


def test_declared_characteristics_may_be_there(
    table: Table, tmp_path: Path, study: Study, refused: Refused
) -> None:
    more = (("age", "sex"), ("54", "female"), ("61.5", "male"), ("", ""))
    wide = [[*row, *extra] for row, extra in zip(table, more, strict=True)]
    cohort = read_cohort(write(wide, tmp_path), study)
    assert cohort["age"].tolist()[:2] == [54, 61.5]
    wide[1][-2:] = ["17", "woman"]
    assert refused(wide) == [
        "row 2, column age: '17': from 18 to 110",
        "row 2, column sex: (not shown): one of female, male",
    ]


@pytest.mark.parametrize(
    ("bounds", "problem"),
    [
        ({}, None),
        ({"minimum": 5}, None),
        ({"minimum": 5.5}, "'5': at least 5.5"),
        ({"maximum": 5}, None),
        ({"maximum": 4.5}, "'5': at most 4.5"),
        ({"minimum": 5, "maximum": 5}, None),
        ({"minimum": 1, "maximum": 4}, "'5': from 1 to 4"),
    ],
)
def test_a_characteristic_may_have_either_bound_or_none(
    bounds: dict[str, float], problem: str | None, table: Table, tmp_path: Path, study: Study
) -> None:
    years = Characteristic(name="years", label="Years in pain", column="years", unit="y", **bounds)
    here = study.model_copy(update={"characteristics": (years,)})
    wide = [[*row, more] for row, more in zip(table, ("years", "5", "", ""), strict=True)]
    file = write(wide, tmp_path)
    if problem is None:
        assert read_cohort(file, here)["years"].tolist()[0] == 5
    else:
        assert refusal(file, here) == [f"row 2, column years: {problem}"]


@pytest.mark.parametrize(("score", "refused"), [("0.5", False), ("1.5", False), ("2", True)])
def test_steps_are_counted_from_the_minimum(
    score: str, refused: bool, table: Table, tmp_path: Path, study: Study
) -> None:
    outcome = study.outcomes[0].model_copy(update={"minimum": 0.5, "step": 1})
    here = study.model_copy(update={"outcomes": (outcome, *study.outcomes[1:])})
    for line, row in enumerate(table[1:], start=2):
        put(table, line, "nrs_day0", score)
        put(table, line, "nrs_day30", "1.5" if row[2] else "")
    file = write(table, tmp_path)
    if refused:
        assert refusal(file, here) == [
            f"row {line}, column nrs_day0: '2': in steps of 1 from 0.5" for line in (2, 3, 4)
        ]
    else:
        assert read_cohort(file, here)["nrs_day0"].tolist() == [float(score)] * 3


@pytest.mark.parametrize(
    ("cell", "value", "problem"),
    [
        ("row 3, column nrs_day0", "seven", "(not shown): not a number"),
        ("row 4, column npsi_day30", "NA", "'NA': not a number"),
        ("row 2, column nrs_day0", "11", "'11': from 0 to 10"),
        ("row 2, column nrs_day30", "-1", "'-1': from 0 to 10"),
        ("row 4, column nrs_day0", "7.5", "'7.5': in steps of 1 from 0"),
        ("row 4, column sf12_mental_day0", "31.45", "'31.45': in steps of 0.1 from 5.8"),
        ("row 2, column pgic", "8", "'8': from 1 to 7"),
        ("row 2, column pgic", "0", "'0': from 1 to 7"),
        ("row 2, column pgic", "2.5", "'2.5': in steps of 1 from 1"),
        ("row 2, column relief_months", "-1", "'-1': from 0 to 6"),
        ("row 2, column relief_months", "2.5", "'2.5': in steps of 1 from 0"),
        ("row 2, column recurrence_observed", "yes", "(not shown): true or false"),
        ("row 2, column recurrence_observed", "", "'': time and event go together"),
        ("row 2, column relief_months", "", "'': time and event go together"),
        ("row 3, column patient", "", "'': may not be empty"),
    ],
)
def test_wrong_cell_is_named(
    cell: str, value: str, problem: str, table: Table, refused: Refused
) -> None:
    line, column = cell.removeprefix("row ").split(", column ")
    put(table, int(line), column, value)
    assert refused(table) == [f"{cell}: {problem}"]


@pytest.mark.parametrize("column", ["sf12_mental_day0", "sf12_physical_day30"])
def test_every_tenth_is_on_step(column: str, table: Table, tmp_path: Path, study: Study) -> None:
    scale = next(outcome for outcome in study.outcomes if column in outcome.columns.pair)
    tenths = range(round(10 * scale.minimum), round(10 * scale.maximum) + 1)
    rows = [[f"P{number}", *table[1][1:]] for number in tenths]
    for number, row in zip(tenths, rows, strict=True):
        row[HEADER.index(column)] = f"{number / 10:.1f}"
    cohort = read_cohort(write([HEADER, *rows], tmp_path), study)
    assert cohort[column].tolist() == [number / 10 for number in tenths]


def test_duplicate_patient_is_named_in_both_rows(table: Table, refused: Refused) -> None:
    put(table, 4, "patient", "P1")
    assert refused(table) == [
        "row 2, column patient: (not shown): each patient has one row",
        "row 4, column patient: (not shown): each patient has one row",
    ]


def test_missing_column_is_named(table: Table, refused: Refused) -> None:
    gone = HEADER.index("nrs_day30")
    short = [[cell for at, cell in enumerate(row) if at != gone] for row in table]
    assert refused(short) == [
        "column nrs_day30: 'nrs_day30': column is missing: "
        "records: columns may say what it is called there"
    ]


def test_unknown_column_is_named(table: Table, refused: Refused) -> None:
    wide = [[*row, extra] for row, extra in zip(table, ["weight", "70", "", "80"], strict=True)]
    assert refused(wide) == [
        "column 17: (not shown): column is not in the study definition: "
        "remove it, or declare it there, if only under records: ignore"
    ]


def test_every_problem_is_reported_at_once(table: Table, refused: Refused) -> None:
    put(table, 2, "nrs_day0", "70")
    put(table, 3, "nrs_day0", "7.5")
    put(table, 4, "nrs_day0", "high")
    put(table, 4, "npsi_day0", "nan")
    put(table, 3, "relief_months", "4")
    put(table, 2, "recurrence_observed", "perhaps")
    put(table, 3, "patient", "P1")
    assert sorted(refused(table)) == [
        "row 2, column nrs_day0: '70': from 0 to 10",
        "row 2, column patient: (not shown): each patient has one row",
        "row 2, column recurrence_observed: (not shown): true or false",
        "row 3, column nrs_day0: '7.5': in steps of 1 from 0",
        "row 3, column patient: (not shown): each patient has one row",
        "row 3, column recurrence_observed: '': time and event go together",
        "row 4, column npsi_day0: 'nan': not a number",
        "row 4, column nrs_day0: (not shown): not a number",
    ]


def test_several_half_known_durations_are_reported_at_once(table: Table, refused: Refused) -> None:
    put(table, 2, "relief_months", "")
    put(table, 4, "relief_months", "3")
    assert refused(table) == [
        "row 2, column relief_months: '': time and event go together",
        "row 4, column recurrence_observed: '': time and event go together",
    ]


def test_blank_lines_are_passed_over_and_counted(
    table: Table, tmp_path: Path, study: Study, refused: Refused
) -> None:
    empty = [""] * len(HEADER)  # as a spreadsheet saves a row once used
    spaced = [table[0], table[1], [""], empty, table[2], table[3], empty, [""]]
    cohort = read_cohort(write(spaced, tmp_path), study)
    assert cohort.index.tolist() == [0, 1, 2]
    put(table, 3, "nrs_day0", "11")
    assert refused(spaced) == ["row 5, column nrs_day0: '11': from 0 to 10"]


@pytest.mark.parametrize("lines", [[2], [2, 3, 4]])
def test_row_longer_than_the_header_does_not_shift_the_columns(
    lines: list[int], table: Table, refused: Refused
) -> None:
    for line in lines:
        table[line - 1].append("1")
    assert refused(table)[: len(lines)] == [
        f"row {line}: more cells than columns" for line in lines
    ]


def test_later_row_longer_than_the_header(table: Table, refused: Refused) -> None:
    table[2].append("1")
    assert refused(table) == ["row 3: more cells than columns"]


def test_column_twice_is_refused(table: Table, refused: Refused) -> None:
    table[0][2] = "nrs_day0"
    rule = "2 columns have this name: keep one of them"
    assert f"column nrs_day0: 'nrs_day0': {rule}" in refused(table)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file: the file is empty"),
        (",".join(HEADER).encode(), NO_PATIENTS),
        (",".join(HEADER).encode() + b"\n\n,,\n", NO_PATIENTS),
    ],
)
def test_file_without_patients(content: bytes, message: str, tmp_path: Path, study: Study) -> None:
    file = tmp_path / "patients.csv"
    file.write_bytes(content)
    assert refusal(file, study) == [message]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (bytes(range(256)) * 4, "file: not text in UTF-8: "),
        (b'patient,nrs_day0\n"1,5\n', "file: line 2 is not a row of a table: "),
    ],
)
def test_file_that_is_no_table(content: bytes, problem: str, tmp_path: Path, study: Study) -> None:
    file = tmp_path / "patients.csv"
    file.write_bytes(content)
    (message,) = refusal(file, study)
    assert message.startswith(problem)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_marks_of_other_systems_are_no_content(
    ending: str, table: Table, tmp_path: Path, study: Study
) -> None:
    file = write(table, tmp_path)
    expected = read_cohort(file, study)
    text = file.read_text(encoding="utf-8").replace("\n", ending)
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    pd.testing.assert_frame_equal(read_cohort(file, study), expected)


def test_missing_file(tmp_path: Path, study: Study) -> None:
    file = tmp_path / "nowhere.csv"
    assert refusal(file, study) == [f"file: {str(file)!r}: no such file"]


def test_flow_counts_patients(table: Table, tmp_path: Path, study: Study) -> None:
    flow = patient_flow(read_cohort(write(table, tmp_path), study), study)
    assert (flow.n_enrolled, flow.n_follow_up, flow.n_lost) == (3, 2, 1)


def test_one_outcome_at_follow_up_is_enough_to_be_seen(
    table: Table, tmp_path: Path, study: Study
) -> None:
    put(table, 3, "hads_anxiety_day30", "12")
    for column in HEADER[2:14:2]:
        put(table, 2, column, "")
    put(table, 2, "pgic", "")
    # Patient 1 has a duration, but no outcome at follow-up.
    flow = patient_flow(read_cohort(write(table, tmp_path), study), study)
    assert (flow.n_enrolled, flow.n_follow_up, flow.n_lost) == (3, 2, 1)


def test_flow_of_the_reconstructed_cohort(cohort: pd.DataFrame, study: Study) -> None:
    flow = patient_flow(cohort, study)
    assert (flow.n_enrolled, flow.n_follow_up, flow.n_lost) == (89, 80, 9)


def test_plain_cells_are_those_of_the_file(cohort: pd.DataFrame) -> None:
    cells = plain_cells(cohort)
    text = pd.read_csv(RECONSTRUCTED, dtype=str, keep_default_na=False)
    assert list(cells) == list(text)
    as_written = {name: [cell.removesuffix(".0") for cell in text[name]] for name in text}
    assert cells == as_written
