"""A fresh run, each notebook alone and in shuffled order, gives what is committed."""

from __future__ import annotations

import base64
import copy
import io
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest
from commands import run_paper
from little import RECORD, TABLE, write_notebook
from PIL import Image
from test_build import fingerprint

from paper.errors import PaperError
from paper.notebooks.compare import differences
from paper.notebooks.execute import run_notebooks
from paper.notebooks.fresh_run import rerun
from paper.notebooks.freshness.stale import stale_notebooks
from paper.notebooks.notebook_file import parse_notebook
from paper.notebooks.progress import progress_bar
from paper.storage.project import open_project


def problems(root: Path) -> list[PaperError]:
    """Run all notebooks of a paper; return what came out otherwise."""
    with progress_bar() as progress:
        return rerun(open_project(root), progress)


def test_outputs_that_come_out_again_are_confirmed_and_no_file_changes(little: Path) -> None:
    before = fingerprint(little)
    ran = run_paper(little, "rerun")
    assert ran.status == 0, ran.error
    assert ran.output == (
        "2 notebooks computed here: every number, table and figure is as committed\n"
    )
    assert fingerprint(little) == before


def test_what_comes_out_otherwise_is_listed_and_the_status_is_1(little: Path) -> None:
    for name in ("results/numbers.json", "notebooks/b.ipynb"):
        file = little / name
        file.write_text(file.read_text().replace('"value": 2.5', '"value": 2.50000000001'))
    table = little / "notebooks/a.ipynb"
    table.write_text(table.read_text().replace('"| 2.5 |"', '"| 2.4 |"'))
    ran = run_paper(little, "rerun")
    assert ran.status == 1
    assert "Traceback" not in ran.error
    said = ran.error.partition("Error: ")[2].splitlines()
    assert said == [
        "results/numbers.json: not what the notebooks recorded: pain.mean",
        "Run `paper run`; nobody edits it by hand.",
        "notebooks/a.ipynb, cell tbl-pain: output text/markdown, line 3: committed '| 2.4 |', "
        "a fresh run gives '| 2.5 |'",
        "notebooks/b.ipynb, cell cell-1, mood.mean: value committed 2.50000000001, "
        "a fresh run gives 2.5",
        "Find out why, or `paper run --all` and commit what it gives.",
    ]


STANDING = """
from types import SimpleNamespace
from paper import record_printed, record_standing
record_standing({"mood.mean": SimpleNamespace(kind="ranged", low="2.1", high="2.9")})
record_printed({"mood.mean": "2.5"})
"""
DRAW = """\
#| label: fig-mood
import matplotlib.pyplot as plt
plt.plot([1, 2]);
"""
PRINT = "print('one')\nprint('two')"


