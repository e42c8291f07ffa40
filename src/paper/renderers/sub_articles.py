"""Notebooks as sub-articles of a JATS article, as Quarto has them: text, code, tables, figures."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from paper.errors import PaperError
from paper.notebooks.notebook_file import read_notebook, split_options
from paper.notebooks.publish import OWN_MIME
from paper.renderers.notebook_pages import with_numbers
from paper.renderers.pandoc import NATURAL_WIDTHS, pandoc
from paper.renderers.press import Press, as_words
from paper.renderers.reading.cells import FENCE, Cell
from paper.renderers.reading.images import Media
from paper.storage.project import Notebook

FILTERS = ("conditions.lua", "num.lua")
NAMED = re.compile(r'( r?id=")')
TEMPLATE = """\
<sub-article article-type="notebook">
<front-stub><title-group><article-title>$title$</article-title></title-group></front-stub>
<body>
$body$
</body>
</sub-article>
"""


def sub_articles(press: Press, texts: Mapping[str, str]) -> tuple[str, Media]:
    """Return the sub-articles of all notebooks, and the images that only they show.

    `texts`: key → text of each number, for captions.
    """
    media: Media = {}
    template = press.work / "sub-article.jats"
    template.write_text(TEMPLATE, encoding="utf-8")
    parts = []
    for number, book in enumerate(press.project.notebooks, start=1):
        source = press.work / f"sub-article-{number}.md"
        text = "\n\n".join(_cells(press, book, texts, media))
        source.write_text(text, encoding="utf-8")
        made = pandoc(
            [
                source.name, "--from=markdown-citations", "--to=jats_archiving", NATURAL_WIDTHS,
                "--default-image-extension=png",
                f"--template={template}", f"--metadata=title:{as_words(book.title)}",
                *(f"--lua-filter={file}" for file in press.parts(*FILTERS)),
            ],
            press.work,
            press.variables,
        )  # fmt: skip
        # What is named alike in two notebooks must have two names in one article.
        parts.append(
            NAMED.sub(rf"\1nb-{number}-", made).replace(
                "<sub-article", f'<sub-article id="nb-{number}"', 1
            )
        )
    of_article = press.manuscript.media
    return "".join(parts), {name: c for name, c in media.items() if name not in of_article}


def _cells(press: Press, book: Notebook, texts: Mapping[str, str], media: Media) -> Iterator[str]:
    """Yield the cells of a notebook, as Markdown; what no document can show is left out."""
    for cell in read_notebook(press.project.root / book.path, book.path)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            yield source
            continue
        options, code = split_options(source, book.path)
        label = str(options.get("label", cell["id"]))
        shown = Cell(label, options, book.path, lambda text: with_numbers(text, texts))
        said = ""
        with suppress(PaperError):
            for output in cell["outputs"]:
                shown.add(_published(output), media)
            said = shown.markdown()
        yield f"::: {{#cell-{label}}}\n{FENCE}python\n{code}\n{FENCE}\n\n{said}\n:::"


def _published(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an output as what a reader sees of it; of published numbers their list."""
    data = {mime: v for mime, v in output.get("data", {}).items() if not mime.startswith(OWN_MIME)}
    return {**output, "data": data}
