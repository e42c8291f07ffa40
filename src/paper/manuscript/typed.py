"""Find numbers that were typed: digits of the prose that no notebook computed.

A digit is computed (`num`, `embed`), part of what is not prose (a citation key, a link, code), or
allowed by an entry of `typed-numbers` in `paper.yml`, which says why. Any other is an error, or a
warning where `paper.yml` says `typed-digits: warning`.
Numbers written as words are not looked at.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from paper.errors import PaperError
from paper.manuscript.printed_text import Passage
from paper.manuscript.prose import BLANK, prose_without
from paper.storage.allowed import Allowed, read_entries
from paper.storage.settings import DIGITS, SETTINGS, TYPED, Section

DIGIT = re.compile(r"[\d¼-¾²³¹⁰-₉⅐-↋]")
WORD = re.compile(rf"[^\s{BLANK}]*{DIGIT.pattern}[^\s{BLANK}]*")
AROUND = "()[]*_,.;:!?\"'“”‘’"
# More numbers with the same text say nothing of which was meant.
SHOWN_KEYS = 3
HOW_TO_ALLOW = 'Write: - {text: "the digits with words around them", reason: why they are typed}'


def read_allowed(section: Section) -> tuple[list[Allowed], list[PaperError]]:
    """Read the entries of `typed-numbers` in `paper.yml`, and what is wrong with them."""
    return read_entries(section.content, section.node, _wrong_with, HOW_TO_ALLOW)


def _wrong_with(text: str) -> str:
    if not DIGIT.search(text):
        return f"{text!r} has no digit to allow"
    if not re.search(r"[^\W\d_]", text):
        return f"{text!r} alone would allow a result that looks the same"
    return ""


def check_typed(
    passages: Sequence[Passage],
    allowed: Sequence[Allowed],
    numbers: Mapping[str, Mapping[str, Any]],
    severity: Section,
) -> list[PaperError]:
    """Return an error for each typed number that is not allowed, and each entry that allows none.

    `numbers`: key → recorded number; one with the typed text is offered in its place. `severity`:
    what `paper.yml` says of typed numbers: error, or warning, and then they are only told.
    """
    read, idle = prose_without(passages, allowed)
    typed = [
        _typed(passage, word, numbers) for passage, prose in read for word in WORD.finditer(prose)
    ]
    if severity.content == "warning":
        for problem in typed:
            logging.getLogger(__name__).warning("Warning: %s: %s", problem.where, problem.what)
        return idle
    if severity.node and severity.content != "error":
        place = f"{SETTINGS}, line {severity.line}"
        what = f"{DIGITS}: {severity.content!r} is neither error nor warning"
        idle.append(PaperError(place, what, f"Write: {DIGITS}: warning"))
    return [*typed, *idle]


def _typed(
    passage: Passage, word: re.Match[str], numbers: Mapping[str, Mapping[str, Any]]
) -> PaperError:
    text = word[0].strip(AROUND)
    same = [key for key, entry in numbers.items() if entry["text"] == text.replace("-", "−")]
    known = f" Recorded with this text: {', '.join(same)}." if 0 < len(same) <= SHOWN_KEYS else ""
    return PaperError(
        passage.place(word.start() + word[0].index(text)),
        f"{text} is typed, not computed.{known}",
        f"Print a recorded number, {{{{< num key >}}}}, or give a reason in {SETTINGS}, {TYPED}; "
        f"a text that is not computed yet says `{DIGITS}: warning` there.",
    )
