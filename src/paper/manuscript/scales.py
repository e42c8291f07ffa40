"""Which scale a sentence is about: the words that name it, and the clause in which they stand.

A clause ends at a comma, a semicolon, or a word such as *and* or *but*. What stands in
a clause without a scale is of the scale named last before it, or else of any named after it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from declared import read_yaml
from paper.errors import PaperError
from paper.manuscript.conditions import NUMBER
from paper.manuscript.printed_text import Passage
from paper.manuscript.prose import prose_without
from paper.notebooks.notebook_file import cell_of

PLANNED = "protocol"
WORDS_THAT = {
    what: re.compile(pattern, re.IGNORECASE)
    for what, pattern in read_yaml(Path(__file__).with_name("words.yml")).content.items()
}
# Ends of intervals, as their keys name them, in the order in which they are printed.
ENDS = (("lower", "upper"), ("least", "greatest"), ("lowest", "highest"), ("low", "high"))
HOW_TO_NAME = "Print a number of the scale that is named, or name the scale of the number."


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
                found.setdefault(_plain(word), set()).add(name)
        return {word: frozenset(names) for word, names in found.items()}

    @cached_property
    def _words(self) -> re.Pattern[str]:
        # The longest first: neuropathic pain is not pain. A phrase may go over the end of a line.
        longest = sorted(self._of_word, key=len, reverse=True)
        texts = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest)
        return re.compile(rf"\b(?:{texts})\b" if texts else r"(?!)", re.IGNORECASE)

    def named(self, text: str) -> frozenset[str]:
        """Return the names of the scales that a text names."""
        found = (self._of_word[_plain(word[0])] for word in self._words.finditer(text))
        return frozenset().union(*found)

    def hide(self, text: str) -> str:
        """Put a letter in the place of each letter of a name of a scale."""
        return self._words.sub(lambda found: "x" * len(found[0]), text)

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
    return " ".join(word.lower().split())


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


def check_scales(
    passages: Sequence[Passage], scales: Scales, numbers: Mapping[str, Mapping[str, Any]]
) -> list[PaperError]:
    """Return an error for each number of another scale, and each interval with its ends swapped.

    `numbers`: key → recorded number.
    """
    read, _ = prose_without(passages, ())
    return [
        *(problem for passage, prose in read for problem in _of_others(passage, prose, scales)),
        *(problem for passage in passages for problem in _swapped(passage)),
        *_upside_down(numbers),
    ]


def _of_others(passage: Passage, prose: str, scales: Scales) -> Iterator[PaperError]:
    for number in NUMBER.finditer(passage.text):
        name = scales.of_key(number["key"])
        ends = passage.sentence_at(number.start())
        named = name and scales_at(number.start(), clauses(prose, *ends, scales), prose, scales)
        if named and name not in named:
            said = " or ".join(sorted(map(scales.label, named)))
            what = f"{number['key']} is a number of {scales.label(name)}, in a sentence on {said}"
            where, said = passage.place(number.start()), passage.sentence(number.start())
            yield PaperError(where, f"{what}: {said}", HOW_TO_NAME)


def _swapped(passage: Passage) -> Iterator[PaperError]:
    uses = list(NUMBER.finditer(passage.text))
    for first, second in pairwise(uses):
        between = passage.text[first.end() : second.start()]
        same = passage.sentence_at(first.start()) == passage.sentence_at(second.start())
        if not same or WORDS_THAT["names an end"].search(between):
            continue
        if (first["key"], second["key"]) in _ends(first["key"]):
            what = f"ends swapped: {first['key']} stands before {second['key']}"
            where = passage.place(first.start())
            yield PaperError(where, f"the interval has its {what}", "Print the lower end first.")


def _ends(upper: str, ends: Sequence[tuple[str, str]] = ENDS) -> Iterator[tuple[str, str]]:
    """Yield the key of an upper end with that of its lower end."""
    for low, high in ends:
        if re.search(rf"(?:^|[._]){high}$", upper):
            yield upper, upper.removesuffix(high) + low


def _upside_down(numbers: Mapping[str, Mapping[str, Any]]) -> Iterator[PaperError]:
    for key, entry in numbers.items():
        for upper, lower in _ends(key, ENDS[:1]):
            low, high = numbers.get(lower, entry)["value"], entry["value"]
            if None not in {low, high} and low > high:
                what = f"{lower} is {low:g}, above {upper}, {high:g}"
                yield PaperError(cell_of(entry), what, "An interval has its lower end first.")
