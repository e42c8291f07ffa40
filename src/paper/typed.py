"""Find numbers that were typed: digits of the prose that no notebook computed.

A digit is computed (`num`, `embed`), part of what is not prose (a citation key, a link, code), or
allowed by an entry of `typed-numbers.yml`, which says why. Any other is an error. Numbers written
as words are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from paper.errors import PaperError
from paper.passages import Passage

ALLOWED = "typed-numbers.yml"
NEEDED = {"text", "reason"}
# Stands for every character that is not prose: no digit, no letter, no space.
BLANK = "\0"
COMMENT, CODE = r"<!--.*?-->", r"^```.*?^```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
SHORTCODE, ADDRESS = r"\{\{<.*?>\}\}", r"\]\([^)\n]*\)|https?://[^\s>]+"
VERBATIM = re.compile("|".join([COMMENT, SHORTCODE, CODE, ADDRESS]), re.DOTALL | re.MULTILINE)
# A citation or reference, the attributes of a block, the mark of a footnote.
CITED = r"(?<!\w)@\w+(?:[:.#$%&+?<>~/-]\w+)*"
ATTRIBUTES = r"\{\s*(?:[#.]|[\w-]+=)[^{}\n]*\}"
STRUCTURE = re.compile(rf"{CITED}|{ATTRIBUTES}|\[\^[^\]\n]*\]")
DIGIT = re.compile(r"[\d¼-¾²³¹⁰-₉⅐-↋]")
WORD = re.compile(rf"[^\s{BLANK}]*{DIGIT.pattern}[^\s{BLANK}]*")
AROUND = "()[]*_,.;:!?\"'“”‘’"
# More numbers with the same text say nothing of which was meant.
SHOWN_KEYS = 3


@dataclass(frozen=True)
class Allowed:
    """Digits that may be typed.

    Parameters
    ----------
    text
        The digits with words around them.
    reason
        Why no notebook computes them.
    place
        Where the entry stands.
    """

    text: str
    reason: str
    place: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The text whole, whatever its white space: `day 0`, never `day 0.5` or `day 05`."""
        words = r"\s+".join(map(re.escape, self.text.split()))
        return re.compile(rf"(?<![\w.,+−–-]){words}(?![\w%]|[.,]\d)")


def read_allowed(root: Path) -> tuple[list[Allowed], list[PaperError]]:
    """Read the entries of `typed-numbers.yml`, and what is wrong with them."""
    file = root / ALLOWED
    try:
        node = yaml.compose(file.read_text(encoding="utf-8")) if file.is_file() else None
        nodes = node.value if node else []
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) if node else []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [], [PaperError(ALLOWED, f"not YAML: {error}")]
    if not isinstance(entries, list):
        return [], [PaperError(ALLOWED, "not a list", HOW_TO_ALLOW)]
    allowed, problems = [], []
    for entry, part in zip(entries, nodes, strict=True):
        place = f"{ALLOWED}, line {part.start_mark.line + 1}"
        if problem := _wrong_with(entry):
            problems.append(PaperError(place, problem, HOW_TO_ALLOW))
        else:
            allowed.append(Allowed(entry["text"], entry["reason"], place))
    return allowed, problems


HOW_TO_ALLOW = 'Write: - {text: "the digits with words around them", reason: why they are typed}'


def _wrong_with(entry: object) -> str:
    if not isinstance(entry, dict) or set(entry) != NEEDED:
        return "an entry has a text and a reason, and nothing else"
    text, reason = entry["text"], entry["reason"]
    if not isinstance(text, str) or not isinstance(reason, str) or not reason.strip():
        return "text and reason are words"
    if not DIGIT.search(text):
        return f"{text!r} has no digit to allow"
    if not re.search(r"[^\W\d_]", text):
        return f"{text!r} alone would allow a result that looks the same"
    return ""


def check_typed(
    passages: Sequence[Passage],
    allowed: Sequence[Allowed],
    numbers: Mapping[str, Mapping[str, Any]],
) -> Iterator[PaperError]:
    """Yield an error for each typed number that is not allowed, and each entry that allows none.

    Parameters
    ----------
    passages
        What is printed.
    allowed
        What may be typed.
    numbers
        Key → recorded number; one with the typed text is offered in its place.
    """
    allowing: set[Allowed] = set()
    for passage in passages:
        prose = blank(blank(passage.text, VERBATIM), STRUCTURE)
        for entry in allowed:
            without = blank(prose, entry.pattern)
            if without != prose:
                allowing.add(entry)
            prose = without
        for word in WORD.finditer(prose):
            yield _typed(passage, word, numbers)
    for entry in allowed:
        if entry not in allowing:
            what = f"{entry.text!r} stands nowhere in the text or the captions"
            yield PaperError(entry.place, what, "Delete the entry.")


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """Blank what matches a pattern, so that all else keeps its line and column."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", BLANK, found[0]), text)


def _typed(
    passage: Passage, word: re.Match[str], numbers: Mapping[str, Mapping[str, Any]]
) -> PaperError:
    text = word[0].strip(AROUND)
    same = [key for key, entry in numbers.items() if entry["text"] == text.replace("-", "−")]
    known = f" Recorded with this text: {', '.join(same)}." if 0 < len(same) <= SHOWN_KEYS else ""
    return PaperError(
        passage.place(word.start() + word[0].index(text)),
        f"{text} is typed, not computed.{known}",
        f"Print a recorded number, {{{{< num key >}}}}, or give a reason in {ALLOWED}.",
    )
