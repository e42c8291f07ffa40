"""Lists of what may stand although a check would stop at it, each entry with its reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import yaml

from paper.errors import PaperError
from paper.storage.settings import SETTINGS

NEEDED = {"text", "reason"}


@dataclass(frozen=True)
class Allowed:
    """Words that may be typed."""

    text: str  # they, with words around them
    reason: str  # why they may
    place: str  # where the entry stands

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The text whole, whatever its white space: `day 0`, never `day 0.5` or `day 05`."""
        words = r"\s+".join(map(re.escape, self.text.split()))
        return re.compile(rf"(?<![\w.,+−–-]){words}(?![\w%]|[.,]\d)")


def read_entries(
    entries: object, node: yaml.Node | None, wrong_with: Callable[[str], str], hint: str
) -> tuple[list[Allowed], list[PaperError]]:
    """Read a list of entries, each a text with a reason, and what is wrong with them.

    `entries`, `node`: the list: its content, and its node in `paper.yml`.
    """
    if entries is None:
        return [], []
    if not isinstance(entries, list) or node is None:
        return [], [PaperError(SETTINGS, "not a list", hint)]
    allowed, problems = [], []
    for entry, part in zip(entries, node.value, strict=True):
        place = f"{SETTINGS}, line {part.start_mark.line + 1}"
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
