"""The commands that run notebooks and render the paper."""

import os
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from declared import ExplainedError
from paper.commands.app import ShowValues, app, complain, end_with, tell, working
from paper.errors import PaperError
from paper.storage.local import remembered
from paper.storage.project import (
    DATA_VARIABLE,
    STUDY_VARIABLE,
    Renderer,
    find_root,
    is_about_records,
    open_project,
)
from paper.unchanged import is_built

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415

# Quarto sets it for the commands that it runs.
QUARTO_RENDERS = "QUARTO_PROJECT_OUTPUT_DIR"
FORMATS = "index.html, paper.pdf, paper.docx, paper.xml, paper-latex.tex"
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
    show_values: ShowValues = False,
) -> None:
    """Run the notebooks that are stale and render HTML, PDF, DOCX and JATS."""
    root = find_root()
    if data is None and not is_about_records(root):
        known = remembered(root)
        data, study = known.data, study or known.study
    if data is None and (study or output):
        raise PaperError("paper build", "--study and --output go with --data")
    if verify and (data is not None or is_about_records(root)):
        raise PaperError("paper build", "--verify is about the paper itself, not about records")
    if data is None and not (explain or verify) and (place := is_built(root, renderer)):
        typer.echo(f"{_shown(place)}/{FORMATS}: as built before, nothing has changed")
        return
    from paper.build import build, with_other_data
    from paper.deposit.second_build import verify as build_again

    with working(show_values=show_values) as (project, progress):
        if data is None:
            built, place = build(project, renderer, progress, cell_timeout), project.output
        else:
            place = output or root / RECORDS
            with with_other_data(project, data, study, place) as copy:
                built = build(copy, renderer, progress, cell_timeout)
    if explain:
        typer.echo("\n".join(map(str, built.steps)))
    typer.echo(f"{_shown(place)}/{FORMATS}: rendered by {built.renderer}")
    if verify:
        with working() as (project, _):
            problems = build_again(project, built.renderer)
        end_with(problems)
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
    show_values: ShowValues = False,
) -> None:
    """Run the notebooks that are stale and collect results/numbers.json."""
    from paper.build import run as run_notebooks

    if QUARTO_RENDERS in os.environ and is_about_records(find_root()):
        what = "the paper is about records, and is rendered in a private copy"
        raise PaperError("quarto render", what, "Render it: paper build --renderer quarto")
    with working(show_values=show_values) as (project, progress):
        steps = run_notebooks(project, progress, cell_timeout, everything=everything)
    ran = sum(bool(step.reason) for step in steps)
    typer.echo(
        f"{ran} of {len(project.notebooks)} notebooks ran; {project.numbers.name} is current"
    )


@app.command("rerun")
def rerun_command(cell_timeout: CellTimeout = None) -> None:
    """Run all notebooks in copies; 1 if number, table or figure is not as committed."""
    from paper.notebooks.fresh_run import rerun
    from paper.notebooks.progress import progress_bar
    from paper.privacy.other_data import private_copy
    from paper.storage.open_and_repair import settle

    project = settle(find_root(), tell)
    if is_about_records(project.root):
        project = private_copy(project)
    with progress_bar() as progress:
        problems = rerun(project, progress, cell_timeout)
    end_with(problems)
    typer.echo(
        f"{len(project.notebooks)} notebooks computed here: "
        "every number, table and figure is as committed"
    )


@app.command("watch")
def watch_command(
    port: Annotated[int, typer.Option(help="Where the page is served, to this machine.")] = 8000,
    renderer: Annotated[
        Renderer, typer.Option(help="embedded takes seconds, quarto a minute.")
    ] = Renderer.EMBEDDED,
    show_values: ShowValues = False,
) -> None:
    """Serve the page, rebuild the paper when a source is saved, and reload; Ctrl-C ends it."""
    from paper.build import build
    from paper.notebooks.freshness.stale import current_notebooks
    from paper.watch import serve, watch

    root = find_root()
    with serve(open_project(root).output, port) as site:

        def rebuild() -> None:
            start = time.monotonic()
            try:
                with working(show_values=show_values) as (project, progress):
                    build(project, renderer, progress)
            except (ExplainedError, OSError) as error:
                complain(error)
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
