"""What is on the pages of a PDF, and where: pdfium knows the place of every run of characters."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.renderers.inspection.stream import Box, Line

# pdfium is not made for several threads at once.
ONE_AT_A_TIME = threading.Lock()
LONGEST_RUN = 16384  # characters
STRAIGHT = 1e-3
TALL = 24.0  # points, for text of one line


class NotAPdfError(Exception):
    """A file that pdfium cannot open."""


@dataclass(frozen=True)
class Run:
    """Characters that are drawn in one go, or a picture; `handle` is how pdfium knows it."""

    box: Box
    handle: Any


class Page:
    """A page: its box, what is drawn in it, and what that says.

    Figures are drawings: text inside a picture is none of the page's.
    """

    def __init__(self, page: Any, number: int) -> None:
        from pypdfium2 import raw  # noqa: PLC0415  (slow, and only a PDF needs it)

        self._raw, self._page, self._texts = raw, page, None
        self._said: dict[int, str] = {}
        self._buffer = (ctypes.c_ushort * LONGEST_RUN)()
        self.number = number
        self.box = Box(*page.get_bbox())
        self.runs: list[Run] = []
        self.pictures: list[Run] = []
        self.has_drawings = False
        self._read()

    def _read(self) -> None:
        raw = self._raw
        pictures = {raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_IMAGE}
        for found in self._page.get_objects(max_depth=1):
            if found.type == raw.FPDF_PAGEOBJ_TEXT or found.type in pictures:
                run = Run(Box(*found.get_bounds()), found)
                (self.pictures if found.type in pictures else self.runs).append(run)
            self.has_drawings |= found.type != raw.FPDF_PAGEOBJ_TEXT

    def text(self, run: Run) -> str:
        """Return what a run says; nothing if it is not shown."""
        # pdfium goes through the whole page for each answer.
        if id(run) not in self._said:
            self._said[id(run)] = self._ask(run)
        return self._said[id(run)]

    def _ask(self, run: Run) -> str:
        raw = self._raw
        if raw.FPDFTextObj_GetTextRenderMode(run.handle) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return ""
        self._texts = self._texts or self._page.get_textpage()
        size = raw.FPDFTextObj_GetText(run.handle, self._texts, self._buffer, LONGEST_RUN)
        return ctypes.string_at(self._buffer, max(0, size - 2)).decode("utf-16-le", "ignore")

    def is_straight(self, run: Run) -> bool:
        """Return whether a run goes along an edge of the page."""
        matrix = run.handle.get_matrix()
        slant, along = max(abs(matrix.b), abs(matrix.c)), max(abs(matrix.a), abs(matrix.d))
        return bool(min(slant, along) < STRAIGHT * max(slant, along))

    def lines(self) -> Iterator[Line]:
        """Yield what the page says, line after line, in the order in which it is drawn."""
        text, box = "", None
        for run in self.runs:
            if run.box.height > TALL and not self.is_straight(run):
                continue  # across the page: a watermark
            if box is not None and _is_below_or_above(run.box, box):
                yield Line(text, self.number, box)
                text, box = "", None
            text += self.text(run)
            if run.box.height > 0:
                box = run.box if box is None else box.around(run.box)
        if box is not None:
            yield Line(text, self.number, box)


def _is_below_or_above(box: Box, line: Box) -> bool:
    """Return whether a box is of another line; what is raised or lowered is of the same."""
    middle, of_line = (box.bottom + box.top) / 2, (line.bottom + line.top) / 2
    return not (line.bottom < middle < line.top or box.bottom < of_line < box.top)


@contextmanager
def opened(file: Path) -> Iterator[tuple[str, list[Page]]]:
    """Yield what made a PDF, and its pages."""
    import pypdfium2  # noqa: PLC0415

    with ONE_AT_A_TIME:
        try:
            with closing(pypdfium2.PdfDocument(file)) as document:
                maker = document.get_metadata_value("Creator")
                yield maker, [Page(page, number) for number, page in enumerate(document, start=1)]
        except pypdfium2.PdfiumError as error:
            raise NotAPdfError(error) from None
