"""The embedded renderer: HTML, PDF, DOCX, JATS and LaTeX by Pandoc and Typst, without Quarto."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from paper.cells import code_cells, read_notebook, read_notebooks, split_options
from paper.conditions import ANSWERS, FILTER
from paper.files import digest
from paper.kept import Kept, by_name, files_below
from paper.machine import cores
from paper.pandoc import ASSETS, compile_typst, epoch, pandoc, tools
from paper.passages import SHORTCODE
from paper.project import CONFIGURATION, Notebook, Project
from paper.record import MIME, PRINTED_MIME, STANDING_MIME
from paper.source import IMAGES, Manuscript, image_files, read_manuscript
from paper.steps import Inputs

PAGE_PARTS = [ASSETS / name for name in ("page.html", "paper.css", "paper.js", "page.lua")]
# What renders and inspects, beside this file.
MACHINE = [
    *(Path(__file__).with_name(name) for name in ("render.py", "source.py", "pandoc.py")),
    *sorted(Path(__file__).with_name("inspection").glob("*.py")),
]
# A page is one file: it loads nothing.
PAGE = [
    f"--template={ASSETS / 'page.html'}", f"--css={ASSETS / 'paper.css'}",
    f"--variable=script:{ASSETS / 'paper.js'}", "--embed-resources",
]  # fmt: skip
# What only LaTeX needs, after the other filters.
LATEX = ("latex.lua", "tables.lua")
TYPST = ("embedded.typ", "typst-template.typ", "typst-show.typ")
# Pandoc shares the width of the page among the columns of a table whose source has a longer line.
NATURAL_WIDTHS = "--columns=10000"
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
    """One rendering: the paper, its text, and a folder to work in."""

    project: Project
    manuscript: Manuscript
    work: Path

    @property
    def variables(self) -> dict[str, str]:
        """What the filters need to know."""
        return {"PAPER_ROOT": str(self.project.root), "PAPER_ARTICLE": self.project.article}

    @property
    def filters(self) -> list[Path]:
        """The filters, in their order."""
        own = self.project.root / "_extensions" / "num"
        return [
            self.project.root / FILTER, own / "num.lua", ASSETS / "expected.lua",
            ASSETS / "floats.lua", own / "appendix.lua", ASSETS / "shared.lua", ASSETS / "page.lua",
        ]  # fmt: skip

    def inputs(self, image: str, *assets: str) -> Inputs:
        """Return what a format is made from.

        Parameters
        ----------
        image
            Which form of the figures it takes.
        assets
            Templates, styles and scripts that are its own.
        """
        manuscript, project = self.manuscript, self.project
        metadata = json.dumps(manuscript.metadata, default=str)
        figures = [
            part
            for name, media in manuscript.media.items()
            if name.endswith(image)
            for part in (name.encode(), media)
        ]
        files = [
            project.numbers, project.bibliography, project.csl, project.root / CONFIGURATION,
            project.cache / ANSWERS,
            *self.filters, *(ASSETS / name for name in assets), *MACHINE,
        ]  # fmt: skip
        return {
            "the text": digest([metadata.encode(), manuscript.body.encode()]),
            "the figures": digest(figures),
            "Pandoc and Typst": tools(),
            "SOURCE_DATE_EPOCH": epoch(),
            **by_name(files, project.root),
        }

    def article(self, writer: str, target: Path, image: str, *options: str | Path) -> None:
        """Render the manuscript with one of Pandoc's writers."""
        arguments = [
            "paper.md", "--from=markdown", f"--to={writer}", f"--output={target}", "--standalone",
            "--metadata-file=metadata.json", f"--default-image-extension={image}",
            *(f"--lua-filter={file}" for file in self.filters),
            NATURAL_WIDTHS, "--shift-heading-level-by=-1",
            "--citeproc", f"--bibliography={BIBLIOGRAPHY}", f"--csl={STYLE}", *options,
        ]  # fmt: skip
        pandoc(arguments, self.work, self.variables)


def render(project: Project, kept: Kept, work: Path) -> dict[str, Path]:
    """Render the manuscript in five formats, and a page for each notebook, as far as need be.

    Parameters
    ----------
    project
        The paper; its notebooks are executed and its numbers collected.
    kept
        What earlier builds made.
    work
        A folder to be made and worked in.

    Returns
    -------
    dict
        Path in the rendered paper → file.

    Raises
    ------
    PaperError
        If the manuscript holds what this renderer does not know, or what was rendered holds what
        no reader should see.
    """
    press = Press(project, read_manuscript(project), work)
    _lay_out(press)
    known = json.loads(project.numbers.read_text(encoding="utf-8"))
    used = _numbers_used(known, press.manuscript)
    texts = {key: entry["text"] for key, entry in known.items()}
    latex = press.inputs("pdf", "paper.latex", *LATEX)
    jobs: list[Callable[[], Path]] = [
        partial(kept.take, "PDF", press.inputs("svg", *TYPST), partial(_pdf, press)),
        partial(kept.take, "HTML", _page_inputs(press), partial(_html, press)),
        partial(kept.take, "DOCX", press.inputs("png", "reference.docx"), partial(_docx, press)),
        partial(kept.take, "JATS", press.inputs("png"), partial(_jats, press)),
        partial(kept.take, "LaTeX", latex, partial(_latex, press)),
        *(partial(_page, kept, press, book, used, texts) for book in project.notebooks),
    ]
    parts = {book.path: project.root / book.path for book in project.notebooks}
    with ThreadPoolExecutor(cores()) as pool:
        for finished in [pool.submit(job) for job in jobs]:
            parts |= files_below(finished.result())
    return parts


