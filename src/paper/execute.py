"""Run the notebooks whose inputs changed, each in a fresh kernel, as many at once as fit."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from paper.applies import NotApplicable, end_early
from paper.cells import code_cells, label_of, read_notebook
from paper.code import read
from paper.errors import PaperError
from paper.kernels import Warm, can_fork, kernel
from paper.machine import cores
from paper.project import Notebook, Project, open_project, reads_other_data

SECONDS_PER_CELL = 600
# Warm kernels first import all that cells do.
SECONDS_TO_START = 600
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# These name places and rules, and a value only where it tells nobody who the patient is.
SAFE_ERRORS = {"DataError", "NoPatientsError", "UnreadableError"}
NOT_SHOWN = (
    "What it says may name a patient and is not shown. "
    "Run the notebook in a copy of your own to see it: `paper copy`."
)
# A warning names the file in which a kernel keeps a cell, and that the process: another each time.
KERNEL_FOLDER = re.compile(r"\S*[/\\]ipykernel_\d+[/\\]")
FAILING_LINE = re.compile(r"^-+> *\d+ (?P<code>.*)$", re.MULTILINE)

Report = Callable[[Notebook], None]


def run_notebooks(
    project: Project, notebooks: Sequence[Notebook], done: Report
) -> dict[Notebook, str]:
    """Execute notebooks; no file changes.

    Parameters
    ----------
    project
        The paper.
    notebooks
        Which of its notebooks to run.
    done
        Called with each notebook as it finishes.

    Returns
    -------
    dict
        Notebook → the text of its file, executed.

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
    return {book: str(nbformat.writes(content)) + "\n" for book, content in executed.items()}


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


@contextlib.contextmanager
def _warm(roots: Mapping[Notebook, Path]) -> Iterator[Warm | None]:
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
        file = root / notebook.path
        for cell in code_cells(read_notebook(file, notebook.path)):
            names |= dict.fromkeys(
                name for name in read(cell["source"]).imports if not _is_beside(file, name)
            )
    return names


def _is_beside(notebook: Path, module: str) -> bool:
    """Return whether a module lies where its notebook finds it before any that is installed."""
    top = notebook.parent / module.partition(".")[0]
    return top.is_dir() or top.with_suffix(".py").is_file()


async def _run_all(
    roots: Mapping[Notebook, Path], done: Report, warm: Warm | None
) -> dict[Notebook, NotebookNode]:
    free = asyncio.Semaphore(cores())
    executed: dict[Notebook, NotebookNode] = {}
    failures: list[PaperError] = []

    async def run(notebook: Notebook) -> None:
        async with free:
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
    file, name = root / notebook.path, notebook.path
    content: NotebookNode = nbformat.from_dict(read_notebook(file, name))
    client = NotebookClient(
        content,
        timeout=SECONDS_PER_CELL,
        startup_timeout=SECONDS_TO_START,
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
    except (RuntimeError, AssertionError):
        # An assertion is what nbclient says when it cleans up after a kernel that never was; and
        # it would say so once more in the end.
        atexit.unregister(client._cleanup_kernel)
        raise PaperError(name, "its kernel did not start", "Perhaps memory ran out.") from None
    except CellExecutionError as error:
        if error.ename != NotApplicable.__name__:
            message = _message(root, error.ename, str(error.evalue))
            raise _failure(content, name, message, error.ename) from None
        end_early(content, str(error.evalue))
    for cell in code_cells(content):
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                output["text"] = KERNEL_FOLDER.sub("", output["text"])
    # The version of Python is not a result: it would differ from reviewer to reviewer.
    content.metadata.language_info = {"name": "python"}
    return content


def _message(root: Path, kind: str, message: str) -> str | None:
    """Return what an error says, unless it may show a cell of somebody's records."""
    if not reads_other_data(root):
        return message
    file = open_project(root).data
    return message.replace(file.name, "data") if kind in SAFE_ERRORS else None


def _failure(content: NotebookNode, name: str, message: str | None, kind: str) -> PaperError:
    """Tell which line of a notebook failed; a message is left out that may name a patient."""
    what = f"{kind}: {message}" if message is not None else kind
    hint = "" if message is not None else f"\n{NOT_SHOWN}"
    for cell in code_cells(content):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                trace = ANSI.sub("", "\n".join(output["traceback"]))
                line = FAILING_LINE.search(trace)
                source = f"in the line: {line['code'].strip()}" if line else ""
                where = f"{name}, cell {label_of(cell, name)}"
                return PaperError(where, what, f"{source}{hint}".strip())
    return PaperError(name, what, hint.strip())
