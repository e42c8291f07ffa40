"""Compile a LaTeX source, and look at every page of what came out."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

ENGINES = ("xelatex", "lualatex")
RUNS = 4
AGAIN = re.compile(r"Rerun to|Label\(s\) may have changed")
# Points by which a line may be too long: nobody sees them.
TOLERATED = 2.0
OVERFULL = re.compile(r"^Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high).*$", re.MULTILINE)
WRONG = re.compile(r"^.*(?:Missing character|undefined references|multiply).*$", re.MULTILINE)
# As paper.latex has them; punctuation may hang in the margin, and a rule stand below the last line.
CENTIMETRE = 72 / 2.54
OUTER, INNER, BOTTOM = 2.3 * CENTIMETRE, 2.7 * CENTIMETRE, 2.3 * CENTIMETRE
HANGING, DEPTH, FOOT, EDGE = 4.0, 8.0, 32.0, 1.2 * CENTIMETRE

Box = tuple[float, float, float, float]  # left, bottom, right, top


def compile_tex(source: Path, engine: str) -> Path:
    """Run TeX until nothing changes any more; return the PDF, beside which its log lies."""
    assert shutil.which(engine), f"these tests need {engine}: README.md says which packages"
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", source.name]
    log = source.with_suffix(".log")
    for _ in range(RUNS):
        done = subprocess.run(command, cwd=source.parent, capture_output=True, check=False)
        text = log.read_text(errors="replace")
        assert done.returncode == 0, text[-3000:]
        if not AGAIN.search(text):
            return source.with_suffix(".pdf")
    raise AssertionError(f"{engine} is not done after {RUNS} runs")


def check_log(log: Path) -> None:
    """TeX complains of nothing that a reader would see."""
    text = log.read_text(errors="replace")
    assert WRONG.findall(text) == []
    assert [found[0] for found in OVERFULL.finditer(text) if float(found[1]) > TOLERATED] == []


def check_pages(document: Path) -> None:
    """All that is printed, but for head and folio, lies in the text block, and not on another."""
    pdf = pypdfium2.PdfDocument(document)
    for number in range(len(pdf)):
        page = pdf[number]
        width, height = sorted(page.get_size())  # those on their side count as upright
        left = (INNER if number % 2 == 0 else OUTER) - HANGING
        right = width - (OUTER if number % 2 == 0 else INNER) + HANGING
        bottom = BOTTOM - (FOOT if number == 0 else DEPTH)
        letters = list(_letters(page))
        for box in [*letters, *(item.get_bounds() for item in page.get_objects(max_depth=1))]:
            inside = left <= box[0] and box[2] <= right and bottom <= box[1]
            assert inside, (number + 1, box)
            assert box[3] <= height - EDGE, (number + 1, box)
        assert _overprinted(letters) == [], number + 1
    pdf.close()


def _letters(page: pypdfium2.PdfPage) -> Iterator[Box]:
    text = page.get_textpage()
    before = None
    for index in range(text.count_chars()):
        box = text.get_charbox(index)
        # The letters of a ligature share a box.
        if text.get_text_range(index, 1).strip() and box[2] > box[0] and box != before:
            yield box
        before = box


def _overprinted(boxes: list[Box]) -> list[tuple[Box, Box]]:
    """Return pairs of letters of which one covers most of another."""
    boxes = sorted(boxes)
    found = []
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            if other[0] >= one[2]:
                break
            across = min(one[2], other[2]) - other[0]
            along = min(one[3], other[3]) - max(one[1], other[1])
            smaller = min(_area(one), _area(other))
            if along > 0 and across * along > 0.6 * smaller:
                found.append((one, other))
    return found


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def count_figures(document: Path) -> int:
    """Return how many drawings are on the pages."""
    pdf = pypdfium2.PdfDocument(document)
    found = sum(
        item.type == pypdfium2.raw.FPDF_PAGEOBJ_FORM
        for page in pdf
        for item in page.get_objects(max_depth=1)
    )
    pdf.close()
    return found
