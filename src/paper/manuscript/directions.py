"""Find sentences that take a side which no fact bears out.

"Pain fell" is true of some data. Where such a word stands in results, discussion, abstract or a
caption, its sentence names by `{says="…"}` or `{when="…"}` a fact about the scale, of the side that
the word takes; or `directional-words` in `paper.yml` says why the word takes none there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paper.errors import PaperError
from paper.manuscript.conditions import Facts, Part, one_line, terms
from paper.manuscript.printed_text import Passage
from paper.manuscript.prose import prose_without
from paper.manuscript.scales import ENGLISH, WORDS_THAT, Scales, clauses, scales_at
from paper.storage.allowed import Allowed, read_entries
from paper.storage.settings import SETTINGS, WORDS, Section

FIELDS = {"words", "sections_without_results", "allowed"}
# `finding` are words that claim something and take no side: significant, severe. `same` are words
# for no change, and count where a scale is named.
FINDING, SAME = "finding", "same"
OPPOSITE = {"down": "up", "up": "down", "better": "worse", "worse": "better"}
SIDES = {*OPPOSITE, FINDING, SAME}
HEADING = re.compile(r"^##?[ \t]+(?P<title>[^#\n{]+?)[ \t]*(?:\{[^}\n]*\})?[ \t]*$", re.MULTILINE)
# Before the word in its clause, or just after it.
DENIED_BEFORE, DENIED_AFTER = WORDS_THAT["denies before"], WORDS_THAT["denies after"]
HOW_TO_ALLOW = 'Write: - {text: "the word with words around it", reason: why it takes no side}'
HOW_TO_SAY = (
    f'Put the sentence in [ … ]{{says="fact"}}, or give a reason in {SETTINGS}, {WORDS}. '
    'A notebook publishes the fact: fact("pain_fell", change.upper < 0, side="down", about="pain")'
)


@dataclass(frozen=True)
class Directions:
    """What `directional-words` in `paper.yml` says."""

    # Side → patterns of its words; none where a paper has no such list.
    words: Mapping[str, Sequence[str]]
    # Titles of the sections that report no results of the study.
    elsewhere: frozenset[str] = frozenset()
    allowed: tuple[Allowed, ...] = ()  # what takes no side

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words, in a group named by its side, perhaps after what denies it within."""
        sides = (f"(?P<{side}>{'|'.join(words)})" for side, words in self.words.items() if words)
        pattern = rf"\b(?P<denied>{ENGLISH['denies within']})?(?:{'|'.join(sides)})\b".replace(
            " ", r"\s+"
        )
        return re.compile(pattern if self.words else "(?!)", re.IGNORECASE)


def read_directions(section: Section) -> tuple[Directions, list[PaperError]]:
    """Read `directional-words` in `paper.yml`, and what is wrong with it; a paper may have none."""
    content, node = section.content, section.node
    if content is None:
        return Directions({}), []
    if problem := _wrong_form(content):
        place = f"{SETTINGS}, line {section.line}"
        return Directions({}), [PaperError(place, f"{WORDS}: {problem}")]
    nodes = {key.value: value for key, value in node.value} if node else {}
    words = {side: tuple(map(str, patterns)) for side, patterns in content["words"].items()}
    # Without a word that takes a side, an entry is of what is said of a number.
    allowed, problems = read_entries(
        content["allowed"], nodes["allowed"], lambda _: "", HOW_TO_ALLOW
    )
    elsewhere = frozenset(map(str, content["sections_without_results"]))
    return Directions(words, elsewhere, tuple(allowed)), problems


def _wrong_form(content: Any) -> str:
    if not isinstance(content, dict) or set(content) != FIELDS:
        return f"expected {', '.join(sorted(FIELDS))}"
    words = content["words"]
    if not isinstance(words, dict) or not set(words) <= SIDES:
        return f"words: expected lists under {', '.join(sorted(SIDES))}"
    lists = [*words.values(), content["sections_without_results"], content["allowed"]]
    if not all(isinstance(part, list) for part in lists):
        return "expected lists"
    try:
        re.compile("|".join(str(word) for part in words.values() for word in part))
    except re.error as error:
        return f"words: not a pattern: {error}"
    return ""


