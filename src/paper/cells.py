"""What a notebook cell says about itself: label, caption and other `#|` options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from paper.errors import PaperError

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
    return parsed, "\n".join(lines[count:]).strip("\n")


def label_of(cell: Mapping[str, Any], where: str) -> str:
    """Return the label of a code cell, or its id where it has none."""
    options, _ = split_options(cell["source"], where)
    return str(options.get("label", cell["id"]))


def code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the code cells of a notebook."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
