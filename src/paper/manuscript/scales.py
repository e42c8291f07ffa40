"""Which scale a sentence is about: the words that name it, and the clause in which they stand.

A name that tells of whom something is said, *patients with chronic pain*, is none of these. A
clause ends at a comma, a semicolon, or a word such as *and* or *but*. What stands in
a clause without a scale is of the scale named last before it, or else of any named after it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from declared import read_yaml

PLANNED = "protocol"
ENGLISH = read_yaml(Path(__file__).with_name("words.yml")).content
WORDS_THAT = {
    what: re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for what, pattern in ENGLISH.items()
    if isinstance(pattern, str)
}


@dataclass(frozen=True)
class Scales:
    """The scales of the study, as the notebooks publish them."""

    # Name → label, words that name the scale in a sentence, and which way is better, if any.
    known: Mapping[str, Mapping[str, Any]]

    @cached_property
    def _of_word(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for name, scale in self.known.items():
            for word in scale["words"]:
                # "EORTC" alone names all scales whose names begin with it.
                for one in (word, *re.findall(r"^[A-Z][A-Z\d-]+(?=\s)", word)):
                    found.setdefault(_plain(one), set()).add(name)
        return {word: frozenset(names) for word, names in found.items()}

    @cached_property
    def _texts(self) -> str:
        # The longest first: neuropathic pain is not pain. A phrase may go over the end of a line.
        longest = sorted(self._of_word, key=len, reverse=True)
        return "|".join(r"[\s-]+".join(map(re.escape, word.split())) for word in longest) or r"(?!)"

    @cached_property
    def _words(self) -> re.Pattern[str]:
        # EORTC-F is another name than EORTC.
        return re.compile(rf"\b(?:{self._texts})\b(?!-\w\b)", re.IGNORECASE)

    @cached_property
    def _lists(self) -> re.Pattern[str]:
        name, joined = rf"(?:{self._texts})", r",?\s+(?:and|or|nor)\s+"
        return re.compile(rf"\b{name}(?:(?:,\s+{name})*{joined}{name})?\b", re.IGNORECASE)

    @cached_property
    def _aside(self) -> re.Pattern[str]:
        name, before, after = self._texts, ENGLISH["tells of whom"], ENGLISH["has its name"]
        names = rf"(?:{name})(?:\s+(?:and|or)\s+(?:{name}))*"
        return re.compile(rf"{before}{names}\b|\b(?:{name}){after}", re.IGNORECASE)

    def of_results(self, text: str) -> str:
        """Hide the names of scales that tell of whom something is said, and not what."""
        return self._aside.sub(lambda found: self.hide(found[0]), text)

    def in_turn(self, text: str) -> list[frozenset[str]]:
        """Return what each name of scales in a text may stand for, in order."""
        return [self._of_word[_plain(word[0])] for word in self._words.finditer(text)]

    def named(self, text: str) -> frozenset[str]:
        """Return the names of the scales that a text names, the special before the common."""
        found = self.in_turn(text)
        return frozenset().union(*(one for one in found if not any(other < one for other in found)))

    def hide(self, text: str) -> str:
        """Put a letter in the place of each of a name of a scale, or of a list of them."""
        return self._lists.sub(lambda found: "x" * len(found[0]), text)

    def of_key(self, key: str) -> str:
        """Return the name of the scale that a number is of, or nothing."""
        first, _, rest = key.partition(".")
        name = rest.partition(".")[0] if first == PLANNED else first
        return name if name in self.known else ""

    def label(self, name: str) -> str:
        """Return what a scale is called."""
        return str(self.known[name]["label"])

    def side(self, side: str | None, name: str) -> str | None:
        """Return where the values of a scale go: `down` or `up` for `better`, if that is known."""
        way = self.known[name]["better"]
        if side not in {"better", "worse"} or way is None:
            return side
        return "down" if (side == "better") == (way == "lower") else "up"


def _plain(word: str) -> str:
    return " ".join(re.split(r"[\s-]+", word.lower()))


def clauses(text: str, start: int, end: int, scales: Scales) -> list[tuple[int, int]]:
    """Return where each clause of a stretch of text begins and ends; none within a name."""
    names = scales.hide(text[start:end])
    marks = [
        (start + found.start(), start + found.end())
        for found in WORDS_THAT["ends a clause"].finditer(names)
    ]
    firsts = [start, *(after for _, after in marks)]
    lasts = [*(before for before, _ in marks), end]
    return list(zip(firsts, lasts, strict=True))


def scales_at(
    offset: int, among: Sequence[tuple[int, int]], text: str, scales: Scales
) -> frozenset[str]:
    """Return the scales that what stands at an offset is of: of its clause, or the nearest."""
    named = [scales.named(text[slice(*ends)]) for ends in among]
    before = [of for of, ends in zip(named, among, strict=True) if ends[0] <= offset]
    return next(filter(None, reversed(before)), frozenset().union(*named))
