"""What every command has: its version, and errors that are messages and no tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version

import typer

from declared.errors import ExplainedError

PROJECT = "ketamine-paper"
FAILED, INTERRUPTED = 2, 130  # the second as a shell reports Ctrl-C


def new_app(text: str) -> typer.Typer:
    """Return a command line without commands yet, that tells its version.

    Parameters
    ----------
    text
        What its help begins with.
    """
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=text)

    # A callback also keeps a command under its name while it is the only one.
    @app.callback()
    def options(
        _: bool = typer.Option(
            False, "--version", is_eager=True, callback=_tell_version, help="Tell the version."
        ),
    ) -> None:
        pass

    return app


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(version(PROJECT))
        raise typer.Exit


def run(app: typer.Typer, tell: Callable[[Exception], str] = str) -> None:
    """Run a command line; of an error that has an explanation, this is printed to stderr.

    Parameters
    ----------
    app
        The command line.
    tell
        What to print of an error.

    Notes
    -----
    Exits with 2 after such an error, and with 130 when interrupted.
    """
    try:
        app()
    except (ExplainedError, OSError) as error:
        typer.secho(tell(error), err=True, fg="red")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
