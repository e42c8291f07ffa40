"""A small study and its patients, and how to write them into every kind of file."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pandas as pd
import pyreadstat
import yaml

from beforeafter.study import Study, read_study

Cell = Any
Table = list[list[Cell]]

STUDY = """
protocol: {design: before and after, follow_up_day: 30}
analysis:
  percentage: change_between_means
  test: paired_t
  confidence_level: 0.95
  responder_thresholds: [30]
  seed: 1
  ties: {default: up}
outcomes:
  - &pain
    {name: pain, label: Pain, instrument: Scale, abbreviation: P, role: primary, unit: points,
     columns: {baseline: pain_before, follow_up: pain_after}, minimum: 0, maximum: 10, step: 1,
     better: lower, decimals: {default: 1}}
  - {<<: *pain, name: mood, columns: {baseline: mood_before, follow_up: mood_after},
     maximum: 100, step: 0.5}
ratings:
  - {name: change, label: Change, abbreviation: C, column: change, groups: {},
     categories: [Much better, Better, Same, Worse, Much worse], decimals: {default: 1}}
durations:
  - {name: relief, label: Relief, columns: {time: relief_months, event: relapse}, event: relapse,
     event_free: free, unit: months, step: 1, horizon: 6, recorded: completed,
     decimals: {default: 1}}
characteristics:
  - {name: age, label: Age, column: age, unit: years, minimum: 18, maximum: 110}
  - {name: sex, label: Sex, column: sex, categories: [female, male]}
  - {name: diagnosis, label: Diagnosis, column: diagnosis}
"""
HEADER = [
    "patient",
    "pain_before",
    "pain_after",
    "mood_before",
    "mood_after",
    "change",
    "relief_months",
    "relapse",
    "age",
    "sex",
    "diagnosis",
]
# Nobody may learn of these from a log.
SECRETS = ("Jane", "neuropathy", "after an operation", "Doe")
ROWS: Table = [
    ["Jane-1", 7, 5, 48.5, 30, 2, 3, True, 54, "female", "neuropathy"],
    ["Jane-2", 8, None, 50, None, None, None, None, 61, "male", "after an operation"],
    ["Jane-3", 9, 7, 60.5, 55.5, 4, 6, False, 47, "female", "neuropathy"],
    ["Jane-4", 6, 2, 41, 20.5, 1, 0, True, 70, "male", "after an operation"],
    ["Jane-5", 10, 10, 77, 80, 5, 1, True, 33, "female", None],
    ["Jane-6", 5, 4, 35.5, None, 3, 6, False, None, "male", "neuropathy"],
]


def good() -> Table:
    """The header and the patients, as typed values."""
    return [list(HEADER), *deepcopy(ROWS)]


def study_of(**records: Any) -> Study:
    """The study, with what is declared of its records."""
    return _study(STUDY + yaml.safe_dump({"records": records}))


@cache
def _study(definition: str) -> Study:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.yml"
        file.write_text(definition, encoding="utf-8")
        return read_study(file)


def text(cell: Cell) -> str:
    """A cell as a CSV file has it."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def write_csv(
    table: Sequence[Sequence[Cell]],
    file: Path,
    encoding: str = "utf-8",
    decimal: str = ".",
    delimiter: str = ",",
) -> Path:
    def shown(cell: Cell) -> str:
        return text(cell).replace(".", decimal) if isinstance(cell, float) else text(cell)

    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerows([[shown(cell) for cell in row] for row in table])
    return file


def write_xlsx(table: Sequence[Sequence[Cell]], file: Path, *more: str, hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Patients"
    for row in table:
        sheet.append(list(row))
    for name in more:
        book.create_sheet(name).append(["something"])
    for other in book.worksheets:
        if other.title == hidden:
            other.sheet_state = "hidden"
    book.save(file)
    return file


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str) and cell.startswith("<table:"):
        return cell
    kind, value = "string", ""
    if isinstance(cell, bool):
        kind, value = "boolean", f' office:boolean-value="{str(cell).lower()}"'
    elif isinstance(cell, int | float):
        kind, value = "float", f' office:value="{cell}"'
    elif isinstance(cell, date):
        kind, value = "date", f' office:date-value="{cell.isoformat()}"'
    shown = escape(text(cell))
    return (
        f'<table:table-cell office:value-type="{kind}"{value}><text:p>{shown}</text:p>'
        "</table:table-cell>"
    )


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:automatic-styles><style:style style:name="hidden"><style:table-properties
 table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>
</office:document-content>"""
# A sheet has a million rows of a thousand cells, whatever stands in them.
ODS_REST = (
    '<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
)


def write_ods(table: Sequence[Sequence[Cell]], file: Path, *more: str, hidden: str = "") -> Path:
    hides = ' table:style-name="hidden"'
    sheets = {"Patients": table} | {name: [["something"]] for name in more}
    content = "".join(
        f"<table:table table:name={quoteattr(name)}"
        f"{hides if name == hidden else ''}>"
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}"
            '<table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
            for row in rows
        )
        + ODS_REST
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace("{sheets}", content))
    return file


def frame(table: Table) -> pd.DataFrame:
    """The table with types: events as booleans."""
    made = pd.DataFrame(table[1:], columns=table[0])
    made["relapse"] = made["relapse"].astype("boolean")
    return made


def write_parquet(table: Table, file: Path) -> Path:
    frame(table).to_parquet(file)
    return file


def coded(table: Table) -> pd.DataFrame:
    """The table as SPSS and Stata files have it: numbers, of which some are codes."""
    made = frame(table)
    made["relapse"] = made["relapse"].map({True: 1.0, False: 0.0})
    made["sex"] = made["sex"].map({"female": 1.0, "male": 2.0})
    made["diagnosis"] = made["diagnosis"].fillna("")
    return made.astype(dict.fromkeys(HEADER[1:10], float))


# What the codes of SPSS and Stata files mean.
LABELS = {
    "sex": {1.0: "female", 2.0: "male"},
    "relapse": {0.0: "no", 1.0: "yes"},
    "change": {1.0: "Much better", 2.0: "Better", 5.0: "Much worse"},
}
CODED = {"event_seen": ["yes"], "event_not_seen": ["no"]}


def write_sav(table: Table, file: Path, labels: dict[str, Any] | None = None) -> Path:
    made = coded(table)
    made.loc[made["age"].isna(), "age"] = 999
    pyreadstat.write_sav(
        made, file, variable_value_labels=labels or LABELS, missing_ranges={"age": [999]}
    )
    return file


def write_dta(table: Table, file: Path) -> Path:
    pyreadstat.write_dta(coded(table), file, variable_value_labels=LABELS)
    return file


def visits(table: Table) -> Table:
    """The same with a row for each visit, what is recorded once being in the later one."""
    rows: Table = [["record_id", "redcap_event_name", "pain", "mood", *HEADER[5:]]]
    for patient, pain, pain_after, mood, mood_after, *once in table[1:]:
        rows.append([patient, "day_0", pain, mood, *[None] * len(once)])
        rows.append([patient, "day_30", pain_after, mood_after, *once])
    return rows


VISITS = {
    "columns": {"patient": "record_id"},
    "visits": {"column": "redcap_event_name", "baseline": "day_0", "follow_up": "day_30"},
}
