"""The same patients in every kind of file are the same cohort, bit for bit."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import good
import pandas as pd
import pandera.pandas as pa
import pyreadstat
import pytest

from beforeafter.records import check_records, read_cohort
from beforeafter.records.rules import allowed_columns
from beforeafter.study import Records, read_study

Write = Callable[[Path], Path]


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("good")
    file = good.write_csv(good.good(), folder / "patients.csv")
    return read_cohort(file, good.study_of())


def test_the_cohort_is_what_was_written(cohort: pd.DataFrame) -> None:
    assert cohort["patient"].tolist() == [f"Jane-{number}" for number in range(1, 7)]
    assert cohort["mood_before"].tolist() == [48.5, 50, 60.5, 41, 77, 35.5]
    assert cohort["relapse"].tolist() == [True, pd.NA, False, True, True, False]
    assert cohort["pain_after"].isna().tolist() == [False, True, *[False] * 4]
    pa.DataFrameSchema(allowed_columns(good.study_of()), strict=True).validate(cohort)


def csv_like(**style: Any) -> Write:
    return lambda folder: good.write_csv(good.good(), folder / "patients.csv", **style)


FILES: dict[str, tuple[Write, dict[str, Any]]] = {
    "semicolons and decimal commas": (csv_like(delimiter=";", decimal=","), {}),
    "tabs": (csv_like(delimiter="\t"), {}),
    "bars": (csv_like(delimiter="|"), {}),
    "declared": (csv_like(delimiter=":", decimal=","), {"delimiter": ":", "decimal": ","}),
    "byte order mark": (csv_like(encoding="utf-8-sig"), {}),
    "utf-16": (csv_like(encoding="utf-16"), {}),
    "declared utf-16": (csv_like(encoding="utf-16-le"), {"encoding": "utf-16-le"}),
    "xlsx": (lambda folder: good.write_xlsx(good.good(), folder / "p.xlsx"), {}),
    "hidden sheet": (
        lambda folder: good.write_xlsx(good.good(), folder / "p.xlsx", "Old", hidden="Old"),
        {},
    ),
    "named sheet": (
        lambda folder: good.write_xlsx(good.good(), folder / "p.xlsx", "Old"),
        {"sheet": "Patients"},
    ),
    "ods": (lambda folder: good.write_ods(good.good(), folder / "p.ods"), {}),
    "hidden sheet of ods": (
        lambda folder: good.write_ods(good.good(), folder / "p.ods", "Old", hidden="Old"),
        {},
    ),
    "named sheet of ods": (
        lambda folder: good.write_ods(good.good(), folder / "p.ods", "Old"),
        {"sheet": "Patients"},
    ),
    "parquet": (lambda folder: good.write_parquet(good.good(), folder / "p.parquet"), {}),
    "spss": (lambda folder: good.write_sav(good.good(), folder / "p.sav"), good.CODED),
    "stata": (lambda folder: good.write_dta(good.good(), folder / "p.dta"), good.CODED),
    "header below a title": (
        lambda folder: good.write_xlsx([["Ward 3"], [], *good.good()], folder / "p.xlsx"),
        {"header_row": 3},
    ),
    "header below a title of a CSV file": (
        lambda folder: good.write_csv([["Ward 3"], [], *good.good()], folder / "p.csv"),
        {"header_row": 3},
    ),
    "a row for each visit": (
        lambda folder: good.write_csv(good.visits(good.good()), folder / "p.csv"),
        good.VISITS,
    ),
    "a row for each visit in a workbook": (
        lambda folder: good.write_xlsx(good.visits(good.good()), folder / "p.xlsx"),
        good.VISITS,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_the_same_cohort(
    name: str, cohort: pd.DataFrame, tmp_path: Path
) -> None:
    write, records = FILES[name]
    read = read_cohort(write(tmp_path), good.study_of(**records))
    pd.testing.assert_frame_equal(read[cohort.columns], cohort, check_exact=True)


def told(file: Path, **records: Any) -> list[tuple[str, str, int | None]]:
    report = check_records(file, good.study_of(**records))
    assert not report.problems
    assert report.cohort is not None
    return [(one.column, one.what, one.cells) for one in report.conversions]


def test_nothing_is_converted_in_the_usual_file(tmp_path: Path) -> None:
    assert told(csv_like()(tmp_path)) == []


def test_what_was_found_out_about_a_file_is_listed(tmp_path: Path) -> None:
    file = good.write_csv(good.good(), tmp_path / "p.csv", "cp1252", ",", ";")
    file.write_bytes(file.read_bytes().replace(b"neuropathy", "Névralgie".encode("cp1252")))
    assert told(file) == [
        ("", "text in cp1252, read as such", None),
        ("", "semicolon between cells, read as such", None),
        ("", "decimal comma in numbers, read as such", None),
        ("mood_before", "decimal comma", 3),
        ("mood_after", "decimal comma", 2),
    ]


def test_every_converted_cell_is_counted(tmp_path: Path) -> None:
    table = good.good()
    table[0][1], table[0][9] = "Schmerz", "Geschlecht"
    for row, sex in zip(table[1:], ["w", "m", "w", "m", "w", "m"], strict=True):
        row[9] = sex
    table[1][3], table[2][4], table[2][2], table[6][8] = " 48.5", 999, "k.A.", 777
    table[1][7], table[3][7] = "TRUE", "nein"
    file = good.write_csv([[*row, "x"] for row in [[*table[0]], *table[1:]]], tmp_path / "p.csv")
    file.write_text(file.read_text().replace("diagnosis,x", "diagnosis,name", 1))
    columns = {
        "pain_before": "Schmerz",
        "age": {"name": "age", "missing": [777]},
        "sex": {"name": "Geschlecht", "values": {"w": "female", "m": "male"}},
    }
    assert told(
        file,
        columns=columns,
        ignore=["na*"],
        missing=[999, "k.A."],
        event_seen=["true"],
        event_not_seen=["false", "nein"],
    ) == [
        ("Schmerz", "is column pain_before of the study", None),
        ("Geschlecht", "is column sex of the study", None),
        ("pain_after", "k.A., declared to be missing", 1),
        ("mood_before", "spaces around it taken off", 1),
        ("mood_after", "999, declared to be missing", 1),
        ("relapse", "TRUE → true", 1),
        ("age", "777, declared to be missing", 1),
        ("Geschlecht", "w → female, as declared", 3),
        ("Geschlecht", "m → male, as declared", 3),
        ("", "1 column left out, as declared: name", None),
    ]


def test_a_code_for_missing_may_be_the_code_of_a_patient(tmp_path: Path) -> None:
    table = good.good()
    table[1][0] = 999
    file = good.write_csv(table, tmp_path / "p.csv")
    assert read_cohort(file, good.study_of(missing=[999]))["patient"][0] == "999"


def test_columns_may_have_their_names_swapped(cohort: pd.DataFrame, tmp_path: Path) -> None:
    file = good.write_csv(good.good(), tmp_path / "p.csv")
    swapped = {"pain_before": "pain_after", "pain_after": "pain_before"}
    read = read_cohort(file, good.study_of(columns=swapped))
    assert read["pain_before"].equals(cohort["pain_after"])


def test_text_in_a_workbook_is_listed(tmp_path: Path) -> None:
    table = good.good()
    table[1][1], table[2][3] = "7", "50"
    assert told(good.write_xlsx(table, tmp_path / "p.xlsx")) == [
        ("pain_before", "number stored as text", 1),
        ("mood_before", "number stored as text", 1),
    ]


def test_formulas_are_listed_with_what_was_stored(tmp_path: Path) -> None:
    table = good.good()
    table[1][1] = (
        '<table:table-cell table:formula="of:=3+4" office:value-type="float" office:value="7">'
        "<text:p>7</text:p></table:table-cell>"
    )
    assert told(good.write_ods(table, tmp_path / "p.ods")) == [
        ("pain_before", "value that was stored for a formula", 1)
    ]


def test_labels_and_missing_values_of_a_file_are_listed(tmp_path: Path) -> None:
    assert told(good.write_sav(good.good(), tmp_path / "p.sav"), **good.CODED) == [
        ("relapse", "1 → yes, its label in the file", 3),
        ("relapse", "0 → no, its label in the file", 2),
        ("age", "999, missing by the file's own definition", 1),
        ("sex", "1 → female, its label in the file", 3),
        ("sex", "2 → male, its label in the file", 3),
        (
            "change",
            "labels of values in the file: 1 = Much better, 2 = Better, 5 = Much worse",
            None,
        ),
    ]


def test_spaces_around_the_name_of_a_column_are_listed(tmp_path: Path) -> None:
    table = good.good()
    table[0][3] = " mood_before "
    assert told(good.write_csv(table, tmp_path / "p.csv")) == [
        ("mood_before", "spaces around its name taken off", None)
    ]


def test_a_comment_on_a_cell_is_not_its_text(cohort: pd.DataFrame, tmp_path: Path) -> None:
    table = good.good()
    table[1][9] = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>sure?</text:p>'
        "</office:annotation><text:p>female</text:p></table:table-cell>"
    )
    read = read_cohort(good.write_ods(table, tmp_path / "p.ods"), good.study_of())
    pd.testing.assert_frame_equal(read, cohort)


def test_cells_repeated_in_a_sheet(cohort: pd.DataFrame, tmp_path: Path) -> None:
    table = good.good()
    table[5][1:3] = [
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" '
        'office:value="10"><text:p>10</text:p></table:table-cell>'
    ]
    read = read_cohort(good.write_ods(table, tmp_path / "p.ods"), good.study_of())
    pd.testing.assert_frame_equal(read, cohort)


def test_extended_missing_values_of_stata_are_listed(tmp_path: Path) -> None:
    made = good.coded(good.good())
    made["mood_after"] = made["mood_after"].astype(object)
    made.loc[1, "mood_after"] = "a"
    pyreadstat.write_dta(
        made,
        tmp_path / "p.dta",
        variable_value_labels=good.LABELS,
        missing_user_values={"mood_after": ["a"]},
    )
    assert told(tmp_path / "p.dta", **good.CODED)[0] == (
        "mood_after",
        ".a, missing by the file's own definition",
        1,
    )


def test_categories_of_parquet_are_text(cohort: pd.DataFrame, tmp_path: Path) -> None:
    made = good.frame(good.good()).astype({"sex": "category", "change": "Int64"})
    made.to_parquet(tmp_path / "p.parquet", row_group_size=2)
    read = read_cohort(tmp_path / "p.parquet", good.study_of())
    pd.testing.assert_frame_equal(read, cohort)


def test_a_pattern_renames_the_columns_of_all_items(tmp_path: Path) -> None:
    data = Path(__file__).parents[3] / "data"
    totals = pd.read_csv(data / "cohort.csv", dtype=str, keep_default_na=False)
    items = {f"HAD{item} {day}": "1" for item in range(1, 15) for day in ("J0", "J30")}
    hads = [column for column in totals if column.startswith("hads")]
    totals.drop(columns=hads).assign(**items).to_csv(tmp_path / "p.csv", index=False)
    columns = {f"hads_{{item}}_day{day}": {"name": f"HAD{{item}} J{day}"} for day in (0, 30)}
    study = read_study(data / "study.yml")
    renamed = study.model_copy(update={"records": Records(columns=columns)})
    cohort = read_cohort(tmp_path / "p.csv", renamed)
    assert cohort[hads].eq(7).all(axis=None)


def doubts(table: good.Table, folder: Path) -> list[tuple[int | None, str | None, str]]:
    report = check_records(good.write_csv(table, folder / "p.csv"), good.study_of())
    assert not report.problems
    return [(one.row, one.column, one.rule) for one in report.doubts]


def test_what_is_allowed_but_odd_is_told(tmp_path: Path) -> None:
    table = good.good()
    table[1][1], table[3][8] = None, 90
    table.append(["jane-1", *table[5][1:]])
    assert doubts(table, tmp_path) == [
        (2, "patient", "differs from another patient only in case or zeros in front"),
        (8, "patient", "differs from another patient only in case or zeros in front"),
        (2, "pain_before", "missing, though measured at follow-up"),
        (4, "age", "above 89 an age may tell who it is"),
        (6, "patient", "the same values as another patient in every column"),
        (8, "patient", "the same values as another patient in every column"),
    ]


def test_a_last_line_without_an_end_is_told(tmp_path: Path) -> None:
    file = csv_like()(tmp_path)
    file.write_text(file.read_text().rstrip())
    report = check_records(file, good.study_of())
    assert [one.rule for one in report.doubts] == ["the last line has no end"]


def test_what_is_missing_is_counted(tmp_path: Path) -> None:
    report = check_records(csv_like()(tmp_path), good.study_of())
    counts = {one.column: (one.recorded, one.missing) for one in report.recorded}
    assert counts["patient"] == (6, 0)
    assert counts["mood_after"] == (4, 2)
    assert counts["relapse"] == (5, 1)


def dated(rows: list[list[Any]]) -> good.Table:
    table = good.good()
    del table[6:]
    whole = [["discharge", "relapsed_on", "last_seen"], *rows]
    return [
        [cell for at, cell in enumerate(row) if at not in {6, 7}] + more
        for row, more in zip(table, whole, strict=True)
    ]


def with_dates(table: good.Table, file: Path) -> Path:
    """A typed file whose dates are dates."""
    made = pd.DataFrame(table[1:], columns=table[0])
    made["diagnosis"] = made["diagnosis"].fillna("")
    writers: dict[str, Callable[..., object]] = {
        ".parquet": pd.DataFrame.to_parquet,
        ".dta": pyreadstat.write_dta,
        ".sav": pyreadstat.write_sav,
    }
    writers[file.suffix](made, file)
    return file


DATES = {
    "dates": {"relief": {"start": "discharge", "event": "relapsed_on", "last_seen": "last_seen"}}
}


def test_a_duration_is_computed_from_dates_where_it_says_so(tmp_path: Path) -> None:
    day = date.fromisoformat
    table = dated(
        [
            [day("2024-01-31"), day("2024-04-30"), None],  # a day short of three months
            [None, None, None],
            [day("2024-01-15"), None, day("2024-07-15")],
            [day("2024-01-15"), day("2024-09-01"), day("2024-09-01")],  # after the horizon
            [day("2024-01-15"), None, day("2024-03-16")],
        ]
    )
    study = good.study_of(**DATES)
    for file in (
        good.write_csv(table, tmp_path / "p.csv"),
        good.write_xlsx(table, tmp_path / "p.xlsx"),
        good.write_ods(table, tmp_path / "p.ods"),
        with_dates(table, tmp_path / "p.parquet"),
        with_dates(table, tmp_path / "p.dta"),
        with_dates(table, tmp_path / "p.sav"),
    ):
        report = check_records(file, study)
        assert report.cohort is not None, report.problems
        months = report.cohort["relief_months"]
        assert months.dropna().tolist() == [2, 6, 6, 2]
        assert report.cohort["relapse"].tolist() == [True, pd.NA, False, False, False]
        assert [(one.what, one.cells) for one in report.conversions][-2:] == [
            ("computed from the dates in discharge, relapsed_on and last_seen", 4),
            ("events after 6 months count as not seen", 1),
        ]


def test_order_of_rows_of_visits_is_free(cohort: pd.DataFrame, tmp_path: Path) -> None:
    header, *rows = good.visits(good.good())
    random.Random(1).shuffle(rows)
    file = good.write_csv([header, *rows], tmp_path / "p.csv")
    read = read_cohort(file, good.study_of(**good.VISITS))
    sorted_by_patient = read.sort_values("patient", ignore_index=True)
    pd.testing.assert_frame_equal(sorted_by_patient[cohort.columns], cohort, check_exact=True)


def test_rows_of_other_visits_hold_what_is_recorded_once(
    cohort: pd.DataFrame, tmp_path: Path
) -> None:
    header, *rows = good.visits(good.good())
    for row in rows[1::2]:
        rows.append([row[0], "month_6", None, None, row[4], *row[5:]])
        row[5:] = [None] * len(row[5:])
    file = good.write_csv([header, *rows], tmp_path / "p.csv")
    visits = good.VISITS["visits"] | {"other": ["month_6"]}
    read = read_cohort(file, good.study_of(columns=good.VISITS["columns"], visits=visits))
    pd.testing.assert_frame_equal(read[cohort.columns], cohort, check_exact=True)
