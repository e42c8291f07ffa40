from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from distributed import LocalCluster
from joblib import parallel_config

from reported import cli
from reported.solver.bounds import bounds_file
from reported.solver.cohorts import sampler

pytestmark = pytest.mark.usefixtures("project")


Run = Callable[..., tuple[str | int | None, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; return exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[str | int | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["reported", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return run


def test_help_names_the_commands(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "reconstruct" in out
    assert "verify" in out


def test_the_version_is_that_of_the_installed_package(run: Run) -> None:
    (command,) = entry_points(group="console_scripts", name="reported")
    assert command.dist
    assert run("--version")[:2] == (0, f"reported {command.dist.version}\n")


def test_a_shell_completes_commands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_REPORTED_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "reported ver")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run()[1].split() == ["verify"]


@pytest.mark.usefixtures("few")
def test_reconstructing_writes_a_cohort_and_its_ensemble(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "ROUNDS", 1)
    monkeypatch.setattr(sampler.Sampler, "steps", 100)
    code, out, err = run("reconstruct", "--output", "new.csv", "--cohorts", "100")
    assert (code, out) == (0, "")
    assert "all 2 claims hold" in err
    assert run("verify", "new.csv")[0] == 0
    assert (project.parent / "ensemble.npy.xz").exists()


@pytest.mark.usefixtures("few")
def test_a_dask_cluster_reconstructs_the_same_bytes(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "ROUNDS", 2)
    monkeypatch.setattr(sampler.Sampler, "steps", 100)
    # More chains than one task has, so that each worker gets some.
    command = ["reconstruct", "--cohorts", "520", "--output"]
    (project.parent / "here").mkdir()
    (project.parent / "there").mkdir()
    assert run(*command, "here/cohort.csv")[0] == 0
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        at = ["--backend", "dask", "--scheduler", cluster.scheduler_address]
        assert run(*command, "there/cohort.csv", *at)[0] == 0
    for file in ("cohort.csv", "ensemble.npy.xz"):
        one, other = (project.parent / folder / file for folder in ("here", "there"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_another_backend_takes_the_work(backend: str, run: Run) -> None:
    with parallel_config(backend=backend):
        code, _, err = run("bounds", "--output", f"data/{backend}.json")
    assert code == 0
    assert "11 statistics" in err


def test_verifying_prints_a_verdict_on_each_claim(run: Run) -> None:
    code, out, _ = run("verify", "data/cohort.csv")
    assert code == 0
    assert out.count("holds") == 44
    assert "fails" not in out


def test_a_claim_that_fails_exits_with_1(run: Run, project: Path) -> None:
    file = project / "published.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("7.54", "7.55"), encoding="utf-8")
    code, out, _ = run("verify", "data/cohort.csv")
    assert code == 1
    assert out.count("fails") == 1


@pytest.fixture
def few(project: Path) -> Path:
    """Leave of the abstract what is decided in a moment, with a tag in a place."""
    file = project / "published.yml"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = "\n".join(line for line in lines if "key:" not in line or "pgic" in line)
    file.write_text(kept.replace("PGIC improved", "'<script>alert(1)</script>'"), encoding="utf-8")
    study = project / "study.yml"
    head, _, rest = study.read_text(encoding="utf-8").partition("outcomes:\n")
    head = re.sub(r"^estimands:\n(?:[ #-].*\n|\n)*", "", head, flags=re.MULTILINE)
    plan = "analysis:\n  test: paired_t\n  percentage: change_between_means\n"
    head = head.replace("analysis:\n", plan)
    ratings = rest.partition("\nratings:\n")[2].partition("\ndurations:\n")[0]
    study.write_text(f"{head}outcomes: []\nratings:\n{ratings}", encoding="utf-8")
    return file


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_an_audit_arrives_at_the_reading_unaided(run: Run, project: Path) -> None:
    edit(project / "published.yml", "  n_follow_up: 80 ", "  # n_follow_up: 80 ")
    code, out, _ = run("audit", "--json")
    found = json.loads(out)
    followed = found["n_follow_up"]
    assert code == 0
    assert not found["refuted"]
    checks = {finding["check"] for finding in found["findings"]}
    assert {"GRIM", "GRIMMER", "percentages", "joint model", "certificate"} <= checks
    assert followed["possible"] == followed["by_outcome"]["pgic"] == [80]
    # 5.59 is no multiple of 1/89, and 9.38 none of 1/89 or 1/83.
    assert 89 not in followed["by_outcome"]["nrs"]
    assert not {83, 89} & set(followed["by_outcome"]["hads_anxiety"])
    assert not any(followed["undecided"].values())
    ties = {(t["proportion"], t["default"]): t["possible"] for t in followed["by_ties"]}
    assert ties == {
        ("up", "up"): [],
        ("up", "down"): [],
        ("down", "up"): [80],
        ("down", "down"): [],
    }
    assert set(found["percentages"]) == {
        *("nrs", "npsi", "sf12_mental", "sf12_physical", "hads_anxiety", "hads_depression")
    }
    for answers in found["percentages"].values():
        assert set(answers.values()) == {"not refuted"}


def test_an_audit_that_refutes_exits_with_1_and_names_the_claims(run: Run, few: Path) -> None:
    edit(few, "36.2 %", "99.2 %")
    code, out, _ = run("audit", "--json")
    refuted = [f for f in json.loads(out)["findings"] if f["refuted"]]
    assert code == 1
    assert {"pgic.improved.proportion", "pgic.much_improved.proportion"} >= {
        claim for finding in refuted for claim in finding["claims"]
    }


def test_an_audit_says_when_the_reading_is_not_possible(run: Run, few: Path) -> None:
    edit(few, "n_follow_up: 80", "n_follow_up: 79")
    code, out, _ = run("audit", "--json")
    said = [finding["explanation"] for finding in json.loads(out)["findings"]]
    assert code == 3
    assert "cannot hold together with 79 followed up; pgic is not refuted with 80" in said
    code, out, _ = run("audit")
    assert code == 3
    assert out.startswith("The printed number")
    assert "possible if the numbers are of fewer patients" in out


@pytest.mark.usefixtures("few")
def test_an_audit_as_a_page_escapes_what_was_printed(run: Run) -> None:
    code, out, _ = run("audit", "--html")
    assert code == 0
    assert "<script>" not in out
    assert "&lt;script&gt;" in out
    assert "possible with 80 followed up" in out


def test_bounds_are_printed_with_what_is_known_of_each_end(run: Run) -> None:
    code, out, _ = run("bounds", "nrs.worsened.proportion")
    assert code == 0
    assert out.split("\n")[:2] == ["least    0  (attained)", "greatest 0.5875  (attained)"]


def test_bounds_of_an_unknown_statistic_exit_with_2(run: Run) -> None:
    code, _, err = run("bounds", "nrs.median")
    assert code == 2
    assert "no such statistic" in err


def test_all_bounds_go_into_a_file(run: Run, few: Path) -> None:
    code, _, err = run("bounds", "--output", "data/few.json")
    assert code == 0
    assert "11 statistics" in err
    written = json.loads((few.parent / "few.json").read_text(encoding="utf-8"))
    assert len(written.keys() - {"inputs"}) == 11


def test_an_interrupted_run_leaves_nothing(
    run: Run, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sampler, "in_parallel", interrupted)
    monkeypatch.setattr(bounds_file, "in_parallel", interrupted)
    before = sorted(few.parent.iterdir())
    for command in (["reconstruct", "--cohorts", "5"], ["bounds"]):
        code, _, err = run(*command)
        assert code == 130
        assert "Traceback" not in err
    assert sorted(few.parent.iterdir()) == before


def test_reconstructing_needs_to_know_how_many_were_followed_up(run: Run, project: Path) -> None:
    file = project / "published.yml"
    text = file.read_text(encoding="utf-8").replace("  n_follow_up: 80 ", "  # n_follow_up: 80 ")
    file.write_text(text, encoding="utf-8")
    code, _, err = run("reconstruct")
    assert code == 2
    assert "reading.n_follow_up is not given" in err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("n_follow_up: 80", "n_follow_up: 89", "nrs: follow_up.mean cannot hold together"),
        ('"7.54"', '"7;54"', "claims.5.printed: '7;54'"),
    ],
)
def test_an_error_is_one_message_and_exits_with_2(
    old: str, new: str, message: str, run: Run, project: Path
) -> None:
    file = project / "published.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    before = (project / "cohort.csv").read_bytes()
    code, out, err = run("reconstruct")
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert (project / "cohort.csv").read_bytes() == before


def test_a_missing_cohort_exits_with_2(run: Run) -> None:
    code, _, err = run("verify", "nowhere.csv")
    assert code == 2
    assert "no such file" in err
