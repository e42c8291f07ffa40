"""What the commands share: the paper they work on, and how they tell what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from declared import new_app
from paper.errors import PaperError, ProblemsError
from paper.storage.project import Project, find_root

if TYPE_CHECKING:
    from paper.notebooks.progress import Progress

app = new_app("Build the paper: every number computed, every format in step.")


@contextmanager
def working() -> Iterator[tuple[Project, Progress]]:
    """Yield the paper of this folder, which nobody else changes meanwhile, and how far it is."""
    # Slow imports, for which help does not wait.
    from paper.notebooks.progress import progress_bar  # noqa: PLC0415
    from paper.storage.open_and_repair import at_work  # noqa: PLC0415

    with at_work(find_root(), tell) as project, progress_bar() as progress:
        yield project, progress


def tell(message: str) -> None:
    """Say something that is no result."""
    typer.echo(message, err=True)


def explained(error: Exception) -> str:
    """Return how an error is told."""
    return f"Error: {error}"


def complain(error: Exception) -> None:
    """Tell an error."""
    typer.secho(explained(error), err=True, fg="red")


def end_with(problems: Sequence[PaperError]) -> None:
    """Tell what was found, if anything was, and end with 1."""
    if problems:
        complain(ProblemsError(problems))
        raise typer.Exit(1)
