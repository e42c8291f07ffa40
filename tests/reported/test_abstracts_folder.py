"""Abstracts by few words: as files, as pasted text, and many of them. All numbers are invented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reported import audit, read_claims
from reported.cli import app

CASES = Path(__file__).parent / "cases"
GOOD = "40 patients. NRS fell from 7.50 (1.20) at baseline to 5.20 (2.10) at day 30 (p < 0.001)."
BAD = "47 patients, 15 men and 38 women. NRS fell from 7.5 (1.2) to 5.2 (2.1)."
NOBODY = "NRS fell from 7.5 (1.2) to 5.2 (2.1)."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"good": GOOD, "bad": BAD, "nobody": NOBODY}.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_is_one_line_for_each_abstract_and_a_summary(folder: Path) -> None:
    run = CliRunner().invoke(app, ["audit", str(folder), "--json"])
    lines = {each["abstract"]: each for each in map(json.loads, run.stdout.splitlines())}
    assert {name: line["status"] for name, line in lines.items()} == {
        "good.txt": 0,
        "bad.txt": 1,
        "nobody.txt": 2,
    }
    counts = "1 no conflict, 0 conflict as read, 1 conflict, 1 not readable"
    assert " ".join(run.stderr.split()) == f"3 abstracts: {counts}"
    assert run.exit_code == 1


def test_pasted_text_has_a_verdict_at_once(folder: Path) -> None:
    run = CliRunner().invoke(app, ["audit", str(folder / "bad.txt")])
    assert run.exit_code == 1
    assert run.stdout.startswith("The printed numbers sex.baseline.men.count (15)")


def test_the_interface_in_python(folder: Path) -> None:
    verdict = audit(read_claims(folder / "good.txt"))
    assert not verdict.refuted
    assert {"check", "claims", "refuted", "explanation", "implied"} == {*verdict.frame.columns}


def test_the_deviation_of_change_and_the_correlation_are_data() -> None:
    claims = read_claims(CASES / "yousef2013magnesium")
    (implied,) = (each for each in audit(claims).frame["implied"] if each)
    low, high = implied["change.standard_deviation"]
    # 2.8 * sqrt(40) / 2.195, by the rule of the Cochrane Handbook.
    assert low < 8.07 < high
    assert implied["correlation"][1] < -1
