"""A corpus of bad files, each made from the good one, and what must be said of each.

A case is a name, how the file is made, where the fault is and which rule it breaks. `records` is
what the study definition declares.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import good
import openpyxl
import pandas as pd

Edit = Callable[[good.Table], object]
Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Bad:
    name: str
    make: Make
    place: str
    rule: str
    records: dict[str, Any] = field(default_factory=dict)


def edited(edit: Edit, **style: str) -> Make:
    """A CSV file of the good table, edited."""

    def make(folder: Path) -> Path:
        table = good.good()
        edit(table)
        return good.write_csv(table, folder / "patients.csv", **style)

    return make


def put(row: int, column: str, value: object) -> Edit:
    def edit(table: good.Table) -> None:
        table[row - 1][good.HEADER.index(column)] = value

    return edit


def cell(row: int, column: str, value: object, rule: str, **records: Any) -> Bad:
    """A case of one wrong cell."""
    name = f"{value!r} in {column}"
    return Bad(name, edited(put(row, column, value)), f"row {row}, column {column}", rule, records)


def raw(content: bytes, name: str = "patients.csv") -> Make:
    def make(folder: Path) -> Path:
        file = folder / name
        file.write_bytes(content)
        return file

    return make


def changed(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """A file whose bytes are changed after it was made."""

    def make_and_change(folder: Path) -> Path:
        file = make(folder)
        file.write_bytes(change(file.read_bytes()))
        return file

    return make_and_change


def as_csv(folder: Path) -> Path:
    return edited(lambda _: None)(folder)


def as_xlsx(folder: Path) -> Path:
    return good.write_xlsx(good.good(), folder / "patients.xlsx")


def as_ods(folder: Path) -> Path:
    return good.write_ods(good.good(), folder / "patients.ods")


NO_NUMBERS = [
    *[
        "seven",
        "NA",
        "n/a",
        "nan",
        "NaN",
        "None",
        "NULL",
        ".",
        "-",
        "?",
        "inf",
        "-inf",
        "∞",
        "½",
        "1e3",
        "0x10",
        "1_000",
        "１２",
        "−5",
        "5-6",
        "5/10",
        "<5",
        ">5",
    ],
    *[
        "~5",
        "5?",
        "5*",
        "5..2",
        "5.2.1",
        "+-5",
        "=1+1",
        "#N/A",
        "#DIV/0!",
        "12:30",
        "2024-01-02",
        "true",
        "[5]",
        "5;6",
        "(5)",
        "5️⃣",
    ],
    *("5 %", "5 cm", "1 000", "5. März", "a" * 5000, "Jane Doe called, pain 7"),
]


def cells() -> Iterator[Bad]:
    for value in NO_NUMBERS:
        yield cell(3, "pain_before", value, "not a number")
    for value in ("7\u200b", "7\n8", "7\x07", "\u202e7", "7\ufeff8"):
        yield cell(3, "mood_after", value, "a line break or an invisible sign")
    yield cell(2, "pain_before", "11", "from 0 to 10")
    yield cell(2, "pain_after", "-1", "from 0 to 10")
    yield cell(2, "pain_after", "7.5", "in steps of 1 from 0")
    yield cell(2, "pain_before", "999", "from 0 to 10")
    yield cell(2, "pain_before", "-9", "from 0 to 10")
    yield cell(2, "pain_before", "9" * 400, "not a finite number")
    yield cell(2, "mood_before", "100.5", "from 0 to 100")
    yield cell(2, "mood_before", "48.25", "in steps of 0.5 from 0")
    yield cell(2, "mood_before", "48,5", "not a number with the decimal mark of the file")
    yield cell(2, "mood_before", "1.048,5", "not a number")
    yield cell(2, "change", "0", "from 1 to 5")
    yield cell(2, "change", "6", "from 1 to 5")
    yield cell(2, "change", "2.5", "in steps of 1 from 1")
    yield cell(2, "change", "Somewhat", "not a number, nor a category")
    yield cell(2, "relief_months", "-1", "from 0 to 6")
    yield cell(2, "relief_months", "7", "from 0 to 6")
    yield cell(2, "relief_months", "2.5", "in steps of 1 from 0")
    yield cell(2, "relief_months", "3 months", "not a number")
    yield cell(2, "relief_months", "", "time and event go together")
    yield cell(2, "relief_months", "6", "")  # told at the event
    yield cell(2, "relapse", "", "time and event go together")
    yield cell(3, "relapse", "true", "")  # told at the time
    for value in ("yes", "no", "1", "0", "ja", "wahr", "t", "truee", "true?", "2024-01-02", "1.0"):
        yield cell(2, "relapse", value, "true or false")
    yield cell(2, "relapse", "true", "oui or non", event_seen=["oui"], event_not_seen=["non"])
    for value in ("17", "111", "-54", "540"):
        yield cell(2, "age", value, "from 18 to 110")
    for value in ("54 years", "1970-03-02", "fifty"):
        yield cell(2, "age", value, "not a number")
    for value in ("females", "f", "1", "weiblich", "femal", "female, male", "Doe"):
        yield cell(2, "sex", value, "one of female, male")
    for value in ("NA", "n/a", "unknown", "-", "?", "null"):
        yield cell(2, "sex", value, "looks like a code for missing")
        yield cell(2, "diagnosis", value, "looks like a code for missing")
    yield cell(2, "diagnosis", "a\nb", "a line break or an invisible sign")


def patients() -> Iterator[Bad]:
    place = "row 3, column patient"
    yield Bad("no patient", edited(put(3, "patient", "")), place, "may not be empty")
    yield Bad("blank patient", edited(put(3, "patient", "  ")), place, "may not be empty")
    yield Bad("patient NA", edited(put(3, "patient", "NA")), place, "looks like a code for missing")
    for value in ("1.2E+12", "1,2E+12", "4E10"):
        make = edited(put(3, "patient", value))
        yield Bad(f"patient {value}", make, place, "a spreadsheet has rounded this number")
    hidden = edited(put(3, "patient", "Jane\u200b-2"))
    yield Bad("invisible sign in a patient", hidden, place, "invisible sign")
    once = "each patient has one row"
    for value in ("Jane-1", " Jane-1", "Jane-1\t", "Jane-1\u00a0"):
        yield Bad(f"twice as {value!r}", edited(put(3, "patient", value)), place, once)
    make = edited(lambda table: table.append(list(table[1])))
    yield Bad("the whole row twice", make, "row 8, column patient", once)


def together() -> Iterator[Bad]:
    """What cannot be true together of one patient."""

    def lost(table: good.Table) -> None:
        put(2, "pain_after", "")(table)
        put(2, "mood_after", "")(table)

    rule = "rated, but nothing else was measured at follow-up"
    yield Bad("rating of a patient not seen", edited(lost), "row 2, column change", rule)
    make = edited(put(2, "relief_months", 6))
    rule = "seen after the end of follow-up, 6 months"
    yield Bad("relapse at the end of follow-up", make, "row 2, column relapse", rule)
    make = edited(put(3, "relief_months", 4))
    together = "time and event go together"
    yield Bad("a time without event", make, "row 3, column relapse", together)
    make = edited(put(3, "relapse", "false"))
    yield Bad("an event without time", make, "row 3, column relief_months", together)

    def all_in(column: str, factor: float) -> Edit:
        def edit(table: good.Table) -> None:
            at = good.HEADER.index(column)
            for row in table[1:]:
                row[at] = None if row[at] is None else row[at] * factor

        return edit

    yield Bad(
        "pain from 0 to 100",
        edited(all_in("pain_before", 10)),
        "row 2, column pain_before",
        "from 0 to 10",
    )
    yield Bad(
        "days of relief",
        edited(all_in("relief_months", 30)),
        "row 2, column relief_months",
        "from 0 to 6",
    )


def columns() -> Iterator[Bad]:
    for at, name in enumerate(good.HEADER[:8]):
        make = edited(lambda table, at=at: [row.pop(at) for row in table])
        yield Bad(f"without {name}", make, f"column {name}", "column is missing")
    near = {
        "pain_before": "Pain before",
        "pain_after": "pain_aftr",
        "mood_before": "MOOD_BEFORE",
        "change": "Chänge",
        "relapse": "relapse?",
    }
    for name, other in near.items():
        at = good.HEADER.index(name)

        def rename(table: good.Table, at: int = at, other: str = other) -> None:
            table[0][at] = other

        yield Bad(
            f"{other} for {name}", edited(rename), f"column {at + 1}", f"did you mean {name}?"
        )

    def extra(name: str, value: object) -> Edit:
        return lambda table: [row.append(name if row is table[0] else value) for row in table]

    yield Bad("one more column", edited(extra("Jane Doe", 1)), "column 12", "not in the study")
    yield Bad(
        "a column twice",
        edited(extra("pain_after", 5)),
        "column pain_after",
        "2 columns have this name",
    )
    yield Bad(
        "a column without a name", edited(extra("", 5)), "column 12", "the column has no name"
    )
    yield Bad(
        "no header", edited(lambda table: table.pop(0)), "column patient", "column is missing"
    )
    title = edited(lambda table: table.insert(0, ["Ward 3", *[""] * 10]))
    yield Bad("a title above the header", title, "column patient", "column is missing")
    turned = edited(
        lambda table: table.__setitem__(
            slice(None), [list(row) for row in zip(*table, strict=True)]
        )
    )
    yield Bad("rows for columns", turned, "column pain_before", "column is missing")
    made = {"columns": {"patient": "record_id"}}
    yield Bad(
        "a declared column is not there", as_csv, "column record_id", "declared for patient", made
    )
    make = edited(extra("notes", "Jane Doe"))
    yield Bad("another is ignored", make, "column 12", "not in the study", {"ignore": ["comments"]})
    events = edited(extra("redcap_event_name", "baseline_arm_1"))
    yield Bad("events that are not declared", events, "column 12", "not in the study")


def delimited() -> Iterator[Bad]:
    yield Bad("an empty file", raw(b""), "file", "the file is empty")
    yield Bad("blank lines", raw(b"\n\n\n"), "file", "row 1 holds no names of columns")
    yield Bad(
        "no patients",
        edited(lambda table: table.__delitem__(slice(1, None))),
        "file",
        "no rows below the header",
    )
    yield Bad(
        "a row too long",
        edited(lambda table: table[2].append("x")),
        "row 3",
        "more cells than columns",
    )
    yield Bad(
        "a row too short", edited(lambda table: table[2].pop()), "row 3", "fewer cells than columns"
    )
    yield Bad(
        "an unquoted decimal comma",
        changed(as_csv, lambda it: it.replace(b"48.5", b"48,5")),
        "row 2",
        "more cells than columns",
    )
    yield Bad(
        "cut off in a row",
        changed(as_csv, lambda it: it[: it.index(b"Jane-5") + 9]),
        "row 6",
        "fewer cells than columns",
    )
    yield Bad(
        "cut off in an event",
        changed(as_csv, lambda it: it[: it.index(b"true,33") + 2]),
        "row 6",
        "fewer cells than columns",
    )
    quoted = edited(put(7, "diagnosis", 'quote, "inside"'))
    yield Bad(
        "cut off in quotes",
        changed(quoted, lambda it: it[:-8]),
        "file",
        "line 7 is not a row of a table",
    )
    yield Bad(
        "an open quote",
        changed(as_csv, lambda it: it.replace(b"Jane-3", b'"Jane-3')),
        "file",
        "is not a row of a table",
    )
    yield Bad(
        "a quote inside",
        changed(as_csv, lambda it: it.replace(b"Jane-3", b'"Jane"-3')),
        "file",
        "line 4 is not a row of a table",
    )
    yield Bad("bytes", raw(bytes(range(256)) * 8), "file", "not text in UTF-8")
    yield Bad(
        "zeros",
        changed(as_csv, lambda it: it.replace(b"Jane-3", b"Jane\0-3")),
        "file",
        "not text in UTF-8",
    )
    yield Bad(
        "UTF-16 without a mark",
        edited(lambda _: None, encoding="utf-16-le"),
        "file",
        "not text in UTF-8",
    )
    yield Bad(
        "UTF-8 cut off in a letter",
        changed(edited(put(7, "diagnosis", "Schädé")), lambda it: it[:-3]),
        "file",
        "its encoding cannot be told",
    )
    words = "Névralgie à côté"
    for encoding in ("mac-roman", "cp850"):
        make = edited(put(2, "diagnosis", words), encoding=encoding)
        yield Bad(f"in {encoding}", make, "file", "its encoding cannot be told")
    for encoding, word in {
        "cp1251": "невралгия",
        "cp1253": "νευραλγία",
        "shift-jis": "神経痛",
        "cp1250": "źródło",
    }.items():
        make = edited(put(2, "diagnosis", word), encoding=encoding)
        yield Bad(f"in {encoding}", make, "file", "set records: encoding")
    latin = edited(put(2, "diagnosis", words), encoding="latin-1")
    yield Bad("not as declared", latin, "file", "not text in utf-8", {"encoding": "utf-8"})
    yield Bad(
        "another delimiter is declared",
        as_csv,
        "column patient",
        "column is missing",
        {"delimiter": ";"},
    )
    spaces = changed(as_csv, lambda it: it.replace(b",", b"  "))
    yield Bad("spaces between cells", spaces, "column patient", "column is missing")
    mixed = changed(as_csv, lambda it: it.replace(b",", b";", 30))
    yield Bad("two delimiters", mixed, "row 4", "cells than columns")
    thousands = edited(put(2, "mood_before", "1,234"))
    rule = "a decimal comma or thousands"
    yield Bad("a comma that may be either", thousands, "row 2, column mood_before", "")
    only = edited(
        lambda table: [
            put(row, column, "1,234" if (row, column) == (2, "age") else "")(table)
            for row in range(2, 8)
            for column in ("mood_before", "mood_after", "age")
        ]
    )
    yield Bad("nothing but such commas", only, "row 2, column age", rule)
    points = {"decimal": ","}
    yield Bad(
        "points where commas are declared",
        as_csv,
        "row 2, column mood_before",
        "not a number with the decimal mark",
        points,
    )
    yield Bad(
        "text called xlsx",
        raw(b"patient\n1\n", "patients.xlsx"),
        "file",
        "damaged, truncated or encrypted",
    )
    yield Bad(
        "a name that says nothing",
        raw(b"patient\n1\n", "patients.dat"),
        "file",
        "of a kind that is not read",
    )
    yield Bad("a PDF", raw(b"%PDF-1.7\n", "patients.pdf"), "file", "of a kind that is not read")
    yield Bad(
        "a header row beyond the end", as_csv, "file", "row 90 holds no names", {"header_row": 90}
    )


def book(edit: Callable[[Any], object], table: Callable[[], good.Table] = good.good) -> Make:
    """An XLSX file of the good table whose sheet is edited."""

    def make(folder: Path) -> Path:
        file = good.write_xlsx(table(), folder / "patients.xlsx")
        loaded = openpyxl.load_workbook(file)
        edit(loaded)
        loaded.save(file)
        return file

    return make


def error_cell(code: str) -> Callable[[Any], None]:
    def edit(loaded: Any) -> None:
        loaded.active["B2"] = code
        loaded.active["B2"].data_type = "e"

    return edit


def archive(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


def ods_of(edit: Edit) -> Make:
    def make(folder: Path) -> Path:
        table = good.good()
        edit(table)
        return good.write_ods(table, folder / "patients.ods")

    return make


def in_book(row: int, column: str, value: object) -> Make:
    def make(folder: Path) -> Path:
        table = good.good()
        put(row, column, value)(table)
        return good.write_xlsx(table, folder / "patients.xlsx")

    return make


def spreadsheets() -> Iterator[Bad]:
    at = "row 2, column pain_before"
    for code in ("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!"):
        yield Bad(
            f"{code} in a workbook", book(error_cell(code)), at, "an error of the spreadsheet"
        )
    yield Bad(
        "a formula never computed",
        in_book(2, "pain_before", "=3+4"),
        at,
        "a formula without a stored value",
    )
    yield Bad(
        "a number made a date",
        in_book(2, "pain_before", date(2024, 3, 5)),
        at,
        "a date, not a number",
    )
    yield Bad("a time of day", in_book(2, "pain_before", timedelta(hours=5)), at, "not a number")
    yield Bad("a truth for a number", in_book(2, "pain_before", True), at, "not a number")
    yield Bad("text for a number", in_book(2, "pain_before", "seven"), at, "not a number")
    yield Bad(
        "a date for a category",
        in_book(2, "diagnosis", date(2024, 3, 5)),
        "row 2, column diagnosis",
        "a date, not a category",
    )
    yield Bad(
        "a number for an event", in_book(2, "relapse", 1), "row 2, column relapse", "true or false"
    )
    yield Bad("too large a number", in_book(2, "pain_before", 70), at, "from 0 to 10")
    yield Bad(
        "merged cells",
        book(lambda loaded: loaded.active.merge_cells("B2:C3")),
        "row 2",
        "cells B2:C3 are merged",
    )
    yield Bad(
        "a cell beyond the header",
        book(lambda loaded: loaded.active.__setitem__("M4", "Jane Doe")),
        "row 4",
        "cells beyond the last column",
    )
    yield Bad(
        "a column without a name in a workbook",
        book(
            lambda loaded: (
                loaded.active.__setitem__("L2", 1),
                loaded.active.__setitem__("M1", "diagnosis"),
            )
        ),
        "column 12",
        "the column has no name",
    )
    yield Bad(
        "a comment below the table",
        book(lambda loaded: loaded.active.__setitem__("A9", "NA")),
        "row 9, column patient",
        "looks like a code for missing",
    )
    yield Bad(
        "two sheets",
        lambda folder: good.write_xlsx(good.good(), folder / "p.xlsx", "Old"),
        "file",
        "2 sheets have something in them",
    )
    yield Bad("no such sheet", as_xlsx, "file", "no sheet of that name", {"sheet": "Ward"})
    yield Bad(
        "an empty workbook",
        lambda folder: good.write_xlsx([], folder / "p.xlsx"),
        "file",
        "no sheet that shows",
    )
    yield Bad(
        "a title in a workbook",
        lambda folder: good.write_xlsx([["Ward 3"], *good.good()], folder / "p.xlsx"),
        "column patient",
        "column is missing",
    )
    yield Bad(
        "only a header in a workbook",
        lambda folder: good.write_xlsx([good.HEADER], folder / "p.xlsx"),
        "file",
        "no rows below the header",
    )
    for share in (0.2, 0.5, 0.9, 0.99):
        cut = changed(as_xlsx, lambda it, share=share: it[: int(len(it) * share)])
        yield Bad(f"{share:.0%} of a workbook", cut, "file", "damaged, truncated or encrypted")
    damaged = changed(as_xlsx, lambda it: it[:900] + bytes(200) + it[1100:])
    yield Bad("a workbook with a hole", damaged, "file", "damaged, truncated or encrypted")
    yield Bad(
        "another archive", raw(archive(a=b"b"), "p.xlsx"), "file", "not a workbook that can be read"
    )
    yield Bad(
        "an old or encrypted workbook",
        raw(b"\xd0\xcf\x11\xe0" + bytes(600), "p.xlsx"),
        "file",
        "of a kind that is not read",
    )
    yield Bad(
        "a workbook called csv",
        lambda folder: as_xlsx(folder).rename(folder / "p.csv"),
        "file",
        "of a kind that is not read, or not what its name says",
    )
    yield Bad(
        "a workbook called ods",
        lambda folder: as_xlsx(folder).rename(folder / "p.ods"),
        "file",
        "not a spreadsheet that can be read",
    )
    yield Bad(
        "ods called a workbook",
        lambda folder: as_ods(folder).rename(folder / "p.xlsx"),
        "file",
        "not a workbook that can be read",
    )

    yield Bad("a number too large in ods", ods_of(put(2, "pain_before", 70)), at, "from 0 to 10")
    yield Bad(
        "a date in ods", ods_of(put(2, "pain_before", date(2024, 3, 5))), at, "a date, not a number"
    )
    cells = {
        "an error": (
            'calcext:value-type="error" office:value-type="string"><text:p>#N/A',
            "an error of the spreadsheet",
        ),
        "a failed formula": (
            'table:formula="of:=1/0" office:value-type="string"><text:p>#DIV/0!',
            "an error of the spreadsheet",
        ),
        "a formula never computed": (
            'table:formula="of:=1+1"><text:p>',
            "a formula without a stored value",
        ),
        "merged cells": (
            'table:number-columns-spanned="2" office:value-type="float" office:value="7"><text:p>7',
            "",
        ),
        "no number in its cell": ('office:value-type="float" office:value="x"><text:p>x', ""),
    }
    for name, (content, rule) in cells.items():
        make = ods_of(
            put(2, "pain_before", f"<table:table-cell {content}</text:p></table:table-cell>")
        )
        if rule:
            yield Bad(f"{name} in ods", make, at, rule)
        elif "spanned" in content:
            yield Bad(f"{name} in ods", make, "row 2, column 2", "merged cells")
        else:
            yield Bad(f"{name} in ods", make, "file", "not a spreadsheet that can be read")
    yield Bad(
        "two sheets in ods",
        lambda folder: good.write_ods(good.good(), folder / "p.ods", "Old"),
        "file",
        "2 sheets have something in them",
    )
    yield Bad("no such sheet in ods", as_ods, "file", "no sheet of that name", {"sheet": "Ward"})
    yield Bad(
        "half of ods",
        changed(as_ods, lambda it: it[: len(it) // 2]),
        "file",
        "damaged, truncated or encrypted",
    )
    yield Bad(
        "ods without content",
        raw(archive(mimetype=b"x"), "p.ods"),
        "file",
        "not a spreadsheet that can be read",
    )
    yield Bad(
        "ods that is no XML",
        raw(archive(**{"content.xml": b"<a><b></a>"}), "p.ods"),
        "file",
        "not a spreadsheet that can be read",
    )


def parquet_of(**columns: object) -> Make:
    def make(folder: Path) -> Path:
        table = good.frame(good.good()).assign(**columns)
        table.to_parquet(folder / "patients.parquet")
        return folder / "patients.parquet"

    return make


def as_parquet(folder: Path) -> Path:
    return good.write_parquet(good.good(), folder / "patients.parquet")


def as_sav(folder: Path) -> Path:
    return good.write_sav(good.good(), folder / "patients.sav")


def as_dta(folder: Path) -> Path:
    return good.write_dta(good.good(), folder / "patients.dta")


def typed() -> Iterator[Bad]:
    """Rows of these files are patients: there is no row of names."""
    at = "row 1, column pain_before"
    yield Bad("a number too large in parquet", parquet_of(pain_before=70.0), at, "from 0 to 10")
    yield Bad(
        "an infinite number in parquet",
        parquet_of(pain_before=float("inf")),
        at,
        "not a finite number",
    )
    yield Bad("text in parquet", parquet_of(pain_before="seven"), at, "not a number")
    yield Bad(
        "a date in parquet",
        parquet_of(pain_before=pd.Timestamp("2024-01-02")),
        at,
        "a date, not a number",
    )
    yield Bad(
        "lists in parquet", parquet_of(pain_before=[[7]] * 6), "file", "no table of plain columns"
    )
    yield Bad(
        "a column more in parquet", parquet_of(name="Jane Doe"), "column 12", "not in the study"
    )
    for kind, make in {"parquet": as_parquet, "sav": as_sav, "dta": as_dta}.items():
        for share in (0.1, 0.5, 0.9):
            cut = changed(make, lambda it, share=share: it[: int(len(it) * share)])
            yield Bad(f"{share:.0%} of {kind}", cut, "file", "damaged, truncated")
        yield Bad(
            f"text called {kind}",
            raw(b"patient\n1\n" * 99, f"p.{kind}"),
            "file",
            "damaged, truncated",
        )
        yield Bad(
            f"{kind} called csv",
            lambda folder, make=make: make(folder).rename(folder / "p.csv"),
            "file",
            "not",
        )
    yield Bad(
        "a code that means nothing declared", as_sav, "row 1, column relapse", "true or false"
    )
    turned = good.LABELS | {"change": {1.0: "Much worse", 5.0: "Much better"}}
    backwards = lambda folder: good.write_sav(good.good(), folder / "p.sav", turned)  # noqa: E731
    yield Bad(
        "a rating coded backwards",
        backwards,
        "column change",
        "Much worse has the code",
        good.CODED,
    )
    other = good.LABELS | {"sex": {1.0: "w", 2.0: "m"}}
    labelled = lambda folder: good.write_sav(good.good(), folder / "p.sav", other)  # noqa: E731
    yield Bad(
        "labels of other words", labelled, "row 1, column sex", "one of female, male", good.CODED
    )


def visits_of(edit: Edit) -> Make:
    def make(folder: Path) -> Path:
        table = good.visits(good.good())
        edit(table)
        return good.write_csv(table, folder / "patients.csv")

    return make


def visits() -> Iterator[Bad]:
    """A row for each visit; the patient is in the first column, the visit in the second."""

    def at(row: int, column: int, value: object) -> Make:
        return visits_of(lambda table: table[row - 1].__setitem__(column, value))

    yield Bad(
        "a visit not declared",
        at(3, 1, "day_60"),
        "row 3, column redcap_event_name",
        "one of day_0, day_30",
        good.VISITS,
    )
    yield Bad(
        "no visit",
        at(3, 1, ""),
        "row 3, column redcap_event_name",
        "one of day_0, day_30",
        good.VISITS,
    )
    yield Bad(
        "a visit twice",
        at(3, 1, "day_0"),
        "row 3, column record_id",
        "one row of the baseline visit",
        good.VISITS,
    )
    again = visits_of(lambda table: table.append(list(table[2])))
    yield Bad(
        "a row of a visit twice",
        again,
        "row 14, column record_id",
        "one row of the follow-up visit",
        good.VISITS,
    )
    yield Bad(
        "a row of nobody", at(3, 0, ""), "row 3, column record_id", "may not be empty", good.VISITS
    )
    yield Bad(
        "another age at another visit",
        at(2, 7, 55),
        "row 3, column age",
        "differs from an earlier row",
        good.VISITS,
    )
    yield Bad(
        "a score too large at a visit",
        at(3, 2, 11),
        "row 3, column pain",
        "from 0 to 10",
        good.VISITS,
    )
    yield Bad(
        "no column of the visit",
        visits_of(lambda table: [row.pop(1) for row in table]),
        "column redcap_event_name",
        "column is missing",
        good.VISITS,
    )
    yield Bad(
        "visits that are not declared",
        visits_of(lambda _: None),
        "column pain_before",
        "column is missing",
    )
    header = visits_of(lambda table: table.__delitem__(slice(1, None)))
    yield Bad("no rows of visits", header, "file", "no rows below the header", good.VISITS)


DATES = {"dates": {"relief": {"start": "out", "event": "back", "last_seen": "seen"}}}


def dates_of(start: str, event: str, seen: str) -> Make:
    def edit(table: good.Table) -> None:
        for number, row in enumerate(table):
            row[6:8] = []
            row.extend(["2024-01-10", "", "2024-08-01"] if number else ["out", "back", "seen"])
        table[1][-3:] = [start, event, seen]

    return edited(edit)


def dates() -> Iterator[Bad]:
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    cases = {
        "back before out": ("2024-02-01", "2024-01-01", "", "back", "before out"),
        "seen before out": ("2024-02-01", "", "2024-01-01", "seen", "before out"),
        "seen before back": ("2024-01-01", "2024-03-01", "2024-02-01", "seen", "before back"),
        "never out": ("", "2024-03-01", "", "out", "missing, though later dates are there"),
        "never seen": ("2024-01-01", "", "", "seen", "missing, and so is the event"),
        "tomorrow": ("2024-01-01", tomorrow, "", "back", "before 1900 or after today"),
        "long ago": ("1024-01-01", "", "2024-01-01", "out", "before 1900 or after today"),
        "no such day": ("2024-02-30", "", "2024-03-01", "out", "no date written as"),
        "another order": ("01/02/2024", "", "2024-03-01", "out", "no date written as"),
        "a serial number": ("45292", "", "2024-03-01", "out", "no date written as"),
        "a word": ("Monday", "", "2024-03-01", "out", "no date written as"),
    }
    for name, (start, event, seen, column, rule) in cases.items():
        yield Bad(name, dates_of(start, event, seen), f"row 2, column {column}", rule, DATES)
    both = dates_of("2024-01-01", "", "2024-03-01")
    also = changed(both, lambda it: it.replace(b",age,", b",relief_months,"))
    yield Bad("recorded and computed", also, "column 7", "not in the study", DATES)
    yield Bad("no dates", as_csv, "column out", "column is missing", DATES)


CORPUS = [
    *cells(), *patients(), *together(), *columns(), *delimited(), *spreadsheets(), *typed(),
    *visits(), *dates(),
]  # fmt: skip
# Two of them are told at another cell, and so are cases of their own.
CORPUS = [bad for bad in CORPUS if bad.rule]
