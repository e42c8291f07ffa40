"""Follow the text through a rendered file: all of it is there, once, in its order.

Between two stretches of the text a file may print other things: running heads and feet, floats,
notes, the marks of lists, citations. Those fill whole lines, begin a line, or stand where the text
has a gap. Whatever else comes between is a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from paper.renderers.inspection.expected import GAP, Block
from paper.renderers.inspection.faults import HINTS, MOST_TOLD, Fault
from paper.renderers.inspection.letters import cut, letters, quoted
from paper.renderers.inspection.stream import Stream

# So many letters in a row are in a text but once, or a few times.
SURE = 24
# A title that is cited, or a phrase, may be in the text as well; hardly one that is longer.
LONG = 60
# What is found again after fewer letters is looked for only nearby.
FEW, NEARBY = 8, 40
# A few pages may hold nothing but figures and tables.
PAGES_OF_FLOATS = 4
# By so many letters two texts may agree by chance.
CHANCE = 12
CONTEXT = 40
Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A stretch of text without a gap."""

    # What it says, and what of it is compared.
    text: str
    letters: str
    is_marked: bool  # whether a block begins here, before which a number or another mark may stand
    after_gap: bool  # whether a gap is before it, where anything may stand
    is_heading: bool  # whether running heads may repeat it
    is_first: bool  # whether it is the first of its block


def pieces_of(blocks: Sequence[Block]) -> list[Piece]:
    """Return the stretches of blocks that can be followed."""
    found, after_gap = [], False
    for block in blocks:
        if not block.text.strip():
            continue
        is_marked = block.is_marked
        for number, part in enumerate(block.text.split(GAP)):
            if kept := letters(part):
                found.append(Piece(part, kept, is_marked, after_gap, block.is_heading, not number))
                is_marked = after_gap = False
            after_gap = True
        after_gap = block.text.rstrip(" .,;:)]").endswith(GAP)
    return found


def follow(
    pieces: Sequence[Piece], stream: Stream, apart: Sequence[Piece]
) -> tuple[list[Fault], list[Span]]:
    """Follow the text from the first page to the last; `apart` are captions and notes.

    Returns what is wrong, and where in the file the text is, in its own order, without what may
    agree by chance.
    """
    walk = _Walk(pieces, stream, PAGES_OF_FLOATS)
    walk.apart = "\n".join(piece.letters for piece in apart)
    walk.go()
    walk.find_repeated(walk.at, len(stream.letters), len(walk.said))
    return walk.faults, walk.spans


def follow_apart(block: Block, stream: Stream) -> list[Fault]:
    """Tell what is wrong with a caption or a note, which may stand anywhere."""
    pieces = pieces_of([block])
    walk = _Walk(pieces, stream, 1)
    if pieces:
        first = pieces[0].letters
        places = stream.places(first[:SURE], 0, len(stream.letters))
        # Two may begin alike.
        walk.at = max(places, key=lambda place: stream.common(first, 0, place), default=0)
        walk.go()
    return walk.faults


