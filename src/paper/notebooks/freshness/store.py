"""Keep each notebook as it finishes, with what it was made from, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from paper.notebooks.freshness.inputs import notebook_inputs
from paper.notebooks.freshness.stale import (
    Entry,
    as_text,
    computed_file,
    entry,
    inputs_file,
    open_reader,
)
from paper.storage.project import Notebook, Project
from paper.storage.replace_together import swap
from paper.storage.steps import Step, read_memory


class Store:
    """The notebooks of a paper, and what is kept of them.

    Parameters
    ----------
    project
        The paper; nobody else works on it.
    steps
        What each notebook depended on when it began to run.
    """

    def __init__(self, project: Project, steps: Mapping[Notebook, Step]) -> None:
        self._project, self._steps = project, steps
        files = (inputs_file(project), computed_file(project))
        self._kept: dict[Path, dict[str, Entry]] = {file: read_memory(file) for file in files}

    def keep(self, notebook: Notebook, text: str) -> None:
        """Store a notebook that finished, and what it was made from, both or nothing.

        Raises
        ------
        PaperError
            If they cannot be written.
        """
        inputs = self._steps[notebook].inputs
        # Whatever was saved meanwhile, it was perhaps not run with: it runs again next time.
        now = notebook_inputs(self._project, notebook, open_reader(self._project))
        for entries in self._kept.values():
            entries.pop(notebook.path, None)
            if now == inputs:
                entries[notebook.path] = entry(inputs, text, notebook.path)
        files = {file: as_text(self._project, kept) for file, kept in self._kept.items()}
        swap(self._project.root, {self._project.root / notebook.path: text, **files})
