"""A notebook as a page, with ways back to the text, and as a part of the JATS article."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.manuscript.printed_text import SHORTCODE
from paper.notebooks.notebook_file import read_notebook
from paper.notebooks.publish import OWN_MIME
from paper.renderers.pandoc import NATURAL_WIDTHS, pandoc
from paper.renderers.press import PAGE, Press, as_words, made_with, write_json
from paper.renderers.reading.cells import FENCE, Cell, code_as_markdown
from paper.renderers.reading.images import FORMS, Media
from paper.renderers.reading.source import Manuscript
from paper.storage.files import digest
from paper.storage.project import Notebook
from paper.storage.render_cache import Kept
from paper.storage.sources.code_in_text import split_options

# Conditions last: page.lua reads the tables.
FILTERS = ("page.lua", "conditions.lua")
NUMBER = re.compile(r"\[(?P<key>[^\]\s]+)\]\{\.num ")  # as `read_manuscript` leaves it
NO_BREAK = "\N{NO-BREAK SPACE}"
# Of a sub-article its template, and its filters.
PARTS = ("sub-article.jats", "conditions.lua", "num.lua")
NAMED = re.compile(r'( r?id=")')
# Notebook and cell → key and text of the numbers that the text takes from it.
Used = dict[tuple[str, str], dict[str, str]]


def numbers_used(known: Mapping[str, Any], manuscript: Manuscript) -> Used:
    """Return what the text takes from each cell."""
    text = f"{manuscript.metadata.get('abstract', '')}{manuscript.body}"
    keys = dict.fromkeys(match["key"] for match in NUMBER.finditer(text))
    used: Used = {}
    # A key that is not known is left to the filter, which says where it stands.
    for key in filter(known.__contains__, keys):
        entry = known[key]
        used.setdefault((entry["notebook"], entry["cell"]), {})[key] = entry["text"]
    return used


def notebook_page(
    kept: Kept, press: Press, notebook: Notebook, used: Used, texts: Mapping[str, str]
) -> Path:
    """Return a folder with the page of a notebook.

    `used`: what the text takes from each cell: links lead back to it. `texts`: key → text of each
    number, for captions.
    """
    here = {cell: numbers for (path, cell), numbers in used.items() if path == notebook.path}
    content = read_notebook(press.project.root, notebook)
    shown = json.dumps(_for_reading(content, notebook.path, here, texts))
    titles = "\n".join(f"{book.page} {book.title}" for book in press.project.notebooks)
    inputs = {
        "the notebook": digest([shown.encode()]),
        "the titles of the notebooks": digest([titles.encode()]),
        **made_with(press.project, press.parts(*PAGE, *FILTERS)),
    }
    return kept.take(notebook.page, inputs, partial(_render_page, press, notebook, shown))


def _render_page(press: Press, notebook: Notebook, shown: str, folder: Path) -> None:
    name = Path(notebook.path).stem
    source = press.work / f"{name}.ipynb"
    source.write_text(shown, encoding="utf-8")
    target = folder / notebook.page
    target.parent.mkdir(parents=True, exist_ok=True)
    page = {
        "pagetitle": as_words(notebook.title),
        "source": Path(notebook.path).name,
        "source-label": "Download this notebook",
        "notebooks": [
            {"page": book.page, "title": as_words(book.title), "shown": book == notebook}
            for book in press.project.notebooks
        ],
    }
    write_json(press.work / f"{name}.json", page)
    pandoc(
        [
            source.name, "--from=ipynb+fenced_divs+bracketed_spans", "--to=html5",
            f"--output={target}", "--standalone",
            f"--metadata-file={name}.json",
            *(f"--lua-filter={file}" for file in press.parts(*FILTERS)), *press.page,
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
    """Prepare a notebook for its page: cells by their labels, led back from; each output once."""
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
    for mime in [mime for mime in data if mime.startswith(OWN_MIME)]:
        del data[mime]
    caption = _with_numbers(options.get("fig-cap") or options.get("tbl-cap") or "", texts)
    if "image/svg+xml" in data:
        for mime in FORMS.keys() - {"image/svg+xml"}:
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
    elif data.keys() == {"text/plain"}:
        # Pandoc takes seconds to read long plain text, and none for the same as code.
        data["text/markdown"] = f"{FENCE}\n{data.pop('text/plain')}\n{FENCE}"
    yield output


def _with_numbers(text: str, texts: Mapping[str, str]) -> str:
    """Print the numbers of a caption; `paper check` has seen that they are known."""
    return SHORTCODE.sub(lambda found: texts[found["argument"]].replace(" ", NO_BREAK), text)


def _ways_back(numbers: Mapping[str, str]) -> str:
    """Links to where the text first prints each number; page.lua makes their targets."""
    links = ", ".join(
        f'<a href="../index.html#num-{key}" title="{key}">{escape(text)}</a>'
        for key, text in numbers.items()
    )
    return f'<p class="in-text">In the text: {links}</p>'


def sub_articles(press: Press, texts: Mapping[str, str]) -> tuple[str, Media]:
    """Return the sub-articles of all notebooks, and the images that they show.

    `texts`: key → text of each number, for captions.
    """
    media: Media = {}
    template, *filters = press.parts(*PARTS)
    parts = []
    for number, book in enumerate(press.project.notebooks, start=1):
        source = press.work / f"sub-article-{number}.md"
        source.write_text("\n\n".join(_as_markdown(press, book, texts, media)), encoding="utf-8")
        made = pandoc(
            [
                source.name, "--from=markdown-citations", "--to=jats_archiving", NATURAL_WIDTHS,
                "--default-image-extension=png", f"--template={template}",
                f"--metadata=title:{as_words(book.title)}",
                *(f"--lua-filter={file}" for file in filters),
            ],
            press.work,
            press.variables,
        )  # fmt: skip
        # What is named alike in two notebooks must have two names in one article.
        named = NAMED.sub(rf"\1nb-{number}-", made)
        parts.append(named.replace("<sub-article", f'<sub-article id="nb-{number}"', 1))
    return "".join(parts), media


def _as_markdown(
    press: Press, book: Notebook, texts: Mapping[str, str], media: Media
) -> Iterator[str]:
    """Yield the cells of a notebook, as Markdown; what no document can show is left out."""
    for cell in read_notebook(press.project.root, book)["cells"]:
        if cell["cell_type"] != "code":
            yield cell["source"]
            continue
        options, _ = split_options(cell["source"], book.path)
        label = str(options.get("label", cell["id"]))
        shown = Cell(label, options, book.path, lambda text: _with_numbers(text, texts))
        said = ""
        with suppress(PaperError):
            for output in cell["outputs"]:
                # Of what is published, the list that a reader sees.
                data = output.get("data", {})
                seen = {mime: data[mime] for mime in data if not mime.startswith(OWN_MIME)}
                shown.add({**output, "data": seen}, media)
            said = shown.markdown()
        yield f"::: {{#cell-{label}}}\n{code_as_markdown(cell, book.path)}{said}\n:::"
