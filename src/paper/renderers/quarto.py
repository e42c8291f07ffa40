"""Render with Quarto itself, where it is installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from paper.errors import PaperError
from paper.notebooks.kernels.processes import below, end
from paper.renderers.pandoc import EPOCH
from paper.storage.open_and_repair import held
from paper.storage.project import Project

OLDEST = (1, 7)
# Names another Quarto than that on the PATH; of several, which tests take, the first.
NAMED = "QUARTO"
VERSION = re.compile(r"(\d+)\.(\d+)")
HOW_TO_GET = "See README.md for how to get Quarto, or leave it to RENDERER=embedded."


def search_path() -> str:
    """Return the PATH with this environment's programs first, activated or not."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def quarto_program() -> str | None:
    """Return the Quarto to use: the one that QUARTO names, or else the one on the PATH."""
    named = os.environ.get(NAMED, "").split(os.pathsep)[0]
    found = shutil.which(named or "quarto", path=search_path())
    return found and str(Path(found).absolute())


def quarto_version() -> tuple[int, int] | None:
    """Return major and minor version of the Quarto installed, or None without a working one."""
    executable = quarto_program()
    if executable is None:
        return None
    done = subprocess.run(  # noqa: S603
        [executable, "--version"], capture_output=True, text=True, check=False
    )
    found = VERSION.search(done.stdout)
    if done.returncode or found is None:
        return None
    return int(found[1]), int(found[2])


def has_quarto() -> bool:
    """Return whether a Quarto is installed that renders the paper right."""
    version = quarto_version()
    return version is not None and version >= OLDEST


def render_with_quarto(project: Project, output: Path) -> None:
    """Run `quarto render`, and move what it made to a folder.

    Raises PaperError if Quarto is missing or too old, or its render fails.
    """
    program = quarto_program()
    if program is None or not has_quarto():
        oldest = ".".join(map(str, OLDEST))
        what = f"no Quarto {oldest} or later on the PATH, nor named by {NAMED}"
        raise PaperError("quarto", what, HOW_TO_GET)
    made = project.cache / "quarto"
    shutil.rmtree(made, ignore_errors=True)  # what a failed render may have left
    # Quarto finds this environment's Python, and its pre-render step this environment's `paper`.
    environment = {
        "SOURCE_DATE_EPOCH": EPOCH,
        **os.environ,
        "PATH": search_path(),
        "QUARTO_PYTHON": sys.executable,
        **held(project.root),
    }
    with subprocess.Popen(  # noqa: S603
        [program, "render", "--output-dir", str(made.relative_to(project.root))],
        cwd=project.root,
        env=environment,
    ) as quarto:
        try:
            status = quarto.wait()
        except BaseException:
            end([*below(quarto.pid), psutil.Process(quarto.pid)])
            raise
    if status:
        raise PaperError("quarto render", f"failed with exit status {status}")
    made.rename(output)
