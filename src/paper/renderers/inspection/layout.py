"""Look at the pages of a PDF: nothing is off the page, on top of other text, or missing."""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from math import ceil

from paper.renderers.inspection.faults import HINTS, MOST_TOLD, Fault
from paper.renderers.inspection.letters import letters, quoted
from paper.renderers.inspection.pdf import Page, Run
from paper.renderers.inspection.stream import Box, Stream

# In points. A picture may go to the very edge, and printers want it to go beyond.
BEYOND_THE_EDGE, PICTURE_BEYOND = 1.0, 15.0
# Of the lower of two heights: what lines that are set tightly, or slanted letters, never share.
WIDE, HIGH = 0.6, 0.35
# One letter may well be set on another: an accent, a logo, a sign made of two.
FEWEST_LETTERS = 2
# How many letters a page of A4 holds: small print in two columns has less, headings have more.
MOST_ON_A4, FEWEST_ON_A4, A4 = 8000, 400, 595 * 842
PAGES_TO_SPARE, PAGES_OF_A_PICTURE = 4, 2
# Of the lower of two lines: how far the next one may begin above.
ABOVE = 0.5


def look_at_pages(pages: Sequence[Page], written: int, pictures: int) -> list[Fault]:
    """Look at every page by itself, and at how many there are.

    For a text of so many letters, with so many figures and tables.
    """
    return [
        *_number_of_pages(pages, written, pictures),
        *(
            fault
            for look in (_empty, _off_the_page, _overprinted)
            for fault in islice((fault for page in pages for fault in look(page)), MOST_TOLD)
        ),
    ]


def _number_of_pages(pages: Sequence[Page], written: int, pictures: int) -> Iterator[Fault]:
    sheets = sum(page.box.width * page.box.height for page in pages) / A4
    size = sheets / len(pages) if pages else 1
    least = ceil(written / (MOST_ON_A4 * size))
    most = PAGES_TO_SPARE + PAGES_OF_A_PICTURE * pictures + ceil(written / (FEWEST_ON_A4 * size))
    if not least <= len(pages) <= most:
        what = f"{len(pages)} pages for a text of {written} letters, which takes {least} to {most}"
        yield Fault(what, HINTS["pages"])


def _empty(page: Page) -> Iterator[Fault]:
    if not (page.pictures or page.has_drawings or any(letters(page.text(r)) for r in page.runs)):
        yield Fault("nothing is on this page", HINTS["pages"], page.number)


def _off_the_page(page: Page) -> Iterator[Fault]:
    for runs, beyond in ((page.runs, BEYOND_THE_EDGE), (page.pictures, PICTURE_BEYOND)):
        for run in runs:
            if edge := _edge(run.box, page.box, beyond):
                text = page.text(run) if runs is page.runs else ""
                # One letter alone is of a drawing, which may be cut to its frame.
                if runs is page.pictures or len(letters(text)) >= FEWEST_LETTERS:
                    shown = quoted(text) if text else "a picture"
                    what = f"{shown} goes beyond the {edge} edge"
                    yield Fault(what, HINTS["off the page"], page.number)


def _edge(box: Box, page: Box, beyond: float) -> str:
    over = {
        "left": page.left - box.left,
        "right": box.right - page.right,
        "lower": page.bottom - box.bottom,
        "upper": box.top - page.top,
    }
    edge = max(over, key=lambda name: over[name])
    return edge if over[edge] > beyond else ""


def _overprinted(page: Page) -> Iterator[Fault]:
    drawn = sorted((run for run in page.runs if run.box.height > 0), key=lambda run: -run.box.top)
    for first, run in enumerate(drawn):
        for other in drawn[first + 1 :]:
            if other.box.top <= run.box.bottom:
                break
            if _are_on_each_other(run.box, other.box) and _are_texts(page, run, other):
                both = f"{quoted(page.text(run))} and {quoted(page.text(other))}"
                what = f"{both} are printed on each other"
                yield Fault(what, HINTS["printed over"], page.number)


def _are_on_each_other(one: Box, other: Box) -> bool:
    wide, high = one.shared(other)
    lower = min(one.height, other.height)
    return wide > WIDE * lower and high > HIGH * lower


def _are_texts(page: Page, one: Run, other: Run) -> bool:
    """Return whether both are words along the page; a text drawn again to be bold says nothing."""
    return all(
        len(letters(page.text(run))) >= FEWEST_LETTERS and page.is_straight(run)
        for run in (one, other)
    )


def look_at_order(spans: Sequence[tuple[int, int]], stream: Stream) -> list[Fault]:
    """Look where the lines of the text are: each below the one before, or beside it.

    `spans` are the offsets of the text in the file, in the order of the text.
    """
    read = dict.fromkeys(
        index
        for start, end in spans
        for index in range(stream.index(start), stream.index(end - 1) + 1)
    )
    lines = [stream.lines[index] for index in read]
    return [
        Fault(
            f"{quoted(later.text)} stands above {quoted(line.text)}, which it follows in the text",
            HINTS["order"],
            line.page,
        )
        for line, later in pairwise(lines)
        if line.page == later.page and line.box and later.box and _is_above(later.box, line.box)
    ][:MOST_TOLD]


def _is_above(later: Box, line: Box) -> bool:
    wide, _ = later.shared(line)
    lower = min(later.height, line.height)
    are_level = max(later.width, line.width) > lower  # a page on its side has its lines upright
    return are_level and wide > 0 and later.bottom > line.top - ABOVE * lower
