"""The embedded renderer: HTML, PDF, DOCX and JATS through Pandoc and Typst, without Quarto."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import nbformat

from paper.cells import split_options
from paper.files import digest
from paper.pandoc import ASSETS, compile_typst, pandoc
from paper.passages import SHORTCODE
from paper.project import Notebook, Project
from paper.record import MIME, PRINTED_MIME, STANDING_MIME
from paper.source import Manuscript, image_files, read_manuscript

PAGE_PARTS = [ASSETS / name for name in ("page.html", "paper.css", "paper.js", "page.lua")]
# A page is one file: it loads nothing.
PAGE = [
    f"--template={ASSETS / 'page.html'}", f"--css={ASSETS / 'paper.css'}",
    f"--variable=script:{ASSETS / 'paper.js'}", "--embed-resources",
]  # fmt: skip
BIBLIOGRAPHY, STYLE = "references.bib", "style.csl"
NUMBER = re.compile(r"\[(?P<key>[^\]\s]+)\]\{\.num ")  # as `read_manuscript` leaves it
NO_BREAK = "\N{NO-BREAK SPACE}"
DOWNLOADS = [
    {"file": "paper.pdf", "label": "PDF"},
    {"file": "paper.docx", "label": "Word"},
    {"file": "paper.xml", "label": "JATS XML"},
]

# Notebook and cell → key and text of the numbers that the text takes from it.
Used = dict[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class Press:
    """One rendering: the paper, a folder to work in and a folder for what is finished."""

    project: Project
    work: Path
    output: Path

    @property
    def variables(self) -> dict[str, str]:
        """What the filters need to know."""
        return {"PAPER_ROOT": str(self.project.root), "PAPER_ARTICLE": self.project.article}

    def article(self, writer: str, target: Path, image: str, *options: str | Path) -> None:
        """Render the manuscript with one of Pandoc's writers."""
        arguments = [
            "paper.md", "--from=markdown", f"--to={writer}", f"--output={target}", "--standalone",
            "--metadata-file=metadata.json", f"--default-image-extension={image}",
            f"--lua-filter={self.project.root / '_extensions/num/num.lua'}",
            f"--lua-filter={ASSETS / 'floats.lua'}",
            f"--lua-filter={self.project.root / '_extensions/num/appendix.lua'}",
            f"--lua-filter={ASSETS / 'shared.lua'}",
            f"--lua-filter={ASSETS / 'page.lua'}",
            "--columns=300", "--shift-heading-level-by=-1",
            "--citeproc", f"--bibliography={BIBLIOGRAPHY}", f"--csl={STYLE}", *options,
        ]  # fmt: skip
        pandoc(arguments, self.work, self.variables)