@dataclass(frozen=True)
class _Word:
    """A word that takes a side, and what was said there."""

    found: re.Match[str]
    side: str
    denied: bool
    given: Sequence[tuple[str, bool]]

    def is_borne_out(self, facts: Facts, scales: Scales, scale: str = "") -> bool:
        """Return whether a fact, about a scale if one is named, is of the side of the word."""
        fits = [
            self._fits(facts[name], wanted, scales, one)
            for name, wanted in self.given
            for one in facts[name]["about"] or [""]
            if scale in {"", one}
        ]
        # That nothing changed is not so if any of the facts is that something did.
        return any(fits) and (all(fits) or self.side != SAME)

    def _fits(self, fact: Mapping[str, Any], wanted: bool, scales: Scales, scale: str) -> bool:
        if self.side == FINDING:
            return wanted != self.denied
        if self.side == SAME:
            return (wanted and fact["side"] is not None) == self.denied
        if fact["side"] is None:
            return False
        turn = (lambda side: scales.side(side, scale)) if scale in scales.known else str
        same = turn(self.side) == turn(fact["side"])
        opposed = turn(OPPOSITE[self.side]) == turn(fact["side"])
        # What is denied is borne out by the other side, or by the fact that does not hold.
        return (opposed if wanted else same) if self.denied else (same and wanted)


