from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reported import cli

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


def test_reconstructing_writes_the_committed_cohort(run: Run, project: Path) -> None:
    committed = (project / "cohort.csv").read_bytes()
    (project / "cohort.csv").unlink()
    code, out, err = run("reconstruct")
    assert (code, out) == (0, "")
    assert "all 44 claims hold" in err
    assert (project / "cohort.csv").read_bytes() == committed


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


def test_an_audit_refutes_nothing_of_this_abstract(run: Run) -> None:
    code, out, _ = run("audit", "--json")
    findings = json.loads(out)
    assert code == 0
    assert not any(finding["refuted"] for finding in findings)
    assert {"GRIM", "GRIMMER", "percentages", "unpaired test"} <= {f["check"] for f in findings}


def test_an_audit_that_refutes_exits_with_1(run: Run, project: Path) -> None:
    file = project / "published.yml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("up: 80 ", "up: 89 "), encoding="utf-8"
    )
    code, out, _ = run("audit")
    assert code == 1
    assert "refuted" in out
    assert "89 times a mean in" in " ".join(out.split())


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
        ('"7.54"', '"7,54"', "claims.5.printed: '7,54'"),
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
