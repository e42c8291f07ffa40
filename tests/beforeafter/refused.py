"""Study definitions with something wrong in them, and what is said of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from beforeafter.study import read_study
from declared import DataError

STUDY = Path(__file__).resolve().parents[2] / "data" / "study.yml"
Content = dict[str, Any]


def refusal(file: Path) -> str:
    with pytest.raises(DataError) as refused:
        read_study(file)
    return str(refused.value)


def copy_of(content: Content, folder: Path) -> Path:
    """Write a study definition, with the instruments that it names beside it."""
    shutil.copytree(STUDY.parent / "instruments", folder / "instruments")
    file = folder / "study.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def refusal_of(change: Callable[[Content], object], folder: Path) -> str:
    content = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    change(content)
    file = copy_of(content, folder)
    # A dumped copy has other lines than the file: tests/reported/test_bad_input.py looks at them.
    return re.sub(r"line \d+, ", "", refusal(file))
