"""What the commands share: the paper they work on, and how they tell what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from declared import new_app
from paper.errors import PaperError, ProblemsError
from paper.storage.project import Project, find_root, is_about_records

if TYPE_CHECKING:
    from paper.notebooks.progress import Progress

OF_RUST = re.compile(r" \(os error \d+\)")
app = new_app("Build the paper: every number computed, every format in step.")
ShowValues = Annotated[
    bool,
    typer.Option(
        "--show-values", help="Tell errors about records in full, on this terminal and in no file."
    ),
]


@contextmanager
def working(*, show_values: bool = False) -> Iterator[tuple[Project, Progress]]:
    """Yield the paper of this folder, which nobody else changes meanwhile, and how far it is.

    Of a paper about records that is the private copy in which it is run and rendered.
    """
    # Slow imports, for which help does not wait.
    from paper.notebooks.progress import progress_bar  # noqa: PLC0415
    from paper.privacy.other_data import private_copy  # noqa: PLC0415
    from paper.storage.open_and_repair import at_work  # noqa: PLC0415

    with at_work(find_root(), tell) as project, progress_bar() as progress:
        try:
            yield private_copy(project) if is_about_records(project.root) else project, progress
        except PaperError as error:
            raise (error.in_full() if show_values else error) from None


def tell(message: str) -> None:
    """Say something that is no result."""
    typer.echo(message, err=True)


def explained(error: Exception) -> str:
    """Return how an error is told: one of the system by the file, not by where that is made."""
    if isinstance(error, OSError):
        file = Path(str(error.filename)).name if error.filename else "what was to be written"
        return f"Error: {file}: {OF_RUST.sub('', error.strerror or str(error))}"
    return f"Error: {error}"


def complain(error: Exception) -> None:
    """Tell an error."""
    typer.secho(explained(error), err=True, fg="red")


def end_with(problems: Sequence[PaperError]) -> None:
    """Tell what was found, if anything was, and end with 1."""
    if problems:
        complain(ProblemsError(problems))
        raise typer.Exit(1)
