"""Notebooks run side by side: what finished is kept, what failed is told, no output is lost."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import PAPER, run_paper
from little import RECORD, TABLE, write_notebook
from traitlets import Type

from paper.build import run
from paper.errors import PaperError
from paper.notebooks import progress, session
from paper.notebooks.kernels import channels
from paper.notebooks.kernels import start as kernels
from paper.notebooks.kernels.channels import Message, OutputChannel, is_idle
from paper.notebooks.progress import Progress, progress_bar
from paper.storage.project import open_project
from paper.storage.settings import Settings, read_settings

CHANGED = RECORD.format(key="mood").replace("2.5", "4.5")
WAIT = """\
import time
from pathlib import Path
while not Path("go").exists():
    time.sleep(0.05)
"""


def computed(root: Path) -> dict[str, bytes]:
    """Return what the notebooks gave."""
    files = [*(root / "notebooks").glob("*.ipynb"), *(root / "results").iterdir()]
    return {file.name: file.read_bytes() for file in files}


def outputs(root: Path, name: str) -> list[Any]:
    """Return the outputs of all cells of a notebook."""
    cells = json.loads((root / f"notebooks/{name}.ipynb").read_text())["cells"]
    return [output for cell in cells for output in cell["outputs"]]


def build_notebooks(root: Path, **options: Any) -> None:
    """Run the stale notebooks in this process."""
    with progress_bar() as shown:
        run(open_project(root), shown, **options)


def test_a_notebook_that_finished_is_kept_though_another_fails(little: Path) -> None:
    before = computed(little)
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), "1 / 0")
    write_notebook(little / "notebooks/b.ipynb", CHANGED)
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert outputs(little, "b")
    assert (little / "results/numbers.json").read_bytes() == before["numbers.json"]
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), TABLE)
    ran = run_paper(little, "run")
    assert ran.output.startswith("1 of 2 notebooks ran"), ran.error
    assert json.loads((little / "results/numbers.json").read_text())["mood.mean"]["value"] == 4.5


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_notebook_that_finished_is_kept_however_the_build_ends(
    little: Path, how: signal.Signals
) -> None:
    before = computed(little)
    write_notebook(little / "notebooks/a.ipynb", WAIT)
    write_notebook(little / "notebooks/b.ipynb", CHANGED)
    process = subprocess.Popen(
        [PAPER, "run"], cwd=little, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    said = ""
    while "b.ipynb: done" not in said:
        said = process.stderr.readline()
        assert said, process.wait()
    process.send_signal(how)
    _, error = process.communicate()
    expected = {signal.SIGINT: (130, "Interrupted\n"), signal.SIGTERM: (143, "Terminated\n")}
    assert (process.returncode, error) == expected.get(how, (-9, ""))
    assert outputs(little, "b")
    assert computed(little)["numbers.json"] == before["numbers.json"]
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), TABLE)
    assert run_paper(little, "run").output.startswith("1 of 2 notebooks ran")


def test_all_failures_are_told_each_with_notebook_cell_line_and_error(little: Path) -> None:
    write_notebook(little / "notebooks/a.ipynb", RECORD.format(key="pain"), "x = 1\n1 / 0")
    write_notebook(little / "notebooks/b.ipynb", "#| label: mood\n[][2]")
    before = computed(little)
    ran = run_paper(little, "run")
    assert ran.status == 2
    assert ran.error.partition("Error: ")[2].splitlines() == [
        "notebooks/a.ipynb, cell cell-2: ZeroDivisionError: division by zero",
        "in the line: 1 / 0",
        "notebooks/b.ipynb, cell mood: IndexError: list index out of range",
        "in the line: [][2]",
    ]
    assert computed(little) == before


SLOW = "import time\ntime.sleep(30)"
TOO_LONG = (
    "Error: notebooks/b.ipynb, cell cell-1: ran for more than 1 s, the limit that was set\n"
    "Give it more time, or none: `cell-timeout` in paper.yml, or --cell-timeout.\n"
)


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        ("run --cell-timeout 1", "cell-timeout: 60"),
        ("rerun --cell-timeout 1", "cell-timeout: 60"),
        ("build --renderer embedded --cell-timeout 1", ""),
        ("run", "cell-timeout: 1"),  # as a build does
        ("rerun", "cell-timeout: 1"),
    ],
)
def test_a_limit_is_set_by_option_or_file_and_its_excess_told(
    little: Path, command: str, settings: str
) -> None:
    # The other notebook imports nothing, and ends within any limit.
    write_notebook(little / "notebooks/a.ipynb", "1")
    write_notebook(little / "notebooks/b.ipynb", SLOW)
    (little / "paper.yml").write_text(settings)
    ran = run_paper(little, *command.split())
    assert (ran.status, ran.error.endswith(TOO_LONG)) == (2, True), ran.error


def test_without_a_limit_a_cell_may_take_as_long_as_it_takes(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int | None] = []
    client = session.NotebookClient

    def made(*arguments: Any, **options: Any) -> Any:
        limits.append(options["timeout"])
        return client(*arguments, **options)

    monkeypatch.setattr(session, "NotebookClient", made)
    write_notebook(little / "notebooks/b.ipynb", CHANGED)
    build_notebooks(little)
    assert limits == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell-timeout: soon", "paper.yml, line 1: cell-timeout: 'soon' is not a number of sec"),
        ("# mine\ncell-timeout: 0", "paper.yml, line 2: cell-timeout: 0 is not a number of sec"),
        ("cell-timeout: true", "paper.yml, line 1: cell-timeout: True is not a number of sec"),
        ("cell-limit: 9", "paper.yml, line 1: 'cell-limit' is not known"),
        ("cell-timeout: 9\ncell-timeout: 8", "paper.yml, line 2: cell-timeout is there twice"),
        ("- cell-timeout", "paper.yml: not `name: value`"),
        ("cell-timeout: [", "paper.yml: not YAML"),
    ],
)
def test_a_setting_that_is_none_is_refused(little: Path, text: str, said: str) -> None:
    (little / "paper.yml").write_text(text)
    ran = run_paper(little, "run")
    assert (ran.status, said in ran.error) == (2, True), ran.error
    assert "Traceback" not in ran.error


def test_a_paper_needs_no_settings(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings(None)
    (tmp_path / "paper.yml").write_text("# cell-timeout: 600\n")
    assert read_settings(tmp_path) == Settings(None)


def listen_with(monkeypatch: pytest.MonkeyPatch, channel: type[OutputChannel]) -> None:
    """Let a channel bring what kernels say of outputs."""
    client = type("Listening", (channels.Client,), {"iopub_channel_class": Type(channel)})
    monkeypatch.setattr(kernels, "Client", client)


def delayed(seconds: float) -> type[OutputChannel]:
    """Return a channel on which outputs, and what comes after them, are late."""

    class Delayed(OutputChannel):
        async def get_msg(  # type: ignore[override]
            self, timeout: float | None = None
        ) -> Message:
            message = await super().get_msg(timeout)
            if message["msg_type"] == "display_data":
                await asyncio.sleep(seconds)
            return message

    return Delayed


def test_outputs_that_come_late_are_all_there(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (little / "results/numbers.json").read_text()
    # Longer than the four seconds after which nbclient gives up by itself.
    listen_with(monkeypatch, delayed(5))
    build_notebooks(little, everything=True)
    assert (little / "results/numbers.json").read_text() == before
    assert [len(outputs(little, name)) for name in ("a", "b")] == [2, 1]


def test_an_output_that_never_comes_is_an_error(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Losing(OutputChannel):
        async def get_msg(  # type: ignore[override]
            self, timeout: float | None = None
        ) -> Message:
            while True:
                message = await super().get_msg(timeout)
                asked = message["parent_header"].get("msg_type")
                if asked != "execute_request" or not is_idle(message):
                    return message

    before = computed(little)
    listen_with(monkeypatch, Losing)
    monkeypatch.setattr(session, "SECONDS_TO_HEAR", 2)
    with pytest.raises(PaperError) as raised:
        build_notebooks(little, everything=True)
    assert str(raised.value).splitlines() == [
        f"notebooks/{name}.ipynb, cell cell-1: ended, but 2 s later not all of its outputs had come"
        for name in ("a", "b")
    ] + ["Nothing of this notebook is stored. Run it again, on a machine that is less busy."]
    assert computed(little) == before


FLOOD = (
    "from IPython.display import Markdown, display\nfor n in range(9000): display(Markdown(str(n)))"
)


def sleep_whole(seconds: float) -> None:
    """Stop this process: not even the library that takes messages from sockets goes on."""
    with subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -CONT {os.getpid()}"]):
        os.kill(os.getpid(), signal.SIGSTOP)


def test_of_outputs_that_come_faster_than_they_are_read_none_is_lost(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(OutputChannel):
        async def get_msg(  # type: ignore[override]
            self, timeout: float | None = None
        ) -> Message:
            message = await super().get_msg(timeout)
            if message["content"].get("data", {}).get("text/markdown") == "9":
                sleep_whole(3)
            return message

    listen_with(monkeypatch, Slow)
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), FLOOD)
    build_notebooks(little)
    shown = ["".join(one["data"].get("text/markdown", "")) for one in outputs(little, "b")]
    assert shown[1:] == [str(n) for n in range(9000)]


AFTERWARDS = """\
import threading, time
from IPython.display import Markdown, display
def later():
    time.sleep(1)
    display(Markdown("late"))
