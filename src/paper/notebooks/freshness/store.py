"""Keep each notebook as it finishes, with what it was made from, whatever becomes of the others."""

import json
import platform
from collections.abc import Callable, Mapping

from paper.notebooks.freshness.inputs import notebook_inputs
from paper.notebooks.freshness.stale import computed_file, inputs_file, open_reader, outputs_of
from paper.notebooks.notebook_file import parse_notebook
from paper.storage.project import Notebook, Project
from paper.storage.replace_together import swap
from paper.storage.steps import Step, read_memory


def keeper(project: Project, steps: Mapping[Notebook, Step]) -> Callable[[Notebook, str], None]:
    """Return what stores a notebook that finished, and what it was made from, both or nothing.

    It raises a PaperError if they cannot be written.

    Parameters
    ----------
    project
        The paper; nobody else works on it.
    steps
        What each notebook depended on when it began to run.
    """
    memories = {file: read_memory(file) for file in (inputs_file(project), computed_file(project))}
    # For who wonders at a number. The outputs are as good on any other.
    made = {"Python": platform.python_version(), "on": f"{platform.system()} {platform.machine()}"}

    def keep(notebook: Notebook, text: str) -> None:
        inputs = steps[notebook].inputs
        # Whatever was saved meanwhile, it was perhaps not run with: it runs again next time.
        now = notebook_inputs(project, notebook, open_reader(project))
        outputs = outputs_of(parse_notebook(text, notebook.path))
        files = {project.root / notebook.path: text}
        for file, memory in memories.items():
            memory.pop(notebook.path, None)
            if now == inputs:
                memory[notebook.path] = {"inputs": inputs, "outputs": outputs, "made": made}
            known = {b.path: memory[b.path] for b in project.notebooks if b.path in memory}
            files[file] = json.dumps(known, indent=1) + "\n"
        swap(project.root, files)

    return keep
