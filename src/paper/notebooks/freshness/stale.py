"""Which notebooks must run again, and why: what their stored outputs were made from is kept.

It is kept beside the numbers, in `results/inputs.json`, and committed with them: who clones the
paper has outputs that are known to be those of its sources, and need not compute them to read it.
"""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.notebooks.freshness.inputs import Contents, observed_inputs
from paper.notebooks.notebook_file import code_cells, parse_notebook, read_notebook
from paper.storage.files import digest
from paper.storage.project import Notebook, Project, open_project
from paper.storage.replace_together import swap
from paper.storage.steps import Step, difference, read_memory

SAVED = "its stored outputs are not those of its last run"
# What is shown of an output, whoever saved the file: not how often its cell had run.
SHOWN = ("output_type", "name", "text", "data", "metadata", "ename", "evalue")


def inputs_file(project: Project) -> Path:
    """Return where it is kept what the stored outputs were made from."""
    return project.numbers.with_name("inputs.json")


def computed_file(project: Project) -> Path:
    """Return where the same is kept of those outputs that were computed in this folder."""
    return project.cache / "computed.json"


def notebook_steps(project: Project) -> dict[Notebook, Step]:
    """Return for each notebook what it depends on, and why it must run again, if it must."""
    known, contents = read_memory(inputs_file(project)), Contents(project)
    steps = {}
    for notebook in project.notebooks:
        before = known.get(notebook.path, {})
        observed = before.get("inputs")
        inputs = contents.of(notebook, observed if isinstance(observed, dict) else {})
        reason = difference(observed, inputs)
        if not reason:
            content = read_notebook(project.root, notebook)
            reason = "" if before.get("outputs") == outputs_of(content) else SAVED
        steps[notebook] = Step(notebook.path, inputs, reason)
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
    return {root / notebook.stored for notebook, step in steps.items() if not step.reason}


def from_elsewhere(project: Project, steps: Mapping[Notebook, Step]) -> dict[Notebook, Any]:
    """Return what is known of the notebooks whose outputs were not computed in this folder."""
    known, here = read_memory(inputs_file(project)), read_memory(computed_file(project))
    kept = [book for book, step in steps.items() if not step.reason]
    return {book: known[book.path] for book in kept if known[book.path] != here.get(book.path)}


def as_committed(project: Project, steps: Mapping[Notebook, Step]) -> str:
    """Say how many notebooks have outputs that were not computed in this folder, if any."""
    kept = from_elsewhere(project, steps).values()
    if not kept:
        return ""
    made = sorted({_with(one) for one in kept})
    books = "1 notebook" if len(kept) == 1 else f"{len(kept)} notebooks"
    return (
        f"{books}: outputs as committed ({'; '.join(made)}), nothing they depend on has changed; "
        "make rerun computes all of them here"
    )


def _with(known: Mapping[str, Any]) -> str:
    made = known.get("made")
    if not isinstance(made, dict):
        return "made elsewhere"
    return f"made with Python {made.get('Python')} on {made.get('on')}"


def outputs_of(content: Mapping[str, Any]) -> str:
    """Return the digest of the outputs: the same however the file of the notebook is written."""
    shown = [
        [{name: output[name] for name in SHOWN if output.get(name)} for output in cell["outputs"]]
        for cell in code_cells(content)
    ]
    return digest([json.dumps(shown, sort_keys=True).encode()])


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
