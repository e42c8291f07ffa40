"""Read the manuscript as Quarto would: shortcodes, embedded cells, then as Pandoc reads it.

What is not in the subset of Quarto that docs/manuscript.md lists is refused, with file and line,
rather than printed raw or lost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from declared import parse_yaml
from paper.errors import PaperError, ProblemsError
from paper.manuscript.check_conditions import labels_left_out
from paper.manuscript.conditions import hidden, read_answers
from paper.manuscript.printed_text import SHORTCODE, find_cell
from paper.manuscript.prose import COMMENTS
from paper.notebooks.notebook_file import read_notebooks
from paper.renderers.pandoc import read_markdown
from paper.renderers.reading.cells import (
    cell_as_markdown,
    code_as_markdown,
    value_as_markdown,
)
from paper.renderers.reading.front import read_front
from paper.renderers.reading.images import FOLDER, Media
from paper.renderers.reading.tree import KINDS, ONLY_QUARTO, Look, nodes
from paper.storage.project import Project
from paper.storage.sources.article import FRONT_MATTER, Text, place, read_article
from paper.storage.sources.code_in_text import OWN_CELL, OWN_VALUE

QUOTED = re.compile(r'TeX math\s+(?P<tex>[^\n]+)|the text `"(?P<letter>[^"`]+)"`')
NO_LETTER = """The PDF has no font for it. Write it in words, or for the other formats alone:
[…]{.content-visible unless-format="pdf"}"""
PAGE_BREAK = "\n\n::: pagebreak\n:::\n\n"


@dataclass(frozen=True)
class Manuscript:
    """The manuscript ready for Pandoc."""

    metadata: Mapping[str, Any]
    jats: Mapping[str, Any]  # metadata of JATS alone
    body: str
    document: Mapping[str, Any]  # the body as Pandoc reads it
    level: int  # of the highest headings
    media: Mapping[str, bytes]


@dataclass
class _Reader:
    """The state of one reading: the images embedded so far."""

    notebooks: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, bool]
    media: Media = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)  # of the front matter

    def expand(self, text: str, position: Callable[[int], str]) -> str:
        """Replace every shortcode; `position` says where an offset of the text is.

        In a part that is left out there is nothing to replace them with.
        """
        gone = [(part.start, part.end) for part in hidden(text, self.answers)]
        gone += [found.span() for found in COMMENTS.finditer(text)]

        def replace(match: re.Match[str]) -> str:
            if any(start <= match.start() < end for start, end in gone):
                return ""
            where = position(match.start())
            match match["name"]:
                case "num":
                    return f"[{match['argument']}]{{.num place='{where}'}}"
                case "embed":
                    return self.embed(match["argument"], match["options"], where)
                case "meta":
                    return self.field(match["argument"], where)
                case "pagebreak":
                    return PAGE_BREAK
                case name:
                    raise PaperError(where, f"shortcode {name!r} is not known here", ONLY_QUARTO)

        return SHORTCODE.sub(replace, text)

    def field(self, path: str, where: str) -> str:
        """Return a field of the front matter, `statements.ethics`."""
        value: Any = self.fields
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, str):
            raise PaperError(where, f"the front matter has no text {path!r}")
        return value

    def embed(self, target: str, options: str, where: str) -> str:
        """Return what a labelled cell of a notebook shows, or one of the article's own."""
        cell, _ = find_cell(self.notebooks, target, where)
        if OWN_VALUE in options:
            return value_as_markdown(cell, where)
        path, _, label = target.partition("#")

        def expand(text: str) -> str:
            return self.expand(text, lambda _: f"{path}, cell {label}")

        try:
            shown = cell_as_markdown(cell, target, expand, self.media)
        except PaperError as error:
            raise PaperError(error.where, f"{error.what} ({where})", error.hint) from None
        if not shown and OWN_CELL not in options:
            what = f"has no figure and no table, nor any text ({where})"
            raise PaperError(f"{path}, cell {label}", what, "Run the notebook.")
        echo = re.search(r"echo\s*=\s*\W?true", options) is not None
        return code_as_markdown(cell, path) * echo + shown


def read_manuscript(project: Project) -> Manuscript:
    """Read the article and all that it includes and embeds.

    `project`: the paper; its notebooks are executed. Raises PaperError at anything this renderer
    does not know, with file and line.
    """
    text = read_article(project.root, project.article)
    found = FRONT_MATTER.match(text)
    start, end = found.span("yaml") if found else (0, 0)
    reader = _Reader(read_notebooks(project), read_answers(project))

    def expanded(first: int, last: int | None) -> str:
        return reader.expand(text[first:last], lambda at: place(project.article, text, first + at))

    header = expanded(start, end)
    reader.fields = parse_yaml(header, Path(project.article)).content or {}
    front = read_front(project, f"{text[:start]}{header}---\n")
    body = front.before + expanded(found.end() if found else 0, None) + front.after
    document = read_markdown(body, partial(place_of, project.article, text))
    _look_through(project, text, document, front.metadata, reader.media)
    level = _level(document)
    return Manuscript(front.metadata, front.jats, body, document, level, reader.media)


def place_of(article: str, text: Text, words: str) -> str:
    """Name the place where words stand in the text; the article where they are not written so."""
    front = FRONT_MATTER.match(text)
    offset = text.find(words, front.end() if front else 0)
    return place(article, text, offset) if words and offset >= 0 else article


def placed(error: PaperError, project: Project) -> PaperError:
    """Return what a format complains of with the place of what it quotes, a formula or a letter."""
    if not (found := QUOTED.search(error.what)):
        return error
    text = read_article(project.root, project.article)
    where = place_of(project.article, text, found["tex"] or found["letter"])
    hint = NO_LETTER if found["letter"] else "Write it in the TeX that Pandoc knows."
    return PaperError(where, " ".join(error.what.split()), hint)


def _look_through(
    project: Project, text: Text, document: Any, metadata: Mapping[str, Any], media: Media
) -> None:
    custom = (metadata.get("crossref") or {}).get("custom") or []
    kinds = KINDS | {str(one["key"]) for one in custom}
    folder = (project.root / project.article).parent
    look = Look(partial(place_of, project.article, text), text, project.root, folder, kinds, media)
    look.walk(document["blocks"])
    look.check_levels(document["blocks"])
    look.check_references(labels_left_out(project))
    if look.problems:
        raise ProblemsError(look.problems)


def _level(document: Any) -> int:
    """Return the level of the highest headings; those of the front matter get it."""
    headers = [node["c"] for node in nodes(document["blocks"]) if node["t"] == "Header"]
    own = [header for header in headers if "of-front" not in header[1][1]]
    level = min((header[0] for header in own), default=2)
    for header in headers:
        header[0] = header[0] if header in own else level
    return level


def image_files(folder: Path, media: Mapping[str, bytes]) -> None:
    """Write the images where the manuscript looks for them."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, content in media.items():
        (target / name).write_bytes(content)
