"""How far a build is: bars on a terminal, elsewhere a line for each notebook that ended."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich import progress

# When a line says for the first time that a cell still runs; then each time after twice as long.
SECONDS_TO_FIRST_LINE = 60
MINUTE = 60


class Progress:
    """A line for each notebook that ended, and now and then one for a cell that takes long."""

    def __init__(self) -> None:
        self._total = self._done = 0
        self._began: dict[str, float] = {}
        # Notebook → its cell, since when, and after how many seconds the next line is due.
        self._doing: dict[str, tuple[str, float, float]] = {}

    def say(self, line: str) -> None:
        """Tell something, once."""
        print(line, file=sys.stderr, flush=True)

    def begin(self, what: str, total: int) -> None:
        """Begin a part of the build that has so many steps."""
        self._total, self._done = total, 0
        self.say(what if total == 1 else f"{what}: {total}")

    def advance(self) -> None:
        """Count one of the steps as done."""
        self._done += 1

    def at(self, notebook: str, what: str, number: int, total: int) -> None:  # noqa: ARG002
        """Note what a notebook does: its kernel starts, or one of its cells runs, from 1 on."""
        now = time.monotonic()
        self._began.setdefault(notebook, now)
        self._doing[notebook] = (what, now, SECONDS_TO_FIRST_LINE)

    def ended(self, notebook: str, *, failed: bool) -> None:
        """Tell that a notebook ended, which was one of the steps, and how long it took."""
        self.advance()
        self._doing.pop(notebook, None)
        now = time.monotonic()
        took = _duration(now - self._began.pop(notebook, now))
        how = "failed after" if failed else "done in"
        self.say(f"{notebook}: {how} {took} ({self._done} of {self._total})")

    def tick(self) -> None:
        """Tell what has taken long; called about once a second."""
        now = time.monotonic()
        for notebook, (what, since, due) in list(self._doing.items()):
            if now - since >= due:
                self._doing[notebook] = (what, since, 2 * due)
                self.say(f"{notebook}, {what}: {_duration(now - since)} so far")


class _Bars(Progress):
    """A bar for the whole, and one for each notebook that runs, with the time of its cell."""

    def __init__(self, bars: progress.Progress) -> None:
        super().__init__()
        self._bars = bars
        self._whole: progress.TaskID | None = None
        self._notebooks: dict[str, progress.TaskID] = {}

    def say(self, line: str) -> None:
        self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def begin(self, what: str, total: int) -> None:
        self._whole = self._bars.add_task(what, total=total)

    def advance(self) -> None:
        if self._whole is not None:
            self._bars.advance(self._whole)

    def at(self, notebook: str, what: str, number: int, total: int) -> None:
        shown = f"  {PurePosixPath(notebook).stem}, {what}"
        if notebook not in self._notebooks:
            self._notebooks[notebook] = self._bars.add_task(shown, total=total)
        self._bars.reset(
            self._notebooks[notebook], description=shown, total=total, completed=number - 1
        )

    def ended(self, notebook: str, *, failed: bool) -> None:
        if notebook in self._notebooks:
            self._bars.remove_task(self._notebooks.pop(notebook))
        if failed:
            self.say(f"{notebook}: failed")
        self.advance()

    def tick(self) -> None:
        pass  # the bars count by themselves


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield what shows how far a build is, on the error stream."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Progress()
        return
    from rich import progress  # noqa: PLC0415  (a slow import, and only a terminal needs it)
    from rich.console import Console  # noqa: PLC0415

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
