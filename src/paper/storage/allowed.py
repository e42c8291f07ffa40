"""Lists of what may stand although a check would stop at it, each entry with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from declared import compose_yaml, load_yaml
from paper.errors import PaperError

NEEDED = {"text", "reason"}


@dataclass(frozen=True)
class Allowed:
    """Words that may be typed.

    Parameters
    ----------
    text
        They, with words around them.
    reason
        Why they may.
    place
        Where the entry stands.
    """

    text: str
    reason: str
    place: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The text whole, whatever its white space: `day 0`, never `day 0.5` or `day 05`."""
        words = r"\s+".join(map(re.escape, self.text.split()))
        return re.compile(rf"(?<![\w.,+−–-]){words}(?![\w%]|[.,]\d)")


def read_yaml_node(file: Path) -> tuple[Any, yaml.Node | None]:
    """Return the content of a YAML file and its nodes, which know their lines.

    Raises
    ------
    PaperError
        If it is not YAML.
    """
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        return load_yaml(text), compose_yaml(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PaperError(file.name, f"not YAML: {error}") from None


def read_entries(
    name: str, entries: object, node: yaml.Node | None, wrong_with: Callable[[str], str], hint: str
) -> tuple[list[Allowed], list[PaperError]]:
    """Read a list of entries, each a text with a reason, and what is wrong with them.

    Parameters
    ----------
    name
        The file.
    entries, node
        The list: its content, and its node in the file.
    wrong_with
        Says what is wrong with a text, or nothing.
    hint
        How to write an entry.
    """
    if entries is None:
        return [], []
    if not isinstance(entries, list) or node is None:
        return [], [PaperError(name, "not a list", hint)]
    allowed, problems = [], []
    for entry, part in zip(entries, node.value, strict=True):
        place = f"{name}, line {part.start_mark.line + 1}"
        if problem := _wrong_form(entry) or wrong_with(entry["text"]):
            problems.append(PaperError(place, problem, hint))
        else:
            allowed.append(Allowed(entry["text"], entry["reason"], place))
    return allowed, problems


def _wrong_form(entry: object) -> str:
    if not isinstance(entry, dict) or set(entry) != NEEDED:
        return "an entry has a text and a reason, and nothing else"
    text, reason = entry["text"], entry["reason"]
    if not isinstance(text, str) or not isinstance(reason, str) or not reason.strip():
        return "text and reason are words"
    return ""
