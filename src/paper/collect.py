"""Collect the recorded numbers of the executed notebooks into `results/numbers.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from paper.cells import code_cells, label_of
from paper.errors import PaperError, ProblemsError
from paper.record import MIME, PRINTED_MIME, STANDING_MIME

Entry = dict[str, Any]


# What a notebook may record of a number that another one computed.
ABOUT = {"standing": STANDING_MIME, "printed": PRINTED_MIME}


def recorded(
    notebooks: Mapping[str, Mapping[str, Any]], mime: str = MIME
) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield what notebooks recorded, numbers by default: key, entry, and the cell it is from."""
    for path, content in notebooks.items():
        for cell in code_cells(content):
            origin = {"notebook": path, "cell": label_of(cell, path)}
            for output in cell["outputs"]:
                for key, entry in output.get("data", {}).get(mime, {}).items():
                    yield key, entry, origin


def gather(
    notebooks: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Entry], list[PaperError]]:
    """Gather the numbers of executed notebooks.

    Parameters
    ----------
    notebooks
        Path → content.

    Returns
    -------
    dict
        Key → text, value, unit, n, rule, notebook, cell and, where recorded, standing and printed.
    list
        What is wrong: keys recorded twice, or something recorded of a number that is not.
    """
    numbers: dict[str, Entry] = {}
    problems = []
    for key, entry, origin in recorded(notebooks):
        if first := numbers.get(key):
            what = f"records {key}, which {_name(first)}, records too"
            problems.append(PaperError(_name(origin), what, "Record each number once."))
        else:
            numbers[key] = {**entry, **origin}
    for name, mime in ABOUT.items():
        for key, entry, origin in recorded(notebooks, mime):
            if key not in numbers:
                what, hint = f"records the {name} of {key}", "No cell records that number."
            elif name in numbers[key]:
                what, hint = f"records the {name} of {key} again", "Record it once."
            else:
                numbers[key][name] = entry
                continue
            problems.append(PaperError(_name(origin), what, hint))
    return numbers, problems


def collected(notebooks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of `results/numbers.json`.

    Parameters
    ----------
    notebooks
        Path → content of every notebook, executed.

    Raises
    ------
    ProblemsError
        If two cells record the same key, or one something of a number that is not recorded.
    """
    numbers, problems = gather(notebooks)
    if problems:
        raise ProblemsError(problems)
    return json.dumps(numbers, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _name(origin: Mapping[str, str]) -> str:
    return f"{origin['notebook']}, cell {origin['cell']}"