thread = threading.Thread(target=later)
thread.start()
"""


def test_what_a_cell_shows_after_its_end_is_an_output_of_that_cell(
    little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Patient(channels.Client):
        async def all_said(self) -> None:
            await asyncio.sleep(3)
            await super().all_said()

    monkeypatch.setattr(kernels, "Client", Patient)
    write_notebook(little / "notebooks/b.ipynb", AFTERWARDS)
    build_notebooks(little)
    (shown,) = outputs(little, "b")
    assert "".join(shown["data"]["text/markdown"]) == "late"


def test_a_text_is_one_output_however_long_its_printing_took(little: Path) -> None:
    source = "import time\nfor n in range(3):\n    print(n, flush=True)\n    time.sleep(0.5)"
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), source)
    build_notebooks(little)
    (printed,) = outputs(little, "b")[1:]
    assert "".join(printed["text"]) == "0\n1\n2\n"


def test_a_cell_that_no_longer_runs_keeps_no_output(little: Path) -> None:
    file = little / "notebooks/b.ipynb"
    content = json.loads(file.read_text())
    content["cells"].append({**content["cells"][0], "id": "old", "source": [" "]})
    file.write_text(json.dumps(content))
    build_notebooks(little)
    assert len(outputs(little, "b")) == 1


def test_away_from_a_terminal_a_line_tells_of_each_notebook(little: Path) -> None:
    ran = run_paper(little, "run", "--all")
    first, *others = ran.error.splitlines()
    assert first == "Notebooks: 2"
    done = [
        re.fullmatch(r"notebooks/(.)\.ipynb: done in \d+ s \((.) of 2\)", one) for one in others
    ]
    assert sorted(one[1] for one in done if one) == ["a", "b"]
    assert [one[2] for one in done if one] == ["1", "2"]


def test_a_cell_that_takes_long_is_told_of_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(9999))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    lines = Progress()
    lines.begin("Notebooks", 1)
    lines.at("notebooks/a.ipynb", "cell slow", 1, 1)
    for _ in range(600):
        lines.tick()
    lines.ended("notebooks/a.ipynb", failed=True)
    assert capsys.readouterr().err.splitlines() == [
        "Notebooks",
        *(f"notebooks/a.ipynb, cell slow: {s} so far" for s in ("60 s", "2 min", "4 min", "8 min")),
        "notebooks/a.ipynb: failed after 10 min (1 of 1)",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_bars_name_notebook_cell_and_seconds(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", "1", f"#| label: slow\n{SLOW}")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PAPER, "run", "--cell-timeout", "2"], cwd=little, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:  # it ended
        pass
    assert process.wait() == 2
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    assert re.search(r"Notebooks +━+ 0/1 0:00:\d\d", shown)
    assert re.search(r"  b, cell slow +[━╺╸]+ 1/2 0:00:0[12]", shown)
