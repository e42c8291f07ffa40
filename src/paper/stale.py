"""Which notebooks must run again, and why: what each depended on when it ran is remembered."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from paper.code import Reader
from paper.errors import PaperError
from paper.files import digest, replace_text
from paper.inputs import notebook_inputs
from paper.project import Notebook, Project, open_project
from paper.steps import Step, difference, read_memory

SAVED = "the notebook was saved since"


def notebook_steps(project: Project) -> dict[Notebook, Step]:
    """Return for each notebook what it depends on, and why it must run again, if it must."""
    known = read_memory(memory_file(project))
    reader = Reader(read_memory(project.cache / "code.json"))
    steps = {}
    for notebook in project.notebooks:
        inputs = notebook_inputs(project, notebook, reader)
        before = known.get(notebook.path, {})
        reason = difference(before.get("inputs"), inputs)
        if not reason and before.get("stored") != _stored(project, notebook):
            reason = SAVED
        steps[notebook] = Step(notebook.path, inputs, reason)
    with contextlib.suppress(OSError):  # a paper that can be read but not written to
        replace_text(project.cache / "code.json", json.dumps(reader.remembered))
    return steps


def stale_notebooks(project: Project) -> list[Notebook]:
    """Return the notebooks whose inputs or stored outputs are not those of their last run."""
    return [notebook for notebook, step in notebook_steps(project).items() if step.reason]


def current_notebooks(root: Path) -> set[Path]:
    """Return the files of the notebooks that are not stale; none of a paper that is broken."""
    try:
        steps = notebook_steps(open_project(root))
    except PaperError:
        return set()
    return {root / notebook.path for notebook, step in steps.items() if not step.reason}


def memory(steps: Mapping[Notebook, Step], texts: Mapping[Notebook, str]) -> str:
    """Return what is remembered of notebooks that are current: content only, no paths.

    Parameters
    ----------
    steps
        Notebook → what it depends on.
    texts
        Notebook → the file, executed.
    """
    remembered = {
        notebook.path: {"inputs": step.inputs, "stored": digest([texts[notebook].encode()])}
        for notebook, step in steps.items()
    }
    return json.dumps(remembered, indent=1)


def memory_file(project: Project) -> Path:
    """Return where it is remembered what the notebooks were made from."""
    return project.cache / "notebooks.json"


def _stored(project: Project, notebook: Notebook) -> str:
    return digest([(project.root / notebook.path).read_bytes()])
