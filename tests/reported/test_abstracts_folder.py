"""Abstracts by few words: as files, as pasted text, and many of them. All numbers are invented."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from distributed import LocalCluster
from typer.testing import CliRunner

from reported import audit, audit_folder, read_claims
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


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_folder_becomes_one_table_the_same_after_a_stop(suffix: str, folder: Path) -> None:
    whole, stopped = (folder.parent / f"{name}{suffix}" for name in ("whole", "stopped"))
    assert CliRunner().invoke(app, ["audit", str(folder), "--output", str(whole)]).exit_code == 1
    known, *_ = (asdict(line) for line in audit_folder(folder))
    # Half a line, as a process that was killed leaves it; the first is taken as it stands.
    known["verdict"] = "as it was kept"
    text = f'{json.dumps(known)}\n{{"abstract": "go'
    stopped.with_suffix(".part").write_text(text, encoding="utf-8")
    CliRunner().invoke(app, ["audit", str(folder), "--output", str(stopped)])
    assert not stopped.with_suffix(".part").exists()
    lines = [whole.read_text("utf-8").splitlines(), stopped.read_text("utf-8").splitlines()]
    changed = [new for old, new in zip(*lines, strict=True) if old != new]
    assert len(changed) == 1
    assert "as it was kept" in changed[0]


def test_another_backend_gives_the_same_bytes(folder: Path) -> None:
    tables = [folder.parent / name for name in ("one.csv", "other.csv")]
    for table, more in zip(tables, ([], ["--backend", "threading"]), strict=True):
        CliRunner().invoke(app, ["audit", str(folder), "--output", str(table), *more])
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_a_dask_cluster_of_two_workers_gives_the_same_bytes(folder: Path) -> None:
    tables = [folder.parent / name for name in ("here.json", "there.json")]
    CliRunner().invoke(app, ["audit", str(folder), "--output", str(tables[0])])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        at = ["--backend", "dask", "--scheduler", cluster.scheduler_address]
        run = CliRunner().invoke(app, ["audit", str(folder), "--output", str(tables[1]), *at])
    assert run.exit_code == 1
    assert tables[0].read_bytes() == tables[1].read_bytes()


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