def _page_inputs(press: Press) -> Inputs:
    """Return what the page is made from: it shows the code of the cells that its numbers are of."""
    shown = {
        path: [[cell["id"], cell["source"]] for cell in code_cells(content)]
        for path, content in read_notebooks(press.project).items()
    }
    return {
        "the code of the notebooks": digest([json.dumps(shown).encode()]),
        **press.inputs("svg", "page.html", "paper.css", "paper.js"),
    }


def _lay_out(press: Press) -> None:
    manuscript = press.manuscript
    press.work.mkdir(parents=True)
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


def _html(press: Press, folder: Path) -> None:
    notebooks = [{"page": book.page, "title": book.title} for book in press.project.notebooks]
    page = {"article": True, "notebooks": notebooks, "downloads": DOWNLOADS}
    _write_json(press.work / "page.json", page)
    press.article(
        "html5", folder / "index.html", "svg", "--metadata-file=page.json", "--toc",
        "--toc-depth=2", *PAGE,
    )  # fmt: skip


def _pdf(press: Press, folder: Path) -> None:
    source = press.work / "paper.typ"
    press.article("typst", source, "svg", f"--template={ASSETS / 'embedded.typ'}")
    compile_typst(source, folder / "paper.pdf")


def _docx(press: Press, folder: Path) -> None:
    reference = ASSETS / "reference.docx"
    press.article("docx", folder / "paper.docx", "png", f"--reference-doc={reference}")


def _jats(press: Press, folder: Path) -> None:
    manuscript = press.manuscript
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
    press.article("jats_archiving", folder / "paper.xml", "png", "--metadata-file=jats.json")
    _take_images(press, folder, "png")


def _latex(press: Press, folder: Path) -> None:
    """Write the source; compiling it would give paper-latex.pdf, which is not the PDF above."""
    press.article(
        "latex", folder / "paper-latex.tex", "pdf", f"--template={ASSETS / 'paper.latex'}",
        *(f"--lua-filter={ASSETS / name}" for name in LATEX),
    )  # fmt: skip
    _take_images(press, folder, "pdf")


def _take_images(press: Press, folder: Path, extension: str) -> None:
    for image in sorted((press.work / "paper_files").glob(f"*.{extension}")):
        target = folder / "paper_files" / image.name
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


def _page(
    kept: Kept, press: Press, notebook: Notebook, used: Used, texts: Mapping[str, str]
) -> Path:
    here = {cell: numbers for (path, cell), numbers in used.items() if path == notebook.path}
    content = read_notebook(press.project.root / notebook.path, notebook.path)
    shown = json.dumps(_for_reading(content, notebook.path, here, texts))
    titles = "\n".join(f"{book.page} {book.title}" for book in press.project.notebooks)
    inputs = {
        "the notebook": digest([shown.encode()]),
        "the titles of the notebooks": digest([titles.encode()]),
        "the conditions": digest([(press.project.cache / ANSWERS).read_bytes()]),
        "Pandoc and Typst": tools(),
        **by_name([*PAGE_PARTS, *MACHINE, press.project.root / FILTER], press.project.root),
    }
    return kept.take(notebook.page, inputs, partial(_render_page, press, notebook, shown))


def _render_page(press: Press, notebook: Notebook, shown: str, folder: Path) -> None:
    name = Path(notebook.path).stem
    source = press.work / f"{name}.ipynb"
    source.write_text(shown, encoding="utf-8")
    target = folder / notebook.page
    target.parent.mkdir(parents=True, exist_ok=True)
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
    pandoc(
        [
            source.name, "--from=ipynb+fenced_divs+bracketed_spans", "--to=html5",
            f"--output={target}", "--standalone",
            f"--metadata-file={name}.json", f"--lua-filter={ASSETS / 'page.lua'}",
            # Last: page.lua reads the tables.
            f"--lua-filter={press.project.root / FILTER}", *PAGE,
            f"--extract-media={name}",
        ],
        press.work,
        press.variables,
    )  # fmt: skip


def _for_reading(
    content: dict[str, Any],
    path: str,
    used: Mapping[str, Mapping[str, str]],
    texts: Mapping[str, str],
) -> dict[str, Any]:
    """Prepare a notebook for its page: cells named by their labels, one form of each output.

    A cell whose numbers the text uses leads back to them.
    """
    for cell in content["cells"]:
        if cell["cell_type"] != "code":
            continue
        options, cell["source"] = split_options(cell["source"], path)
        # The anchor that Quarto gives the cell too.
        label = options.get("label", cell["id"])
        cell["id"] = f"cell-{label}"
        ways = [_display("text/html", _ways_back(used[label]))] if label in used else []
        cell["outputs"] = [
            *ways,
            *(one for output in cell["outputs"] for one in _shown(output, options, label, texts)),
        ]
    return content


def _display(mime: str, text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {mime: text}}


def _shown(
    output: dict[str, Any], options: Mapping[str, Any], label: str, texts: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield an output in the form to be read, and its caption."""
    data = output.get("data", {})
    for mime in (MIME, STANDING_MIME, PRINTED_MIME):
        data.pop(mime, None)
    caption = _with_numbers(options.get("fig-cap") or options.get("tbl-cap") or "", texts)
    if "image/svg+xml" in data:
        for mime in IMAGES.keys() - {"image/svg+xml"}:
            data.pop(mime, None)
        # Pandoc makes this the image's attribute.
        output["metadata"]["image/svg+xml"] = {"alt": options.get("fig-alt", label)}
        yield from (output, _display("text/markdown", f"::: caption\n{caption}\n:::"))
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
