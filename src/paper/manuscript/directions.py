"""Find sentences that take a side: words of direction or significance under no condition.

"Pain fell" is true of some data. Where such a word stands in results, discussion, abstract or a
caption, its sentence says by `{says="…"}` or `{when="…"}` which numbers make it true, or
`directional-words` in `paper.yml` says why the word takes no side there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paper.errors import PaperError
from paper.manuscript.conditions import compares
from paper.manuscript.printed_text import Passage
from paper.manuscript.prose import prose_without
from paper.storage.allowed import Allowed, read_entries
from paper.storage.settings import SETTINGS, WORDS, Section

FIELDS = {"words", "sections_without_results", "allowed"}
HEADING = re.compile(r"^##?[ \t]+(?P<title>[^#\n{]+?)[ \t]*(?:\{[^}\n]*\})?[ \t]*$", re.MULTILINE)
HOW_TO_ALLOW = 'Write: - {text: "the word with words around it", reason: why it takes no side}'


@dataclass(frozen=True)
class Directions:
    """What `directional-words` in `paper.yml` says.

    Parameters
    ----------
    words
        Any of the words; None where a paper has no such list.
    elsewhere
        Titles of the sections that report no results of the study.
    allowed
        What takes no side.
    """

    words: re.Pattern[str] | None = None
    elsewhere: frozenset[str] = frozenset()
    allowed: tuple[Allowed, ...] = ()


def read_directions(section: Section) -> tuple[Directions, list[PaperError]]:
    """Read `directional-words` in `paper.yml`, and what is wrong with it; a paper may have none."""
    content, node = section.content, section.node
    if content is None:
        return Directions(), []
    if not isinstance(content, dict) or set(content) != FIELDS or not _are_lists(content):
        what = f"expected {', '.join(sorted(FIELDS))}, each a list"
        return Directions(), [PaperError(f"{SETTINGS}, line {section.line}", f"{WORDS}: {what}")]
    nodes = {key.value: value for key, value in node.value} if node else {}
    pattern = re.compile(rf"\b(?:{'|'.join(map(str, content['words']))})\b", re.IGNORECASE)

    def wrong_with(text: str) -> str:
        return "" if pattern.search(text) else f"{text!r} has none of the words"

    allowed, problems = read_entries(content["allowed"], nodes["allowed"], wrong_with, HOW_TO_ALLOW)
    elsewhere = frozenset(map(str, content["sections_without_results"]))
    return Directions(pattern, elsewhere, tuple(allowed)), problems


def _are_lists(content: dict[str, Any]) -> bool:
    return all(isinstance(part, list) for part in content.values())


def check_directions(passages: Sequence[Passage], directions: Directions) -> list[PaperError]:
    """Return an error for each word that takes a side under no condition.

    Parameters
    ----------
    passages
        What is printed, and what the notebooks say.
    directions
        Which words do, and where they may stand.
    """
    if directions.words is None:
        return []
    read, idle = prose_without(passages, directions.allowed)
    return [
        _side(passage, word)
        for passage, prose in read
        for word in directions.words.finditer(prose)
        if not _is_conditional(passage, word.start())
        and _section(passage, word.start()) not in directions.elsewhere
    ] + idle


def _is_conditional(passage: Passage, offset: int) -> bool:
    # What is left out or kept by whose data these are says nothing of their results.
    return any(compares(part.condition) for part in passage.parts_at(offset))


def _section(passage: Passage, offset: int) -> str:
    titles = [found["title"] for found in HEADING.finditer(passage.text, 0, offset)]
    return titles[-1] if titles else ""


def _side(passage: Passage, word: re.Match[str]) -> PaperError:
    return PaperError(
        passage.place(word.start()),
        f"{word[0]!r} takes a side whatever the numbers are: {passage.sentence(word.start())}",
        f'Put the sentence in [ … ]{{says="key < 0"}}, or give a reason in {SETTINGS}, {WORDS}.',
    )
