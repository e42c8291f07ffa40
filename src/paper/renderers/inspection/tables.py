"""Follow the rows of a table through a rendered file."""

from collections.abc import Sequence

from paper.renderers.inspection.expected import Row
from paper.renderers.inspection.faults import HINTS, Fault
from paper.renderers.inspection.letters import letters, quoted
from paper.renderers.inspection.stream import Stream

# A row that is broken between pages goes on at the top of the next, below the head of the table.
NEXT_PAGE = 1


def follow_rows(rows: Sequence[Row], stream: Stream) -> list[Fault]:
    """Tell the first row of one table that is not printed whole, below the one before it."""
    at = 0
    for row in rows:
        after = _after(row, stream, at)
        if after is None:
            what = f"the row {quoted(' '.join(row.cells))} of a table is not printed as it"
            return [Fault(f"{what} should be", HINTS["row"], stream.page(at))]
        at = after
    return []


def _after(row: Row, stream: Stream, at: int) -> int | None:
    """Return where a row ends; None if it is not there."""
    after = at
    for part in row.parts:
        place = stream.letters.find(part, after)
        if place < 0:
            return _after_broken(row, stream, at)
        after = place + len(part)
    return after


def _after_broken(row: Row, stream: Stream, at: int) -> int | None:
    """Return where a row ends that is broken between two pages, each cell by itself."""
    left = []
    for cell in map(letters, row.cells):
        common = stream.common(cell, 0, at)
        left.append(cell[common:])
        at += common
    rest = "".join(left)
    if not stream.begins_line(at) or stream.page(at - 1) == stream.page(at):
        return None
    place = stream.letters.find(rest, at, stream.reach(at, NEXT_PAGE))
    return None if place < 0 else place + len(rest)
