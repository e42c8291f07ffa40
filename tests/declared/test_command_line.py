"""What every command line has: a version, completion, and messages instead of tracebacks."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from beforeafter.cli import app
from declared import ExplainedError, new_app, run

runner = CliRunner()


def test_the_version_is_that_of_the_project() -> None:
    asked = runner.invoke(app, ["--version"])
    assert (asked.exit_code, asked.output) == (0, f"{version('ketamine-paper')}\n")


def test_the_help_offers_completion_of_the_shell() -> None:
    assert "--install-completion" in runner.invoke(app, ["--help"]).output


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ExplainedError("row 3: mend it"), 2, "row 3: mend it\n"),
        (FileNotFoundError("gone"), 2, "gone\n"),
        (KeyboardInterrupt(), 130, "Interrupted\n"),
    ],
)
def test_an_error_with_an_explanation_is_a_message(
    error: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing = new_app("A command that fails.")

    @failing.command("fail")
    def fail() -> None:
        raise error

    monkeypatch.setattr(sys, "argv", ["some", "fail"])
    with pytest.raises(SystemExit) as ended:
        run(failing)
    assert (ended.value.code, capsys.readouterr().err) == (status, said)


def test_an_error_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = new_app("A command that fails.")

    @failing.command("fail")
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "argv", ["some", "fail"])
    with pytest.raises(ZeroDivisionError):
        run(failing)
