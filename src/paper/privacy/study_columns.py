"""The columns that have a role in the study of a paper: a table with these is of patients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from declared import DataError, read_yaml
from paper.storage.project import STUDY


def study_columns(root: Path) -> frozenset[str]:
    """Return their names, in the study and in its records, in small letters; none without a study.

    What is wrong with the definition is told by those who read it as a study.
    """
    try:
        content = read_yaml(root / STUDY).content
    except DataError:
        return frozenset()
    return frozenset(name.strip().casefold() for name in _names(content, named=False))


def _names(part: Any, *, named: bool) -> Iterator[str]:
    if isinstance(part, str) and named:
        yield part
    elif isinstance(part, dict):
        if named and "name" in part:  # with codes of its own, which are no names
            part = {"name": part["name"]}
        for key, value in part.items():
            yield from _names(value, named=named or key in {"column", "columns"})
    elif isinstance(part, list):
        for value in part:
            yield from _names(value, named=named)
