from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reported.claims.claimable import read_study_and_published
from reported.cli import app
from reported.solver.cohorts.reconstruct import reconstruct
from reported.solver.cohorts.sampler import Sampler

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = sorted(file.parent for file in EXAMPLES.glob("*/published.yml"))

# What must be refuted, whatever else is; of the others nothing may be.
REFUTED = {
    "cuestavargas2015neck": {
        "ndi.change.percentage",
        "sf12_mental.change.percentage",
        "eq5d.change.percentage",
    },
    "jeon2012shockwave": {"vas.baseline.mean", "vas.follow_up.mean"},
    "kamal2018shoulder": set[str](),
    "shrestha2020tfesi": set[str](),
    "sigtermans2009ketamine": set[str](),
    "yousef2013magnesium": {"nrs.change.p"},
}


def test_every_example_is_tested() -> None:
    assert [folder.name for folder in FOLDERS] == sorted(REFUTED)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_audit_says_what_the_example_tells(folder: Path) -> None:
    files = [str(folder / "published.yml"), "--study", str(folder / "study.yml")]
    audit = CliRunner().invoke(app, ["audit", *files, "--json"])
    findings = json.loads(audit.stdout)["findings"]
    refuted = {key for finding in findings if finding["refuted"] for key in finding["claims"]}
    assert findings
    assert audit.exit_code == (3 if REFUTED[folder.name] else 0)
    assert refuted >= REFUTED[folder.name]
    assert bool(refuted) == bool(REFUTED[folder.name])


@pytest.mark.parametrize("name", ["kamal2018shoulder"])
def test_what_is_not_refuted_can_be_true(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One cohort shows it, however far it went from where it began.
    monkeypatch.setattr(Sampler, "steps", 100)
    files = EXAMPLES / name / "study.yml", EXAMPLES / name / "published.yml"
    study, published = read_study_and_published(*files)
    verdicts = reconstruct(study, published, tmp_path / "cohort.csv", cohorts=1)
    assert len(verdicts) == len(published.claims)
    assert all(verdict.holds for verdict in verdicts)
