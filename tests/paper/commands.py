"""Run the `paper` command as its user would."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAPER = Path(sys.executable).parent / "paper"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    output: str
    error: str


def run_paper(folder: Path, *arguments: str | Path) -> Ran:
    """Run the `paper` command in a folder, as its user would."""
    done = subprocess.run(
        [PAPER, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)
