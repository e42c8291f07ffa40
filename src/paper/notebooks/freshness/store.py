"""Keep each notebook as it finishes, with what it was made from, whatever becomes of the others."""

import json
import platform
from collections.abc import Callable, Sequence

from paper.notebooks.freshness.inputs import observed_inputs
from paper.notebooks.freshness.stale import computed_file, inputs_file, outputs_of
from paper.notebooks.notebook_file import parse_notebook
from paper.storage.project import Notebook, Project
from paper.storage.replace_together import swap
from paper.storage.steps import read_memory


def keeper(project: Project) -> Callable[[Notebook, str, Sequence[str]], None]:
    """Return what stores a notebook that finished, and what it was made from, both or nothing.

    It raises a PaperError if they cannot be written, or were made from what may not be read.
    `project`: the paper; nobody else works on it.
    """
    memories = {file: read_memory(file) for file in (inputs_file(project), computed_file(project))}
    # For who wonders at a number. The outputs are as good on any other.
    made = {"Python": platform.python_version(), "on": f"{platform.system()} {platform.machine()}"}

    def keep(notebook: Notebook, text: str, notes: Sequence[str]) -> None:
        inputs = observed_inputs(project, notebook, notes)
        outputs = outputs_of(parse_notebook(text, notebook.path))
        files = {project.root / notebook.stored: text}
        for file, memory in memories.items():
            memory[notebook.path] = {"inputs": inputs, "outputs": outputs, "made": made}
            known = {b.path: memory[b.path] for b in project.notebooks if b.path in memory}
            files[file] = json.dumps(known, indent=1) + "\n"
        swap(project.root, files)

    return keep
