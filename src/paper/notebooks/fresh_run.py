"""Run every notebook afresh, and compare with what is committed. No file of the paper changes.

Each notebook runs alone: in a copy of the paper of its own, where no notebook has outputs and
nothing is collected, so that none can read what another wrote.
"""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from paper.errors import PaperError
from paper.notebooks.collect import check_collected, gather, gather_facts, read_published
from paper.notebooks.compare import differences
from paper.notebooks.disclosure import what_may_be_told
from paper.notebooks.execute import Copy, execute
from paper.notebooks.notebook_file import (
    clear_outputs,
    parse_notebook,
    read_notebook,
)
from paper.notebooks.progress import Progress
from paper.storage.files import temporary_folder
from paper.storage.project import Notebook, Project, left_out, reads_other_data, use_other_data
from paper.storage.settings import read_settings

# Any order will do, but the same for whoever looks into a failure.
ORDER_SEED = 1


def rerun(
    project: Project, progress: Progress, cell_timeout: int | None = None
) -> list[PaperError]:
    """Return an error for each number, table and figure that comes out otherwise.

    `cell_timeout`: how many seconds a cell may take; None for what `paper.yml` says. Raises
    PaperError if notebooks fail: an error for each.
    """
    limit = cell_timeout or read_settings(project.root).cell_timeout
    committed = read_published(project)
    numbers, problems = gather(committed)
    facts, of_facts = gather_facts(committed)
    problems += [*of_facts, *check_collected(project, numbers, facts)]
    order = list(project.notebooks)
    random.Random(ORDER_SEED).shuffle(order)  # noqa: S311  (no secret)
    ran: dict[str, dict[str, Any]] = {}

    def finished(copy: Copy, content: NotebookNode, _: Sequence[str]) -> None:
        path = copy.notebook.path
        ran[path] = parse_notebook(nbformat.writes(content), path)

    progress.begin("Notebooks", len(order))
    with temporary_folder("paper-fresh-") as folder:
        execute(_copies(project, order, folder), finished, progress, limit)
    of_records = reads_other_data(project.root)
    fresh = what_may_be_told(project, ran, progress, limit) if of_records else ran
    for book in project.notebooks:
        path = book.path
        # Of a notebook that is a text, numbers are all that is committed.
        problems += differences(path, committed[path], fresh[path], numbers_only=book.is_text)
    return problems


def _copies(project: Project, order: Sequence[Notebook], folder: Path) -> list[Copy]:
    bare = folder / "bare"
    shutil.copytree(project.root, bare, ignore=left_out)
    shutil.rmtree(bare / project.numbers.relative_to(project.root).parent, ignore_errors=True)
    if reads_other_data(project.root):
        use_other_data(bare, project.data)
    for notebook in order:
        if notebook.is_text:
            continue  # it has no outputs in a copy
        content = nbformat.from_dict(read_notebook(bare, notebook))
        clear_outputs(content)
        nbformat.write(content, bare / notebook.path)
    copies = []
    for number, notebook in enumerate(order):
        # Below a folder of its own, so that no name tells one copy from another.
        copies.append(Copy(notebook, folder / str(number) / "paper"))
        shutil.copytree(bare, copies[-1].root)
    return copies
