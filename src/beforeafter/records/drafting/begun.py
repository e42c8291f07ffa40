"""A study definition that is being drafted: what is known so far, and what is to be asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beforeafter.records.files.table import Column, RawTable
from beforeafter.study import plain_words

PLAIN = str | int | float


@dataclass
class Draft:
    """The parts of the definition, as they are written."""

    files: Sequence[Path]
    table: RawTable
    records: dict[str, Any]
    questions: list[str]
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    characteristics: list[dict[str, Any]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    compare: list[str] = field(default_factory=list)
    when: dict[str, float] = field(default_factory=dict)  # in days, by visit

    @property
    def columns(self) -> dict[str, Column]:
        """The columns that are not described yet."""
        columns = {one.name.strip(): one for one in self.table.columns}
        return {name: one for name, one in columns.items() if name not in self.used}

    def ask(self, part: str, question: str) -> None:
        """Ask about a part of the definition."""
        self.questions.append(f"{part}: {question}")

    def read(self, ours: str, name: str, **how: Any) -> None:
        """Say how a column of the records is read."""
        self.records.setdefault("columns", {})[ours] = {"name": name, **how} if how else name

    def add_outcome(
        self, name: str, label: str, columns: dict[str, str], scale: dict[str, Any]
    ) -> None:
        """Add an outcome, the first as the primary one."""
        self.outcomes.append({
            "name": name, "label": label, "instrument": label, "abbreviation": label,
            "role": "secondary" if self.outcomes else "primary", "unit": "points",
            "columns": columns, **{end: value for end, value in scale.items() if value is not None},
            "decimals": {"default": 1, "percentage": 0, "p": 3},
        })  # fmt: skip


def name_of(text: str) -> str:
    """Return a text as the name of a part of a study."""
    name = re.sub(r"[^a-z0-9]+", "_", plain_words(text)).strip("_")
    return name if re.match("[a-z]", name) else f"scale_{name}".rstrip("_")
