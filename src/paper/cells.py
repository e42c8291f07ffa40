"""What a notebook cell says about itself: label, caption and other `#|` options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml

from paper.errors import PaperError
from paper.project import Project

OPTION = "#|"


def split_options(source: str, where: str) -> tuple[dict[str, Any], str]:
    """Split a cell into its options and its code.

    Parameters
    ----------
    source
        Text of the cell, options first.
    where
        Notebook, for the error message.

    Raises
    ------
    PaperError
        If the options are not YAML.
    """
    lines = source.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith(OPTION)), len(lines))
    options = "\n".join(line.removeprefix(OPTION).removeprefix(" ") for line in lines[:count])
    try:
        parsed = yaml.safe_load(options) or {}
    except yaml.YAMLError as error:
        raise PaperError(where, f"cell options are not YAML: {error}") from None
    if not isinstance(parsed, dict):
        raise PaperError(where, f"cell options are not `name: value`: {options}")
    return parsed, "\n".join(lines[count:]).strip("\n")


def label_of(cell: Mapping[str, Any], where: str) -> str:
    """Return the label of a code cell, or its id where it has none."""
    options, _ = split_options(cell["source"], where)
    return str(options.get("label", cell["id"]))


def read_notebook(file: Path, name: str) -> nbformat.NotebookNode:
    """Read a notebook.

    Raises
    ------
    PaperError
        If the file is not a notebook.
    """
    try:
        content: nbformat.NotebookNode = nbformat.read(file, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        problem = str(error).splitlines()[0]
        raise PaperError(name, f"not a notebook: {problem}", "Restore it.") from None
    return content


def read_notebooks(project: Project) -> dict[str, nbformat.NotebookNode]:
    """Read every notebook of the paper: path → content."""
    return {
        notebook.path: read_notebook(project.root / notebook.path, notebook.path)
        for notebook in project.notebooks
    }


def code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the code cells of a notebook."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