class _Walk:
    """Goes through text and file at once; `at` is how far it came in the file."""

    def __init__(self, pieces: Sequence[Piece], stream: Stream, pages: int) -> None:
        self.pieces, self.stream, self.pages = pieces, stream, pages
        self.at = 0
        self.faults: list[Fault] = []
        self.spans: list[Span] = []
        self.apart = ""
        self.whole = {p.letters for p in pieces if not p.is_heading and len(p.letters) >= SURE}
        self.said = "\n".join("" if piece.is_heading else piece.letters for piece in pieces)

    def go(self) -> None:
        told = 0  # how much of `said` lies behind
        for number, piece in enumerate(self.pieces):
            if len(self.faults) >= MOST_TOLD:
                return
            self._through(number, told)
            told += 1 + (0 if piece.is_heading else len(piece.letters))

    def _through(self, number: int, told: int) -> None:
        piece, done, is_first, was_lost = self.pieces[number], 0, True, False
        while True:
            agreed = self.stream.common(piece.letters, done, self.at)
            if agreed >= min(CHANCE, len(piece.letters)):
                self.spans.append((self.at, self.at + agreed))
            done, self.at = done + agreed, self.at + agreed
            if done == len(piece.letters) or len(self.faults) >= MOST_TOLD:
                return
            place = self._again(number, done)
            if place is None:
                done, was_lost = self._lost(number, done), True
                if done == len(piece.letters):
                    return
            else:
                if not (was_lost or (is_first and self._may_stand_before(piece, done))):
                    self._check_between(place)
                self.find_repeated(self.at, place, told + done)
                self.at, is_first, was_lost = place, False, False

    def _end(self) -> int:
        """Return how far ahead the text may go on."""
        return self.stream.reach(self.at, self.pages) if self.spans else len(self.stream.letters)

    def _again(self, number: int, done: int) -> int | None:
        """Return where a piece goes on after what came between; None if it does not."""
        ahead, end = self.pieces[number].letters[done : done + SURE], self._end()
        leads = (
            place
            for place in self.stream.places(ahead, self.at, end)
            if self._leads_on(number, ahead, place)
        )
        if (first := next(leads, None)) is not None:
            # A heading may be in a caption that comes before it: there the text does not go on.
            is_end = done + len(ahead) == len(self.pieces[number].letters)
            sure = not is_end or self._goes_on(number + 1, first + len(ahead))
            if sure:
                return first
            others = [first, *leads]
            going_on = (at for at in others if self._goes_on(number + 1, at + len(ahead)))
            # Before a reference nothing that is known follows; but a block begins a line.
            lines = others if self.pieces[number].is_first else []
            beginning = (at for at in lines if self.stream.begins_line(at - done))
            return next(chain(going_on, beginning), first)
        for cut_at in range(len(ahead) - 1, 0, -1):
            head, tail = ahead[:cut_at], ahead[cut_at:]
            if (broken := self._broken(head, tail, end)) is not None:
                return broken
        return None

    def _leads_on(self, number: int, ahead: str, place: int) -> bool:
        """Return whether the text goes on from a place: a short word stands in many."""
        following = (piece.letters for piece in self.pieces[number + 1 :])
        next_sure = next((found[:SURE] for found in following if len(found) >= SURE), "")
        if len(ahead) == SURE or not next_sure:
            return True
        find, end = self.stream.letters.find, self._end()
        return find(next_sure, place, end) >= 0 or find(next_sure, self.at, end) < 0

    def _goes_on(self, number: int, place: int) -> bool:
        """Return whether a piece begins at a place."""
        following = self.pieces[number].letters if number < len(self.pieces) else ""
        return self.stream.common(following, 0, place) >= min(CHANCE, len(following))

    def _broken(self, head: str, tail: str, end: int) -> int | None:
        """Return where a line ends with the head, if a later one begins with the tail."""
        begins_line, places = self.stream.begins_line, self.stream.places
        heads = (at for at in places(head, self.at, end) if begins_line(at + len(head)))
        if (place := next(heads, None)) is None:
            return None
        tails = (at for at in places(tail, place + len(head), end) if begins_line(at))
        return None if next(tails, None) is None else place

    def _may_stand_before(self, piece: Piece, done: int) -> bool:
        """Return whether something may stand where the walk is, before a piece goes on."""
        is_start = piece.is_marked and self.stream.begins_line(self.at - done)
        return done < CHANCE and (piece.after_gap or is_start)

    def _check_between(self, place: int) -> None:
        """Tell what stands between, unless it fills whole lines."""
        stream, start = self.stream, self.stream.line_start(self.at)
        # The line that came between may begin with the very letters that the text goes on with.
        by_chance = stream.letters[start : self.at]
        back = place - len(by_chance)
        if stream.begins_line(back) and stream.letters.startswith(by_chance, back):
            return
        extra, before = stream.words(self.at, place), stream.words(start, self.at)
        what = f"{quoted(extra)} is printed after {quoted(before[-CONTEXT:])}"
        self._tell(f"{what}, where the text has it once or not at all", "twice", self.at)

    def _tell(self, what: str, hint: str, at: int) -> None:
        self.faults.append(Fault(what, HINTS[hint], self.stream.page(at)))

    def find_repeated(self, start: int, end: int, told: int) -> None:
        """Tell what of the lines between is text that was there already."""
        first = start
        for begin, stop in self.stream.lines_between(start, end):
            # Several lines together say more than each.
            first = first if self._was_said(first, stop, told) else begin
            again = self.stream.letters[first:stop]
            is_text = again not in self.apart and self._was_said(first, stop, told)
            if is_text and (len(again) >= LONG or again in self.whole):
                words = quoted(self.stream.words(first, stop))
                self._tell(f"{words} is printed twice", "twice", first)
                return

    def _was_said(self, start: int, stop: int, told: int) -> bool:
        return 0 <= self.said.find(self.stream.letters[start:stop]) < told

    def _lost(self, number: int, done: int) -> int:
        """Tell what is missing; return where the piece goes on, or its end."""
        piece = self.pieces[number]
        # Of the first letter of each word, among all letters.
        starts = [0, *accumulate(len(letters(word)) for word in piece.text.split())][:-1]
        resumed = (start for start in starts if start > done and self._is_ahead(piece, start))
        end = next(resumed, len(piece.letters))
        first = max(start for start in starts if start <= done)
        lost = quoted(cut(piece.text, first, end))
        before = cut(piece.text, 0, first) or (self.pieces[number - 1].text if number else "")
        after = f" after {quoted(before[-CONTEXT:])}" if before.strip() else ""
        ahead = piece.letters[done : done + SURE]
        if len(ahead) > CHANCE and (place := self.stream.letters.find(ahead)) >= 0:
            where = f" on page {other}," if (other := self.stream.page(place)) else ""
            what = f"{lost} stands{where} and not where it belongs,{after or ' first'}"
            self._tell(what, "order", self.at)
        else:
            self._tell(f"{lost} is missing{after}", "missing", self.at)
        return end

    def _is_ahead(self, piece: Piece, start: int) -> bool:
        ahead = piece.letters[start : start + SURE]
        end = self._end() if len(ahead) >= FEW else self.at + NEARBY
        return self.stream.letters.find(ahead, self.at, end) >= 0
