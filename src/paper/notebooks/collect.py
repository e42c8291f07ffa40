"""Collect the recorded numbers of the executed notebooks into `results/numbers.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from paper.errors import PaperError, ProblemsError
from paper.notebooks.notebook_file import code_cells, label_of
from paper.notebooks.publish import MIME, PRINTED_MIME, STANDING_MIME
from paper.storage.project import Project

Entry = dict[str, Any]
SHOWN = 3
RUN = "Run `paper run`; nobody edits it by hand."


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


def check_collected(project: Project, numbers: Mapping[str, Entry]) -> Iterator[PaperError]:
    """Yield an error if `results/numbers.json` is not what the notebooks recorded."""
    name = project.numbers.relative_to(project.root).as_posix()
    try:
        collected = dict(json.loads(project.numbers.read_text(encoding="utf-8")))
    except FileNotFoundError:
        yield PaperError(name, "missing", RUN)
        return
    except (TypeError, ValueError) as error:
        yield PaperError(name, f"not a collection of numbers: {error}", RUN)
        return
    keys = [*numbers, *(key for key in collected if key not in numbers)]
    other = [key for key in keys if numbers.get(key) != collected.get(key)]
    if other:
        more = f" and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
        yield PaperError(
            name, f"not what the notebooks recorded: {', '.join(other[:SHOWN])}{more}", RUN
        )
