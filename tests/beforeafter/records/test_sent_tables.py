"""What is sent is drafted, edited in at most one place, and read with the numbers typed."""

from __future__ import annotations

from pathlib import Path

import good
import numpy as np
import odd
import odd_files
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import sent_tables

from beforeafter.disclosure import other_cohorts, with_values, write_values
from beforeafter.records import Report, check_records, draft_study, plain_cells
from beforeafter.study import Study, read_study
from declared import parse_yaml, validate

FEWEST = 60


def test_there_are_many_and_none_twice() -> None:
    names = [case.name for case in sent_tables.SENT]
    assert len({*names}) == len(names)
    assert len(sent_tables.SENT) + len(odd_files.ACCEPTED) >= FEWEST


def drafted(case: sent_tables.Sent, folder: Path) -> tuple[str, Report, dict[str, tuple[str, str]]]:
    made = case.make(folder)
    files = made if isinstance(made, list) else [made]
    text = draft_study(files)
    if case.edit:
        assert case.edit[0] in text
        text = text.replace(*case.edit, 1)
    (folder / "study.yml").write_text(text, encoding="utf-8")
    study = read_study(folder / "study.yml")
    pairs = {outcome.name: outcome.columns.pair for outcome in study.outcomes}
    return text, check_records(files[0], study), pairs


@pytest.mark.parametrize("case", sent_tables.SENT, ids=lambda case: case.name)
def test_a_table_that_is_sent(case: sent_tables.Sent, tmp_path: Path) -> None:
    text, report, pairs = drafted(case, tmp_path)
    assert [problem.told for problem in report.problems] == []
    assert report.cohort is not None
    assert pairs.keys() == case.expected.keys()
    for name, (before, after) in case.expected.items():
        typed = pd.DataFrame({"before": before, "after": after}, dtype=float)
        read = report.cohort[[*pairs[name]]].set_axis(["before", "after"], axis="columns")
        for frame in (typed, read):
            frame.sort_values(["before", "after"], ignore_index=True, inplace=True)
        pd.testing.assert_frame_equal(read, typed)
        change = (typed["after"] - typed["before"]).dropna()
        computed = (read["after"] - read["before"]).dropna()
        assert (computed.mean(), computed.std()) == (change.mean(), change.std())
    for name, values in case.more.items():
        np.testing.assert_array_equal(report.cohort[name], np.array(values, dtype=float))
    for question in case.asks:
        assert question in text


KINDS = "stata", "spss", "redcap labels", "several follow-ups", "dates in three spellings"


@pytest.mark.parametrize(
    "case", [case for case in sent_tables.SENT if case.name in KINDS], ids=lambda case: case.name
)
def test_of_each_kind_there_are_other_patients(case: sent_tables.Sent, tmp_path: Path) -> None:
    """Twelve patients, all of whose values few have: each count is another in other cohorts."""
    assert {case.name for case in sent_tables.SENT} > {*KINDS}
    text, report, _ = drafted(case, tmp_path)
    assert report.cohort is not None
    found = other_cohorts(report.cohort, validate(Study, parse_yaml(text, Path("study.yml"))))
    assert found.n_free > 0
    assert not found.lines
    for number, other in enumerate(found.cohorts):
        file = tmp_path / f"{number}.csv"
        write_values(other, file)
        back = with_values(report.cohort, file)
        assert plain_cells(back) == plain_cells(other)
        assert plain_cells(back) != plain_cells(report.cohort)


WORDS = ["femme", "homme"] * 6


def of_all() -> good.Table:
    columns = (sent_tables.CODES, sent_tables.EN, sent_tables.EN30, WORDS)
    return sent_tables.table("patient|nrs_0|nrs_30|sex", *columns)


def spoiled() -> good.Table:
    """One score out of its scale, one code that means nothing, one patient twice."""
    rows = of_all()
    rows[3][1], rows[5][3], rows[7][0] = 11, "inconnue", rows[6][0]
    return rows


