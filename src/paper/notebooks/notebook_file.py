"""What a notebook cell says about itself: label, caption and other `#|` options."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.storage.files import read_text
from paper.storage.project import Notebook, Project
from paper.storage.sources.article import read_cells
from paper.storage.sources.code_in_text import split_options

FORMAT, WITH_IDS = 4, 5


def label_of(cell: Mapping[str, Any], where: str) -> str:
    """Return the label of a code cell, or its id where it has none."""
    options, _ = split_options(cell["source"], where)
    return str(options.get("label", cell["id"]))


def cell_of(entry: Mapping[str, Any]) -> str:
    """Return the notebook and the cell that something recorded is from, as errors name them."""
    return f"{entry['notebook']}, cell {entry['cell']}"


def read_notebook(root: Path, notebook: Notebook) -> dict[str, Any]:
    """Read a notebook: as nbformat does, texts in one piece, without the time its import takes.

    One that is written as text has the outputs of its last run, if its cells are still the same.
    Raises PaperError if the file is not a notebook.
    """
    name, stored = notebook.path, root / notebook.stored
    if not notebook.is_text:
        return parse_notebook(read_text(stored, name), name)
    cells = [
        {"cell_type": cell.kind, "id": cell.name, "metadata": {}, "source": cell.source}
        for cell in read_cells(root, name)
        # The text of an article is no part of its notebook.
        if cell.kind == "code" or not notebook.is_article
    ]
    written = {"cells": cells, "metadata": {}, "nbformat": FORMAT, "nbformat_minor": WITH_IDS}
    clear_outputs(written)
    with suppress(OSError, PaperError):
        kept = parse_notebook(read_text(stored, name), name)
        if [(cell["cell_type"], cell["source"]) for cell in kept["cells"]] == [
            (cell["cell_type"], cell["source"]) for cell in cells
        ]:
            return kept
    return written


def parse_notebook(text: str, name: str) -> dict[str, Any]:
    """Parse the text of a notebook file; see `read_notebook`."""
    try:
        content = json.loads(text)
        cells = content["cells"]
        if content.get("nbformat_minor", 0) < WITH_IDS:
            # What nbformat does with those of old programs.
            content["nbformat_minor"] = WITH_IDS
            for number, cell in enumerate(cells):
                cell.setdefault("id", f"cell-{number}")
        for cell in cells:
            cell["source"] = "".join(cell["source"])
            if cell["cell_type"] == "code":
                cell["id"]
                for part in cell["outputs"]:
                    _join_lines(part)
                    _join_lines(part.get("data", {}))
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PaperError(name, f"not a notebook: {problem}", "Restore it.") from None
    if content.get("nbformat") != FORMAT:
        raise PaperError(name, f"not a notebook of format {FORMAT}", "Save it again in Jupyter.")
    return dict(content)


def _join_lines(part: dict[str, Any]) -> None:
    """Put the texts of an output, which are stored line by line, in one piece."""
    for name, value in part.items():
        if isinstance(value, list) and name != "traceback" and not name.endswith("json"):
            part[name] = "".join(value)


def read_notebooks(project: Project) -> dict[str, dict[str, Any]]:
    """Read every notebook of the paper: path → content."""
    return {notebook.path: read_notebook(project.root, notebook) for notebook in project.notebooks}


def code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the code cells of a notebook."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def displayed(cell: Mapping[str, Any], mime: str) -> Iterator[Any]:
    """Yield what the outputs of a code cell have in a form."""
    data = (output.get("data", {}) for output in cell["outputs"])
    return (forms[mime] for forms in data if mime in forms)


def clear_outputs(notebook: Mapping[str, Any]) -> None:
    """Take from the code cells of a notebook what an earlier run left."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
