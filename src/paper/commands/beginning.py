"""The commands with which an author begins: a new paper, and where its records are."""

from pathlib import Path
from typing import Annotated

import typer

from paper.commands.app import app, tell
from paper.errors import PaperError
from paper.storage.local import LOCAL, remember, remembered
from paper.storage.project import DATA, find_root

# Each command imports what it needs: none waits for the imports of another, and help for none.
# ruff: noqa: PLC0415

Table = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="The patients' records.")
]
Definition = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A definition of their study.")
]


@app.command("new")
def new_command(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    data: Table = None,
    study: Definition = None,
) -> None:
    """Write a new paper, about --data or about invented patients, that builds at once."""
    from paper.template.new import write_new_paper

    questions = write_new_paper(folder, data, study)
    typer.echo(f"{folder}: a paper; `cd {folder} && paper build`")
    if questions:
        typer.echo("data/study.yml was drafted from the table, and asks:")
        typer.echo("\n".join(questions))


@app.command("use")
def use_command(
    data: Table = None,
    study: Definition = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remember none.")] = False,
) -> None:
    """Remember where the records are, on this machine alone, or tell what is remembered."""
    from paper.privacy.hooks import install_hooks

    root = find_root()
    if study and not data:
        raise PaperError("paper use", "--study goes with --data")
    if data or forget:
        remember(root, data, study)
    known = remembered(root)
    typer.echo(f"{LOCAL}: {known.data or 'no records'}{f', {known.study}' if known.study else ''}")
    if data:
        try:
            install_hooks(root)
        except PaperError as error:
            tell(f"git does not ask `paper guard` before a commit: {error}")
    if known.data and (root / DATA).is_file():
        tell(f"The paper stays about {DATA}; `paper build` builds one about these records beside.")