SEXES = [{"name": "sex", "label": "Sex", "column": "sex", "categories": ["Femme", "Homme"]}]


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "ods", "parquet", "sav", "dta"])
def test_the_same_table_has_the_same_verdict_in_every_format(kind: str, tmp_path: Path) -> None:
    study = odd.study(odd.wide(others=SEXES))
    for rows, right in ((of_all(), True), (spoiled(), False)):
        file = tmp_path / f"p.{kind}"
        frame = pd.DataFrame(rows[1:], columns=rows[0])
        if kind in {"csv", "tsv"}:
            good.write_csv(rows, file, delimiter="\t" if kind == "tsv" else ",")
        elif kind in {"xlsx", "ods"}:
            getattr(good, f"write_{kind}")(rows, file)
        elif kind == "parquet":
            frame.to_parquet(file)
        else:
            getattr(pyreadstat, f"write_{kind}")(frame, file)
        report = check_records(file, study)
        assert (report.cohort is not None) is right
        first = 0 if kind in {"parquet", "sav", "dta"} else 1
        assert [(one.row, one.column, one.rule) for one in report.problems] == (
            []
            if right
            else [
                (3 + first, "nrs_0", "from 0 to 10"),
                (5 + first, "sex", "one of Femme, Homme"),
                (6 + first, "patient", "each patient has one row"),
                (7 + first, "patient", "each patient has one row"),
            ]
        )
        if report.cohort is not None:
            assert report.cohort["nrs_30"].mean() == np.mean([x for x in sent_tables.EN30 if x])
            assert [*report.cohort["sex"]] == ["Femme", "Homme"] * 6


def told(rows: good.Table, folder: Path, kind: str = "csv", **study: object) -> list[str]:
    file = getattr(good, f"write_{kind}")(rows, folder / f"p.{kind}")
    report = check_records(file, odd.study(odd.wide(**study)))
    assert len(report.as_data()["problems"]) == len(report.problems)
    return [one.told for one in report.problems]


