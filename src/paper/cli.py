"""The command line: `paper build`, `run`, `rerun`, `check`, `trace`, `watch` and their kin."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from paper.errors import PaperError, ProblemsError
from paper.storage.project import (
    DATA_VARIABLE,
    STUDY_VARIABLE,
    Renderer,
    find_root,
    open_project,
    reads_other_data,
)

if TYPE_CHECKING:
    from io import TextIOWrapper

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415

INTERRUPTED, TERMINATED = 130, 143  # as a shell reports Ctrl-C, and SIGTERM
ENDED = {INTERRUPTED: "Interrupted", TERMINATED: "Terminated"}
RECORDS = "_manuscript-records"  # never committed, as all that begins so
Data = Annotated[
    Path | None,
    typer.Option(envvar=DATA_VARIABLE, help="Patient data to use instead of data/cohort.csv."),
]
StudyFile = Annotated[
    Path | None,
    typer.Option(envvar=STUDY_VARIABLE, help="Study definition of --data, if not data/study.yml."),
]
CellTimeout = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="SECONDS",
        help="How long a cell may run; without this, and `cell-timeout` in paper.yml, no limit.",
    ),
]

app = typer.Typer(
    help="Build the paper: every number computed, every format in step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command("build")
def build_command(  # noqa: PLR0913, PLR0917  (each is an option)
    renderer: Annotated[
        Renderer, typer.Option(help="auto takes Quarto where it is installed.")
    ] = Renderer.AUTO,
    data: Data = None,
    study: StudyFile = None,
    output: Annotated[
        Path | None, typer.Option(help=f"Where the paper about --data goes; {RECORDS} if left out.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of each step whether it ran, and why.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Build again from nothing, elsewhere; compare all bytes."),
    ] = False,
    cell_timeout: CellTimeout = None,
) -> None:
    """Run the notebooks that are stale and render HTML, PDF, DOCX and JATS."""
    from paper.build import build, with_other_data
    from paper.notebooks.progress import progress_bar
    from paper.storage.open_and_repair import at_work

    if data is None and (study or output):
        raise PaperError("paper build", "--study and --output go with --data")
    if verify and data is not None:
        raise PaperError("paper build", "--verify is about the paper itself, not about --data")
    with at_work(find_root(), _tell) as project, progress_bar() as progress:
        if data is None:
            built, place = build(project, renderer, progress, cell_timeout), project.output
        else:
            place = output or project.root / RECORDS
            with with_other_data(project, data, study, place) as copy:
                built = build(copy, renderer, progress, cell_timeout)
    if explain:
        typer.echo("\n".join(map(str, built.steps)))
    typer.echo(
        f"{_shown(place)}/index.html, paper.pdf, paper.docx, paper.xml, paper-latex.tex: "
        f"rendered by {built.renderer}"
    )
    if verify:
        _verify(built.renderer)


def _verify(renderer: Renderer) -> None:
    from paper.deposit.second_build import verify
    from paper.storage.open_and_repair import at_work

    with at_work(find_root(), _tell) as project:
        problems = verify(project, renderer)
    if problems:
        _complain(ProblemsError(problems))
        raise typer.Exit(1)
    typer.echo("A second build, from nothing and elsewhere, gave the same bytes.")


@app.command("copy")
def copy_command(
    folder: Annotated[Path, typer.Argument(help="A new folder, outside version control.")],
    data: Data = None,
    study: StudyFile = None,
) -> None:
    """Copy the paper to where it reads other data, and Quarto itself may render it."""
    if data is None:
        raise PaperError("paper copy", "--data is missing", "Name the file with the patient data.")
    from paper.privacy.other_data import copy_for_other_data

    copy_for_other_data(open_project(find_root()), data, study, folder)
    typer.echo(f"{folder}: reads the data named; `quarto render` or `paper build` there")


@app.command("run")
def run_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Run all notebooks, stale or not.")
    ] = False,
    cell_timeout: CellTimeout = None,
) -> None:
    """Run the notebooks that are stale and collect results/numbers.json."""
    from paper.build import run
    from paper.notebooks.progress import progress_bar
    from paper.storage.open_and_repair import at_work

    with at_work(find_root(), _tell) as project, progress_bar() as progress:
        steps = run(project, progress, cell_timeout, everything=everything)
    ran = sum(bool(step.reason) for step in steps)
    typer.echo(
        f"{ran} of {len(project.notebooks)} notebooks ran; {project.numbers.name} is current"
    )


@app.command("rerun")
def rerun_command(cell_timeout: CellTimeout = None) -> None:
    """Run all notebooks in copies; 1 if number, table or figure is not as committed."""
    from paper.notebooks.fresh_run import rerun
    from paper.notebooks.progress import progress_bar
    from paper.storage.open_and_repair import settle

    project = settle(find_root(), _tell)
    with progress_bar() as progress:
        problems = rerun(project, progress, cell_timeout)
    if problems:
        _complain(ProblemsError(problems))
        raise typer.Exit(1)
    typer.echo(
        f"{len(project.notebooks)} notebooks computed here: "
        "every number, table and figure is as committed"
    )


@app.command("check")
def check_command(
    unused: Annotated[
        bool, typer.Option("--unused", help="List the numbers that the paper does not print.")
    ] = False,
) -> None:
    """Find typed numbers, unknown keys and references that lead nowhere; 1 if there are any."""
    from paper.manuscript.check import check_sources
    from paper.manuscript.conditions import write_answers
    from paper.notebooks.freshness.stale import stale_notebooks
    from paper.renderers.inspection.numbers import write_printed
    from paper.storage.open_and_repair import at_work

    # What it writes is what a build reads, which must not change under its hands.
    with at_work(find_root(), _tell) as project:
        checked = check_sources(project)
        if not checked.problems:
            # For Quarto, next, and for who looks through what it made.
            write_answers(project, checked.answers, checked.left_out)
            write_printed(project, checked)
    if checked.problems:
        _complain(ProblemsError(checked.problems))
        raise typer.Exit(1)
    if unused:
        typer.echo("\n".join(checked.unused))
        return
    if stale := stale_notebooks(project):
        _warn(f"{len(stale)} notebooks did not run since their inputs changed: `paper run`")
    typer.echo(
        f"{project.article}: nothing wrong. {len(checked.numbers) - len(checked.unused)} of "
        f"{len(checked.numbers)} recorded numbers printed, in {len(checked.uses)} places "
        f"(--unused lists the others); {checked.typed} typed with a reason"
    )


@app.command("trace")
def trace_command(
    key: Annotated[str, typer.Argument(help="As in {{< num key >}}: pain.change.p")],
) -> None:
    """Show where a number comes from and which sentences print it."""
    from rich.console import Console

    from paper.manuscript.trace import show, trace
    from paper.storage.open_and_repair import settle

    try:
        found = trace(settle(find_root(), _tell), key)
    except PaperError as error:
        _complain(error)
        raise typer.Exit(1) from None
    Console(highlight=False).print(show(found))


@app.command("watch")
def watch_command(
    port: Annotated[int, typer.Option(help="Where the page is served, to this machine.")] = 8000,
    renderer: Annotated[
        Renderer, typer.Option(help="embedded takes seconds, quarto a minute.")
    ] = Renderer.EMBEDDED,
) -> None:
    """Serve the page, rebuild the paper when a source is saved, and reload; Ctrl-C ends it."""
    from paper.build import build
    from paper.notebooks.freshness.stale import current_notebooks
    from paper.notebooks.progress import progress_bar
    from paper.storage.open_and_repair import at_work
    from paper.watch import serve, watch

    root = find_root()
    with serve(open_project(root).output, port) as site:

        def rebuild() -> None:
            start = time.monotonic()
            try:
                with at_work(root, _tell) as project, progress_bar() as progress:
                    build(project, renderer, progress)
            except (PaperError, OSError) as error:
                _complain(error)
                typer.echo("The page stays as it was.", err=True)
            else:
                site.publish()
                typer.echo(f"{site.address} rebuilt in {time.monotonic() - start:.1f} s")

        try:
            watch(root, rebuild, partial(current_notebooks, root))
        except KeyboardInterrupt:
            typer.echo("Stopped", err=True)


def _shown(place: Path) -> Path:
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place


def _complain(error: Exception) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text("Error: ", style="bold red") + Text(str(error)))


def _tell(message: str) -> None:
    typer.echo(message, err=True)


def _warn(message: str) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text("Warning: ", style="yellow") + Text(message))


@app.command("archive")
def archive_command(
    output: Annotated[
        Path | None, typer.Option(help="The zip; paper-VERSION.zip if left out.")
    ] = None,
) -> None:
    """Write a zip of sources, executed notebooks, numbers and rendered paper, to build from."""
    from paper.build import rendered
    from paper.deposit.archive import committed_sources, write_archive
    from paper.deposit.citation import read_citation
    from paper.notebooks.progress import progress_bar
    from paper.storage.open_and_repair import at_work

    with at_work(find_root(), _tell) as project, progress_bar() as progress:
        if reads_other_data(project.root):
            what = "the paper reads other data, and an archive never holds any of patients"
            hint = f"Unset {DATA_VARIABLE}, or archive the paper itself."
            raise PaperError("paper archive", what, hint)
        target = output or Path(f"paper-{read_citation(project.root).version}.zip")
        committed_sources(project)  # before the long work, which may change a file, and after
        with rendered(project, Renderer.EMBEDDED, progress) as built:
            write_archive(project, built.folder, target)
    typer.echo(f"{target}: what is committed, and the paper rendered from it")


@app.command("guard")
def guard_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Look at all that git tracks, not at the next commit.")
    ] = False,
) -> None:
    """Refuse to commit files that look like records of patients; 1 if there are any."""
    from paper.privacy.guard import look_for_records, staged_files, tracked_files

    root = find_root()
    problems = look_for_records(root, tracked_files(root) if everything else staged_files(root))
    if problems:
        _complain(ProblemsError(problems))
        raise typer.Exit(1)


@app.command("metadata")
def metadata_command() -> None:
    """Make .zenodo.json from CITATION.cff."""
    from paper.deposit.citation import ZENODO, read_citation, zenodo
    from paper.storage.files import replace_text

    root = find_root()
    replace_text(root / ZENODO, zenodo(read_citation(root)))


@app.command("finish")
def finish_command() -> None:
    """Look through what was rendered and add the checklists in supplements/; Quarto's last step."""
    from paper.renderers.finish import finish
    from paper.storage.open_and_repair import at_work

    with at_work(find_root(), _tell) as project:
        names = finish(project, os.environ)
    formats = ", ".join(name for name in names if "/" not in name)
    typer.echo(f"{formats or 'notebooks'}: looked through, nothing is ruined")


def _terminate(*_: object) -> NoReturn:
    """End as Ctrl-C does: what was started is ended, and what was laid aside removed."""
    sys.exit(TERMINATED)


def main() -> None:
    """Run the command line; an error is a message, never a traceback."""
    signal.signal(signal.SIGTERM, _terminate)
    # The event loop of a kernel that stops at a failing cell complains; the error is ours to tell.
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    # A terminal that lacks a sign shows another: it is no reason to stop.
    for stream in (sys.stdout, sys.stderr):
        cast("TextIOWrapper", stream).reconfigure(errors="replace")
    try:
        app()
    except (PaperError, OSError) as error:
        _complain(error)
        sys.exit(2)
    except SystemExit as ended:
        if ended.code in ENDED:  # by Typer, which says nothing, or by us
            typer.echo(ENDED[ended.code], err=True)
        raise
