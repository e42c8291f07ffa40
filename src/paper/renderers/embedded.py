"""The embedded renderer: HTML, PDF, DOCX, JATS and LaTeX by Pandoc and Typst, without Quarto."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from paper.errors import PaperError
from paper.notebooks.collect import read_numbers
from paper.notebooks.notebook_file import code_cells, read_notebooks
from paper.renderers.jats import complete
from paper.renderers.notebook_pages import notebook_page, numbers_used, sub_articles
from paper.renderers.pandoc import compile_typst
from paper.renderers.press import PAGE, Press, as_words, lay_out, write_json
from paper.renderers.reading.images import DRAWN, FOLDER, drawings_as_text
from paper.renderers.reading.source import placed, read_manuscript
from paper.storage.files import digest
from paper.storage.project import STUDY, Project
from paper.storage.render_cache import Kept, by_name, files_below
from paper.storage.steps import Inputs
from paper.storage.system.machine import cores

# What only these need; for LaTeX filters that follow the others.
REFERENCE, TEMPLATE = "reference.docx", "paper.latex"
LATEX = ("latex.lua", "tables.lua")
END = "</article>"
TYPST = ("embedded.typ", "typst-template.typ", "typst-show.typ")
DOWNLOADS = [
    {"file": "paper.pdf", "label": "PDF"},
    {"file": "paper.docx", "label": "Word"},
    {"file": "paper.xml", "label": "JATS XML"},
]


def render(project: Project, kept: Kept, work: Path) -> dict[str, Path]:
    """Render the manuscript in five formats, and a page for each notebook, as far as need be.

    Returns path in the rendered paper → file. Raises `PaperError` if the manuscript holds what this
    renderer does not know, or what was rendered holds what no reader should see.
    """
    press = Press(project, read_manuscript(project), work)
    lay_out(press)
    known = read_numbers(project)
    used = numbers_used(known, press.manuscript)
    texts = {key: entry["text"] for key, entry in known.items()}
    latex = press.inputs("pdf", TEMPLATE, *LATEX)
    books = by_name([project.root / book.stored for book in project.notebooks], project.root)
    article = {**press.inputs("png", "sub-article.jats"), **books}
    jobs: list[Callable[[], Path]] = [
        partial(kept.take, "PDF", press.inputs("svg", *TYPST), partial(_pdf, press)),
        partial(kept.take, "HTML", _page_inputs(press), partial(_html, press)),
        partial(kept.take, "DOCX", press.inputs("png", REFERENCE), partial(_docx, press)),
        partial(kept.take, "JATS", article, partial(_jats, press, texts)),
        partial(kept.take, "LaTeX", latex, partial(_latex, press)),
        *(partial(notebook_page, kept, press, book, used, texts) for book in project.notebooks),
    ]
    parts = {book.path: project.root / book.path for book in project.notebooks}
    with ThreadPoolExecutor(cores()) as pool:
        for finished in [pool.submit(job) for job in jobs]:
            try:
                parts |= files_below(finished.result())
            except PaperError as error:
                raise placed(error, project) from None
    return parts


def _page_inputs(press: Press) -> Inputs:
    """Return what the page is made from: it shows the code of the cells that its numbers are of."""
    shown = {
        path: [[cell["id"], cell["source"]] for cell in code_cells(content)]
        for path, content in read_notebooks(press.project).items()
    }
    study = filter(Path.is_file, [press.project.root / STUDY])  # choices.lua reads it
    return {
        "the code of the notebooks": digest([json.dumps(shown).encode()]),
        "the study": digest(file.read_bytes() for file in study),
        **press.inputs("svg", *PAGE),
    }


def _html(press: Press, folder: Path) -> None:
    notebooks = [
        {"page": book.page, "title": as_words(book.title)} for book in press.project.notebooks
    ]
    page = {"article": True, "notebooks": notebooks, "downloads": DOWNLOADS}
    write_json(press.work / "page.json", page)
    press.article(
        "html5", folder / "index.html", "--metadata-file=page.json", "--toc",
        "--toc-depth=3", "--mathml", *press.page, top=2,  # below the title
    )  # fmt: skip
    index = folder / "index.html"
    index.write_text(drawings_as_text(index.read_text("utf-8")), "utf-8", newline="\n")


def _pdf(press: Press, folder: Path) -> None:
    source = press.work / "paper.typ"
    template, *_ = press.parts(*TYPST)
    press.article("typst", source, f"--template={template}")
    compile_typst(source, folder / "paper.pdf")


def _docx(press: Press, folder: Path) -> None:
    (reference,) = press.parts(REFERENCE)
    press.article("docx", folder / "paper.docx", f"--reference-doc={reference}")


def _jats(press: Press, texts: Mapping[str, str], folder: Path) -> None:
    write_json(press.work / "jats.json", press.manuscript.jats)
    article = folder / "paper.xml"
    press.article("jats_archiving+element_citations", article, "--metadata-file=jats.json")
    notebooks, media = sub_articles(press, texts)
    written = article.read_text(encoding="utf-8")
    article.write_text(written.replace(END, f"{notebooks}{END}"), encoding="utf-8")
    complete(article, press.manuscript.metadata)
    _take_images({**media, **press.manuscript.media}, folder, "png")


def _latex(press: Press, folder: Path) -> None:
    """Write the source; compiling it would give paper-latex.pdf, which is not the PDF above."""
    template, *filters = press.parts(TEMPLATE, *LATEX)
    press.article(
        "latex", folder / "paper-latex.tex", f"--template={template}",
        *(f"--lua-filter={file}" for file in filters),
    )  # fmt: skip
    _take_images(press.manuscript.media, folder, "pdf")


def _take_images(media: Mapping[str, bytes], folder: Path, extension: str) -> None:
    for name, content in media.items():
        if name.endswith(extension) or not name.endswith(DRAWN):
            target = folder / FOLDER / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
