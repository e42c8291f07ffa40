"""What every command line has: a version, completion, and messages instead of tracebacks."""

from __future__ import annotations

import os
import subprocess
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


FORKS = """
import os, signal, time
from declared import new_app, run

app = new_app("A command whose work is spread.")

@app.command("fork")
def fork():
    ready, told = os.pipe()
    child = os.fork()
    while not child:
        try:
            os.write(told, b"!")
            time.sleep(600)
        except BaseException:
            pass  # as Python itself does, where it cleans up
    os.read(ready, 1)
    os.kill(child, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

run(app)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_fork_that_is_terminated_ends_whatever_it_does_then() -> None:
    command = [sys.executable, "-c", FORKS, "fork"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-15\n", "")
