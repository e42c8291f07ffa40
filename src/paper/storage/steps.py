"""What each step of a build was made from, to tell what must be made again, and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Name of an input → digest of its content.
Inputs = dict[str, str]
SHOWN = 3


@dataclass(frozen=True)
class Step:
    """A step of a build."""

    name: str  # what is made: a notebook, a format
    inputs: Inputs  # what it is made from
    reason: str  # why it must be made again; empty where it need not

    def __str__(self) -> str:
        """Say whether it ran, and why."""
        return f"{self.name}: {f'made, {self.reason}' if self.reason else 'kept, nothing changed'}"


def difference(before: object, now: Mapping[str, str]) -> str:
    """Say what changed of the inputs of a step; nothing if they are the same."""
    if not isinstance(before, dict):
        return "nothing is remembered of it"
    changes = [
        *(f"{name} changed" for name in now if name in before and now[name] != before[name]),
        *(f"{name} is new" for name in now if name not in before),
        *(f"{name} is gone" for name in before if name not in now),
    ]
    return some_of(changes)


def some_of(names: Sequence[str]) -> str:
    """Return the first of these, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def read_memory(file: Path) -> dict[str, Any]:
    """Read what an earlier build remembered: name → mapping; nothing where it cannot be read."""
    try:
        memory = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_known = isinstance(memory, dict) and all(isinstance(e, dict) for e in memory.values())
    return memory if is_known else {}