@pytest.fixture(scope="module")
def content(little_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return a notebook with an output of every kind."""
    root = tmp_path_factory.mktemp("kinds") / "paper"
    shutil.copytree(little_run, root)
    file = root / "notebooks/b.ipynb"
    write_notebook(file, RECORD.format(key="mood"), STANDING, TABLE, DRAW, PRINT)
    ran = run_paper(root, "run")
    assert ran.status == 0, ran.error
    return parse_notebook(file.read_text(), "b")


def compared(content: dict[str, Any], cell: int, *path: Any, new: Any) -> list[str]:
    """Return what differs when one thing in the outputs of a cell is another, or gone."""
    other = copy.deepcopy(content)
    place = other["cells"][cell]["outputs"]
    for name in path[:-1]:
        place = place[name]
    if new is None:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return [str(one).partition("\n")[0] for one in differences("b", other, content)]


NUMBERS, STANDINGS, PRINTED = (
    f"application/vnd.paper.{name}+json" for name in ("numbers", "standing", "printed")
)
MEAN = (0, "data", NUMBERS, "mood.mean")


@pytest.mark.parametrize(
    ("cell", "path", "new", "said"),
    [
        (0, (*MEAN, "value"), 2.50000000001,
         "cell-1, mood.mean: value committed 2.50000000001, a fresh run gives 2.5"),
        (0, (*MEAN, "unit"), "steps",
         "cell-1, mood.mean: unit committed 'steps', a fresh run gives 'points'"),
        (0, (*MEAN[:3], "mood.spread"), {},
         "cell-1, mood.spread: number committed, and a fresh run gives none"),
        (0, MEAN, None,
         "cell-1, mood.mean: number not committed, and a fresh run gives {'label': 'mood mean', "
         "'n': 3, 'rule': 'all', 'text': '2.5', 'unit': 'points', 'value': 2.5}"),
        (1, (0, "data", STANDINGS, "mood.mean", "high"), "2.8",
         "cell-2, mood.mean: high committed '2.8', a fresh run gives '2.9'"),
        (1, (1, "data", PRINTED, "mood.mean"), "2.4",
         "cell-2, mood.mean: committed '2.4', a fresh run gives '2.5'"),
        (2, (0, "data", "text/markdown"), "| Pain |\n|---|\n| 2.4 |",
         "tbl-pain: output text/markdown, line 3: "
         "committed '| 2.4 |', a fresh run gives '| 2.5 |'"),
        (3, (0, "data", "image/png"), "AAAA",
         "fig-mood: the figure (image/png) is not the one that a fresh run draws"),
        (3, (0, "data", "image/png"), None,
         "fig-mood: output image/png not committed, a fresh run gives one"),
        (4, (0, "text"), "one\nthree\n",
         "cell-5: output printed to stdout, line 2: committed 'three', a fresh run gives 'two'"),
        (4, (0,), None, "cell-5: 0 outputs committed, a fresh run gives 1"),
    ],
)  # fmt: skip
def test_each_kind_of_difference_is_told_with_notebook_cell_and_key(
    content: dict[str, Any], cell: int, path: tuple[Any, ...], new: Any, said: str
) -> None:
    assert compared(content, cell, *path, new=new) == [f"b, cell {said}"]


def png(level: int, shade: int) -> str:
    """Return a picture of one colour, its file compressed more or less."""
    file = io.BytesIO()
    Image.new("L", (99, 99), shade).save(file, "png", compress_level=level)
    return base64.b64encode(file.getvalue()).decode()


def pdf(level: int, shade: int) -> str:
    """Return what compares as a document with one stream."""
    stream = zlib.compress(b"%d g 0 0 99 99 re f" % shade * 99, level)
    return base64.b64encode(b"%PDF stream\n" + stream + b"\nendstream").decode()


@pytest.mark.parametrize(("kind", "drawn"), [("image/png", png), ("application/pdf", pdf)])
def test_a_figure_is_the_same_however_well_its_file_is_compressed(kind: str, drawn: Any) -> None:
    def notebook(level: int, shade: int) -> dict[str, Any]:
        output = {"output_type": "display_data", "data": {kind: drawn(level, shade)}}
        return {"cells": [{"cell_type": "code", "id": "x", "source": "", "outputs": [output]}]}

    assert drawn(1, 0) != drawn(9, 0)
    assert list(differences("b", notebook(1, 0), notebook(9, 0))) == []
    assert len(list(differences("b", notebook(1, 0), notebook(1, 1)))) == 1


DEPENDENT = [
    'from pathlib import Path\nPath("aside.txt").write_text("2")',
    'from pathlib import Path\nPath("../results/numbers.json").read_text()',
    'import nbformat\nassert nbformat.read("a.ipynb", 4).cells[0].outputs',
]


def test_a_notebook_that_reads_what_another_wrote_fails(little: Path) -> None:
    write, *_ = DEPENDENT
    write_notebook(little / "notebooks/a.ipynb", write, RECORD.format(key="pain"))
    write_notebook(little / "notebooks/b.ipynb", write.replace('write_text("2")', "read_text()"))
    with pytest.raises(PaperError, match=r"b\.ipynb, cell cell-1: FileNotFoundError"):
        problems(little)


@pytest.mark.parametrize("source", DEPENDENT[1:])
def test_a_notebook_that_reads_collected_numbers_or_outputs_fails(
    little: Path, source: str
) -> None:
    write_notebook(little / "notebooks/b.ipynb", source)
    with pytest.raises(PaperError, match=r"b\.ipynb, cell cell-1"):
        problems(little)


def test_a_notebook_saved_while_it_runs_is_not_overwritten(little: Path) -> None:
    source = (
        'from pathlib import Path\nfile = Path("b.ipynb")\nfile.write_text(file.read_text() + " ")'
    )
    write_notebook(little / "notebooks/b.ipynb", source)
    project = open_project(little)
    stale = stale_notebooks(project)
    assert [notebook.title for notebook in stale] == ["B"]
    before = (little / "notebooks/b.ipynb").read_text()
    with (
        pytest.raises(PaperError, match=r"b\.ipynb: was saved while it ran"),
        progress_bar() as progress,
    ):
        run_notebooks(project, stale, lambda *_: None, progress)
    assert (little / "notebooks/b.ipynb").read_text() == f"{before} "