def test_percentages_are_one_finding_with_the_line_to_paste(tmp_path: Path) -> None:
    file = good.write_xlsx(of_all(), tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(file)
    for column in "BC":
        for cell in book.worksheets[0][column][1:]:
            cell.number_format = "0%"
    book.save(file)
    (one,) = check_records(file, odd.study(odd.wide(others=SEXES))).problems
    assert (one.row, one.column, one.cells) == (2, "nrs_0", 23)
    assert "records: percent: shown" in one.mend


def test_a_word_for_missing_is_one_finding_in_all_columns(tmp_path: Path) -> None:
    rows = of_all()
    for row in rows[3:7]:
        row[1] = row[2] = "PDV"
    (one,) = told(rows, tmp_path, others=SEXES)
    assert one == (
        'not a number; 8 cells like this: records: missing: ["PDV"] declares that it stands for '
        "missing"
    )


def test_commas_beside_points_are_one_finding(tmp_path: Path) -> None:
    rows = of_all()
    for row in rows[1:8]:
        row[1] = f"{row[1]},5"
    rows[9][1] = "4.5"
    (one,) = told(rows, tmp_path, others=SEXES, step=0.5)
    assert one.startswith("not a number with the decimal mark of the file; 7 cells like this")


def test_a_few_cells_keep_their_rows(tmp_path: Path) -> None:
    rows = of_all()
    rows[1][1], rows[2][1], rows[3][1] = "7,5", "4.5", "6,5"
    report = check_records(
        good.write_csv(rows, tmp_path / "p.csv"), odd.study(odd.wide(others=SEXES, step=0.5))
    )
    assert [one.row for one in report.problems] == [2, 4]


def test_remarks_beside_the_table_are_one_finding_or_left_out(tmp_path: Path) -> None:
    rows = [[*row, None, f"vu {n}" if n else None] for n, row in enumerate(of_all())]
    (one,) = told(rows, tmp_path, "xlsx", others=SEXES)
    assert one.startswith("cells beyond the last column that has a name; 12 cells like this")
    assert told(rows, tmp_path, "xlsx", others=SEXES, records={"ignore": [""]}) == []
    assert told(rows, tmp_path, others=SEXES, records={"ignore": [""]}) == []
    (one,) = told(rows, tmp_path, others=SEXES)
    assert 'records: ignore: [""]' in one


def test_rows_of_a_visit_without_scores_are_no_second_visit(tmp_path: Path) -> None:
    rows = [["patient", "visite", "nrs", "grade"]]
    for code, before, after in zip(
        sent_tables.CODES, sent_tables.EN, sent_tables.EN30, strict=True
    ):
        rows += [[code, "J0", None, 2], [code, "J0", before, None], [code, "J30", after, None]]
    study = odd.wide(records=odd_files.LONG | {"ignore": ["grade"]})
    report = check_records(good.write_csv(rows, tmp_path / "p.csv"), odd.study(study))
    assert report.problems == []
    assert report.cohort is not None
    assert [*report.cohort["nrs_0"]] == sent_tables.EN
    rows.append([sent_tables.CODES[0], "J0", 5, None])
    report = check_records(good.write_csv(rows, tmp_path / "p.csv"), odd.study(study))
    assert {(one.row, one.rule) for one in report.problems} == {
        (3, "each patient has one row of the baseline visit"),
        (38, "each patient has one row of the baseline visit"),
    }


LABELS = {
    "douleur_0_10_j0|douleur_0_10_j30": ("Douleur (0–10)", 10, 1),
    "Douleur (0-10) J0|Douleur (0-10) J30": ("Douleur (0–10)", 10, 1),
    "EVA 0 à 100 avant|EVA 0 à 100 après": ("EVA (0–100)", 100, None),
    "HAD_A_J0|HAD_A_M1": ("HAD A", 21, 30),
    "Douleur à l'inclusion|Douleur à J30": ("Douleur", 10, 30),
    "nrs_v1|nrs_v2": ("NRS", 10, None),
    "pain D0|pain D90": ("Pain", 10, 90),
    "EN J0|EN M3": ("EN", 10, 90),
}


@pytest.mark.parametrize("header", LABELS)
def test_labels_ends_and_days_as_headers_say_them(header: str, tmp_path: Path) -> None:
    label, maximum, day = LABELS[header]
    rows = sent_tables.table(f"id|{header}", sent_tables.CODES, sent_tables.EN, sent_tables.EN30)
    text = draft_study([good.write_csv(rows, tmp_path / "p.csv")])
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    study = read_study(tmp_path / "study.yml")
    (outcome,) = study.outcomes
    assert (outcome.label, outcome.maximum) == (label, maximum)
    named = header.split("|")[1].lower().endswith(("j30", "d90"))
    assert ("# ? protocol: follow_up_day" in text) is not named
    if day not in {None, 1}:
        assert study.protocol.follow_up_day == day


def test_columns_that_are_not_known_are_one_finding(tmp_path: Path) -> None:
    rows = [
        [*row, *([f"c{n}" if row[0] == "patient" else n for n in range(50)])] for row in of_all()
    ]
    rows[3][1] = 11
    file = good.write_csv(rows, tmp_path / "p.csv")
    many, one = check_records(file, odd.study(odd.wide(others=SEXES))).problems
    assert many.rule == "50 columns are not in the study definition"
    assert str(many.value).startswith("c0, c1, c2")
    assert "c0" not in str(many.problem())
    assert (one.row, one.value) == (4, "11")
    ignored = odd.study(
        odd.wide(others=SEXES, records={"ignore": ["c*"], "columns": {"sex": "sex"}})
    )
    rows[3][1] = " 3"
    report = check_records(good.write_csv(rows, file), ignored)
    assert [one.what.split(",")[0] for one in report.conversions] == [
        "spaces around it taken off",
        "femme → Femme",
        "homme → Homme",
        "50 columns left out",
    ]


DATES = {"relief": {"start": "out", "event": "back", "last_seen": "seen"}}


@pytest.mark.parametrize("declared", ["%d/%m/%Y", ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y"]])
def test_dates_in_three_spellings(declared: str | list[str], tmp_path: Path) -> None:
    spelt = ["12/03/2024", "2024-03-12", "12.03.24"] * 4
    header = "patient|nrs_0|nrs_30|out|back|seen"
    columns = (sent_tables.CODES, sent_tables.EN, sent_tables.EN30, spelt)
    rows = sent_tables.table(header, *columns, [None] * 12, ["12/08/2024"] * 12)
    study = odd.wide(records={"dates": DATES, "date_format": declared})
    study |= {"durations": [odd_files.RELAPSE]}
    report = check_records(good.write_csv(rows, tmp_path / "p.csv"), odd.study(study))
    if isinstance(declared, list):
        assert report.problems == []
        assert report.cohort is not None
        assert {*report.cohort["months"]} == {5.0}
    else:
        (one,) = report.problems
        assert (one.row, one.column, one.cells) == (3, "out", 8)
        assert "records: date_format" in one.mend


def test_one_line_for_each_word_of_a_rating(tmp_path: Path) -> None:
    words = ["Much improved", "MUCH  improved", "meilleur", "2"] * 2 + ["meilleur", "", "pire", "2"]
    header = "patient|nrs_0|nrs_30|pgic"
    rows = sent_tables.table(header, sent_tables.CODES, sent_tables.EN, sent_tables.EN, words)
    file = good.write_csv(rows, tmp_path / "p.csv")
    report = check_records(file, odd.study(odd.wide(pgic=True)))
    assert [(one.value, one.cells) for one in report.problems] == [("meilleur", 3), ("pire", 1)]
    assert all("values: {" in one.mend for one in report.problems)


def test_a_second_course_is_asked_about(tmp_path: Path) -> None:
    rows = [*of_all(), [*of_all()[1][:1], 4, 4, "femme"]]
    assert "each course records: only" in told(rows, tmp_path, others=SEXES)[0]


def test_events_of_two_arms_of_redcap(tmp_path: Path) -> None:
    rows = [["record_id", "redcap_event_name", "en"]]
    for number, (code, *scores) in enumerate(of_all()[1:]):
        arm = 1 + number % 2
        events = (f"j0_arm_{arm}", f"j30_arm_{arm}")
        rows += [[code, *one] for one in zip(events, scores[:2], strict=True)]
    file = good.write_csv(rows, tmp_path / "p.csv")
    first = {"column": "redcap_event_name", "baseline": "j0_arm_1", "follow_up": "j30_arm_1"}
    how = {"columns": {"patient": "record_id", "nrs": "en"}, "visits": first}
    (one,) = check_records(file, odd.study(odd.wide(records=how))).problems
    assert (one.cells, "only leaves its rows out" in one.mend) == (12, True)
    how["only"] = {"redcap_event_name": ["j0_arm_1", "j30_arm_1"]}
    report = check_records(file, odd.study(odd.wide(records=how)))
    assert report.cohort is not None
    assert [*report.cohort["nrs_0"]] == sent_tables.EN[::2]


def test_a_word_that_may_be_a_name_is_asked_and_not_declared(tmp_path: Path) -> None:
    rows = sent_tables.table("id|EN J0|EN J30", sent_tables.CODES, sent_tables.EN, sent_tables.EN30)
    rows[3][2], rows[4][2] = "Dupont", "Perdu de vue"
    text = draft_study([good.write_csv(rows, tmp_path / "p.csv")])
    asked = [line for line in text.splitlines() if "Dupont" in line]
    assert len(asked) == 1
    assert asked[0].startswith("# ? check: ")
    assert "missing:\n  - Perdu de vue\n" in text