def render(project: Project, output: Path) -> None:
    """Render the manuscript in four formats, and a page for each notebook.

    Parameters
    ----------
    project
        The paper; its notebooks are executed and its numbers collected.
    output
        An empty folder.

    Raises
    ------
    PaperError
        If the manuscript holds what this renderer does not know.
    """
    manuscript = read_manuscript(project)
    work = output.with_name(f"{output.name}.work")
    press = Press(project, work, output)
    known = json.loads(project.numbers.read_text(encoding="utf-8"))
    used = _numbers_used(known, manuscript)
    texts = {key: entry["text"] for key, entry in known.items()}
    _lay_out(press, manuscript)
    jobs: list[Callable[[], None]] = [
        lambda: _html(press),
        lambda: _pdf(press),
        lambda: _docx(press),
        lambda: _jats(press, manuscript),
        *(lambda book=book: _page(press, book, used, texts) for book in project.notebooks),
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for finished in [pool.submit(job) for job in jobs]:
            finished.result()
    shutil.rmtree(work)


def _lay_out(press: Press, manuscript: Manuscript) -> None:
    press.work.mkdir(parents=True)
    (press.output / "notebooks").mkdir(parents=True)
    image_files(press.work, manuscript.media)
    # Word keeps the names of these files: names only, and not where they stood.
    shutil.copy(press.project.bibliography, press.work / BIBLIOGRAPHY)
    shutil.copy(press.project.csl, press.work / STYLE)
    (press.work / "paper.md").write_text(manuscript.body, encoding="utf-8")
    metadata = {
        **{name: value for name, value in manuscript.metadata.items() if name != "author"},
        "by-author": [
            {"name": {"literal": author["name"]}, "affiliations": author.get("affiliations", [])}
            for author in manuscript.metadata["author"]
        ],
        "author": [
            ", ".join([author["name"], *(a["name"] for a in author.get("affiliations", []))])
            for author in manuscript.metadata["author"]
        ],
        "link-citations": True,
    }
    _write_json(press.work / "metadata.json", metadata)


def _write_json(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _html(press: Press) -> None:
    notebooks = [{"page": book.page, "title": book.title} for book in press.project.notebooks]
    page = {"article": True, "notebooks": notebooks, "downloads": DOWNLOADS}
    _write_json(press.work / "page.json", page)
    press.article(
        "html5", press.output / "index.html", "svg", "--metadata-file=page.json", "--toc",
        "--toc-depth=2", *PAGE,
    )  # fmt: skip


def _pdf(press: Press) -> None:
    source = press.work / "paper.typ"
    press.article("typst", source, "svg", f"--template={ASSETS / 'embedded.typ'}")
    compile_typst(source, press.output / "paper.pdf")


def _docx(press: Press) -> None:
    reference = ASSETS / "reference.docx"
    press.article("docx", press.output / "paper.docx", "png", f"--reference-doc={reference}")


def _jats(press: Press, manuscript: Manuscript) -> None:
    authors = manuscript.metadata["author"]
    names = list(dict.fromkeys(a["name"] for one in authors for a in one.get("affiliations", [])))
    ids = {name: f"{number}" for number, name in enumerate(names, start=1)}
    metadata = {
        "author": [
            {
                "name": author["name"],
                "affiliation": [ids[a["name"]] for a in author.get("affiliations", [])],
            }
            for author in authors
        ],
        "affiliation": [{"id": ids[name], "organization": name} for name in names],
        "tags": manuscript.metadata.get("keywords", []),
    }
    _write_json(press.work / "jats.json", metadata)
    press.article("jats_archiving", press.output / "paper.xml", "png", "--metadata-file=jats.json")
    for image in sorted((press.work / "paper_files").glob("*.png")):
        target = press.output / "paper_files" / image.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(image, target)


def _numbers_used(known: Mapping[str, Any], manuscript: Manuscript) -> Used:
    text = f"{manuscript.metadata.get('abstract', '')}{manuscript.body}"
    keys = dict.fromkeys(match["key"] for match in NUMBER.finditer(text))
    used: Used = {}
    # A key that is not known is left to the filter, which says where it stands.
    for key in filter(known.__contains__, keys):
        entry = known[key]
        used.setdefault((entry["notebook"], entry["cell"]), {})[key] = entry["text"]
    return used


def _page(press: Press, notebook: Notebook, used: Used, texts: Mapping[str, str]) -> None:
    shutil.copy(press.project.root / notebook.path, press.output / notebook.path)
    here = {cell: numbers for (path, cell), numbers in used.items() if path == notebook.path}
    content = nbformat.read(press.project.root / notebook.path, as_version=4)
    shown = nbformat.writes(_for_reading(content, notebook.path, here, texts))
    titles = "\n".join(f"{book.page} {book.title}" for book in press.project.notebooks)
    parts = [part.read_bytes() for part in (*PAGE_PARTS, Path(__file__))]
    known = digest([shown.encode(), titles.encode(), *parts])
    cached = press.project.cache / "pages" / f"{known}.html"
    if not cached.is_file():
        cached.parent.mkdir(parents=True, exist_ok=True)
        _render_page(press, notebook, shown, cached)
    shutil.copy(cached, press.output / notebook.page)


def _render_page(press: Press, notebook: Notebook, shown: str, target: Path) -> None:
    name = Path(notebook.path).stem
    source = press.work / f"{name}.ipynb"
    source.write_text(shown, encoding="utf-8")
    page = {
        "pagetitle": notebook.title,
        "source": Path(notebook.path).name,
        "source-label": "Download this notebook",
        "notebooks": [
            {"page": book.page, "title": book.title, "shown": book == notebook}
            for book in press.project.notebooks
        ],
    }
    _write_json(press.work / f"{name}.json", page)
    aside = target.with_suffix(f".{name}")
    pandoc(
        [
            source.name, "--from=ipynb", "--to=html5", f"--output={aside}", "--standalone",
            f"--metadata-file={name}.json", f"--lua-filter={ASSETS / 'page.lua'}", *PAGE,
            f"--extract-media={name}",
        ],
        press.work,
        press.variables,
    )  # fmt: skip
    aside.replace(target)


def _for_reading(
    content: nbformat.NotebookNode,
    path: str,
    used: Mapping[str, Mapping[str, str]],
    texts: Mapping[str, str],
) -> nbformat.NotebookNode:
    """Prepare a notebook for its page: cells named by their labels, one form of each output.

    A cell whose numbers the text uses leads back to them.
    """
    for cell in content.cells:
        if cell.cell_type != "code":
            continue
        options, cell.source = split_options(cell.source, path)
        # The anchor that Quarto gives the cell too.
        label = options.get("label", cell.id)
        cell.id = f"cell-{label}"
        cell.outputs = [
            shown for output in cell.outputs for shown in _shown(output, options, label, texts)
        ]
        if label in used:
            ways = {"text/html": _ways_back(used[label])}
            cell.outputs.insert(0, nbformat.v4.new_output("display_data", ways))
    return content


def _shown(
    output: nbformat.NotebookNode, options: Mapping[str, Any], label: str, texts: Mapping[str, str]
) -> Iterator[nbformat.NotebookNode]:
    """Yield an output in the form to be read, and its caption."""
    data = output.get("data", {})
    for mime in (MIME, STANDING_MIME, PRINTED_MIME):
        data.pop(mime, None)
    caption = _with_numbers(options.get("fig-cap") or options.get("tbl-cap") or "", texts)
    if "image/svg+xml" in data:
        data.pop("image/png")
        # Pandoc makes this the image's attribute.
        output.metadata["image/svg+xml"] = {"alt": options.get("fig-alt", label)}
        below = {"text/markdown": f"::: caption\n{caption}\n:::"}
        yield from (output, nbformat.v4.new_output("display_data", below))
        return
    if "text/markdown" in data:
        # Beside it stands, as plain text, the name of a class.
        data.pop("text/plain", None)
        table = _with_numbers(data["text/markdown"], texts)
        data["text/markdown"] = f"{table}\n\n: {caption}" if caption else table
    yield output


def _with_numbers(text: str, texts: Mapping[str, str]) -> str:
    """Print the numbers of a caption; `paper check` has seen that they are known."""
    return SHORTCODE.sub(
        lambda shortcode: texts[shortcode["argument"]].replace(" ", NO_BREAK), text
    )


def _ways_back(numbers: Mapping[str, str]) -> str:
    """Links to where the text first prints each number; page.lua makes their targets."""
    links = ", ".join(
        f'<a href="../index.html#num-{key}" title="{key}">{escape(text)}</a>'
        for key, text in numbers.items()
    )
    return f'<p class="in-text">In the text: {links}</p>'
