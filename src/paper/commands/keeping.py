"""The commands that make files beside the paper: an archive, metadata, what it is rendered with."""

from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from paper.commands.app import app, working
from paper.errors import PaperError
from paper.storage.project import (
    DATA_VARIABLE,
    EXTENSION,
    Renderer,
    find_root,
    is_about_records,
    open_project,
    reads_other_data,
)

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415


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

    root = find_root()
    with working() as (project, progress):
        if reads_other_data(root) and not is_about_records(root):
            what = "the paper reads other data, and an archive never holds any of patients"
            hint = f"Unset {DATA_VARIABLE}, or archive the paper itself."
            raise PaperError("paper archive", what, hint)
        # Of a paper about records what is committed is not in the copy that is rendered.
        sources = open_project(root)
        target = output or Path(f"paper-{read_citation(root).version}.zip")
        committed_sources(sources)  # before the long work, which may change a file, and after
        with rendered(project, Renderer.EMBEDDED, progress) as built:
            write_archive(sources, built.folder, target)
    typer.echo(f"{target}: what is committed, and the paper rendered from it")


@app.command("submit")
def submit_command(
    folder: Annotated[Path, typer.Argument(help="Where it is written.")] = Path("submission"),
    journal: Annotated[
        str, typer.Option(help="What a journal asks: its name (bja), or a file (mine.yml).")
    ] = "",
) -> None:
    """Make a folder for a journal: manuscript, figures, LaTeX, JATS, MECA, and what is missing."""
    from paper.build import rendered
    from paper.deposit.journals import read_journal
    from paper.deposit.submission import OPEN, write_submission

    if journal:
        read_journal(journal)  # before the long work
    with working() as (project, progress), rendered(project, Renderer.EMBEDDED, progress) as built:
        still_open, found = write_submission(project, built.folder, folder, journal)
    for what in ("met", "missed", "not_checked") if journal else ():
        for line in getattr(found, what):
            typer.echo(f"{what.replace('_', ' ').capitalize()}: {line}")
    typer.echo(f"{folder}: for the journal; {len(still_open)} things are open, see {OPEN}")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="The paper as Word file, with tracked changes.")],
    write: Annotated[bool, typer.Option("--write", help="Write them into the sources.")] = False,
) -> None:
    """Show what co-authors changed in Word as a change of the sources; computed numbers stay."""
    from paper.commands.app import end_with
    from paper.notebooks.collect import read_numbers
    from paper.renderers.reviewing.changes import take_changes
    from paper.renderers.reviewing.word import read_reviewed
    from paper.storage.files import read_text, replace_text
    from paper.storage.sources.article import front_matter, read_article

    with working() as (project, _):
        names = dict.fromkeys(
            name for name, _ in read_article(project.root, project.article).origins
        )
        old = {name: read_text(project.root / name, name) for name in names}
        new, comments, refused = take_changes(read_reviewed(file), old, read_numbers(project))
        for name, text in new.items():
            before, after = (one.splitlines(keepends=True) for one in (old[name], text))
            typer.echo("".join(unified_diff(before, after, name, name)), nl=False)
            if name == project.article:
                front_matter(text, name)  # else nothing is written
            if write and text != old[name]:
                replace_text(project.root / name, text)
    for comment in comments:
        typer.echo(f"Comment: {comment}")
    if new == old and not comments and not refused:
        typer.echo(f"{file}: no tracked change and no comment")
    end_with(refused)


@app.command("metadata")
def metadata_command() -> None:
    """Make .zenodo.json from CITATION.cff."""
    from paper.deposit.citation import ZENODO, read_citation, zenodo
    from paper.storage.files import replace_text

    root = find_root()
    replace_text(root / ZENODO, zenodo(read_citation(root)))


@app.command("upgrade")
def upgrade_command() -> None:
    """Write what a paper is rendered with, _extensions/paper, as this version of `paper` has it."""
    from paper.storage.extension import write_extension

    changed = write_extension(find_root())
    typer.echo(f"{EXTENSION}: {', '.join(changed) or 'nothing'} changed")