@dataclass(frozen=True)
class _Reader:
    """Reads the words of one passage that take a side."""

    passage: Passage
    prose: str
    directions: Directions
    facts: Facts
    scales: Scales

    def problems(self) -> Iterator[PaperError]:
        words = [self._word(found) for found in self.directions.pattern.finditer(self.prose)]
        told = [word for word in words if self._claims(word)]
        for word in told:
            if what := self._wrong_with(word):
                yield self._error(word, what)
        yield from self._beside(told)

    def _claims(self, word: _Word) -> bool:
        text, offset = self.passage.text, word.found.start()
        named = [name for part in self.passage.parts_at(offset) for name, _ in _terms(part)]
        # Of a fact that is not published it is told elsewhere, unless its part is left out.
        if not self.facts.keys() >= {*named}:
            return False
        titles = [found["title"] for found in HEADING.finditer(text, 0, offset)]
        is_elsewhere = bool(titles) and titles[-1] in self.directions.elsewhere
        return not is_elsewhere and (word.side != SAME or bool(self._own(word)))

    def _word(self, found: re.Match[str]) -> _Word:
        ends = self.passage.sentence_at(found.start())
        among = reversed(clauses(self.prose, *ends, self.scales))
        first, last = next(ends for ends in among if ends[0] <= found.start())
        denied = DENIED_BEFORE.search(self.prose, first, found.start())
        denied = denied or DENIED_AFTER.match(self.prose[:last], found.end())
        given = [term for _, part in self._conditions(found.start()) for term in part]
        is_denied = bool(denied) != bool(found["denied"])
        return _Word(found, str(found.lastgroup), is_denied, given)

    def _conditions(self, offset: int) -> Iterator[tuple[tuple[int, int], list[tuple[str, bool]]]]:
        """Yield the parts around an offset that name facts about results, the innermost last."""
        for part in self.passage.parts_at(offset):
            # Whose data these are says nothing of their results.
            named = [term for term in _terms(part) if _is_of_results(self.facts.get(term[0]))]
            if named:
                yield (part.start, part.end), named

    def _scope(self, offset: int) -> tuple[int, int]:
        """Return the stretch that is read for scales: the least around a word that names one."""
        first, last = self.passage.sentence_at(offset)
        parts = [ends for ends, _ in self._conditions(offset)]
        inner = [(max(first, start), min(last, end)) for start, end in reversed(parts)]
        stretches = [*inner, (first, last)]
        if WORDS_THAT["stands for what was named"].match(self.prose, first):
            paragraph = self.prose.rfind("\n\n", 0, first) + 1
            before = [ends for ends in self.passage.sentences if paragraph <= ends[0] < first]
            stretches += reversed(before)
        named = (ends for ends in stretches if self.scales.named(self.prose[slice(*ends)]))
        return next(named, (first, last))

    def _own(self, word: _Word) -> frozenset[str]:
        offset, scope = word.found.start(), self._scope(word.found.start())
        return scales_at(offset, clauses(self.prose, *scope, self.scales), self.prose, self.scales)

    def _wrong_with(self, word: _Word) -> str:
        if not word.given:
            return "takes a side, and no fact bears it out"
        own, facts, scales = self._own(word), self.facts, self.scales
        if not own:
            return "" if word.is_borne_out(facts, scales) else self._against(word, "")
        of_before = self._scope(word.found.start())[1] <= word.found.start()
        wrong = [scale for scale in sorted(own) if not word.is_borne_out(facts, scales, scale)]
        # What "it" stands for may be any of the scales of the sentence before.
        is_fine = not wrong or (of_before and len(wrong) < len(own))
        return "" if is_fine else self._against(word, wrong[0])

    def _against(self, word: _Word, scale: str) -> str:
        named = [name for name, _ in word.given]
        about = [name for name in named if not scale or scale in self.facts[name]["about"]]
        of = f" of {self.scales.label(scale)}" if scale else ""
        if not about:
            return f"is said{of}, and none of the facts given is about it: {_list(named)}"
        sides = _list([f"{name} ({self.facts[name]['side'] or 'no side'})" for name in about])
        return f"is {'denied' if word.denied else 'said'}{of}, against the side of {sides}"

    def _beside(self, words: Sequence[_Word]) -> Iterator[PaperError]:
        """Yield an error for scales that share the word of a neighbour: "pain and anxiety fell"."""
        for scope in dict.fromkeys(self._scope(word.found.start()) for word in words if word.given):
            inside = [word for word in words if scope[0] <= word.found.start() < scope[1]]
            among = clauses(self.prose, *scope, self.scales)
            for first, last in among:
                if any(first <= word.found.start() < last for word in inside):
                    continue
                before = [word for word in inside if word.found.start() < first][-1:]
                after = [word for word in inside if word.found.start() >= last][:1]
                for scale in sorted(self.scales.named(self.prose[first:last])):
                    near = [*after, *before]
                    if near and not any(self._shares(word, scale) for word in near):
                        yield self._error(near[0], self._against(near[0], scale))

    def _shares(self, word: _Word, scale: str) -> bool:
        alike = (self.facts[name] for name, wanted in word.given if wanted)
        without_side = any(scale in one["about"] and one["side"] is None for one in alike)
        return without_side or word.is_borne_out(self.facts, self.scales, scale)

    def _error(self, word: _Word, what: str) -> PaperError:
        passage, place = self.passage, word.found.start()
        what = f"{one_line(word.found[0])!r} {what}: {passage.sentence(place)}"
        return PaperError(passage.place(place), what, HOW_TO_SAY)


def _terms(part: Part) -> Sequence[tuple[str, bool]]:
    """Return the facts that a part names, and whether they shall hold."""
    try:
        return [] if part.kind == "known" else terms(part.condition)
    except ValueError:
        return []  # told elsewhere


def _is_of_results(fact: Mapping[str, Any] | None) -> bool:
    return fact is not None and bool(fact["side"] or fact["about"])


def _list(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def check_directions(
    passages: Sequence[Passage], directions: Directions, facts: Facts, scales: Scales
) -> list[PaperError]:
    """Return an error for each word whose side no fact bears out.

    `directions`: which words take a side, and where they may stand. `facts`: name → published fact.
    """
    read, idle = prose_without(passages, directions.allowed)
    readers = [
        _Reader(passage, scales.of_results(prose), directions, facts, scales)
        for passage, prose in read
    ]
    found = {str(problem): problem for reader in readers for problem in reader.problems()}
    return [*found.values(), *idle]
