"""Run the notebooks whose inputs changed, each in a fresh kernel, as many at once as fit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paper.cells import code_cells, label_of, read_notebook
from paper.code import Reader, read
from paper.errors import PaperError
from paper.files import digest, replace_text
from paper.inputs import notebook_inputs
from paper.project import Notebook, Project
from paper.steps import Step, difference, read_memory

if TYPE_CHECKING:
    # Only a stale notebook needs the machinery of kernels: half a second that prose never waits.
    from nbformat import NotebookNode

    from paper.kernels import Warm

SECONDS_PER_CELL = 600
ANSI = re.compile(r"\x1b\[[0-9;]*m")
FAILING_LINE = re.compile(r"^-+> *\d+ (?P<code>.*)$", re.MULTILINE)
SAVED = "the notebook was saved since"

Report = Callable[[Notebook], None]


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


def run_notebooks(
    project: Project, notebooks: Sequence[Notebook], done: Report
) -> dict[Notebook, NotebookNode]:
    """Execute notebooks; no file changes.

    Parameters
    ----------
    project
        The paper.
    notebooks
        Which of its notebooks to run.
    done
        Called with each notebook as it finishes.

    Raises
    ------
    PaperError
        If a cell fails; names notebook, cell, error and line. Or if a notebook was saved while
        it ran.
    """
    before = {book: (project.root / book.path).read_bytes() for book in notebooks}
    executed = execute(dict.fromkeys(notebooks, project.root), done)
    for notebook, stored in before.items():
        if (project.root / notebook.path).read_bytes() != stored:
            raise PaperError(
                notebook.path, "was saved while it ran; nothing is stored", "Run again."
            )
    return executed


def execute(roots: Mapping[Notebook, Path], done: Report) -> dict[Notebook, NotebookNode]:
    """Execute notebooks, each in a fresh kernel, as many at once as there are cores.

    Parameters
    ----------
    roots
        Notebook → folder of the paper in which it runs. They start in this order.
    done
        Called with each notebook as it finishes.

    Raises
    ------
    PaperError
        If a cell fails; names notebook, cell, error and line.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def run() -> dict[Notebook, NotebookNode]:
        if task := asyncio.current_task():
            running.append((asyncio.get_running_loop(), task))
        with _warm(roots) as warm:
            return await _run_all(roots, done, warm)

    # In a thread, where nbclient does not take Ctrl-C for itself and end but one of the kernels.
    with ThreadPoolExecutor(max_workers=1) as thread:
        finished = thread.submit(asyncio.run, run())
        try:
            return finished.result()
        except KeyboardInterrupt:
            for loop, task in running:
                loop.call_soon_threadsafe(task.cancel)
            raise  # once every kernel has ended


def notebook_text(content: NotebookNode) -> str:
    """Return an executed notebook as it is stored."""
    import nbformat  # noqa: PLC0415

    return str(nbformat.writes(content)) + "\n"


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


@contextlib.contextmanager
def _warm(roots: Mapping[Notebook, Path]) -> Iterator[Warm | None]:
    from paper.kernels import Warm, can_fork  # noqa: PLC0415

    if not can_fork():
        yield None
        return
    warm = Warm(_imported(roots))
    try:
        yield warm
    finally:
        warm.close()


def _imported(roots: Mapping[Notebook, Path]) -> dict[str, None]:
    names: dict[str, None] = {}
    for notebook, root in roots.items():
        for cell in code_cells(read_notebook(root / notebook.path, notebook.path)):
            names |= dict.fromkeys(read(cell["source"]).imports)
    return names


async def _run_all(
    roots: Mapping[Notebook, Path], done: Report, warm: Warm | None
) -> dict[Notebook, NotebookNode]:
    cores = asyncio.Semaphore(os.cpu_count() or 1)
    executed: dict[Notebook, NotebookNode] = {}
    failures: list[PaperError] = []

    async def run(notebook: Notebook) -> None:
        async with cores:
            if failures:
                return
            try:
                executed[notebook] = await _run(roots[notebook], notebook, warm)
            except PaperError as failure:
                # Kernels already running end by themselves: cancelling them is noisy.
                failures.append(failure)
            else:
                done(notebook)

    # Exceptions are awaited too: an interrupted notebook ends its kernel first.
    for outcome in await asyncio.gather(*map(run, roots), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
    if failures:
        raise failures[0]
    return executed


async def _run(root: Path, notebook: Notebook, warm: Warm | None) -> NotebookNode:
    import nbformat  # noqa: PLC0415
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import (  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    from paper.kernels import kernel  # noqa: PLC0415

    file, name = root / notebook.path, notebook.path
    content: NotebookNode = nbformat.from_dict(read_notebook(file, name))
    client = NotebookClient(
        content,
        timeout=SECONDS_PER_CELL,
        resources={"metadata": {"path": str(file.parent)}},
        record_timing=False,
    )
    try:
        with kernel(warm) as (client.km, environment):
            # What cells print is captured. A kernel that is interrupted writes a traceback of its
            # own, which nobody can act on.
            await client.async_execute(env=environment, stderr=subprocess.DEVNULL)
    except CellTimeoutError:
        raise PaperError(name, f"a cell ran for more than {SECONDS_PER_CELL} s") from None
    except DeadKernelError:
        raise PaperError(name, "its kernel died", "Perhaps memory ran out.") from None
    except CellExecutionError as error:
        raise _failure(content, name, str(error.evalue), error.ename) from None
    # The version of Python is not a result: it would differ from reviewer to reviewer.
    content.metadata.language_info = {"name": "python"}
    return content


def _failure(content: NotebookNode, name: str, message: str, kind: str) -> PaperError:
    for cell in code_cells(content):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                trace = ANSI.sub("", "\n".join(output["traceback"]))
                line = FAILING_LINE.search(trace)
                source = f"in the line: {line['code'].strip()}" if line else ""
                return PaperError(
                    f"{name}, cell {label_of(cell, name)}", f"{kind}: {message}", source
                )
    return PaperError(name, f"{kind}: {message}")


def _stored(project: Project, notebook: Notebook) -> str:
    return digest([(project.root / notebook.path).read_bytes()])
