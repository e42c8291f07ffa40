"""Which renderer is taken, and what is said where Quarto is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import ROOT, run_paper

from paper.errors import PaperError
from paper.renderers.quarto import quarto_version, render_with_quarto
from paper.storage.project import open_project


@pytest.fixture
def quarto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an executable named quarto, of no behaviour yet, alone on the PATH."""
    executable = tmp_path / "bin" / "quarto"
    executable.parent.mkdir()
    monkeypatch.setenv("PATH", f"{executable.parent}:/usr/bin:/bin")
    monkeypatch.delenv("QUARTO", raising=False)
    return executable


def write_script(file: Path, *lines: str) -> None:
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)


def test_without_quarto_the_embedded_renderer_is_taken(project: Path, quarto: Path) -> None:
    assert not quarto.exists()
    assert quarto_version() is None
    assert "rendered by embedded" in run_paper(project, "build").output


def test_insisting_on_a_missing_quarto_says_how_to_get_it(project: Path, quarto: Path) -> None:
    assert not quarto.exists()
    ran = run_paper(project, "build", "--renderer", "quarto")
    assert ran.status == 2
    assert "no Quarto 1.7 or later on the PATH" in ran.error
    assert "README.md" in ran.error


@pytest.mark.parametrize(
    ("printed", "version"), [("1.7.34", (1, 7)), ("1.10.1", (1, 10)), ("nonsense", None)]
)
def test_the_version_is_read_as_numbers(
    quarto: Path, printed: str, version: tuple[int, int] | None
) -> None:
    write_script(quarto, f"echo {printed}")
    assert quarto_version() == version


def test_the_quarto_that_is_named_comes_before_that_on_the_path(
    quarto: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(quarto, "echo 1.9.38")
    write_script(tmp_path / "first quarto", "echo 1.8.27")
    monkeypatch.setenv("QUARTO", f"{tmp_path / 'first quarto'}:{tmp_path / 'second'}")
    assert quarto_version() == (1, 8)
    monkeypatch.setenv("QUARTO", str(tmp_path / "missing"))
    assert quarto_version() is None


def test_an_old_quarto_is_refused(quarto: Path, tmp_path: Path) -> None:
    write_script(quarto, "echo 1.6.43")
    with pytest.raises(PaperError, match=r"no Quarto 1\.7 or later"):
        render_with_quarto(open_project(ROOT), tmp_path / "out")


def test_a_quarto_that_fails_leaves_the_old_paper(project: Path, quarto: Path) -> None:
    write_script(quarto, '[ "$1" = --version ] && echo 1.7.0 && exit 0', "exit 3")
    before = (project / "_manuscript/index.html").read_bytes()
    ran = run_paper(project, "build")
    assert ran.status == 2
    assert "quarto render: failed with exit status 3" in ran.error
    assert (project / "_manuscript/index.html").read_bytes() == before


def test_what_quarto_renders_becomes_the_paper(project: Path, quarto: Path, tmp_path: Path) -> None:
    page, texts = project / "_manuscript/index.html", project / ".paper/expected"
    before = page.read_text()
    (tmp_path / "index.html").write_text(before.replace("</body>", "<p>By Quarto.</p></body>"))
    shutil.copytree(texts, tmp_path / "expected")
    write_script(
        quarto,
        '[ "$1" = --version ] && echo 1.7.0 && exit 0',
        f'[ "$1 $2" = "render --output-dir" ] && mkdir -p "$3" && cp {tmp_path}/index.html "$3"',
        f"cp -r {tmp_path}/expected .paper",
    )
    ran = run_paper(project, "build")
    assert "rendered by quarto" in ran.output, ran.error
    assert "By Quarto." in page.read_text()
    assert [file.name for file in page.parent.iterdir()] == ["index.html"]


def test_a_page_that_quarto_ruined_never_becomes_the_paper(
    project: Path, quarto: Path, tmp_path: Path
) -> None:
    shutil.copytree(project / ".paper/expected", tmp_path / "expected")
    write_script(
        quarto,
        '[ "$1" = --version ] && echo 1.7.0 && exit 0',
        'mkdir -p "$3" && echo "<p>Little.</p>" > "$3/index.html"',
        f"cp -r {tmp_path}/expected .paper",
    )
    before = (project / "_manuscript/index.html").read_bytes()
    ran = run_paper(project, "build")
    assert ran.status == 2
    assert "index.html: “Continuous ketamine infusion with magnesium sulfate for …” is" in ran.error
    assert (project / "_manuscript/index.html").read_bytes() == before
    assert (project / ".paper/ruined/index.html").is_file()


def test_what_a_renderer_leaves_over_never_becomes_the_paper(project: Path, quarto: Path) -> None:
    write_script(
        quarto,
        '[ "$1" = --version ] && echo 1.7.0 && exit 0',
        'mkdir -p "$3" && echo "<meta content=\'{{< num nrs.change.p >}}\'>" > "$3/index.html"',
    )
    before = (project / "_manuscript/index.html").read_bytes()
    ran = run_paper(project, "build")
    assert ran.status == 2
    assert "index.html, line 1: a shortcode is left over: {{< num nrs.change.p" in ran.error
    assert (project / "_manuscript/index.html").read_bytes() == before
