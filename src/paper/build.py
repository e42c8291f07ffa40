"""Build the paper: run what is stale, collect the numbers, render, put the result in place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from paper.cells import parse_notebook
from paper.check import check_sources
from paper.collect import collected
from paper.conditions import write_answers
from paper.errors import PaperError, ProblemsError
from paper.files import SCRATCH, replace_folder
from paper.inspection.numbers import write_printed
from paper.kept import Kept, holds, lay_together
from paper.project import Project, Renderer
from paper.records import copy_for_other_data, refuse_to_store_records
from paper.stale import memory, memory_file, notebook_steps
from paper.steps import Step
from paper.swap import swap

# Marks a folder that this command made, and may replace.
MARKER = ".rendered-paper"


def run(project: Project, progress: Progress) -> list[Step]:
    """Run the stale notebooks and collect the numbers of all; store all of this or nothing.

    Returns
    -------
    list
        Every notebook, and why it ran if it did.
    """
    steps = notebook_steps(project)
    stale = [notebook for notebook, step in steps.items() if step.reason]
    texts = {
        book: (project.root / book.path).read_text(encoding="utf-8") for book in project.notebooks
    }
    steady = steps
    if stale:
        refuse_to_store_records(project)
        # Kernels and what talks to them: imports that prose never waits for.
        from paper.execute import run_notebooks  # noqa: PLC0415

        task = progress.add_task("Notebooks", total=len(stale))
        texts |= run_notebooks(project, stale, lambda _: progress.advance(task))
        # Whatever was saved meanwhile, they were perhaps not run with: run them again next time.
        after = notebook_steps(project)
        steady = {book: step for book, step in steps.items() if step.inputs == after[book].inputs}
    # The others may have been saved meanwhile, and whoever did so shall not lose it.
    files = {project.root / notebook.path: texts[notebook] for notebook in stale}
    files[project.numbers] = collected(
        {book.path: parse_notebook(text, book.path) for book, text in texts.items()}
    )
    files[memory_file(project)] = memory(steady, texts)
    swap(project.root, files)
    return list(steps.values())


@dataclass(frozen=True)
class Built:
    """A complete paper.

    Parameters
    ----------
    folder
        Where it is; the output folder itself if that has not changed.
    renderer
        What rendered it.
    steps
        What was made or kept, and why.
    """

    folder: Path
    renderer: Renderer
    steps: list[Step]


def build(project: Project, renderer: Renderer, progress: Progress) -> Built:
    """Build the paper into its output folder, which is replaced only by a complete one.

    Raises
    ------
    PaperError
        If a notebook fails, sources or rendered paper are not what they should be, or the
        renderer fails. Then the old paper stays.
    """
    with rendered(project, renderer, progress) as built:
        if built.folder != project.output:
            replace_folder(built.folder, project.output)
            from paper.finish import keep_good  # noqa: PLC0415

            keep_good(project)
    return built


def _refuse(problems: Sequence[PaperError]) -> None:
    if problems:
        raise ProblemsError(problems)


@contextmanager
def rendered(project: Project, renderer: Renderer, progress: Progress) -> Iterator[Built]:
    """Yield the complete paper: notebooks current, checklists beside it."""
    steps = run(project, progress)
    checked = check_sources(project)
    _refuse(checked.problems)
    write_answers(project, checked.answers, checked.left_out)
    write_printed(project, checked)
    chosen = renderer
    if renderer is Renderer.AUTO:
        from paper.quarto import has_quarto  # noqa: PLC0415

        chosen = Renderer.QUARTO if has_quarto() else Renderer.EMBEDDED
    task = progress.add_task(f"Manuscript ({chosen})", total=1)
    project.cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as scratch:
        by = _by_quarto if chosen is Renderer.QUARTO else _embedded
        folder, more = by(project, Path(scratch))
        progress.advance(task)
        yield Built(folder, chosen, [*steps, *more])


def _by_quarto(project: Project, scratch: Path) -> tuple[Path, list[Step]]:
    from paper.inspection.inspect import refuse_ruined  # noqa: PLC0415
    from paper.quarto import render_with_quarto  # noqa: PLC0415

    finished = scratch / "finished"
    render_with_quarto(project, finished)  # its last step adds the checklists
    refuse_ruined(project, finished)
    return finished, [Step("all formats", {}, "Quarto renders them together")]


def _embedded(project: Project, scratch: Path) -> tuple[Path, list[Step]]:
    # Rendering is the slow import; running notebooks does not wait for it.
    from paper.checklist import render_checklists  # noqa: PLC0415
    from paper.inspection.inspect import refuse_ruined  # noqa: PLC0415
    from paper.render import render  # noqa: PLC0415

    kept = Kept(project.cache / "formats", partial(refuse_ruined, project))
    parts = render(project, kept, scratch / "work")
    parts |= render_checklists(project, kept, parts["index.html"])
    kept.forget_others()
    if holds(project.output, parts):
        return project.output, kept.steps
    lay_together(scratch / "finished", parts)
    return scratch / "finished", kept.steps


@contextmanager
def with_other_data(
    project: Project, data: Path, study: Path | None, output: Path
) -> Iterator[Project]:
    """Yield a copy of the project that reads other data and renders elsewhere.

    The project's own notebooks, numbers and manuscript stay as they are.
    """
    if output.exists() and not (output / MARKER).is_file():
        raise PaperError(str(output), "exists and is not a rendered paper", "Name a new folder.")
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as folder:
        opened = copy_for_other_data(project, data, study, Path(folder) / "paper")
        yield opened
        (opened.output / MARKER).touch()
        replace_folder(opened.output, output)


def progress_bar() -> Progress:
    """Return the bar that shows how far a build is, on the terminal's error stream."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
