"""Tables as a hospital's data manager or a user of REDCap sends them; every patient is invented.

Each is drafted, edited in at most one place, and read; `expected` has the scores typed here, by the
name of the outcome, at the visits compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import good
import odd_files
import openpyxl
import pandas as pd
import pyreadstat

Scores = Sequence[float | None]
EN, EN30, EN7 = odd_files.BEFORE, odd_files.AFTER, odd_files.WEEK
A0, A30 = [12, 9, 15, 8, 11, 14, 7, 10, 13, 6, 16, 9], [9, 8, 10, 6, 7, 12, 5, 9, None, 4, 13, 8]
D0, D30 = [10, 7, 13, 9, 8, 15, 6, 11, 12, 5, 14, 7], [8, 7, 9, 7, 6, 11, 6, 10, None, 4, 11, 5]
EVA, EVA30 = [10 * x + 3 for x in EN], [None if x is None else 10 * x + 1 for x in EN30]
CODES = [f"KET-{number:03d}" for number in range(1, 13)]
PAIN, HAD = {"en": (EN, EN30)}, {"had_a": (A0, A30), "had_d": (D0, D30)}


@dataclass(frozen=True)
class Sent:
    name: str
    make: Callable[[Path], Path | list[Path]]
    expected: dict[str, tuple[Scores, Scores]]
    edit: tuple[str, str] | None = None
    asks: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)  # columns of the cohort, as they must be


def table(header: str, *columns: Sequence[Any]) -> good.Table:
    return [header.split("|"), *map(list, zip(*columns, strict=True))]


def text(content: str, name: str = "p.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content.encode(encoding))
        return folder / name

    return make


def lines(rows: good.Table, delimiter: str = ";") -> str:
    def shown(cell: Any) -> str:
        if cell is None:
            return ""
        return f"{cell}".replace(".", ",") if isinstance(cell, float) else f"{cell}"

    return "".join(delimiter.join(map(shown, row)) + "\r\n" for row in rows)


def book(**sheets: good.Table) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.worksheets[0])
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
            if len([cell for cell in rows[0] if cell is not None]) == 1:
                sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(rows[-1]))
        made.save(folder / "p.xlsx")
        return folder / "p.xlsx"

    return make


def percent(folder: Path) -> Path:
    file = good.write_xlsx(
        table(
            "Patient|Soulagement J0|Soulagement J30|EN J0|EN J30",
            CODES,
            [x / 100 for x in EVA],
            [None if x is None else x / 100 for x in EVA30],
            EN,
            EN30,
        ),
        folder / "p.xlsx",
    )
    made = openpyxl.load_workbook(file)
    for column in "BC":
        for cell in made.worksheets[0][column][1:]:
            cell.number_format = "0%"
    made.save(file)
    return file


def redcap(folder: Path) -> Path:
    rows = [
        [
            "record_id",
            "redcap_event_name",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "age",
            "atcd___1",
            "atcd___2",
            "en",
            "had_a",
            "had_d",
            "evaluation_complete",
            "ei_grade",
            "effet_indesirable_complete",
        ]
    ]
    for n, code in enumerate(CODES):
        rows.append(
            [code, "inclusion_arm_1", "", "", 40 + n, n % 2, 0, EN[n], A0[n], D0[n], 2, "", ""]
        )
        if n % 3 == 0:
            rows += [
                [code, "inclusion_arm_1", "effet_indesirable", i, "", "", "", "", "", "", "", 1, 2]
                for i in (1, 2)
            ]
        if EN30[n] is not None:
            rows.append(
                [code, "suivi_j30_arm_1", "", "", "", "", "", EN30[n], A30[n], D30[n], 2, "", ""]
            )
    return good.write_csv(rows, folder / "p.csv")


def redcap_labels(folder: Path) -> Path:
    rows = [
        [
            "Record ID",
            "Event Name",
            "Repeat Instrument",
            "Repeat Instance",
            "Age",
            "Antécédents (choice=Diabète)",
            "Douleur (EN)",
            "Complete?",
        ]
    ]
    for n, code in enumerate(CODES):
        rows.append(
            [
                code,
                "Inclusion (Arm 1: Kétamine)",
                "",
                "",
                40 + n,
                "Checked" if n % 2 else "Unchecked",
                EN[n],
                "Complete",
            ]
        )
        rows.append(
            [
                code,
                "J30 (Arm 1: Kétamine)",
                "",
                "",
                "",
                "Unchecked",
                EN30[n],
                "Complete" if EN30[n] is not None else "Incomplete",
            ]
        )
    return good.write_csv(rows, folder / "p.csv")


def spss(folder: Path) -> Path:
    late = [998 if x is None else x for x in EVA30]
    frame = pd.DataFrame(
        {"numpat": CODES, "sexe": [1.0 + n % 2 for n in range(12)], "eva_j0": EVA, "eva_j30": late}
    ).astype({"eva_j0": float, "eva_j30": float})
    pyreadstat.write_sav(
        frame,
        folder / "p.sav",
        variable_value_labels={
            "sexe": {1.0: "Homme", 2.0: "Femme"},
            "eva_j30": {998.0: "Non fait", 999.0: "Refus"},
        },
        missing_ranges={"eva_j30": [{"lo": 990, "hi": 999}]},
        column_labels=["Numéro patient", "Sexe", "EVA à J0", "EVA à J30"],
    )
    return folder / "p.sav"


def stata(folder: Path) -> Path:
    degrees = [2, 2, 1, 3, 4, 1, 4, 3, None, 1, 3, 2]
    frame = pd.DataFrame(
        {"id": range(1, 13), "nrs0": EN, "nrs30": EN30, "pgic": degrees, "bras": [1] * 12}
    ).astype(float)
    words = {
        1.0: "Très nettement amélioré",
        2.0: "Nettement amélioré",
        3.0: "Légèrement amélioré",
        4.0: "Inchangé",
        5.0: "Légèrement aggravé",
        6.0: "Nettement aggravé",
        7.0: "Très nettement aggravé",
    }
    pyreadstat.write_dta(
        frame, folder / "p.dta", variable_value_labels={"pgic": words, "bras": {1.0: "Kétamine"}}
    )
    return folder / "p.dta"


def several(folder: Path) -> Path:
    rows = [["N° inclusion", "Visite", "EN", "HAD A", "HAD D"]]
    for n, code in enumerate(CODES):
        for visit, scores in {
            "J0": (EN, A0, D0),
            "J7": (EN7, A0, D0),
            "J30": (EN30, A30, D30),
            "M3": (EN7, A30, D30),
        }.items():
            rows.append([code, visit, *(one[n] for one in scores)])
    return good.write_xlsx(rows, folder / "p.xlsx")


def dates(folder: Path) -> Path:
    start = date(2024, 3, 4)
    days = [start + timedelta(days=3 * n) for n in range(12)]
    spelt = [("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y")[n % 3] for n in range(12)]
    written = [day.strftime(form) for day, form in zip(days, spelt, strict=True)]
    return good.write_csv(
        table("Patient|Date de perfusion|EN J0|EN J30", CODES, written, EN, EN30),
        folder / "p.csv",
        delimiter=";",
    )


def index(folder: Path) -> Path:
    keys = pd.MultiIndex.from_product([CODES, ["J0", "J30"]], names=["patient", "visite"])
    frame = pd.DataFrame(
        {"EN": [score for pair in zip(EN, EN30, strict=True) for score in pair]}, index=keys
    )
    frame.to_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def plain_index(folder: Path) -> Path:
    frame = pd.DataFrame({"EN J0": EN, "EN J30": EN30}, index=CODES)
    frame.to_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def two_files(folder: Path) -> list[Path]:
    one = good.write_csv(
        table("NIP|Age|EN|HAD A", CODES, range(40, 52), EN, A0),
        folder / "inclusion.csv",
        delimiter=";",
    )
    two = good.write_csv(
        table("nip|EN|HAD A", CODES[::-1], EN30[::-1], A30[::-1]),
        folder / "suivi_J30.csv",
        delimiter=";",
    )
    return [one, two]


def tables() -> Iterator[Sent]:
    yield Sent("percent", percent, {"soulagement": (EVA, EVA30), **PAIN})
    yield Sent("redcap", redcap, PAIN | HAD)
    yield Sent("redcap labels", redcap_labels, {"douleur_en": (EN, EN30)})
    yield Sent("spss", spss, {"eva": (EVA, EVA30)})
    yield Sent("stata", stata, {"nrs": (EN, EN30)})
    yield Sent("several follow-ups", several, PAIN | HAD, ("- M3\n", "- J30\n"))
    titled = {
        visit: [
            ["Consultation douleur – " + visit, None, None, None],
            [],
            ["Patient", "EN", "HAD A", "HAD D"],
            *map(list, zip(CODES, *scores, strict=True)),
        ]
        for visit, scores in {"J0": (EN, A0, D0), "J30": (EN30, A30, D30)}.items()
    }
    yield Sent("two sheets with titles", book(**titled), PAIN | HAD)
    two = [
        ["Patient", "Sexe", "EN", None, "HAD", None, None, None],
        [None, None, "J0", "J30", "A J0", "A J30", "D J0", "D J30"],
        *map(list, zip(CODES, "FH" * 6, EN, EN30, A0, A30, D0, D30, strict=True)),
    ]
    yield Sent("two lines", book(Feuil1=two), PAIN | HAD)
    three = [
        ["Étude KETAMAG", *[None] * 4],
        ["Patient", "EN", None, "HAD A", None],
        ["(code)", "J0", "J30", "J0", "J30"],
        *map(list, zip(CODES, EN, EN30, A0, A30, strict=True)),
    ]
    yield Sent("title and two lines with remarks", book(Feuil1=three), {**PAIN, "had_a": (A0, A30)})
    cures = [[*row, 1] for row in zip(CODES, EN, EN30, strict=True)] + [
        [code, 4, 4, 2] for code in CODES[:4]
    ]
    yield Sent(
        "two courses",
        text(lines([["Patient", "EN J0", "EN J30", "Cure"], *cures])),
        PAIN,
        ("records:\n", "records:\n  only: {Cure: 1}\n"),
    )
    arms = [[*row, "Kétamine"] for row in zip(CODES, EN, EN30, strict=True)] + [
        [f"T{n}", 4, 4, "Témoin"] for n in range(5)
    ]
    yield Sent(
        "arms",
        text(lines([["Patient", "EN J0", "EN J30", "Bras"], *arms])),
        PAIN,
        ("records:\n", "records:\n  only: {Bras: Kétamine}\n"),
    )
    ages = [f"{40 + n},{n % 10}" for n in range(12)]
    yield Sent(
        "ages with a comma",
        book(Feuil1=table("Patient|Age|EN J0|EN J30", CODES, ages, EN, EN30)),
        PAIN,
        more={"Age": [40 + n + n % 10 / 10 for n in range(12)]},
    )
    yield Sent("dates in three spellings", dates, PAIN)
    yield Sent("an index of patients and visits", index, PAIN)
    yield Sent("an index", plain_index, PAIN)
    yield Sent(
        "named HAD_A",
        text(lines(table("num|HAD_A_J0|HAD_D_J0|HAD_A_M1|HAD_D_M1", CODES, A0, D0, A30, D30))),
        HAD,
    )
    yield Sent(
        "named HADA",
        text(lines(table("num|HADA_J0|HADD_J0|HADA_M1|HADD_M1", CODES, A0, D0, A30, D30))),
        {"hada": (A0, A30), "hadd": (D0, D30)},
    )
    yield Sent(
        "named J0 HAD",
        text(
            lines(
                table(
                    "num|J0 - HAD anxiété|J0 - HAD dépression|J30 - HAD anxiété|"
                    "J30 - HAD dépression",
                    CODES,
                    A0,
                    D0,
                    A30,
                    D30,
                )
            )
        ),
        {"had_anxiete": (A0, A30), "had_depression": (D0, D30)},
    )
    yield Sent(
        "ends in names",
        text(
            lines(
                table(
                    "IPP|Douleur (0-10) J0|Douleur (0-10) J30|Anxiété (HAD /21) avant|"
                    "Anxiété (HAD /21) après",
                    CODES,
                    EN,
                    EN30,
                    A0,
                    A30,
                )
            )
        ),
        {"douleur": (EN, EN30), "anxiete_had": (A0, A30)},
    )
    yield Sent(
        "sep", text("sep=;\r\n" + lines(table("Patient|EN J0|EN J30", CODES, EN, EN30))), PAIN
    )
    gone = [{8: "PDV", 3: "NF"}.get(n, x) for n, x in enumerate(EN30)]
    gone7 = [None if n == 3 else x for n, x in enumerate(EN30)]
    yield Sent(
        "words of hospitals",
        text(lines(table("Patient|EN J0|EN J30", CODES, EN, gone))),
        {"en": (EN, gone7)},
    )
    blank = (
        lines(
            table(
                "N° anonymat|EVA avant (mm)|EVA après (mm)|Commentaire",
                CODES,
                EVA,
                EVA30,
                ["RAS"] * 12,
            )
        )
        + ";;;\r\n" * 4
        + "Moyenne;73;52;\r\n"
    )
    yield Sent("blank rows and a mean", text(blank, encoding="cp1252"), {"eva_mm": (EVA, EVA30)})
    forms = table(
        "Horodateur|Numéro de patient|"
        "Quelle est votre douleur avant le traitement ?|Quelle est votre douleur "
        "après le traitement ?",
        ["2024/03/04 10:12:33 AM UTC+1"] * 12,
        CODES,
        EN,
        EN30,
    )
    yield Sent("a form", text(lines(forms, ",")), {"quelle_est_votre_douleur": (EN, EN30)})
    yield Sent(
        "visits by numbers",
        text(lines(table("subject|V1_EN|V2_EN|V1_HADA|V2_HADA", CODES, EN, EN30, A0, A30))),
        {**PAIN, "hada": (A0, A30)},
    )
    yield Sent(
        "T0 and T1",
        text(lines(table("sujet|T0_douleur|T1_douleur", CODES, EN, EN30), "\t"), "p.tsv"),
        {"douleur": (EN, EN30)},
    )
    yield Sent("a file for each visit", two_files, {**PAIN, "had_a": (A0, A30)})
    yield Sent(
        "text numbers",
        book(
            Feuil1=table(
                "Patient|EN J0|EN J30",
                CODES,
                map(str, EN),
                ["" if x is None else str(x) for x in EN30],
            )
        ),
        PAIN,
    )
    filled = table("Patient|EN J0|EN J30", CODES, EN, EN30)
    wide = [
        [row[0], None, *row[1:], None, "vu par le Dr X" if row is filled[5] else None]
        for row in filled
    ]
    yield Sent("gaps and a remark beside", book(Feuil1=wide), PAIN)


SENT = [*tables()]
