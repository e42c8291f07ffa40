"""A build that has nothing to do says so without looking closer; whatever changes, it looks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run_paper

from paper.storage.project import Renderer
from paper.unchanged import is_built

NOTHING = "as built before, nothing has changed"
Change = Callable[[Path], object]


def build(paper: Path, *options: str) -> str:
    ran = run_paper(paper, "build", "--renderer", "embedded", *options)
    assert ran.status == 0, ran.error
    return ran.output


@pytest.fixture(scope="module")
def once(little_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the little paper, built."""
    folder = Path(shutil.copytree(little_run, tmp_path_factory.mktemp("unchanged") / "paper"))
    build(folder)
    return folder


@pytest.fixture
def paper(once: Path, tmp_path: Path) -> Path:
    """Return a copy of it, known to be built."""
    folder = Path(shutil.copytree(once, tmp_path / "paper"))
    assert is_built(folder, Renderer.EMBEDDED) == folder / "_manuscript"
    return folder


def append(name: str, text: str = "\n") -> Change:
    def change(folder: Path) -> None:
        with (folder / name).open("a") as stream:
            stream.write(text)

    return change


CHANGES: dict[str, Change] = {
    "the article": append("paper.qmd", "\nOne more sentence.\n"),
    "a notebook": append("notebooks/a.ipynb"),
    "numbers": append("results/numbers.json"),
    "settings": append("paper.yml"),
    "a filter": append("_extensions/paper/head.lua"),
    "a new file": lambda paper: (paper / "new.csv").write_text("1"),
    "a hidden file": lambda paper: (paper / ".hidden").write_text("1"),
    "a page": append("_manuscript/index.html"),
    "a page that is gone": lambda paper: (paper / "_manuscript/paper.pdf").unlink(),
    "a page too many": lambda paper: (paper / "_manuscript/left.txt").write_text("1"),
    "what is remembered": lambda paper: (paper / ".paper/built.json").write_text("[]"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_paper_is_not_taken_for_built(paper: Path, what: str) -> None:
    CHANGES[what](paper)
    assert is_built(paper, Renderer.EMBEDDED) is None


def test_another_environment_or_renderer_is_a_change(
    paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_built(paper, Renderer.AUTO) is None
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert is_built(paper, Renderer.EMBEDDED) is None


def test_a_build_with_nothing_to_do_says_so_and_one_that_is_asked_for_more_does_it(
    paper: Path,
) -> None:
    assert NOTHING in build(paper)
    assert "kept, nothing changed" in build(paper, "--explain")
    page = paper / "_manuscript/index.html"
    append("_manuscript/index.html", "mine")(paper)
    assert NOTHING not in build(paper)
    assert page.read_text().endswith("</html>\n")


def test_of_a_paper_that_may_read_beside_itself_nothing_is_remembered(paper: Path) -> None:
    append("paper.yml", "\nnotebooks-may: {network: true}\n")(paper)
    assert NOTHING not in build(paper)
    assert not (paper / ".paper/built.json").exists()
