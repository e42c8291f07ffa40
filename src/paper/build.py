"""Build the paper: run what is stale, collect the numbers, render, put the result in place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from paper.errors import PaperError, ProblemsError
from paper.manuscript.check import check_sources
from paper.manuscript.conditions import write_answers
from paper.notebooks.collect import collected
from paper.notebooks.freshness.stale import as_committed, from_elsewhere, keeper, notebook_steps
from paper.notebooks.notebook_file import read_notebook, read_notebooks
from paper.notebooks.progress import Progress
from paper.privacy.other_data import copy_for_other_data, known_to_git, refuse_to_store_records
from paper.renderers.inspection.recorded.numbers import write_printed
from paper.storage.files import SCRATCH, replace_folder, replace_text
from paper.storage.project import Project, Renderer, reads_other_data
from paper.storage.render_cache import Kept, holds, lay_together
from paper.storage.replace_together import swap
from paper.storage.settings import read_settings
from paper.storage.steps import Step
from paper.unchanged import remember_build, sources_of

# Marks a folder that this command made, and may replace.
MARKER = ".rendered-paper"
ASKED = "all were asked for"
AS_A_WHOLE = "what is told of records is looked at as a whole"
NO_QUARTO = "Take --renderer embedded, or make it a text: quarto convert."
# What an archive or a copy came with is computed anew, unless this is set.
KEEP = "PAPER_KEEP"
ELSEWHERE = f"it was not computed in this folder ({KEEP}=1 keeps it)"


def run(
    project: Project,
    progress: Progress,
    cell_timeout: int | None = None,
    *,
    everything: bool = False,
) -> list[Step]:
    """Run the stale notebooks, store each as it finishes, and collect the numbers of all.

    `cell_timeout`: how many seconds a cell may take; None for what `paper.yml` says. `everything`:
    whether those run too that are not stale. Returns every notebook, and why it ran if it did.
    Raises PaperError if notebooks fail, and then for each; the others are stored. Numbers stay as
    they were.
    """
    limit = cell_timeout or read_settings(project.root).cell_timeout
    steps = notebook_steps(project)
    if everything:
        steps = {book: replace(step, reason=step.reason or ASKED) for book, step in steps.items()}
    if KEEP not in os.environ and not known_to_git(project):
        for book in from_elsewhere(project, steps):
            steps[book] = replace(steps[book], reason=ELSEWHERE)
    if line := as_committed(project, steps):
        progress.say(line)
    contents = read_notebooks(project)
    of_records = reads_other_data(project.root)
    if of_records and any(step.reason for step in steps.values()):
        whole = {book: step.reason or AS_A_WHOLE for book, step in steps.items()}
        steps = {book: replace(step, reason=whole[book]) for book, step in steps.items()}
    if stale := [notebook for notebook, step in steps.items() if step.reason]:
        refuse_to_store_records(project)
        # Kernels and what talks to them: imports that prose never waits for.
        from paper.notebooks.disclosure import run_records  # noqa: PLC0415
        from paper.notebooks.execute import run_notebooks  # noqa: PLC0415

        progress.begin("Notebooks", len(stale))
        if of_records:
            run_records(project, keeper(project), progress, limit)
        else:
            run_notebooks(project, stale, keeper(project), progress, limit)
        # The others may have been saved meanwhile, and are read when they run.
        for book in stale:
            contents[book.path] = read_notebook(project.root, book)
    swap(project.root, {project.numbers: collected(contents)})
    if project.numbers_for_all:
        replace_text(project.numbers_for_all, project.numbers.read_text(encoding="utf-8"))
    return list(steps.values())


@dataclass(frozen=True)
class Built:
    """A complete paper."""

    folder: Path  # where it is; the output folder itself if that has not changed
    renderer: Renderer  # what rendered it
    steps: list[Step]  # what was made or kept, and why


def build(
    project: Project, renderer: Renderer, progress: Progress, cell_timeout: int | None = None
) -> Built:
    """Build the paper into its output folder, which is replaced only by a complete one.

    Raises PaperError if a notebook fails, sources or rendered paper are not what they should be, or
    the renderer fails. Then the old paper stays.
    """
    sources = sources_of(project.root, project.output)
    with rendered(project, renderer, progress, cell_timeout) as built:
        if built.folder != project.output:
            replace_folder(built.folder, project.output)
            from paper.renderers.finish import keep_good  # noqa: PLC0415

            keep_good(project)
    if built.renderer is Renderer.EMBEDDED:  # Quarto decides by itself what to make again
        remember_build(project, renderer, sources)
    return built


@contextmanager
def rendered(
    project: Project, renderer: Renderer, progress: Progress, cell_timeout: int | None = None
) -> Iterator[Built]:
    """Yield the complete paper: notebooks current, checklists beside it."""
    chosen = _chosen(project, renderer)
    steps = run(project, progress, cell_timeout)
    checked = check_sources(project)
    if checked.problems:
        raise ProblemsError(checked.problems)
    write_answers(project, checked.answers, checked.left_out, checked.withheld)
    write_printed(project, checked)
    progress.begin(f"Manuscript ({chosen})", 1)
    project.cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as scratch:
        by = _by_quarto if chosen is Renderer.QUARTO else _embedded
        folder, more = by(project, Path(scratch))
        progress.advance()
        yield Built(folder, chosen, [*steps, *more])


def _chosen(project: Project, renderer: Renderer) -> Renderer:
    """Return what renders the paper; an article that is a notebook is not for Quarto."""
    is_notebook = project.article.endswith(".ipynb")
    if renderer is Renderer.QUARTO and is_notebook:
        what = "is a notebook, of which Quarto would print the outputs that it was saved with"
        raise PaperError(project.article, what, NO_QUARTO)
    if renderer is not Renderer.AUTO:
        return renderer
    from paper.renderers.quarto import has_quarto  # noqa: PLC0415

    return Renderer.QUARTO if has_quarto() and not is_notebook else Renderer.EMBEDDED


def _by_quarto(project: Project, scratch: Path) -> tuple[Path, list[Step]]:
    from paper.renderers.inspection.inspect import refuse_ruined  # noqa: PLC0415
    from paper.renderers.quarto import render_with_quarto  # noqa: PLC0415

    finished = scratch / "finished"
    render_with_quarto(project, finished)  # its last step adds the checklists
    refuse_ruined(project, finished)
    return finished, [Step("all formats", {}, "Quarto renders them together")]


def _embedded(project: Project, scratch: Path) -> tuple[Path, list[Step]]:
    # Rendering is the slow import; running notebooks does not wait for it.
    from paper.renderers.checklist_pages import render_checklists  # noqa: PLC0415
    from paper.renderers.embedded import render  # noqa: PLC0415
    from paper.renderers.inspection.inspect import refuse_ruined  # noqa: PLC0415

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
