"""Take changes of words into the sources, and refuse those of what is computed."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from paper.errors import PaperError
from paper.renderers.inspection.letters import letters, quoted
from paper.renderers.reviewing.word import Reviewed
from paper.storage.sources.article import FRONT_MATTER, place

Entry = Mapping[str, str]
# What stands in a source: a number, what else is made from it, marks, and words.
TOKENS = re.compile(
    r"\{\{<\s*num\s+(?P<key>[\w.]+)\s*>\}\}"
    r"|(?P<made>\{\{<.*?>\}\}|-?@[\w:.-]*\w|<!--.*?-->)"
    r"|(?P<mark>\]?\{[^}\n]*\}|\]\([^)\s]*\)|[\[\]*_`]|^\s*(?:\#+|>|-|\d+\.|:::+[^\n]*)\s)"
    r"|(?P<word>[^\s\[\]{}*_`]+)",
    re.MULTILINE | re.DOTALL,
)
SPECIAL = re.compile(r"([\\`*_\[\]{}@#<>|$])")
BY_HAND = "Make this change by hand."
NOT_FOUND = "Change the notebook whose table or caption it is, or the field, or write it by hand."
# So many words in a row are found again.
ROW = 3
# How much farther than the words themselves a paragraph may reach in the source.
MARGIN = 12
# Of a paragraph this share of the words must stand in the source, else it is another's.
FOUND, CANDIDATES = 0.7, 6
# Texts of the front matter that stand as they are printed: those of the other fields are quoted.
BLOCK = re.compile(r"^[\w-]+:[ ]*[|>][-+]?[ ]*\n(?P<text>(?:[ ]+[^\n]*\n|[ ]*\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Token:
    """A word of a source."""

    text: str
    start: int
    end: int
    key: str  # of the number that it belongs to, or nothing
    is_made: bool  # whether it stands for what is made from it


@dataclass(frozen=True)
class Edit:
    """A stretch of a source, and what shall stand there."""

    start: int
    end: int
    text: str


def tokens(text: str, numbers: Mapping[str, Entry]) -> list[Token]:
    """Return the words of a source, of numbers those that are printed."""
    found = []
    front = FRONT_MATTER.match(text)
    body = front.end() if front else 0
    plain = [range(*block.span("text")) for block in BLOCK.finditer(text, 0, body)]
    for one in TOKENS.finditer(text):
        if one["mark"]:
            continue
        key = one["key"] or ""
        words = numbers[key]["text"].split() if key in numbers else [one[0]]
        in_field = one.start() < body and not any(one.start() in block for block in plain)
        is_made = bool(one["made"] or key or in_field)
        found += [Token(word, one.start(), one.end(), key, is_made) for word in words]
    return found


class Source:
    """A source, whose words can be found."""

    def __init__(self, name: str, text: str, numbers: Mapping[str, Entry]) -> None:
        self.name, self.text, self._numbers = name, text, numbers
        self.edits: list[Edit] = []
        self.tokens = tokens(text, numbers)
        self._letters = [letters(token.text) for token in self.tokens]
        self._rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in range(len(self._letters) - ROW + 1):
            self._rows[tuple(self._letters[at : at + ROW])].append(at)

    def find(self, words: Sequence[str]) -> dict[int, int]:
        """Return which token each word of a paragraph is; nothing if it does not stand here."""
        wanted = [letters(word) for word in words]
        if len(wanted) < ROW:
            return self._line(wanted)
        starts = Counter(
            (place - at) // MARGIN
            for at in range(len(wanted) - ROW + 1)
            for place in self._rows.get(tuple(wanted[at : at + ROW]), ())
        )
        found = [self._match(wanted, near * MARGIN) for near, _ in starts.most_common(CANDIDATES)]
        best = max(found, key=len, default={})
        return best if len(best) >= FOUND * len(wanted) else {}

    def _match(self, wanted: Sequence[str], near: int) -> dict[int, int]:
        first = max(0, near - MARGIN)
        last = near + len(wanted) + len(wanted) // 2 + 2 * MARGIN
        blocks = SequenceMatcher(None, wanted, self._letters[first:last], autojunk=False)
        return {
            block.a + offset: first + block.b + offset
            for block in blocks.get_matching_blocks()
            for offset in range(block.size)
        }

    def _line(self, wanted: Sequence[str]) -> dict[int, int]:
        """Find a line of few words, a heading."""
        last = len(self.tokens) - len(wanted)
        for at, token in enumerate(self.tokens[: last + 1] if wanted else ()):
            line = self.text[self.text.rfind("\n", 0, token.start) + 1 : token.start]
            if self._letters[at : at + len(wanted)] == wanted and not line.strip("# "):
                return {index: at + index for index in range(len(wanted))}
        return {}

    def edited(self) -> str:
        """Return the text with the changes."""
        text = self.text
        for edit in sorted(self.edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def take(
        self, paragraph: Reviewed, which: Mapping[int, int], written: Sequence[str]
    ) -> list[PaperError]:
        """Take the changes of a paragraph whole, or none of them and return an error for each."""
        refused, edits = [], []
        matched = SequenceMatcher(None, paragraph.before, paragraph.after, autojunk=False)
        for kind, first, last, start, end in matched.get_opcodes():
            if kind == "equal":
                continue
            old, new = paragraph.before[first:last], paragraph.after[start:end]
            try:
                if len(old) >= ROW and not new and any(" ".join(old) in text for text in written):
                    raise _RefusedError("it is moved to elsewhere", BY_HAND)
                at = [which.get(index) for index in range(first, last)]
                edits.append(self._edit(at, new) if old else self._insertion(first, which, new))
            except _RefusedError as error:
                said = f"{quoted(' '.join(old))} → {quoted(' '.join(new))}"
                where = self.place(first, which)
                refused.append(PaperError(where, f"{said}: {error}", error.hint))
        self.edits += [] if refused else edits
        return refused

    def place(self, first: int, which: Mapping[int, int]) -> str:
        """Return where the word nearest to one of a paragraph stands."""
        near = min(which, key=lambda index: abs(index - first))
        return place(self.name, self.text, self.tokens[which[near]].start)

    def _edit(self, at: Sequence[int | None], new: Sequence[str]) -> Edit:
        known = [index for index in at if index is not None]
        for index in known:
            if key := self.tokens[index].key:
                notebook = self._numbers[key]["notebook"]
                what = f"a part of the number {key}, which is computed"
                raise _RefusedError(what, f"Change {notebook}, or the data, instead.")
        whole = len(known) == len(at) and known == list(range(known[0], known[0] + len(at)))
        if not whole or any(self.tokens[index].is_made for index in known):
            raise _RefusedError("it is not made of words alone in the source", BY_HAND)
        start, end = self.tokens[known[0]].start, self.tokens[known[-1]].end
        words = [self.tokens[index].text for index in known]
        if self.text[start:end].split() != words:
            raise _RefusedError("marks stand between these words in the source", BY_HAND)
        if not new and self.text[start - 1 : start] == " ":
            start -= 1
        return Edit(start, end, _as_source(new))

    def _insertion(self, before: int, which: Mapping[int, int], new: Sequence[str]) -> Edit:
        if (index := which.get(before - 1)) is not None:
            end = self.tokens[index].end
            return Edit(end, end, " " + _as_source(new))
        if (index := which.get(before)) is not None:
            start = self.tokens[index].start
            return Edit(start, start, _as_source(new) + " ")
        raise _RefusedError("it stands beside nothing that is in the source", BY_HAND)


class _RefusedError(Exception):
    """A change that cannot be taken, and what to do instead."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def _as_source(words: Sequence[str]) -> str:
    return SPECIAL.sub(r"\\\1", " ".join(words))


