"""The command line: `paper build`, `run`, `rerun`, `check`, `trace`, `watch` and their kin."""

import logging
import sys

from declared import run

try:
    from paper.commands import beginning, building, keeping, looking
    from paper.commands.app import app, explained
except ModuleNotFoundError as error:
    # Whoever installed the audit alone has this command too.
    sys.exit(f"Error: `paper` needs {error.name}, which is not here. Install it all: pip install .")

# Each of these adds its commands.
__all__ = ["app", "beginning", "building", "keeping", "looking", "main"]


def main() -> None:
    """Run the command; an error that has an explanation is printed without a traceback."""
    # The event loop of a kernel that stops at a failing cell complains; the error is ours to tell.
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    run(app, explained)
