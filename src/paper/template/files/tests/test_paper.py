"""What must hold of this paper; `pytest` runs it, and so may a continuous integration."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_number_is_computed_and_every_sentence_is_borne_out() -> None:
    done = subprocess.run(["paper", "check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