def take_changes(
    reviewed: Sequence[Reviewed], sources: Mapping[str, str], numbers: Mapping[str, Entry]
) -> tuple[dict[str, str], list[str], list[PaperError]]:
    """Take what was changed in Word into the sources.

    `sources`: name → text of the article, and of the files that it includes. `numbers`: key →
    recorded number. Returns name → text of each source, with the changes; the comments, each with
    its place; an error for each change that cannot be taken.
    """
    read = [Source(name, text, numbers) for name, text in sources.items()]
    written = [" ".join(one.after) for one in reviewed]
    comments, refused = [], []
    for paragraph in reviewed:
        words = paragraph.before
        which, source = max(
            ((one.find(words), one) for one in read), key=lambda found: len(found[0])
        )
        begins = quoted(" ".join(words or paragraph.after))
        where = source.place(0, which) if which else begins
        for comment in paragraph.comments:
            about = f" on {quoted(comment.words)}" if comment.words else ""
            comments.append(f"{where}: {comment.author}{about}: {comment.text}")
        if paragraph.structure:
            what = f"the change {paragraph.structure} a paragraph: {quoted(_changed(paragraph))}"
            refused.append(PaperError(where, what, BY_HAND))
        elif paragraph.before != paragraph.after and not which:
            what = f"{quoted(_changed(paragraph))} is not in the article"
            refused.append(PaperError(begins, what, NOT_FOUND))
        elif paragraph.before != paragraph.after:
            refused += source.take(paragraph, which, written)
    return {source.name: source.edited() for source in read}, comments, refused


def _changed(paragraph: Reviewed) -> str:
    """Return the words that are new in a paragraph, or else those that are gone."""
    matched = SequenceMatcher(None, paragraph.before, paragraph.after, autojunk=False)
    codes = [code for code in matched.get_opcodes() if code[0] != "equal"]
    new = [word for _, _, _, start, end in codes for word in paragraph.after[start:end]]
    old = [word for _, first, last, _, _ in codes for word in paragraph.before[first:last]]
    return " ".join(new or old or paragraph.before)
