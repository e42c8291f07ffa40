"""The Quartos that tests run: those that QUARTO names, or else the one on the PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from commands import Ran

from paper.renderers.quarto import NAMED, search_path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Quarto:
    """A Quarto, run as its user would where the paper's environment is activated."""

    program: str
    version: str

    @property
    def environment(self) -> dict[str, str]:
        """What the shell of its user holds."""
        return {**os.environ, "PATH": search_path(), NAMED: self.program}

    def run(self, folder: Path, *arguments: str) -> Ran:
        """Run it in a folder, to its end."""
        done = subprocess.run(
            [self.program, *arguments], cwd=folder, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Ran(done.returncode, COLOUR.sub("", done.stdout), COLOUR.sub("", done.stderr))


def version_of(renderer: Quarto | str | None) -> str:
    """Return how the names of tests call a renderer."""
    return renderer.version if isinstance(renderer, Quarto) else renderer or "missing"


def find_quartos() -> list[Quarto]:
    """Return every Quarto to be tried; one that is named and missing is an error."""
    on_path = shutil.which("quarto", path=search_path()) or ""
    named = filter(None, (os.environ.get(NAMED) or on_path).split(os.pathsep))
    programs = [str(Path(name).absolute()) for name in named]
    return [
        Quarto(program, subprocess.check_output([program, "--version"], text=True).strip())
        for program in programs
    ]


# Without any, the tests that need one are still there, to fail.
QUARTOS: list[Quarto | None] = [*find_quartos()] or [None]


@dataclass(frozen=True)
class Rendered:
    """A clone in which a Quarto rendered the paper, and what that said."""

    folder: Path
    ran: Ran


def git(folder: Path, *arguments: str | Path) -> str:
    """Run git, as nobody in particular, and return what it prints."""
    nobody = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    done = subprocess.run(
        ["git", *nobody, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit_here(work: Path) -> None:
    """Make a repository of a folder, and commit what it holds."""
    git(work, "init", "--quiet")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--no-gpg-sign", "--message", "The working state")


def commit_all(work: Path, repository: Path) -> None:
    """Commit what a folder holds, and git does not ignore, to a new repository elsewhere."""
    git(work, "init", "--quiet", "--bare", repository)
    both = ("--git-dir", repository, "--work-tree", work)
    git(work, *both, "add", "--all")
    git(work, *both, "commit", "--quiet", "--no-gpg-sign", "--message", "The working state")
