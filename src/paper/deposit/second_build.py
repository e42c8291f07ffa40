"""Build again, from nothing and in other circumstances, and compare every byte."""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paper.errors import PaperError
from paper.notebooks.freshness.stale import inputs_file
from paper.storage.files import SCRATCH
from paper.storage.project import Project, Renderer, left_out
from paper.storage.render_cache import files_below

# Another language and time zone, and kernels that start by themselves.
CIRCUMSTANCES = {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PAPER_KERNELS": "cold"}
HINT = "Same inputs must give same bytes: look for a time, a path, an order or a random number."


def verify(project: Project, renderer: Renderer) -> list[PaperError]:
    """Build a copy of a paper from nothing and compare what it gives.

    The copy lies in another folder and remembers nothing; it is built in another language and time
    zone, on one core and without warm kernels. Returns an error for each file of the rendered
    paper, the notebooks and the numbers that differs. Raises PaperError if the copy cannot be
    built.
    """
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as folder:
        copy = Path(folder) / "elsewhere"
        shutil.copytree(project.root, copy, ignore=left_out)
        # Nothing is known of the outputs there: every notebook runs.
        shutil.rmtree(copy / project.numbers.parent.relative_to(project.root))
        command = Path(sys.executable).with_name("paper")
        with _one_core():
            done = subprocess.run(  # noqa: S603
                [command, "build", "--renderer", renderer],
                cwd=copy,
                env=os.environ | CIRCUMSTANCES,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise PaperError("the second build", done.stderr.strip())
        parts = [project.output, project.numbers.parent]
        parts += {(project.root / book.path).parent for book in project.notebooks}
        return [
            PaperError(part.relative_to(project.root).joinpath(name).as_posix(), what, HINT)
            for part in parts
            for name, what in _differences(part, copy / part.relative_to(project.root))
            if part / name != inputs_file(project)  # that says with which Python it was made
        ]


@contextmanager
def _one_core() -> Iterator[None]:
    """Let what is started here have one core, where the system can arrange it."""
    if sys.platform != "linux":
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _differences(one: Path, other: Path) -> Iterator[tuple[str, str]]:
    first, second = dict(files_below(one)), dict(files_below(other))
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second:
            yield name, f"only the {'first' if name in first else 'second'} build made it"
        elif not filecmp.cmp(first[name], second[name], shallow=False):
            yield name, "the second build gave other bytes"
