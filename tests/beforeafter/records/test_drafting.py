"""What a draft makes of the names that people give to columns, in French and in English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import good
import pandas as pd
import pyreadstat
import pytest
import yaml

from beforeafter.records import check_records, draft_study
from beforeafter.study import read_study


def drafted(table: good.Table, folder: Path, **style: str) -> tuple[str, dict[str, Any]]:
    """The questions of a draft, and what it defines; what is certain passes the check."""
    file = good.write_csv(table, folder / "p.csv", **style)
    text = draft_study([file])
    (folder / "study.yml").write_text(text, encoding="utf-8")
    report = check_records(file, read_study(folder / "study.yml"))
    assert [problem.told for problem in report.problems] == []
    return text, yaml.safe_load(text)


HEADERS = {
    "Patient|EN J0|EN J30": {"en": ["EN J0", "EN J30"]},
    "N°|EVA avant|EVA après": {"eva": ["EVA avant", "EVA après"]},
    "id|hads_anxiety_pre|hads_anxiety_post": {
        "hads_anxiety": ["hads_anxiety_pre", "hads_anxiety_post"]
    },
    "record_id|nrs_baseline|nrs_follow_up": {"nrs": ["nrs_baseline", "nrs_follow_up"]},
    "code|painD0|painD30": {"pain": ["painD0", "painD30"]},
    "IPP|J0_EN|J30_EN": {"en": ["J0_EN", "J30_EN"]},
    "id|Douleur à l'inclusion|Douleur à J30": {
        "douleur": ["Douleur à l'inclusion", "Douleur à J30"]
    },
    "id|nrs_0|nrs_30": {"nrs": ["nrs_0", "nrs_30"]},
    "N° patient|EN (J0)|EN (J30)": {"en": ["EN (J0)", "EN (J30)"]},
    "Code pt|EN J0 /10|EN J30 /10": {"en": ["EN J0 /10", "EN J30 /10"]},
    "Matricule|EN avant perfusion|EN à 1 mois": {"en": ["EN avant perfusion", "EN à 1 mois"]},
    "id|NRS pre-treatment|NRS post-treatment": {"nrs": ["NRS pre-treatment", "NRS post-treatment"]},
    "usubjid|visit 1 nrs|visit 2 nrs": {"nrs": ["visit 1 nrs", "visit 2 nrs"]},
    "N° dossier|EN D+0|EN D+30": {"en": ["EN D+0", "EN D+30"]},
    "Pt|Douleur J0 (EN)|Douleur J30 (EN)": {"douleur_en": ["Douleur J0 (EN)", "Douleur J30 (EN)"]},
    "Initiales|HAD A J0|HAD A J30": {"had_a": ["HAD A J0", "HAD A J30"]},
    "sujet|HAD-A J0|HAD-A M3": {"had_a": ["HAD-A J0", "HAD-A M3"]},
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_scale_at_two_visits_is_found(header: str, tmp_path: Path) -> None:
    names = header.split("|")
    rows = [[number, number % 10, number % 7] for number in range(1, 13)]
    _, study = drafted([names, *rows], tmp_path)
    assert {one["name"]: [*one["columns"].values()] for one in study["outcomes"]} == HEADERS[header]
    assert study["records"].get("columns", {}).get("patient", names[0]) == names[0]
    assert study["compare"] == [*study["outcomes"][0]["columns"]]


def test_months_come_after_days_and_the_pair_is_asked(tmp_path: Path) -> None:
    names = ["id", "EN M6", "EN J0", "EN J30"]
    rows = [[number, 2, 8, 5] for number in range(1, 5)]
    text, study = drafted([names, *rows], tmp_path)
    assert [*study["outcomes"][0]["columns"]] == ["J0", "J30", "M6"]
    assert "# ? compare: which two of J0, J30, M6?" in text


def test_items_are_no_visits(tmp_path: Path) -> None:
    names = ["id", "HAD1", "HAD2", "HAD3", "HAD4", "EN J0", "EN J30"]
    text, study = drafted([names, *([n, 1, 2, 3, 0, 8, 5] for n in range(1, 5))], tmp_path)
    assert [one["name"] for one in study["outcomes"]] == ["en"]
    assert "# ? records: ignore: is one of HAD1, HAD2, HAD3, HAD4 of use?" in text


def test_codes_and_words_for_missing_are_asked(tmp_path: Path) -> None:
    rows = [[n, n % 10, 999 if n == 3 else "NA" if n == 4 else n % 7] for n in range(1, 13)]
    text, study = drafted([["id", "EN J0", "EN J30"], *rows], tmp_path)
    assert study["records"]["missing"] == ["NA"]
    assert study["records"]["columns"]["EN J30"] == {"name": "EN J30", "missing": ["999"]}
    assert "# ? records: columns: EN J30: missing: are 999 no scores?" in text
    assert "# ? records: missing: does NA stand for it?" in text


def test_what_is_recorded_once_is_described(tmp_path: Path) -> None:
    names = ["Patient", "Nom", "Sexe", "Age", "EVA J0", "EVA J30", "Impression"]
    words = ["Nettement amélioré", "inchangé"]
    rows = [[n, f"X{n}", "FH"[n % 2], 40 + n, n * 7.5, n * 4, words[n % 2]] for n in range(1, 13)]
    text, study = drafted([names, *rows], tmp_path, delimiter=";", decimal=",")
    (eva,) = study["outcomes"]
    assert (eva["minimum"], eva["maximum"], eva["step"]) == (0, 100, 0.5)
    assert "# ? outcomes: eva: is the scale 0 to 100, lower is better?" in text
    assert [one["column"] for one in study["characteristics"]] == ["Sexe", "Age"]
    assert study["records"]["columns"]["Impression"]["values"] == {words[0]: 2, words[1]: 4}
    assert study["records"]["ignore"] == ["Nom"]


def test_a_file_for_each_visit_is_joined(tmp_path: Path) -> None:
    early = good.write_csv([["id", "nrs"], [1, 7], [2, 6], [3, 8]], tmp_path / "J0.csv")
    late = good.write_csv([["id", "nrs"], [3, 4], [1, 5]], tmp_path / "J30.csv")
    (tmp_path / "study.yml").write_text(draft_study([early, late]), encoding="utf-8")
    report = check_records(early, read_study(tmp_path / "study.yml"))
    assert report.cohort is not None
    assert report.cohort["nrs_j0"].tolist() == [7, 6, 8]
    assert report.cohort["nrs_j30"].dropna().tolist() == [5, 4]


VISITS = [
    *(("J0", "J30"), ("Inclusion", "Suivi J30"), ("initial", "1 mois"), (0, 30), ("pre", "post")),
    *(("baseline_arm_1", "day_30_arm_1"), ("inclusion_arm_1", "visite_j30_arm_1")),
]


@pytest.mark.parametrize("visits", VISITS)
@pytest.mark.parametrize("column", ["visite", "moment"])
def test_a_row_for_each_visit_is_found(
    column: str, visits: tuple[object, object], tmp_path: Path
) -> None:
    rows = [[n, visit, (n + at) % 10] for at, visit in enumerate(visits) for n in range(1, 13)]
    _, study = drafted([["patient", column, "EN"], *rows], tmp_path)
    assert [*study["records"]["visits"]["values"].values()] == [str(visit) for visit in visits]
    assert [one["name"] for one in study["outcomes"]] == ["en"]


def test_title_two_lines_of_header_units_and_totals(tmp_path: Path) -> None:
    head = [
        ["Étude", None, None],
        ["Patient", "EN", None],
        [None, "J0", "J30"],
        [None, "/10", "/10"],
    ]
    rows = [*([n, n % 10, n % 7] for n in range(1, 13)), ["Moyenne", 4.7, 2.9]]
    file = good.write_xlsx([*head, *rows], tmp_path / "p.xlsx")
    text = draft_study([file])
    (tmp_path / "study.yml").write_text(text, encoding="utf-8")
    report = check_records(file, read_study(tmp_path / "study.yml"))
    assert report.problems == []
    assert report.cohort is not None
    assert report.cohort["EN J0"].tolist() == [n % 10 for n in range(1, 13)]
    (outcome,) = yaml.safe_load(text)["outcomes"]
    assert outcome["step"] == 1
    assert "# ? records: skip: are these rows no patients?" in text


def test_a_label_is_of_its_own_column(tmp_path: Path) -> None:
    """7 is a score before treatment, and nothing after it."""
    rows = [[n, n % 10, n % 8] for n in range(1, 13)]
    frame = pd.DataFrame(rows, columns=["id", "en_j0", "en_j30"])
    file = tmp_path / "p.sav"
    pyreadstat.write_sav(frame, file, variable_value_labels={"en_j30": {7.0: "refus"}})
    columns = yaml.safe_load(draft_study([file]))["records"]["columns"]
    assert columns["en_j30"]["missing"] == ["7"]
    assert "en_j0" not in columns


def test_words_of_a_rating_are_degrees(tmp_path: Path) -> None:
    words = {"Très amélioré": 1, "Beaucoup amélioré": 2, "inchangé": 4, "Un peu aggravé": 5}
    rows = [[n, 5, 4, [*words][n % 4]] for n in range(1, 13)]
    _, study = drafted([["id", "EN J0", "EN J30", "PGIC"], *rows], tmp_path)
    assert study["records"]["columns"]["PGIC"]["values"] == words


def test_two_scales_of_one_name_stay_two(tmp_path: Path) -> None:
    names = ["id", "EN J0", "EN J30", "En_ J0", "En_ J30"]
    rows = [[n, n % 10, n % 7, n % 5, n % 4] for n in range(1, 13)]
    _, study = drafted([names, *rows], tmp_path)
    assert len({one["name"] for one in study["outcomes"]}) == len(study["outcomes"])
