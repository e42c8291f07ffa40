"""How soon a fresh clone shows its page and its PDF, against Pandoc and Typst alone.

The baseline, in the same run, is the same text with the same figures: Pandoc makes the page, Pandoc
and Typst the PDF, both at once, without our filters, templates and looks at what was made. Prints a
table in Markdown.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pypandoc
from build import BUILD, REPEATS, call, fresh, header, page_and_pdf, seconds

from paper.renderers.pandoc import NATURAL_WIDTHS
from paper.renderers.press import Press, citing, lay_out
from paper.renderers.reading.images import FOLDER
from paper.renderers.reading.source import read_manuscript
from paper.storage.project import open_project

TYPST = "import typst; typst.compile('paper.typ', output='paper.pdf', ignore_system_fonts=True)"
COMMON = (
    "paper.json", "--from=json", "--standalone", "--metadata=title:Paper",
    NATURAL_WIDTHS,
)  # fmt: skip


def name_drawings(document: Path) -> None:
    """Give each figure the name of its drawing, which our filter else does."""
    text = document.read_text(encoding="utf-8")
    for drawing in (document.parent / FOLDER).glob("*.svg"):
        text = text.replace(f'"{FOLDER}/{drawing.stem}"', f'"{FOLDER}/{drawing.name}"')
    document.write_text(text, encoding="utf-8")


def bare(folder: Path, program: str, references: Sequence[str]) -> None:
    """Make page and PDF with Pandoc and Typst, at once."""
    common = [program, *COMMON, *references]
    page = [*common, "--to=html5", "--embed-resources", "--output=index.html"]
    source = [*common, "--to=typst", "--output=paper.typ"]

    def pdf() -> None:
        call(folder, source)
        call(folder, [sys.executable, "-c", TYPST])

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(call, folder, page), pool.submit(pdf)]:
            done.result()


def first(folder: Path) -> tuple[float, float]:
    """Return how long it takes until page and PDF are made, and until all formats are in place."""
    start = time.time()
    call(folder, BUILD)
    return page_and_pdf(folder) - start, time.time() - start


def main() -> None:
    """Print the times, and their ratios to the baseline."""
    header()
    with tempfile.TemporaryDirectory() as made:
        clones = [fresh(Path(made) / f"clone-{number}") for number in range(REPEATS)]
        times = [first(clone) for clone in clones]
        project = open_project(clones[0])
        work = Path(made) / "bare"
        lay_out(Press(project, read_manuscript(project), work))
        name_drawings(work / "paper.json")
        alone = partial(bare, work, str(pypandoc.get_pandoc_path()), citing(project))
        baseline = statistics.median(seconds(alone) for _ in range(REPEATS))
    rows = {
        "Pandoc and Typst alone, page and PDF (baseline)": baseline,
        "`paper build` on a fresh clone: until page and PDF are made": statistics.median(
            until for until, _ in times
        ),
        "`paper build` on a fresh clone: all formats in place": statistics.median(
            whole for _, whole in times
        ),
    }
    print("| What | Seconds | Ratio to the baseline |\n|---|---:|---:|")
    for what, taken in rows.items():
        print(f"| {what} | {taken:.2f} | {taken / baseline:.2f} |")


if __name__ == "__main__":
    main()
