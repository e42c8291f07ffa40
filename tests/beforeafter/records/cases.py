"""Tables of invented patients, typed for the issue "Anybody's table": no row is of a person.

They are written when a test asks for them: a file that looks like records is not committed.
"""

from __future__ import annotations

from pathlib import Path

import good
import odd
import odd_files
import openpyxl
import pandas as pd
import pyreadstat

BEFORE, AFTER, WEEK = odd_files.BEFORE, odd_files.AFTER, odd_files.WEEK
RATED = [2, 3, 4, 2, 1, 4, None, 5, None, 2, 4, 1]
MEANS = """patient,bpi_0,bpi_30
1,2.33333333333333,1.66666666666667
2,4.14285714285714,3.57142857142857
3,5.71428571428571,2.2
4,3.0,2.85714285714286
5,6.85714285714286,5.0
6,4.4,4.16666666666667
7,5.16666666666667,
8,7.42857142857143,6.0
"""
SUMMARY = [
    ["patient", "SF J0", "SF J30"],
    *([1, 31.2, 40.1], [2, 28.4, 35], [3, 45.5, 44.2], [4, 38, 41.6]),
    *([5, 29.9, 33.3], [6, 41.1, 47.2], [7, 33.3, 39.9], [8, 36.6, 41]),
    *(["Moyenne", 35.5, 40.3], ["Écart-type", 5.9, 4.5]),
]


def _ids() -> good.Table:
    rows = [["patient", "visite", "EN"]]
    rows += [[f"P{n:02d}", "J0", score] for n, score in enumerate(BEFORE, start=1)]
    late = [f"p{n:02d}" for n in range(1, 5)] + [f"P{n}" for n in range(5, 13)]
    return rows + [[n, "J30", x] for n, x in zip(late, AFTER, strict=True) if x is not None]


def _sheets(file: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    rows = [[n, x] for n, x in enumerate(AFTER, start=1) if x is not None]
    for name, scores in {"J0": [*enumerate(BEFORE, start=1)], "J30": rows[::-1]}.items():
        sheet = book.create_sheet(name)
        for row in [["patient", "EN"], *scores]:
            sheet.append(row)
    book.save(file)


def _title(file: Path) -> None:
    rows = [["patient", "EN J0", "EN J30"], *odd_files.plain()[1:]]
    good.write_xlsx([["Étude du service, J0 et J30"], [None], *rows], file)
    book = openpyxl.load_workbook(file)
    book.worksheets[0].merge_cells("A1:C1")
    book.save(file)


def _labelled(file: Path) -> None:
    late = [99 if x is None or n == 3 else 10 * x for n, x in enumerate(AFTER, start=1)]
    frame = pd.DataFrame({"patient": range(1, 13), "eva0": [10 * x for x in BEFORE], "eva30": late})
    pyreadstat.write_sav(frame, file, variable_value_labels={"eva30": {99: "non fait"}})


def write(name: str, folder: Path) -> Path:
    """Write the table of that name."""
    file, numbers = folder / name, range(1, 13)
    special = {
        "sheet_per_visit.xlsx": _sheets,
        "merged_title.xlsx": _title,
        "label_not_missing.sav": _labelled,
    }
    rated = [code and odd.PGIC[code - 1] for code in RATED]
    tables = {
        "three_visits.csv": [
            ["patient", "EN J0", "EN J7", "EN J30"],
            *map(list, zip(numbers, BEFORE, WEEK, AFTER, strict=True)),
        ],
        "rating_in_words.csv": [
            ["patient", "nrs_0", "nrs_30", "pgic"],
            *map(list, zip(numbers, BEFORE, AFTER, rated, strict=True)),
        ],
        "ids_across_visits.csv": _ids(),
        "summary_rows.xlsx": SUMMARY,
    }
    if name in special:
        special[name](file)
    elif name == "continuous.csv":
        file.write_text(MEANS, encoding="utf-8")
    elif file.suffix == ".xlsx":
        good.write_xlsx(tables[name], file)
    else:
        delimiter = "," if name == "rating_in_words.csv" else ";"
        good.write_csv(tables[name], file, delimiter=delimiter)
    return file
