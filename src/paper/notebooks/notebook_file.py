"""What a notebook cell says about itself: label, caption and other `#|` options."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from declared import DataError, parse_yaml
from paper.errors import PaperError
from paper.storage.project import Project

OPTION = "#|"
FORMAT, WITH_IDS = 4, 5


def split_options(source: str, where: str) -> tuple[dict[str, Any], str]:
    """Split a cell into its options and its code.

    Raises PaperError if the options are not YAML.
    """
    options, code = _split(source, where)
    return dict(options), code


# The same cells are read again and again in a build.
@cache
def _split(source: str, where: str) -> tuple[dict[str, Any], str]:
    lines = source.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith(OPTION)), len(lines))
    options = "\n".join(line.removeprefix(OPTION).removeprefix(" ") for line in lines[:count])
    try:
        parsed = parse_yaml(options, Path(where)).content or {}
    except DataError as error:
        raise PaperError(where, f"cell options are not YAML: {error.problems[0]}") from None
    if not isinstance(parsed, dict):
        raise PaperError(where, f"cell options are not `name: value`: {options}")
    return parsed, "\n".join(lines[count:]).strip("\n")


def label_of(cell: Mapping[str, Any], where: str) -> str:
    """Return the label of a code cell, or its id where it has none."""
    options, _ = split_options(cell["source"], where)
    return str(options.get("label", cell["id"]))


def cell_of(entry: Mapping[str, Any]) -> str:
    """Return the notebook and the cell that something recorded is from, as errors name them."""
    return f"{entry['notebook']}, cell {entry['cell']}"


def read_notebook(file: Path, name: str) -> dict[str, Any]:
    """Read a notebook: as nbformat does, texts in one piece, without the time its import takes.

    Raises PaperError if the file is not a notebook.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PaperError(name, f"not a notebook: {error}", "Restore it.") from None
    return parse_notebook(text, name)


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
    return {
        notebook.path: read_notebook(project.root / notebook.path, notebook.path)
        for notebook in project.notebooks
    }


def code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the code cells of a notebook."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def clear_outputs(notebook: Mapping[str, Any]) -> None:
    """Take from the code cells of a notebook what an earlier run left."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
