"""A fresh run, each notebook alone and in shuffled order, gives the committed numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run_paper
from little import RECORD, write_notebook
from test_build import fingerprint

from paper.errors import PaperError
from paper.execute import run_notebooks
from paper.frozen import check_frozen
from paper.project import open_project
from paper.stale import stale_notebooks


def test_numbers_that_come_out_again_are_frozen_and_no_file_changes(little: Path) -> None:
    before = fingerprint(little)
    ran = run_paper(little, "check", "--frozen")
    assert ran.status == 0, ran.error
    assert fingerprint(little) == before


def test_a_number_that_comes_out_otherwise_is_listed_with_both_texts(little: Path) -> None:
    for name in ("results/numbers.json", "notebooks/b.ipynb"):
        file = little / name
        content = json.loads(file.read_text())
        entries = content
        if "cells" in content:
            entries = next(iter(content["cells"][0]["outputs"][0]["data"].values()))
        entries["mood.mean"]["text"] = "1.5"
        entries["mood.spread"] = {**entries["mood.mean"], "text": "9"}
        file.write_text(json.dumps(content))
    ran = run_paper(little, "check", "--frozen")
    assert ran.status == 1
    assert "results/numbers.json, mood.mean: committed '1.5', a fresh run gives '2.5'" in ran.error
    assert (
        "results/numbers.json, mood.spread: committed '9', a fresh run gives nothing" in ran.error
    )
    assert "pain.mean" not in ran.error


STANDING = """
from types import SimpleNamespace
from paper import record_standing
record_standing({"mood.mean": SimpleNamespace(kind="ranged", low="2.1", high="2.9")})
"""


def test_what_is_known_of_a_number_is_compared_too(little: Path) -> None:
    write_notebook(little / "notebooks/b.ipynb", RECORD.format(key="mood"), STANDING)
    assert run_paper(little, "run").status == 0
    project = open_project(little)
    assert check_frozen(project, lambda _: None) == []
    numbers = little / "results/numbers.json"
    numbers.write_text(numbers.read_text().replace('"2.9"', '"2.8"'))
    assert [problem.what for problem in check_frozen(project, lambda _: None)] == [
        "committed '2.5' [ranged 2.1 to 2.8], a fresh run gives '2.5' [ranged 2.1 to 2.9]"
    ]


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
        check_frozen(open_project(little), lambda _: None)


@pytest.mark.parametrize("source", DEPENDENT[1:])
def test_a_notebook_that_reads_collected_numbers_or_outputs_fails(
    little: Path, source: str
) -> None:
    write_notebook(little / "notebooks/b.ipynb", source)
    with pytest.raises(PaperError, match=r"b\.ipynb, cell cell-1"):
        check_frozen(open_project(little), lambda _: None)


def test_a_notebook_saved_while_it_runs_is_not_overwritten(little: Path) -> None:
    source = (
        'from pathlib import Path\nfile = Path("b.ipynb")\nfile.write_text(file.read_text() + " ")'
    )
    write_notebook(little / "notebooks/b.ipynb", source)
    project = open_project(little)
    stale = stale_notebooks(project)
    assert [notebook.title for notebook in stale] == ["B"]
    before = (little / "notebooks/b.ipynb").read_text()
    with pytest.raises(PaperError, match=r"b\.ipynb: was saved while it ran"):
        run_notebooks(project, stale, lambda _: None)
    assert (little / "notebooks/b.ipynb").read_text() == f"{before} "
