"""Three rooms: what may import what; and what the analysis may not know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
ROOMS = {"paincohort", "reported", "paper"}
# reported reads the study definition, and reads, checks and reports its own file as that is.
CROSSINGS = {
    ("reported", "paincohort.study"),
    ("reported", "paincohort.study_file"),
    ("reported", "paincohort.definitions"),
    ("reported", "paincohort.yaml_file"),
    ("reported", "paincohort.errors"),
}


def imports_of(file: Path) -> set[str]:
    """Return the modules a file imports, with names imported from a package's top."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_import_nothing_they_may_not(room: str) -> None:
    crossed = {
        (room, module)
        for file in (SOURCE / room).rglob("*.py")
        for module in imports_of(file)
        if module.split(".")[0] in ROOMS - {room}
    }
    assert crossed <= CROSSINGS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_code_names_a_drug_or_a_scale(room: str) -> None:
    names = re.compile(r"ketamin|magnesi|\b(nrs|npsi|hads|pgic|sf-?12)\b", re.IGNORECASE)
    for file in (SOURCE / room).rglob("*.py"):
        assert not names.search(file.read_text()), file
