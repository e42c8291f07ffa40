"""`paper watch` in Chromium: a saved change appears, a mistake does not, nothing stays."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
from commands import PAPER, run_paper
from little import RECORD, write_notebook
from playwright.sync_api import Browser, Page, expect

from paper.notebooks.freshness.stale import current_notebooks
from paper.watch import serve, stamps, watch

SECONDS = 60


class Watch:
    """A running `paper watch`, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.said = folder.parent / "said.txt"
        with self.said.open("w") as stream:
            self.process = psutil.Popen(
                [PAPER, "watch", "--port", "0"],
                cwd=folder,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if found := re.search(pattern, self.said.read_text()):
                return found
            time.sleep(0.05)
        raise AssertionError(f"never said {pattern!r}: {self.said.read_text()}")

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture
def watching(little: Path) -> Iterator[Watch]:
    watch = Watch(little)
    yield watch
    if watch.process.is_running():
        watch.process.kill()
        watch.process.wait()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_a_saved_change_appears_and_a_mistake_leaves_the_page(
    watching: Watch, little: Path, page: Page
) -> None:
    address = watching.wait_for(r"(http://127\.0\.0\.1:\d+/) rebuilt in")[1]
    page.goto(address)
    article = little / "paper.qmd"
    text = article.read_text()

    article.write_text(text.replace("## Results", "## What was found"))
    expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=1000 * SECONDS)

    article.write_text(text.replace("## Results", "## Results of 89"))
    watching.wait_for(r"paper\.qmd, line 9, column 15: 89 is typed, not computed")
    watching.wait_for("The page stays as it was")
    page.reload()
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()

    article.write_text(text.replace("## Results", "## Findings"))
    expect(page.get_by_role("heading", name="Findings")).to_be_visible(timeout=1000 * SECONDS)
    for file in (little / "_manuscript").rglob("*.html"):
        assert "EventSource" not in file.read_text()
    assert watching.interrupt() == 0


def test_only_what_changed_is_rebuilt_and_its_own_output_is_no_change(
    watching: Watch, little: Path
) -> None:
    watching.wait_for("rebuilt in")
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), "1 + 1")
    watching.wait_for(r"(?s)rebuilt in.*rebuilt in")
    time.sleep(2)
    assert watching.said.read_text().count("rebuilt in") == 2
    assert "(1 of 1)" in watching.said.read_text()


@pytest.mark.parametrize("moment", ["while it builds", "just after it"])
def test_a_notebook_saved_during_a_build_is_built_next(
    little: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    built: list[float] = []

    def save_at(now: str) -> None:
        if moment == now and len(built) == 1:
            write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), "1 + 1")

    def rebuild() -> None:
        built.append(time.monotonic())
        save_at("while it builds")

    def current() -> set[Path]:
        found = current_notebooks(little)
        save_at("just after it")
        return found

    looks = iter(range(9))
    monkeypatch.setattr("paper.watch.time.sleep", lambda _: next(looks))
    with pytest.raises(StopIteration):
        watch(little, rebuild, current)
    assert len(built) == 2


def test_data_are_watched_whatever_their_folder_is_called(little: Path) -> None:
    made = {little / name for name in ("results/numbers.json", "tests/test_a.py")}
    data = {little / f"data/{name}/a.csv" for name in ("results", "tests", "records")}
    for file in (made | data) - {little / "results/numbers.json"}:
        file.parent.mkdir(parents=True)
        file.touch()
    (little / "data/link.csv").symlink_to("nowhere")
    assert set(stamps(little)) & (made | data) == data


def test_an_interrupt_while_a_notebook_runs_leaves_no_process(
    watching: Watch, little: Path
) -> None:
    watching.wait_for("rebuilt in")
    started = little / "started.txt"
    source = (
        f"from pathlib import Path\nPath({str(started)!r}).touch()\nimport time\ntime.sleep(99)"
    )
    write_notebook(little / "notebooks/b.ipynb", source)
    end = time.monotonic() + SECONDS
    while not started.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    kernels = watching.process.children(recursive=True)
    assert kernels
    assert watching.interrupt() == 0
    gone, alive = psutil.wait_procs(kernels, timeout=SECONDS)
    assert (len(gone), alive) == (len(kernels), [])
    assert "Traceback" not in watching.said.read_text()


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["127.0.0.1:{port}"], 200),
        (["LocalHost:{port}"], 200),
        ([], 403),
        (["evil.example"], 403),
        (["evil.example:{port}"], 403),
        (["127.0.0.1:{port}", "evil.example"], 403),
        (["127.0.0.1:{port}.evil.example"], 403),
        (["127.0.0.1"], 403),
    ],
)
@pytest.mark.parametrize("path", ["/", "/paper.txt", "/.events"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_answers_only_who_came_by_the_name_of_this_machine(
    tmp_path: Path, hosts: list[str], status: int, path: str, method: str
) -> None:
    """A site whose name is made to lead here could read the paper from a reader's browser."""
    (tmp_path / "index.html").write_text("Pain")
    (tmp_path / "paper.txt").write_text("Pain")
    with serve(tmp_path, 0) as site:
        asked = HTTPConnection("127.0.0.1", site.server_port, timeout=SECONDS)
        asked.putrequest(method, path, skip_host=True)
        for host in hosts:
            asked.putheader("Host", host.format(port=site.server_port))
        asked.endheaders()
        answer = asked.getresponse()
        if path == "/.events" and method == "HEAD" and status == 200:
            status = 404
        assert answer.status == status
        if status == 403 and method == "GET":
            assert b"Pain" not in answer.read()
        asked.close()


def test_a_port_that_is_taken_is_named(watching: Watch, little: Path) -> None:
    port = watching.wait_for(r"http://127\.0\.0\.1:(\d+)/ rebuilt in")[1]
    ran = run_paper(little, "watch", "--port", port)
    assert (ran.status, f"port {port} is taken" in ran.error) == (2, True)
    assert watching.process.is_running()
