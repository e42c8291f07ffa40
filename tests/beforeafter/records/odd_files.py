"""Odd files, each made from the same twelve invented patients; what must become of each.

`ACCEPTED` are read with the numbers of those patients, `REFUSED` name their cause.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import good
import odd
import openpyxl
import pandas as pd
import pyreadstat
from openpyxl.comments import Comment
from openpyxl.styles import Font

Table = list[list[Any]]
Make = Callable[[Path], Path]
BEFORE = [8, 7, 6, 9, 5, 8, 7, 9, 6, 7, 8, 4]
AFTER = [5, 6, 3, 7, 5, 4, 7, 8, None, 3, 6, 2]
WEEK = [7, 5, 5, 7, 4, 6, 6, 7, 5, 5, 7, 2]
KINDS = ("csv", "xlsx", "ods", "parquet", "sav")


@dataclass(frozen=True)
class Odd:
    name: str
    make: Make
    definition: dict[str, Any] = field(default_factory=odd.wide)
    says: str = ""


def plain() -> Table:
    rows = zip(range(1, 13), BEFORE, AFTER, strict=True)
    return [["patient", "nrs_0", "nrs_30"], *map(list, rows)]


def long() -> Table:
    rows = [[n, "J0", score] for n, score in enumerate(BEFORE, start=1)]
    rows += [[n, "J30", score] for n, score in enumerate(AFTER, start=1)]
    return [["patient", "visite", "nrs"], *rows]


LONG = {"visits": {"column": "visite", "baseline": "J0", "follow_up": "J30"}}


def written(table: Table, kind: str = "csv", name: str = "p") -> Make:
    def make(folder: Path) -> Path:
        file = folder / f"{name}.{kind}"
        if kind in {"csv", "xlsx", "ods"}:
            return getattr(good, f"write_{kind}")(table, file)
        frame = pd.DataFrame(table[1:], columns=table[0])
        mixed = [name for name in frame if any(isinstance(cell, str) for cell in frame[name])]
        frame[mixed] = frame[mixed].fillna("").astype(str)
        if kind == "parquet":
            frame.to_parquet(file)
        else:
            pyreadstat.write_sav(frame, file)
        return file

    return make


def edited(edit: Callable[[Any], object], table: Table | None = None) -> Make:
    """A workbook whose sheet is edited."""

    def make(folder: Path) -> Path:
        file = good.write_xlsx(table or plain(), folder / "p.xlsx")
        book = openpyxl.load_workbook(file)
        edit(book.active)
        book.save(file)
        return file

    return make


def in_xml(change: Callable[[str], str], table: Table | None = None) -> Make:
    """A workbook as other programs write it: the XML of its sheet is changed."""

    def make(folder: Path) -> Path:
        file = good.write_xlsx(table or plain(), folder / "p.xlsx")
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = "xl/worksheets/sheet1.xml"
        parts[name] = change(parts[name].decode()).encode()
        with zipfile.ZipFile(file, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        return file

    return make


def turned(xml: str) -> str:
    """The rows below the header, last first."""
    rows = re.findall(r"<row .*?</row>", xml)
    return xml.replace("".join(rows[1:]), "".join(rows[:0:-1]))


def labelled(labels: dict[str, dict[float, str]], table: Table | None = None) -> Make:
    def make(folder: Path) -> Path:
        header, *rows = table or plain()
        frame = pd.DataFrame(rows, columns=header)
        pyreadstat.write_sav(frame, folder / "p.sav", variable_value_labels=labels)
        return folder / "p.sav"

    return make


def declared(**records: Any) -> dict[str, Any]:
    return odd.wide(records=records)


def cell(kind: str, row: int, column: int, value: Any) -> Make:
    table = plain()
    table[row][column] = value
    return written(table, kind)


SUMMARIES = [
    *("Moyenne", "Écart-type", "ecart type", "Médiane", "min", "max", "Total", "n = 12", "Mean"),
    *("SD", "Total général", "# end of file", "Sous-total", "Fin du fichier", "Q1", "IC95%"),
    *(
        "Moy.",
        "Effectif",
        "Moyenne (ET)",
        "Médiane [IQR]",
        "N=12",
        "p-value",
        "Légende",
        "Nb",
        "NB : perdus",
    ),
]
# Below patients that have initials for codes; the last says so by its words or its signs alone.
INITIALS = ["AB", "CD", "EF", "GH", "IJ", "KL", "MN", "OP", "QR", "ST", "UV", "WX"]
REMARKS = ["* perdu de vue", "Non inclus", "25%", "Page 1"]


def not_patients() -> Iterator[Odd]:
    for word in SUMMARIES:
        yield Odd(f"{word} below", written([*plain(), [word, 7, 5.1]]), says="row of totals")
    initials = [
        plain()[0],
        *([name, *row[1:]] for name, row in zip(INITIALS, plain()[1:], strict=True)),
    ]
    for word in ("Moyenne", "Moy.", "Avg", "STDEV", "Nombre"):
        make = written([*initials, [word, 7, 5]])
        yield Odd(f"{word} below initials", make, says="row of totals")
    for word in REMARKS:
        make = written([*initials, [word, 7, 5]])
        yield Odd(f"{word} below initials", make, says="a remark where other rows have codes")
    heading = [*initials, ["Exclus", None, None], ["ZZ", 9, 9]]
    yield Odd("a heading below initials", written(heading, "xlsx"), says="a heading, with 1 rows")
    digits = [*plain(), ["Exclus (n = 1)", None, None], [14, 9, 9]]
    yield Odd("a heading with digits", written(digits, "xlsx"), says="a heading, with 1 rows")
    names = [["nom", *plain()[0][1:]], *([f"X{row[0]}", *row[1:]] for row in plain()[1:])]
    unread = declared(numbered=True, ignore=["nom"])
    for kind in KINDS:
        make = written([*names, ["Moyenne", 7, 5]], kind)
        yield Odd(f"Moyenne in a column left out in {kind}", make, unread, "row of totals")
    yield Odd("of no height", in_xml(flat), says="the row is hidden")
    few = [*plain()[:4], ["Moyenne", 7, 5], ["Écart-type", 1, 1], ["n", 3, 3]]
    yield Odd("n below means of few", written(few), declared(skip=["M*", "É*"]), "row of totals")
    for kind in KINDS:
        yield Odd(f"Moyenne in {kind}", written([*plain(), ["Moyenne", 7, 5]], kind), says="totals")
    rows = [[*row[:1], *(x and x + 0.25 for x in row[1:])] for row in plain()[1:]]
    for name, of in {"mean": lambda x: sum(x) / len(x), "sum": sum}.items():
        columns = [[row[at] for row in rows if row[at] is not None] for at in (1, 2)]
        last = [13, *(round(of(column), 6) for column in columns)]
        table = [plain()[0], *rows, last]
        wider = odd.wide(step=None, maximum=1000)
        yield Odd(f"a {name} with a number", written(table), wider, says=f"the {name}s of those")
    excluded = [["Exclus", None, None], [14, 9, 9], [15, 8, 8]]
    yield Odd(
        "a heading", written([*plain(), *excluded], "xlsx"), says="a heading, with 2 rows below it"
    )
    yield Odd("struck out", edited(strike(5)), says="the row is struck out")
    yield Odd("one cell struck out", edited(strike(5, "B")), says="struck out in part")
    yield Odd("hidden", edited(hide(5)), says="the row is hidden")
    many = edited(lambda sheet: [hide(row)(sheet) for row in (5, 6, 9)])
    yield Odd("many hidden", many, says="the row is hidden, and 2 more: 6, 9")
    yield Odd("struck out in ods", ods_styled("crossed"), says="the row is struck out")
    yield Odd("hidden in ods", ods_row('table:visibility="collapse"'), says="the row is hidden")
    yield Odd("filtered in ods", ods_row('table:visibility="filter"'), says="the row is hidden")


def strike(row: int, *columns: str) -> Callable[[Any], None]:
    def edit(sheet: Any) -> None:
        for column in columns or "ABC":
            sheet[f"{column}{row}"].font = Font(strike=True)

    return edit


def hide(row: int) -> Callable[[Any], None]:
    def edit(sheet: Any) -> None:
        sheet.auto_filter.ref = "A1:C13"
        sheet.row_dimensions[row].hidden = True

    return edit


def ods_row(attribute: str) -> Make:
    def make(folder: Path) -> Path:
        file = good.write_ods(plain(), folder / "p.ods")
        with zipfile.ZipFile(file) as archive:
            content = archive.read("content.xml").decode()
        parts = content.split("<table:table-row>")
        parts[5] = f"<table:table-row {attribute}>{parts[5]}"
        rest = "<table:table-row>".join(parts[:5]) + "<table:table-row>".join(parts[5:])
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("content.xml", rest)
        return file

    return make


def ods_styled(style: str) -> Make:
    """A row of patient 4 whose cells have a style that strikes them out."""
    crossed = (
        f'<style:style style:name="{style}" style:family="table-cell"><style:text-properties '
        'style:text-line-through-style="solid"/></style:style></office:automatic-styles>'
    )

    def make(folder: Path) -> Path:
        file = good.write_ods(plain(), folder / "p.ods")
        with zipfile.ZipFile(file) as archive:
            content = archive.read("content.xml").decode()
        rows = content.replace("</office:automatic-styles>", crossed).split("<table:table-row>")
        rows[5] = rows[5].replace(
            "<table:table-cell o", f'<table:table-cell table:style-name="{style}" o'
        )
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("content.xml", "<table:table-row>".join(rows))
        return file

    return make


PERCENT = '<table:table-cell office:value-type="percentage" office:value="0.07"><text:p>7 %</text:p></table:table-cell>'  # noqa: E501


def percent(sheet: Any) -> None:
    sheet["B3"].number_format, sheet["B3"].value = "0 %", 0.07


def twice(xml: str) -> str:
    return xml.replace('<row r="4"', '<row r="3"').replace('r="A4"', 'r="A3"')


def flat(xml: str) -> str:
    return xml.replace('<row r="5"', '<row r="5" ht="0" customHeight="1"')


def typed_percent(sheet: Any) -> None:
    sheet["B3"].number_format = '0"%"'


SEX = [{"name": "sex", "label": "Sex", "column": "sex", "categories": ["female", "male"]}]


def refused() -> Iterator[Odd]:
    yield from not_patients()
    yield Odd("percent", edited(percent), says="shown as 7 %, stored as 0.07")
    names = declared(visits={"files": {"baseline": "a.csv", "follow_up": "b.csv"}})
    yield Odd("another file", written(plain()), names, "records: visits: files has a.csv, b.csv")
    yield Odd("percent in ods", cell("ods", 2, 1, PERCENT), says="shown as 7 %, stored as 0.07")
    yield Odd("a row twice", in_xml(twice), says="two rows have the number 3")
    two = in_xml(lambda xml: xml.replace('r="C4"', 'r="B4"'))
    yield Odd("a cell twice", two, says="two cells of row 4 are in the same column")
    typo = declared(only={"arm": "ketamin"})
    arms = [[*plain()[0], "arm"], *([*row, "Kétamine"] for row in plain()[1:])]
    yield Odd("no patient of an arm", written(arms), typo, "no row has the value ketamin")
    yield Odd("merged cells", edited(lambda sheet: sheet.merge_cells("B3:C3")), says="are merged")
    yield Odd(
        "one label", labelled({"nrs_30": {7.0: "refus"}}), says="7 has the label refus in the file"
    )
    round_ = {"nrs_0": {0.0: "douleur maximale", 10.0: "aucune douleur"}}
    yield Odd("labels turned round", labelled(round_), says="in the study lower is better")
    well = {"nrs_0": {0.0: "excellent", 10.0: "very poor"}}
    yield Odd("health turned round", labelled(well), odd.wide(better="higher"), "higher is better")
    yield from turned_labels()
    for late, early in (("P{:02d}", "P-{:02d}"), ("P{:02d}", "P {}"), ("{:03d}", "{}")):
        rows = [
            [(late if row[1] == "J30" else early).format(row[0]), *row[1:]] for row in long()[1:]
        ]
        make = written([long()[0], *rows])
        yield Odd(
            f"codes {late} and {early}", make, declared(**LONG), "alike but for case or zeros"
        )
    apart = [[f"p0{row[0]}" if row[1] == "J30" else f"P{row[0]}", *row[1:]] for row in long()[1:]]
    for kind in KINDS:
        make = written([long()[0], *apart], kind)
        yield Odd(f"codes apart in {kind}", make, declared(**LONG), "alike but for case or zeros")
    coded = [[*plain()[0], "sex"], *([*row, 1 + row[0] % 2] for row in plain()[1:])]
    yield Odd("codes of a category", written(coded), odd.wide(others=SEX), "6 cells like this")
    yield Odd(
        "no code of patients", written([row[1:] for row in plain()]), says="column is missing"
    )


DEGREES = [
    *("Très nettement amélioré", "Nettement amélioré", "Légèrement amélioré", "Inchangé"),
    *("Légèrement aggravé", "Nettement aggravé", "Très nettement aggravé"),
]
RELAPSE = {
    "name": "relief", "label": "Relief", "columns": {"time": "months", "event": "relapse"},
    "event": "relapse", "event_free": "free", "unit": "months", "step": 1, "horizon": 6,
    "times": [1], "decimals": {"default": 1},
}  # fmt: skip


def rated(labels: dict[float, str]) -> Make:
    table = [
        [*plain()[0], "pgic"],
        *([*row, None if row[2] is None else 1 + row[0] % 7] for row in plain()[1:]),
    ]
    return labelled({"pgic": labels}, table)


def relapsed(labels: dict[float, str]) -> Make:
    rows = [[*row, 3, float(row[0] % 2)] for row in plain()[1:]]
    return labelled({"relapse": labels}, [[*plain()[0], "months", "relapse"], *rows])


SEEN = declared(event_seen=[1], event_not_seen=[0]) | {"durations": [RELAPSE]}


def turned_labels() -> Iterator[Odd]:
    last_first = {float(7 - place): text for place, text in enumerate(DEGREES)}
    yield Odd(
        "a rating turned round", rated(last_first), odd.wide(pgic=True), "values: {7: 1, 6: 2"
    )
    from_zero = {float(place): text for place, text in enumerate(odd.PGIC)}
    yield Odd("a rating from zero", rated(from_zero), odd.wide(pgic=True), "values: {0: 1, 1: 2")
    yield Odd(
        "an event turned round", relapsed({0.0: "oui", 1.0: "non"}), SEEN, "the other way round"
    )
    unknown = relapsed({0.0: "non", 1.0: "non renseigné"})
    yield Odd("an event not known", unknown, SEEN, "1 has the label non renseigné in the file")
    ill = {"nrs_0": {0.0: "mauvaise santé", 10.0: "bonne santé"}}
    yield Odd("good and bad health", labelled(ill), says="in the study lower is better")


def accepted() -> Iterator[Odd]:
    below = [["Moyenne", 7, 5.1], ["Écart-type", 1.5, 1.9]]
    for kind in KINDS:
        skip = declared(skip=["moyenne", "*type"])
        yield Odd(f"skipped in {kind}", written([*plain(), *below], kind), skip)
        one = 0 if kind in {"parquet", "sav"} else 1
        only = declared(rows=[1 + one, 12 + one])
        yield Odd(f"rows in {kind}", written([*plain(), *below], kind), only)
        empty = [*plain()[:6], [None] * 3, *plain()[6:]]
        yield Odd(f"an empty row in {kind}", written(empty, kind))
        yield Odd(f"long in {kind}", written(long(), kind), declared(**LONG))
        arms = [[*plain()[0], "arm"], *([*row, "Kétamine"] for row in plain()[1:])]
        arms += [[20 + n, 5, 5, "control"] for n in range(4)]
        ketamine = declared(only={"arm": "ketamine"})
        yield Odd(f"one arm in {kind}", written(arms, kind), ketamine)
        unnamed = written([row[1:] for row in plain()], kind)
        yield Odd(f"without codes in {kind}", unnamed, declared(numbered=True))
    yield from spreadsheets()
    yield from headers()
    yield from visits()
    yield from cells()


def spreadsheets() -> Iterator[Odd]:
    marked = [*plain()[:5], [99, 1, 1], *plain()[5:]]
    yield Odd("struck out, skipped", edited(strike(6), marked), declared(marked="skip"))
    yield Odd("hidden, skipped", edited(hide(6), marked), declared(marked="skip"))
    yield Odd("hidden, read", edited(hide(6)), declared(marked="read"))
    yield Odd("rows out of order", in_xml(turned))
    yield Odd("percent, shown", edited(percent), declared(percent="shown"))
    of_ods = declared(percent="shown")
    yield Odd("percent in ods, shown", cell("ods", 2, 1, PERCENT), of_ods)
    title = [["Étude du service"], [None], *plain()]
    merged = edited(lambda sheet: sheet.merge_cells("A1:C1"), title)
    yield Odd("a merged title", merged, declared(header_row=3))
    comment = edited(lambda sheet: setattr(sheet["B3"], "comment", Comment("vu en HDJ", "x")))
    yield Odd("a comment", comment)
    hidden = edited(lambda sheet: setattr(sheet.column_dimensions["C"], "hidden", True))
    yield Odd("a hidden column", hidden)
    yield Odd("a percent sign that is typed", edited(typed_percent))
    gone = in_xml(lambda xml: re.sub(r' r="[A-Z]*\d+"', "", xml))
    yield Odd("rows and cells without numbers", gone)


def headers() -> Iterator[Odd]:
    lines = [["patient", "EN", None], [None, "J0", "J30"], *plain()[1:]]
    for kind in ("csv", "xlsx", "ods"):
        wide = odd.wide("EN J0", "EN J30", records={"header_row": [1, 2]})
        yield Odd(f"two lines in {kind}", written(lines, kind), wide)
    merged = edited(lambda sheet: sheet.merge_cells("B1:C1"), lines)
    yield Odd(
        "two lines, merged", merged, odd.wide("EN J0", "EN J30", records={"header_row": [1, 2]})
    )
    one = odd.wide(records={"skip": ["points"]})
    units = [plain()[0], [None, "points", "points"], *plain()[1:]]
    yield Odd("a row of units, skipped", written(units), one)
    index = pd.DataFrame(plain()[1:], columns=plain()[0]).set_index("patient")

    def parquet(folder: Path) -> Path:
        index.rename_axis(None).set_axis([f"P{n}" for n in index.index]).to_parquet(
            folder / "p.parquet"
        )
        return folder / "p.parquet"

    yield Odd("an index of patients", parquet)
    binary = pd.DataFrame(plain()[1:], columns=plain()[0])
    binary["patient"] = [f"P{n}".encode() for n in binary["patient"]]

    def of_bytes(folder: Path) -> Path:
        binary.to_parquet(folder / "p.parquet")
        return folder / "p.parquet"

    yield Odd("bytes in parquet", of_bytes)

    def left_over(folder: Path) -> Path:
        frame = pd.DataFrame(plain()[1:], columns=plain()[0])
        frame.set_axis([f"row {n}" for n in frame.index]).to_parquet(folder / "p.parquet")
        return folder / "p.parquet"

    yield Odd("an index of no use", left_over)


def visits() -> Iterator[Odd]:
    parts = {"J0": [[n, score] for n, score in enumerate(BEFORE, start=1)]}
    parts["J30"] = [[n, score] for n, score in enumerate(AFTER, start=1) if score][::-1]

    def files(folder: Path) -> Path:
        for name, rows in parts.items():
            good.write_csv([["patient", "nrs"], *rows], folder / f"{name}.csv")
        return folder / "J0.csv"

    names = {"baseline": "J0.csv", "follow_up": "J30.csv"}
    yield Odd("a file for each visit", files, declared(visits={"files": names}))
    yield Odd("their folder", lambda at: files(at).parent, declared(visits={"files": names}))

    def sheets(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in parts.items():
            sheet = book.create_sheet(name)
            for row in [["patient", "nrs"], *rows]:
                sheet.append(row)
        book.create_sheet("notes").append(["something"])
        book.save(folder / "p.xlsx")
        return folder / "p.xlsx"

    names = {"baseline": "J0", "follow_up": "J30"}
    small = [[row[0], row[1].lower() + " ", row[2]] if row[0] % 2 else row for row in long()[1:]]
    yield Odd("visits but for case", written([long()[0], *small]), declared(**LONG))

    def other_names(folder: Path) -> Path:
        for name, header in {"J0": ["patient", "nrs"], "J30": ["Patient", "NRS "]}.items():
            good.write_csv([header, *parts[name]], folder / f"{name}.csv")
        return folder

    of_files = {"baseline": "J0.csv", "follow_up": "J30.csv"}
    yield Odd("names but for case", other_names, declared(visits={"files": of_files}))
    yield Odd("a sheet for each visit", sheets, declared(visits={"sheets": names}))
    apart = [[f"p0{row[0]}" if row[1] == "J30" else f"P{row[0]}", *row[1:]] for row in long()[1:]]
    alike = declared(visits=LONG["visits"] | {"match": "alike"})
    yield Odd("codes matched", written([long()[0], *apart]), alike)
    weeks = [[n, "J7", score] for n, score in enumerate(WEEK, start=1)]
    other = declared(visits=LONG["visits"] | {"other": ["J7"]})
    yield Odd("a visit without a column", written([*long(), *weeks]), other)
    three = odd.three(
        compare=["day 0", "day 30"],
        records={
            "visits": {
                "column": "visite",
                "values": {"day 0": "J0", "day 7": "J7", "day 30": "J30"},
            }
        },
    )
    yield Odd("three visits in rows", written([*long(), *weeks]), three)
    once = [["patient", "visite", "nrs", "arm"]]
    once += [[*row, "A" if row[1] == "J0" else None] for row in long()[1:]]
    once += [[20, "J0", 5, "B"], [20, "J30", 5, None]]
    yield Odd("an arm said once", written(once), declared(**LONG, only={"arm": "A"}))
    courses = [["patient", "visite", "nrs", "course"], *([*row, 1] for row in long()[1:])]
    courses += [[1, "J0", 9, 2], [1, "J30", 9, 2]]
    yield Odd("a second course", written(courses), declared(**LONG, only={"course": 1}))


def cells() -> Iterator[Odd]:
    halves = [[row[0], *("" if x is None else f"{x},0" for x in row[1:])] for row in plain()[1:]]
    halves[0][1] = "99,5"
    comma = declared(columns={"nrs_0": {"name": "nrs_0", "values": {"99.5": "8"}}})
    semicolon = lambda at: good.write_csv([plain()[0], *halves], at / "p.csv", delimiter=";")  # noqa: E731
    yield Odd("values and decimal commas", semicolon, comma)
    words = [[*plain()[0], "sex"], *([*row, " FÉMALE"[: 1 + 6]] for row in plain()[1:])]
    yield Odd("a category but for case", written(words), odd.wide(others=SEX))
    table = plain()
    table[9][2] = 10
    missing = declared(columns={"nrs_30": {"name": "nrs_30", "missing": [10]}})
    yield Odd("a code inside the scale", written(table), missing)
    label = labelled({"nrs_30": {10.0: "non fait"}}, table)
    yield Odd("a label, declared", label, missing)
    yield Odd("a rating in its order", rated(dict(enumerate(DEGREES, 1))), odd.wide(pgic=True))
    declared_turn = {"pgic": {"name": "pgic", "values": {n: 8 - n for n in range(1, 8)}}}
    yield Odd(
        "a rating turned round, declared",
        rated({float(7 - place): text for place, text in enumerate(DEGREES)}),
        odd.wide(pgic=True, records={"columns": declared_turn}),
    )
    yield Odd("an event", relapsed({0.0: "censuré", 1.0: "rechute"}), SEEN)
    ends = {0.0: "aucune douleur", 10.0: "douleur maximale"}
    yield Odd("labels of the ends", labelled({"nrs_0": ends, "nrs_30": ends}))


REFUSED, ACCEPTED = [*refused()], [*accepted()]
