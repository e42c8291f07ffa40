"""What every command line has: a version, completion, and errors that are messages."""

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from declared.errors import ExplainedError

if TYPE_CHECKING:
    from io import TextIOWrapper

FAILED, INTERRUPTED, TERMINATED = 2, 130, 143  # the last as a shell reports Ctrl-C, and SIGTERM
ENDED = {INTERRUPTED: "Interrupted", TERMINATED: "Terminated"}


def _tell_version(asked: bool) -> None:
    if asked:
        # No other command waits for this import.
        from importlib.metadata import packages_distributions, version  # noqa: PLC0415

        (project,) = set(packages_distributions()[__package__])
        typer.echo(version(project))
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Tell the version.")
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
    signal.signal(signal.SIGTERM, _terminate)
    # A terminal that lacks a sign shows another: it is no reason to stop.
    for stream in (sys.stdout, sys.stderr):
        cast("TextIOWrapper", stream).reconfigure(errors="replace")
    try:
        app()
    except (ExplainedError, OSError) as error:
        typer.secho(tell(error), err=True, fg="red")
        sys.exit(FAILED)
    except SystemExit as ended:
        if ended.code in ENDED:  # by Typer, which says nothing, or by us
            typer.echo(ENDED[ended.code], err=True)
        raise


def _terminate(*_: object) -> NoReturn:
    """End as Ctrl-C does: what was started is ended, and what was laid aside removed."""
    sys.exit(TERMINATED)


def _let_end() -> None:
    """Leave it to the system to end a fork, which has nothing to remove.

    A signal that comes just before Python waits for a lock is not heard until that is free.
    """
    if signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_let_end)
