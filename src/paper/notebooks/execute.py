"""Run notebooks, each in a fresh kernel, as many at once as fit; what finished is never lost."""

import ast
import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from paper.errors import PaperError, ProblemsError
from paper.notebooks.begin import GROUP
from paper.notebooks.kernels.alone import Alone
from paper.notebooks.kernels.start import nursery
from paper.notebooks.notebook_file import code_cells, read_notebook
from paper.notebooks.progress import Progress
from paper.notebooks.session import Session
from paper.storage.project import Notebook, Project
from paper.storage.system.machine import cores

# Called with a notebook that finished, the text of its file, and what was noted of its run.
Store = Callable[[Notebook, str, Sequence[str]], None]


@dataclass(frozen=True)
class Copy:
    """A notebook, the folder of the paper in which it runs, and what tells that from others."""

    notebook: Notebook
    root: Path
    which: str = ""

    @property
    def name(self) -> str:
        """What it is called while it runs."""
        return f"{self.notebook.path}{self.which}"


Finished = Callable[[Copy, NotebookNode, Sequence[str]], None]


def run_notebooks(
    project: Project,
    notebooks: Sequence[Notebook],
    store: Store,
    show: Progress,
    limit: int | None = None,
) -> None:
    """Execute notebooks; no file changes but by `store`.

    `store`: called with each notebook as it finishes, the text of its file, executed, and what was
    noted of its run. `limit`: how many seconds a cell may take; None for as long as it takes.
    Raises ProblemsError if notebooks failed, or were saved while they ran; an error for each.
    """
    before = {book: (project.root / book.path).read_bytes() for book in notebooks}

    def finished(copy: Copy, content: NotebookNode, notes: Sequence[str]) -> None:
        notebook = copy.notebook
        if (project.root / notebook.path).read_bytes() != before[notebook]:
            what = "was saved while it ran; nothing of it is stored"
            raise PaperError(notebook.path, what, "Run again.")
        store(notebook, str(nbformat.writes(content)) + "\n", notes)

    execute([Copy(book, project.root) for book in notebooks], finished, show, limit)


def execute(
    copies: Sequence[Copy], finished: Finished, show: Progress, limit: int | None = None
) -> None:
    """Execute notebooks, each in a fresh kernel, as many at once as there are cores.

    They start in this order. `finished`: called with each as it finishes, what it is now, and what
    was noted of its run; may raise a PaperError, as if it had failed. Raises ProblemsError if
    notebooks failed: an error for each, once all the others have finished.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        # Of a kernel that was ended, tasks of nbclient complain to nobody; ours are all awaited.
        loop.set_exception_handler(lambda *_: None)
        if task := asyncio.current_task():
            running.append((loop, task))
        with contextlib.closing(nursery(_imported(copies))) as starts:
            await _run_all(copies, finished, show, limit, starts)

    # In a thread, where nbclient does not take Ctrl-C for itself and end but one of the kernels.
    with ThreadPoolExecutor(max_workers=1) as thread:
        ends = thread.submit(asyncio.run, run())
        try:
            ends.result()
        except BaseException:
            for loop, task in running:
                # It may have ended by itself.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(task.cancel)
            raise  # once every kernel has ended


def _imported(copies: Iterable[Copy]) -> dict[str, None]:
    names: dict[str, None] = {}
    for copy in copies:
        file = copy.root / copy.notebook.path
        for cell in code_cells(read_notebook(copy.root, copy.notebook)):
            names |= dict.fromkeys(
                name for name in _imports(cell["source"]) if not _is_beside(file, name)
            )
    if "paper.begin" in names:
        names |= dict.fromkeys(package.value for package in entry_points(group=GROUP))
    return names


def _imports(source: str) -> Iterator[str]:
    """Yield what a cell imports by name; that it may import more costs time and nothing else."""
    with contextlib.suppress(SyntaxError, ValueError):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_beside(notebook: Path, module: str) -> bool:
    """Return whether a module lies where its notebook finds it before any that is installed."""
    top = notebook.parent / module.partition(".")[0]
    return top.is_dir() or top.with_suffix(".py").is_file()


async def _run_all(
    copies: Sequence[Copy],
    finished: Finished,
    show: Progress,
    limit: int | None,
    starts: Alone,
) -> None:
    free = asyncio.Semaphore(cores())

    async def run(copy: Copy) -> PaperError | None:
        async with free:
            try:
                session = Session(copy.root, copy.notebook, copy.name, limit)
                content = await session.run(starts, show)
                finished(copy, content, session.notes)
            except PaperError as failure:
                # An interrupted kernel looks like one that died.
                if (task := asyncio.current_task()) and task.cancelling():
                    raise asyncio.CancelledError from None
                show.ended(copy.name, failed=True)
                return failure
            show.ended(copy.name, failed=False)
            return None

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            show.tick()

    ticking = asyncio.create_task(tick())
    # Exceptions are awaited too: an interrupted notebook ends its kernel first.
    outcomes = await asyncio.gather(*map(run, copies), return_exceptions=True)
    ticking.cancel()
    failures = []
    for outcome in outcomes:
        if isinstance(outcome, PaperError):
            failures.append(outcome)
        elif outcome is not None:
            raise outcome
    if failures:
        raise ProblemsError(failures)
