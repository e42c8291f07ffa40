"""Collect the recorded numbers of the executed notebooks into `results/numbers.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from paper.cells import code_cells, label_of, read_notebook
from paper.errors import PaperError
from paper.files import replace_text
from paper.project import Notebook, Project
from paper.record import MIME, STANDING_MIME

Entry = dict[str, Any]


def recorded(project: Project, notebook: Notebook, mime: str = MIME) -> Iterator[tuple[str, Entry]]:
    """Yield what a notebook recorded, numbers by default, with the cell each comes from."""
    content = read_notebook(project.root / notebook.path, notebook.path)
    for cell in code_cells(content):
        place = {"notebook": notebook.path, "cell": label_of(cell, notebook.path)}
        for output in cell["outputs"]:
            for key, entry in output.get("data", {}).get(mime, {}).items():
                yield key, {**entry, **place}


def collect(project: Project) -> None:
    """Write `results/numbers.json`: key → text, value, unit, n, rule, notebook, cell and standing.

    Raises
    ------
    PaperError
        If two cells record the same key or standing, or one that of a number that is not recorded.
    """
    numbers: dict[str, Entry] = {}
    for notebook in project.notebooks:
        for key, entry in recorded(project, notebook):
            if first := numbers.get(key):
                raise PaperError(
                    f"{entry['notebook']}, cell {entry['cell']}",
                    f"records {key}, which {first['notebook']}, cell {first['cell']}, records too",
                    "Record each number once.",
                )
            numbers[key] = entry
    for notebook in project.notebooks:
        for key, entry in recorded(project, notebook, STANDING_MIME):
            place = f"{entry.pop('notebook')}, cell {entry.pop('cell')}"
            if key not in numbers:
                raise PaperError(
                    place, f"records the standing of {key}", "No cell records that number."
                )
            if "standing" in numbers[key]:
                raise PaperError(
                    place, f"records the standing of {key} again", "Record each standing once."
                )
            numbers[key]["standing"] = entry
    text = json.dumps(numbers, indent=1, ensure_ascii=False, allow_nan=False)
    replace_text(project.numbers, text + "\n")
