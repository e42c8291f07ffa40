"""Each Quarto that is tried, as its user runs it: it succeeds, warns of nothing, and is tidy."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import ROOT, Ran, run_paper
from extract import docx_numbers, first_missing, html_numbers, jats_numbers, pdf_text
from quartos import COLOUR, Quarto, Rendered, git

pytestmark = pytest.mark.quarto
# Format → the file that it makes, and what reads the numbers of that file.
FORMATS = {
    "html": ("index.html", html_numbers),
    "typst": ("paper.pdf", None),
    "docx": ("paper.docx", docx_numbers),
    "jats": ("paper.xml", jats_numbers),
}
NOTEBOOK = "notebooks/02-pain-intensity.ipynb"
PATIENCE = 600  # seconds until a preview that never answers is given up


def check_quiet(folder: Path, said: str) -> None:
    assert [line for line in said.splitlines() if "warn" in line.lower()] == []
    assert git(folder, "status", "--porcelain") == ""


def check(folder: Path, ran: Ran) -> None:
    assert ran.status == 0, ran.error
    check_quiet(folder, ran.output + ran.error)


def check_numbers(built: Path, file: Path, form: str) -> None:
    """The same numbers as the embedded renderer prints, in the same order."""
    name, read = FORMATS[form]
    if read:
        assert read(file) == read(built / "_manuscript" / name)
    else:
        assert first_missing(pdf_text(file), built / "_manuscript/index.html") is None


def test_all_formats(rendered: Rendered) -> None:
    check(rendered.folder, rendered.ran)


@pytest.mark.parametrize("form", FORMATS)
def test_one_format_on_a_fresh_clone(
    quarto: Quarto, clone: Callable[[], Path], built: Path, form: str
) -> None:
    folder, (name, _) = clone(), FORMATS[form]
    ran = quarto.run(folder, "render", "paper.qmd", "--to", form)
    check(folder, ran)
    assert f"{name}: looked through, nothing is ruined" in ran.output + ran.error
    check_numbers(built, folder / "_manuscript" / name, form)


def test_a_notebook_by_itself(quarto: Quarto, clone: Callable[[], Path]) -> None:
    folder = clone()
    check(folder, quarto.run(folder, "render", NOTEBOOK))
    page = folder / "_manuscript" / NOTEBOOK.replace(".ipynb", "-preview.html")
    assert 'id="cell-fig-pain-change"' in page.read_text()


def test_preview_answers_until_it_is_stopped(
    quarto: Quarto, rendered: Rendered, built: Path, tmp_path: Path
) -> None:
    folder, log, page = tmp_path / "paper", tmp_path / "log", tmp_path / "index.html"
    shutil.copytree(rendered.folder, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with log.open("w") as output:
        preview = subprocess.Popen(
            [quarto.program, "preview", "--no-browser", "--port", port],
            cwd=folder, env=quarto.environment,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    end = time.monotonic() + PATIENCE
    try:
        while not page.exists():
            assert preview.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                urllib.request.urlretrieve(f"http://127.0.0.1:{port}/", page)
    finally:
        os.killpg(preview.pid, signal.SIGINT)
        preview.wait(timeout=60)
    check_numbers(built, page, "html")
    check_quiet(folder, COLOUR.sub("", log.read_text()))
    with pytest.raises(ProcessLookupError):
        os.killpg(preview.pid, 0)


def test_the_paper_takes_the_quarto_that_is_named(
    quarto: Quarto, little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO", quarto.program)
    shutil.copy(ROOT / "src/paper/renderers/assets/expected.lua", little)
    with (little / "_quarto.yml").open("a") as configuration:
        configuration.write("filters: [{path: expected.lua, at: post-quarto}]\n")
    ran = run_paper(little, "build", "--renderer", "quarto")
    assert ran.status == 0, ran.error
    assert html_numbers(little / "_manuscript/index.html") == [
        ("pain.mean", "2.5"), ("pain.mean", "2.5"), ("mood.mean", "2.5"), ("pain.mean", "2.5"),
    ]  # fmt: skip


def test_an_unknown_number_stops_it(quarto: Quarto, little: Path) -> None:
    article = little / "paper.qmd"
    article.write_text(article.read_text().replace("of {{< num mood.mean", "of {{< num mod.mean"))
    ran = quarto.run(little, "render")
    assert ran.status != 0
    assert "no number is recorded as 'mod.mean'. Nearest: mood.mean" in ran.error
