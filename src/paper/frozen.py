"""Run every notebook afresh, and compare with the committed numbers. No file of the paper changes.

Each notebook runs alone: in a copy of the paper of its own, where no notebook has outputs and
nothing is collected, so that none can read what another wrote.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from paper.cells import read_notebook
from paper.collect import Entry, gather
from paper.errors import PaperError, ProblemsError
from paper.execute import Report, execute
from paper.project import Notebook, Project, left_out

# Any order will do, but the same for whoever looks into a failure.
ORDER_SEED = 1


def check_frozen(project: Project, done: Report) -> list[PaperError]:
    """Return an error for each number whose text in a fresh run is not the committed one.

    Parameters
    ----------
    project
        The paper.
    done
        Called with each notebook as it finishes.

    Raises
    ------
    PaperError
        If a cell fails.
    """
    name = project.numbers.relative_to(project.root).as_posix()
    committed = dict(json.loads(project.numbers.read_text(encoding="utf-8")))
    fresh = fresh_numbers(project, done)
    return [
        PaperError(
            f"{name}, {key}",
            f"committed {_printed(committed.get(key))}, a fresh run gives "
            f"{_printed(fresh.get(key))}",
            "Run `paper run` and commit what changed, or find out why it did.",
        )
        for key in [*committed, *(key for key in fresh if key not in committed)]
        if _printed(committed.get(key)) != _printed(fresh.get(key))
    ]


def fresh_numbers(project: Project, done: Report) -> dict[str, Entry]:
    """Return the numbers of a fresh run: each notebook alone, in shuffled order.

    Raises
    ------
    PaperError
        If a cell fails, or a number is recorded twice.
    """
    order = list(project.notebooks)
    random.Random(ORDER_SEED).shuffle(order)  # noqa: S311  (no secret)
    with tempfile.TemporaryDirectory(prefix="paper-fresh-") as folder:
        roots = _copies(project, order, Path(folder))
        executed = execute(roots, done)
    numbers, problems = gather({book.path: executed[book] for book in project.notebooks})
    if problems:
        raise ProblemsError(problems)
    return numbers


def _copies(project: Project, order: Sequence[Notebook], folder: Path) -> dict[Notebook, Path]:
    bare = folder / "bare"
    shutil.copytree(project.root, bare, ignore=left_out)
    shutil.rmtree(bare / project.numbers.relative_to(project.root).parent, ignore_errors=True)
    for notebook in order:
        content = nbformat.from_dict(read_notebook(bare / notebook.path, notebook.path))
        for cell in content.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(content, bare / notebook.path)
    roots = {}
    for number, notebook in enumerate(order):
        # Below a folder of its own, so that no name tells one copy from another.
        roots[notebook] = folder / str(number) / "paper"
        shutil.copytree(bare, roots[notebook])
    return roots


def _printed(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "nothing"
    words = [repr(entry["text"])]
    if known := entry.get("standing"):
        words.append(f"[{known['kind']} {known['low']} to {known['high']}]")
    if printed := entry.get("printed"):
        words.append(f"[publication {printed}]")
    return " ".join(words)
