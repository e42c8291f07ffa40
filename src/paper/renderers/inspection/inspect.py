"""Look through rendered files, format by format."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from paper.errors import PaperError, ProblemsError
from paper.notebooks.collect import SCALES
from paper.notebooks.notebook_file import code_cells, displayed, label_of, read_notebooks
from paper.renderers.inspection.documents import Read, read_jats, read_page, read_word
from paper.renderers.inspection.expected import Expected, Number, read_expected
from paper.renderers.inspection.faults import HINTS, MOST_TOLD, Fault
from paper.renderers.inspection.layout import look_at_order, look_at_pages
from paper.renderers.inspection.leftovers import find_left_over
from paper.renderers.inspection.letters import letters
from paper.renderers.inspection.order import follow, follow_apart, pieces_of
from paper.renderers.inspection.pdf import NotAPdfError, opened
from paper.renderers.inspection.recorded.appendix import compare_appendix
from paper.renderers.inspection.recorded.drawn import compare_drawing
from paper.renderers.inspection.recorded.numbers import EXPECTED, compare_numbers, read_printed
from paper.renderers.inspection.stream import Line, Stream
from paper.renderers.inspection.tables import follow_rows
from paper.storage.files import SCRATCH
from paper.storage.project import Project
from paper.storage.render_cache import files_below

DOCUMENTS: Mapping[str, tuple[str, Callable[[Path], Read]]] = {
    ".html": ("html", read_page),
    ".docx": ("docx", read_word),
    ".xml": ("jats", read_jats),
}
PDF, PAGE, DRAWING = ".pdf", "html", "image/svg+xml"
WITH_APPENDIX = {"typst", "latex", "docx"}
RUINED = "ruined"  # in the cache
UNREADABLE = (NotAPdfError, zipfile.BadZipFile, ParseError, UnicodeDecodeError)


def refuse_ruined(project: Project, folder: Path, names: Iterable[str] | None = None) -> None:
    """Look through the files of a folder, all of them or the named; put aside what is ruined.

    Raises `ProblemsError` if a file is ruined: it names the page, the text, and what to do.
    """
    if names is None:
        names = [name for name, _ in files_below(folder)]
    if ruined := inspect(project, folder, names):
        raise ProblemsError(_put_aside(project, folder, ruined))


def inspect(project: Project, folder: Path, names: Iterable[str]) -> dict[str, list[PaperError]]:
    """Look through rendered files; return what is wrong with each that is ruined."""
    found = {}
    for name in names:
        try:
            problems = _problems(project, folder, name)
        except UNREADABLE as error:
            problems = [PaperError(name, f"cannot be read: {error}", HINTS["cannot be read"])]
        if problems:
            found[name] = problems
    return found


def _problems(project: Project, folder: Path, name: str) -> list[PaperError]:
    file = folder / name
    left_over = find_left_over(file, name)
    if left_over or not _is_of_article(name):
        return left_over
    look = _pdf_faults if file.suffix == PDF else _document_faults
    return [
        PaperError(f"{name}, page {fault.page}" if fault.page else name, fault.what, fault.hint)
        for fault in look(project, file)
    ]


def _put_aside(
    project: Project, folder: Path, ruined: Mapping[str, Sequence[PaperError]]
) -> list[PaperError]:
    """Move ruined files to where their author can look at them; return what is wrong with them."""
    aside = project.cache / RUINED
    # A copy of the paper that reads other data is gone when this command ends.
    is_passing = any(part.startswith(SCRATCH) for part in project.root.parts)
    told = []
    for name, problems in ruined.items():
        (aside / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / name, aside / name)
        kept = (aside / name).relative_to(project.root).as_posix()
        hint = "" if is_passing else f"It lies in {kept}, to look at."
        told += [*problems, PaperError(name, "is not put in place", hint)]
    return told


def _is_of_article(name: str) -> bool:
    """Return whether a file is the article in some format, and not a notebook, data or a figure."""
    path = Path(name)
    is_format = path.suffix in {*DOCUMENTS, PDF}
    return is_format and path.parent == Path() and not path.stem.endswith("-preview")


def _document_faults(project: Project, file: Path) -> list[Fault]:
    kind, read = DOCUMENTS[file.suffix]
    expected = read_expected(project.cache / EXPECTED / f"{kind}.json")
    lines, numbers = read(file)
    return _faults(project, kind, expected, lines, numbers)


def _pdf_faults(project: Project, file: Path) -> list[Fault]:
    with opened(file) as (maker, pages):
        kind = "typst" if maker.startswith("Typst") else "latex"
        expected = read_expected(project.cache / EXPECTED / f"{kind}.json")
        # Nobody can follow a text that is printed on itself.
        if faults := look_at_pages(pages, *_size(expected)):
            return faults
        lines = [line for page in pages for line in page.lines()]
    return _faults(project, kind, expected, lines, None)


def _size(expected: Expected) -> tuple[int, int]:
    """Return how many letters the text has, and how many figures and tables."""
    texts = [block.text for block in (*expected.flow, *expected.floats)]
    cells = [cell for table in expected.tables for row in table for cell in row.cells]
    return sum(len(letters(text)) for text in (*texts, *cells)), (
        expected.pictures + len(expected.tables)
    )


def text_faults(expected: Expected, lines: Sequence[Line]) -> list[Fault]:
    """Tell what of the text is not in the lines of a file, or not as it should be."""
    stream = Stream(lines)
    apart = [fault for block in expected.floats for fault in follow_apart(block, stream)]
    rows = [fault for rows in expected.tables for fault in follow_rows(rows, stream)]
    faults, spans = follow(pieces_of(expected.flow), stream, pieces_of(expected.floats))
    return [*faults, *apart[:MOST_TOLD], *rows[:MOST_TOLD], *look_at_order(spans, stream)]


def drawn_faults(project: Project, recorded: Mapping[str, Any]) -> Iterator[Fault]:
    """Tell what the figures of the notebooks show otherwise: all formats take them from there."""
    for path, content in read_notebooks(project).items():
        for cell in code_cells(content):
            for drawing in displayed(cell, DRAWING):
                name, scales = f"{path}, {label_of(cell, path)},", recorded.get(SCALES, {})
                yield from compare_drawing(name, "".join(drawing), recorded, scales)


def _faults(
    project: Project,
    kind: str,
    expected: Expected,
    lines: Sequence[Line],
    numbers: Sequence[Number] | None,
) -> list[Fault]:
    recorded = json.loads(project.numbers.read_text(encoding="utf-8"))
    of_numbers = compare_numbers(expected.numbers, numbers, read_printed(project), recorded)
    faults = [*text_faults(expected, lines), *of_numbers[:MOST_TOLD]]
    if kind == PAGE:
        faults += islice(drawn_faults(project, recorded), MOST_TOLD)
    if kind in WITH_APPENDIX and not faults:
        keys = (number.key for number in expected.numbers)
        faults += islice(compare_appendix(keys, Stream(lines), recorded), MOST_TOLD)
    return faults
