"""What every command has: its version, and errors that are messages and no tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import packages_distributions, version
from typing import Annotated

import typer

from declared.errors import ExplainedError

FAILED, INTERRUPTED = 2, 130  # the second as a shell reports Ctrl-C


def _tell_version(asked: bool) -> None:
    if asked:
        (project,) = set(packages_distributions()[__package__])
        typer.echo(version(project))
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", is_eager=True, callback=_tell_version, help="Tell the version."),
]


def new_app(text: str) -> typer.Typer:
    """Return a command line that has no commands yet, but its version, and help with this text."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=text)

    # A callback also keeps a command under its name while it is the only one.
    @app.callback()
    def options(_: Version = False) -> None:
        pass

    return app


def run(app: typer.Typer, tell: Callable[[Exception], str] = str) -> None:
    """Run a command line; of an error that has an explanation print this, and exit with 2."""
    try:
        app()
    except (ExplainedError, OSError) as error:
        typer.secho(tell(error), err=True, fg="red")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
