"""The commands that look through what was written, computed, rendered or is to be committed."""

import os
import sys
from typing import Annotated

import typer

from paper.commands.app import app, complain, end_with, tell, working
from paper.errors import PaperError
from paper.storage.project import find_root

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415


@app.command("check")
def check_command(
    unused: Annotated[
        bool, typer.Option("--unused", help="List the numbers that the paper does not print.")
    ] = False,
    submission: Annotated[
        bool, typer.Option("--submission", help="List the statements that are still open, too.")
    ] = False,
) -> None:
    """Find typed numbers, unknown keys and references that lead nowhere; 1 if there are any."""
    from paper.manuscript.check import check_sources
    from paper.manuscript.conditions import write_answers
    from paper.manuscript.statements import open_statements
    from paper.notebooks.collect import is_without_outputs
    from paper.notebooks.freshness.stale import stale_notebooks
    from paper.renderers.inspection.recorded.numbers import write_printed
    from paper.storage.files import read_text

    # What it writes is what a build reads, which must not change under its hands.
    with working() as (project, _):
        checked = check_sources(project)
        if not checked.problems:
            # For Quarto, next, and for who looks through what it made.
            write_answers(project, checked.answers, checked.left_out, checked.withheld)
            write_printed(project, checked)
    problems = checked.problems
    if submission:
        text = read_text(project.root / project.article, project.article)
        problems = [*problems, *open_statements(project.article, text)]
    end_with(problems)
    if unused:
        typer.echo("\n".join(checked.unused))
        return
    if not project.data.is_file() and is_without_outputs(project):
        tell("The data are not here: checked with what results/numbers.json has.")
    elif stale := stale_notebooks(project):
        what = "notebooks did not run since their inputs changed: `paper run`"
        typer.secho(f"Warning: {len(stale)} {what}", err=True, fg="yellow")
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

    from paper.manuscript.trace import trace
    from paper.storage.open_and_repair import settle

    try:
        found = trace(settle(find_root(), tell), key)
    except PaperError as error:
        complain(error)
        raise typer.Exit(1) from None
    Console(highlight=False).print(found)


@app.command("keys")
def keys_command() -> None:
    """List the numbers: key, text, and where the paper prints them."""
    from paper.manuscript.trace import printed_numbers
    from paper.storage.open_and_repair import settle

    for line in printed_numbers(settle(find_root(), tell)):
        typer.echo(line)


@app.command("figures")
def figures_command() -> None:
    """List what can be drawn: functions to import in a notebook, and what each draws."""
    from paper.notebooks.begin import study_package

    for name, what in study_package().figures().items():
        typer.echo(f"{name:<30}{what}")


@app.command("guard")
def guard_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Look at all that git tracks, not at the next commit.")
    ] = False,
    push: Annotated[
        bool, typer.Option("--push", help="Look at what git tells a hook that it will push.")
    ] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Let git ask before each commit, merge and push.")
    ] = False,
) -> None:
    """Refuse to commit or push files that look like records of patients; 1 if there are any."""
    from paper.privacy.guard import look_for_records, pushed_files, staged_files, tracked_files
    from paper.privacy.hooks import install_hooks

    root = find_root()
    if install:
        install_hooks(root)
        return
    if push:
        blobs = pushed_files(root, sys.stdin.read().splitlines())
    else:
        blobs = tracked_files(root) if everything else staged_files(root)
    end_with(look_for_records(root, blobs))


@app.command("finish")
def finish_command() -> None:
    """Look through what was rendered and add the checklists in supplements/; Quarto's last step."""
    from paper.renderers.finish import finish

    with working() as (project, _):
        names = finish(project, os.environ)
    formats = ", ".join(name for name in names if "/" not in name)
    typer.echo(f"{formats or 'notebooks'}: looked through, nothing is ruined")
