"""The public face: what others import, and what they need not wait for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import reported

ROOT = Path(__file__).parents[2]
OUTSIDE = [
    *ROOT.glob("notebooks/*.ipynb"),
    *ROOT.glob("benchmarks/*.py"),
    *(file for file in ROOT.glob("src/*/**/*.py") if "reported" not in file.parts),
]


@pytest.mark.parametrize("name", reported.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(reported, name).__name__ == name


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="No reported attribute standings"):
        reported.standings  # noqa: B018


def test_nothing_outside_imports_past_the_face() -> None:
    past = re.compile(r"(?:from|import) reported\.")
    assert OUTSIDE
    assert [file.name for file in OUTSIDE if past.search(file.read_text(encoding="utf-8"))] == []


def test_help_waits_for_no_library_of_numbers() -> None:
    code = "import sys; import reported.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "typer" in loaded
    assert not {"numpy", "pandas", "scipy", "ortools", "joblib", "pydantic"} & set(loaded)
