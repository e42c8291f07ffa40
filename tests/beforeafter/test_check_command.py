"""What the author sees at his terminal, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path

import good
import pytest
import yaml

from beforeafter.cli import main
from beforeafter.study import Records, read_study
from declared import DataError


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "160")
    file = tmp_path / "study.yml"
    file.write_text(good.STUDY, encoding="utf-8")
    return file


Said = tuple[int, str, str]


@pytest.fixture
def check(study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Said:
        words = ["beforeafter", "check", *map(str, arguments), "--study", str(study)]
        monkeypatch.setattr("sys.argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def line_of(output: str, *words: str) -> str:
    (found,) = (line for line in output.splitlines() if all(word in line for word in words))
    return found


def test_a_file_that_fits(check, tmp_path: Path) -> None:
    status, said, _ = check(good.write_csv(good.good(), tmp_path / "p.csv"))
    assert status == 0
    assert said.splitlines()[-1] == "p.csv: 6 patients, as study.yml has them"
    assert line_of(said, "mood_after").split() == ["mood_after", "4", "2"]
    assert "Problems" not in said
    assert "Converted" not in said


def test_the_author_sees_values_and_what_to_do(check, tmp_path: Path) -> None:
    table = good.good()
    table[2][0], table[3][1], table[4][9] = "Jane-1", "70", "Doe"
    table[0][2] = "pain_aftr"
    file = good.write_csv(table, tmp_path / "p.csv")
    before = file.read_bytes(), sorted(tmp_path.iterdir())
    status, said, _ = check(file)
    assert status == 1
    line_of(said, "2 ", "patient", "'Jane-1'", "each patient has one row")
    line_of(said, "4 ", "pain_before", "'70'", "from 0 to 10", "correct the cell")
    line_of(said, "5 ", "sex", "'Doe'", "one of female, male")
    line_of(said, "pain_aftr", "did you mean pain_after?")
    assert said.splitlines()[-1] == "p.csv: 7 problems; nothing was changed"
    assert (file.read_bytes(), sorted(tmp_path.iterdir())) == before


def test_conversions_and_doubts_are_shown(check, tmp_path: Path) -> None:
    table = good.good()
    table[1][8], table[2][3] = 95, " 50"
    status, said, _ = check(good.write_csv(table, tmp_path / "p.csv", delimiter=";"))
    assert status == 0
    line_of(said, "semicolon between cells")
    line_of(said, "mood_before", "1", "spaces around it taken off")
    line_of(said, "2 ", "age", "'95'", "above 89 an age may tell who it is")


def test_a_sheet_is_named(check, tmp_path: Path) -> None:
    file = good.write_xlsx(good.good(), tmp_path / "p.xlsx", "Old")
    status, _, complaint = check(file)
    assert status == 2
    assert complaint == (
        f"{file}: 'Patients, Old': 2 sheets have something in them: "
        "name one: --sheet, or records: sheet in the study definition\n"
    )
    status, said, _ = check(file, "--sheet", "Patients")
    assert status == 0
    assert said.splitlines()[-1] == "p.xlsx, Patients: 6 patients, as study.yml has them"
    status, said, _ = check(file, "--sheet", "Old")
    assert status == 1
    line_of(said, "Old", "something", "column is not in the study definition")


def test_what_cannot_be_read(check, study: Path, tmp_path: Path) -> None:
    status, said, complaint = check(tmp_path / "none.csv")
    assert (status, said, complaint) == (2, "", f"{tmp_path / 'none.csv'}: no such file\n")
    study.write_text("outcomes: 3\n")
    status, _, complaint = check(tmp_path / "none.csv")
    assert status == 2
    assert "study.yml, line 1, outcomes: 3: expected a list" in complaint


def test_the_example_in_the_documentation_is_a_definition(tmp_path: Path) -> None:
    data = Path(__file__).parents[2] / "data"
    example = (data / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "study.yml"
    file.write_text((data / "study.yml").read_text(encoding="utf-8") + example, encoding="utf-8")
    (tmp_path / "instruments").symlink_to(data / "instruments")
    declared = read_study(file).records
    assert {*declared.model_fields_set} == {*Records.model_fields}


UNFIT = {
    "columns: {pain_befor: NRS}": "'pain_befor': no column of the study; did you mean",
    "columns: {pain_before: N, pain_after: N}": "'N': column of the records used for pain_before",
    "columns: {sex: {name: s, value: {1: w}}}": "unknown field; did you mean 'values'?",
    "columns: {pain_before: mood_before}": "'mood_before': is another column of the study",
    "columns: {sex: {name: s, missing: [1], values: {1: female}}}": (
        "columns.sex: '1': stands for missing and for something else\n"
    ),
    "event_seen: ['true', 'false']": (
        "event_seen: 'false': says that an event was seen and that it was not\n"
    ),
    "event_not_seen: ['true']": (
        "event_not_seen: 'true': says that an event was seen and that it was not\n"
    ),
    "missing: [9]": "'9': may be a value of pain_before, 0 to 10: declare it by column",
    "missing: [0]": "missing.0: '0': may be a value of pain_before",
    "missing: [10]": "'10': may be a value of pain_before",
    "missing: [100]": "'100': may be a value of mood_before, 0 to 100",
    "missing: [no]": "False: expected quotes around it",
    "missing: [null]": "nothing: expected a number, or text in quotes",
    "event_seen: [yes]": "True: expected quotes around it",
    "encoding: latin-99": "'latin-99': expected an encoding",
    "encoding: hex": "'hex': expected an encoding",
    "date_format: '%d.%d.%Y'": "'%d.%d.%Y': expected year, month and day",
    "date_format: '%d.%m.'": "'%d.%m.': expected year, month and day",
    "decimal: '!'": "expected",
    "delimiter: ';;'": "';;'",
    "header_row: 0": "0: expected 1 or more",
    "dates: {relieve: {start: a, event: b, last_seen: c}}": (
        "dates.relieve: 'relieve': no such duration; did you mean"
    ),
    "dates: {relief: {start: a, event: b}}": "nothing: the field is missing",
    "visits: {column: visit, baseline: 1}": "'follow_up': compared, and not among the visits",
    "visits: {column: visit, baseline: 1, follow_up: 1}": "1 stands for two of them",
    "visits: {column: visit, baseline: 1, follow_up: 2, other: [2]}": "2 stands for two of them",
    "visits: {baseline: 1, follow_up: 2}": "expected column and values together",
    "visits: {suffixes: {baseline: a, follow_up: b}, sheets: {baseline: a}}": "expected one of",
    "header_row: [1, 3]": "expected rows that follow each other",
    "sheets: A": "unknown field; did you mean 'sheet'?",
}


@pytest.mark.parametrize("declared", UNFIT)
def test_what_is_declared_of_the_records_must_fit_the_study(
    declared: str, check, study: Path, tmp_path: Path
) -> None:
    study.write_text(good.STUDY + f"records:\n  {declared}\n", encoding="utf-8")
    assert yaml.safe_load(study.read_text())["records"]
    status, _, complaint = check(good.write_csv(good.good(), tmp_path / "p.csv"))
    assert status == 2
    assert complaint.startswith(f"study.yml, line {good.STUDY.count(chr(10)) + 2}, records.")
    assert UNFIT[declared] in complaint


DATES = (
    "records:\n  columns: {patient: ID}\n  dates: {relief: {start: a, event: b, last_seen: c}}\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [("unit: months, step", "unit: nights, step"), ("recorded: completed", "recorded: noticed")],
)
def test_dates_give_completed_units_of_the_calendar_only(old: str, new: str, study: Path) -> None:
    study.write_text(good.STUDY + DATES, encoding="utf-8")
    assert read_study(study).records.dates
    study.write_text(good.STUDY.replace(old, new) + DATES, encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        read_study(study)
    assert str(refusal.value) == (
        f"study.yml, line {good.STUDY.count(chr(10)) + 3}, records.dates.relief: 'relief': "
        "from dates come completed days, weeks, months, years, which it is not in"
    )


def test_everything_is_there_as_data(check, tmp_path: Path) -> None:
    table = good.good()
    table[3][1] = "70"
    status, said, _ = check(good.write_csv(table, tmp_path / "p.csv"), "--json")
    told = json.loads(said)
    assert status == 1
    assert told["patients"] is None
    (problem,) = told["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (4, "pain_before", "70")
    assert [(one["what"], one["cells"]) for one in told["rows"]] == [
        ("rows below the header", 6),
        ("rows of patients", 6),
    ]


def test_the_fate_of_each_row_is_shown(check, study: Path, tmp_path: Path) -> None:
    study.write_text(good.STUDY + "records: {skip: [Total], only: {sex: male}}\n")
    table = [*good.good(), ["Total", *[None] * 10], [None] * 11]
    status, said, _ = check(good.write_csv(table, tmp_path / "p.csv"))
    assert status == 0
    line_of(said, "7 ", "rows below the header")
    line_of(said, "1 ", "passed over, as declared")
    line_of(said, "3 ", "left out: sex is not male")
    line_of(said, "3 ", "rows of patients")
    assert said.splitlines()[-1] == "p.csv: 3 patients, as study.yml has them"


def test_one_line_for_each_code_that_means_nothing(check, study: Path, tmp_path: Path) -> None:
    table = good.coded(good.good())
    file = tmp_path / "p.sav"
    labels = good.LABELS | {"sex": {1.0: "Femme", 2.0: "Homme"}}
    good.pyreadstat.write_sav(table, file, variable_value_labels=labels)
    _, said, _ = check(file)
    line_of(said, "1 ", "1.0 (Femme)", "one of female, male; 3 cells", 'values: {"Femme": female')
    line_of(said, "2 ", "2.0 (Homme)", "one of female, male; 3 cells", 'values: {"Homme": female')
    study.write_text(
        good.STUDY + "records: {event_seen: ['yes'], event_not_seen: ['no'], columns: "
        "{sex: {name: sex, values: {Femme: female, 2: male}}}}\n"
    )
    assert check(file)[0] == 0
    study.write_text(good.STUDY)
    rows = [[*row] for row in good.ROWS * 2]
    for place, row in enumerate(rows):
        row[0], row[9] = f"P{place}", 1 + place % 2
    _, said, _ = check(good.write_csv([good.HEADER, *rows], tmp_path / "p.csv"))
    line_of(said, "2 ", "'1'", "6 cells like this", 'values: {"1": female or male}')
    line_of(said, "3 ", "'2'", "6 cells like this", 'values: {"2": female or male}')


def test_a_draft_is_written_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, out = good.write_csv(good.good(), tmp_path / "p.csv"), tmp_path / "new.yml"
    monkeypatch.setattr("sys.argv", ["beforeafter", "draft", str(file), "--output", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert [one.columns.pair for one in read_study(out).outcomes] == [
        ("pain_before", "pain_after"),
        ("mood_before", "mood_after"),
    ]
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "exists" in capsys.readouterr().err
