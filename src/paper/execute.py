"""Run the notebooks whose inputs changed, each in a fresh kernel, and store them executed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from paper.cells import code_cells, label_of, read_notebook
from paper.errors import PaperError
from paper.files import digest, replace_text
from paper.project import Notebook, Project

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

# What a notebook may depend on besides its own code and the patient data.
INPUTS = (
    "src/**/*.py",
    "src/**/*.mplstyle",
    "data/**/*.yml",
    "data/**/*.json",
    "requirements.lock",
)
SECONDS_PER_CELL = 600
ANSI = re.compile(r"\x1b\[[0-9;]*m")
FAILING_LINE = re.compile(r"^-+> *\d+ (?P<code>.*)$", re.MULTILINE)

Report = Callable[[Notebook], None]


def stale_notebooks(project: Project) -> list[Notebook]:
    """Return the notebooks whose code, inputs or stored outputs are not those of the last run."""
    known, shared = _read_state(project), _shared_inputs(project)
    return [
        notebook
        for notebook in project.notebooks
        if known.get(notebook.path) != _state(project, notebook, shared)
    ]


def run_notebooks(project: Project, notebooks: Sequence[Notebook], done: Report) -> None:
    """Execute notebooks, as many at once as there are cores.

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
        it ran. Then no notebook is changed.
    """
    before = {book: (project.root / book.path).read_bytes() for book in notebooks}
    executed = execute(dict.fromkeys(notebooks, project.root), done)
    for notebook, stored in before.items():
        if (project.root / notebook.path).read_bytes() != stored:
            raise PaperError(
                notebook.path, "was saved while it ran; nothing is stored", "Run again."
            )
    for notebook, content in executed.items():
        replace_text(project.root / notebook.path, nbformat.writes(content) + "\n")
    shared = _shared_inputs(project)
    state = _read_state(project) | {
        notebook.path: _state(project, notebook, shared) for notebook in notebooks
    }
    replace_text(_state_file(project), json.dumps(state, indent=1))


def execute(roots: Mapping[Notebook, Path], done: Report) -> dict[Notebook, nbformat.NotebookNode]:
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

    async def run() -> dict[Notebook, nbformat.NotebookNode]:
        if task := asyncio.current_task():
            running.append((asyncio.get_running_loop(), task))
        return await _run_all(roots, done)

    # In a thread, where nbclient does not take Ctrl-C for itself and end but one of the kernels.
    with ThreadPoolExecutor(max_workers=1) as thread:
        finished = thread.submit(asyncio.run, run())
        try:
            return finished.result()
        except KeyboardInterrupt:
            for loop, task in running:
                loop.call_soon_threadsafe(task.cancel)
            raise  # once every kernel has ended


def input_files(project: Project) -> list[Path]:
    """Return what every notebook may depend on besides its own code and the patient data."""
    return sorted(file for pattern in INPUTS for file in project.root.glob(pattern))


def memory(project: Project) -> str:
    """Return what is remembered of the notebooks, which are current: content only, no paths."""
    shared = _shared_inputs(project)
    state = {book.path: _state(project, book, shared) for book in project.notebooks}
    return json.dumps(state, indent=1)


async def _run_all(
    roots: Mapping[Notebook, Path], done: Report
) -> dict[Notebook, nbformat.NotebookNode]:
    cores = asyncio.Semaphore(os.cpu_count() or 1)
    executed: dict[Notebook, nbformat.NotebookNode] = {}
    failures: list[PaperError] = []

    async def run(notebook: Notebook) -> None:
        async with cores:
            if failures:
                return
            try:
                executed[notebook] = await _run(roots[notebook], notebook)
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


async def _run(root: Path, notebook: Notebook) -> nbformat.NotebookNode:
    # Only a stale notebook needs the machinery of kernels: half a second that prose never waits.
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import (  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    file, name = root / notebook.path, notebook.path
    content = read_notebook(file, name)
    client = NotebookClient(
        content,
        timeout=SECONDS_PER_CELL,
        resources={"metadata": {"path": str(file.parent)}},
        record_timing=False,
    )
    try:
        with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
            client.km = _kernel(sockets)
            # What cells print is captured. A kernel that is interrupted writes a traceback of its
            # own, which nobody can act on.
            await client.async_execute(stderr=subprocess.DEVNULL)
    except CellTimeoutError:
        raise PaperError(name, f"a cell ran for more than {SECONDS_PER_CELL} s") from None
    except DeadKernelError:
        raise PaperError(name, "its kernel died", "Perhaps memory ran out.") from None
    except CellExecutionError as error:
        raise _failure(content, name, str(error.evalue), error.ename) from None
    # The version of Python is not a result: it would differ from reviewer to reviewer.
    content.metadata.language_info = {"name": "python"}
    return content


def _kernel(sockets: str) -> AsyncKernelManager:
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415

    if os.name != "posix":
        return AsyncKernelManager(kernel_name="python3")
    # Sockets in a private folder: over TCP anyone on the machine could listen.
    return AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/kernel")


def _failure(content: nbformat.NotebookNode, name: str, message: str, kind: str) -> PaperError:
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


def _shared_inputs(project: Project) -> list[bytes]:
    parts: list[Any] = []
    for file in input_files(project):
        parts += [file.relative_to(project.root).as_posix().encode(), file.read_bytes()]
    return [*parts, project.data.read_bytes() if project.data.is_file() else b"missing"]


def _state(project: Project, notebook: Notebook, shared: Sequence[bytes]) -> list[str]:
    file = project.root / notebook.path
    content = read_notebook(file, notebook.path)
    code = [cell["source"].encode() for cell in code_cells(content)]
    return [digest([*code, *shared]), digest([file.read_bytes()])]


def _state_file(project: Project) -> Path:
    return project.cache / "notebooks.json"


def _read_state(project: Project) -> dict[str, list[str]]:
    try:
        return dict(json.loads(_state_file(project).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
