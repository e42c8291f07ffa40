"""What a reader meets in a rendered file, line after line, as one string of letters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, takewhile

from paper.renderers.inspection.letters import cut, letters, with_minus


@dataclass(frozen=True)
class Box:
    """A place on a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How high it is."""
        return self.top - self.bottom

    def shared(self, other: Box) -> tuple[float, float]:
        """Return how wide and how high the place is that two boxes share; negative if none."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        return wide, min(self.top, other.top) - max(self.bottom, other.bottom)

    def around(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        left, bottom = min(self.left, other.left), min(self.bottom, other.bottom)
        return Box(left, bottom, max(self.right, other.right), max(self.top, other.top))


@dataclass(frozen=True)
class Line:
    """A line of a page; in a format without pages, a paragraph."""

    text: str  # what it says
    page: int = 0  # counted from 1; 0 without pages
    box: Box | None = None  # where on the page it is


class Stream:
    """The letters of a file, and the line of each; lines without letters are left out."""

    def __init__(self, lines: Sequence[Line]) -> None:
        signed = [replace(line, text=with_minus(line.text)) for line in lines]
        found = [(line, kept) for line in signed if (kept := letters(line.text))]
        self.lines = [line for line, _ in found]
        self.letters = "".join(kept for _, kept in found)
        self._starts = [0, *accumulate(len(kept) for _, kept in found)]
        self._is_start = set(self._starts)
        numbered = zip((line.page for line in self.lines), self._starts, strict=False)
        pages = [next(group)[1] for _, group in groupby(numbered, key=lambda pair: pair[0])]
        self._pages = [*pages, len(self.letters)]

    def places(self, wanted: str, start: int, end: int) -> Iterator[int]:
        """Yield where letters stand between two offsets."""
        place = self.letters.find(wanted, start, end)
        while place >= 0:
            yield place
            place = self.letters.find(wanted, place + 1, end)

    def common(self, text: str, done: int, at: int) -> int:
        """Return how many letters of a text, from an offset of it, stand at an offset of this."""
        rest = text[done:]
        pairs = zip(rest, self.letters[at : at + len(rest)], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    def begins_line(self, offset: int) -> bool:
        """Return whether a line begins at an offset, or all of them end there."""
        return offset in self._is_start

    def index(self, offset: int) -> int:
        """Return which line an offset is in; the last one if it is behind all."""
        return min(bisect_right(self._starts, offset), len(self.lines)) - 1

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return offset if self.begins_line(offset) else self._starts[self.index(offset)]

    def page(self, offset: int) -> int:
        """Return the page of an offset."""
        return self.lines[self.index(offset)].page if self.lines else 0

    def reach(self, offset: int, pages: int) -> int:
        """Return where the page ends that comes so many after the page of an offset."""
        page = bisect_right(self._pages, offset)
        return self._pages[min(page + pages, len(self._pages) - 1)]

    def lines_between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the offsets, first and last, of each line that is whole between two others."""
        for index in range(bisect_right(self._starts, start - 1), len(self.lines)):
            if self._starts[index + 1] > end:
                return
            yield self._starts[index], self._starts[index + 1]

    def words(self, start: int, end: int) -> str:
        """Return what the file says from one offset to another, as it is written there."""
        around = slice(self.index(start), self.index(max(start, end - 1)) + 1)
        lines = zip(self.lines[around], self._starts[around], strict=True)
        return " ".join(cut(line.text, start - at, end - at) for line, at in lines)
