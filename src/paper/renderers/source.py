"""Read the manuscript as Quarto would: shortcodes and embedded cells.

What this paper does not use is refused, with file and line, rather than printed raw.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from declared import DataError, parse_yaml
from paper.errors import PaperError
from paper.manuscript.conditions import hidden, read_answers
from paper.manuscript.printed_text import FRONT_MATTER, SHORTCODE, find_cell, place
from paper.notebooks.notebook_file import read_notebooks
from paper.storage.project import Project

DIV = re.compile(r"^:::+[ \t]*(?P<attributes>[^:\n]*\S)[ \t]*$", re.MULTILINE)
CODE_CELL = re.compile(r"^```+\{[a-z]+.*$", re.MULTILINE)
CONDITION = r'(?:(?:says|when)="[^"]*"|\.if-known)'
KNOWN_DIV = re.compile(rf"\{{(?:#refs|\.banner|\.key-points|{CONDITION})(?: {CONDITION})*\}}")
KNOWN_FIELDS = {
    "title", "subtitle", "author", "abstract", "keywords", "date", "lang", "format", "other-links",
}  # fmt: skip
IMAGES = {"image/svg+xml": "svg", "image/png": "png", "application/pdf": "pdf"}


@dataclass(frozen=True)
class Manuscript:
    """The manuscript ready for Pandoc."""

    metadata: Mapping[str, Any]
    body: str
    media: Mapping[str, bytes]


@dataclass
class _Reader:
    """The state of one reading: the images embedded so far."""

    notebooks: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, bool]
    media: dict[str, bytes] = field(default_factory=dict)

    def expand(self, text: str, position: Callable[[int], str]) -> str:
        """Replace every shortcode; `position` says where an offset of the text is.

        In a part that is left out there is nothing to replace them with.
        """
        gone = hidden(text, self.answers)

        def replace(match: re.Match[str]) -> str:
            if any(part.covers(match.start()) for part in gone):
                return ""
            where = position(match.start())
            match match["name"]:
                case "num":
                    return f"[{match['argument']}]{{.num place='{where}'}}"
                case "embed":
                    return self.embed(match["argument"], where)
                case name:
                    raise PaperError(where, f"shortcode {name!r} is not known here", ONLY_QUARTO)

        return SHORTCODE.sub(replace, text)

    def embed(self, target: str, where: str) -> str:
        """Return the figure or table of a labelled notebook cell as Markdown."""
        path, _, label = target.partition("#")
        cell, options = find_cell(self.notebooks, target, where)
        inner = f"{path}, cell {label}"
        outputs = [output.get("data", {}) for output in cell["outputs"]]
        for data in outputs:
            if "image/svg+xml" in data:
                caption = self.expand(_option(options, "fig-cap", inner), lambda _: inner)
                self._keep_images(label, data, inner)
                return _figure(label, caption, _option(options, "fig-alt", inner))
            if "text/markdown" in data:
                caption = self.expand(_option(options, "tbl-cap", inner), lambda _: inner)
                table = self.expand("".join(data["text/markdown"]), lambda _: inner)
                return f"::: {{#{label}}}\n{table}\n\n: {caption}\n:::\n"
        raise PaperError(where, f"{target} has no figure and no table", "Run the notebook.")

    def _keep_images(self, label: str, data: Mapping[str, Any], where: str) -> None:
        for mime, extension in IMAGES.items():
            if mime not in data:
                raise PaperError(where, f"has no {mime}", "Begin the notebook with begin().")
            content = "".join(data[mime])
            self.media[f"{label}.{extension}"] = (
                content.encode() if mime.endswith("xml") else base64.b64decode(content)
            )


def _figure(label: str, caption: str, alt: str) -> str:
    # No extension: each format takes the one that suits it.
    quoted = alt.replace('"', "'").replace("\n", " ").strip()
    return f'![{caption}](paper_files/{label}){{#{label} alt="{quoted}" width=100%}}\n'


def _option(options: Mapping[str, Any], name: str, where: str) -> str:
    if name not in options:
        raise PaperError(where, f"has no {name}", f"Add a line: #| {name}: …")
    return str(options[name])


ONLY_QUARTO = "Use what the paper uses already, or render with Quarto (RENDERER=quarto)."


def read_manuscript(project: Project) -> Manuscript:
    """Read the article and expand it to plain Pandoc Markdown.

    Parameters
    ----------
    project
        The paper; its notebooks are executed.

    Returns
    -------
    Manuscript
        Front matter, body, and the images of the embedded figures (name → content).

    Raises
    ------
    PaperError
        At anything this renderer does not know, with file and line.
    """
    article = project.article
    text = (project.root / article).read_text(encoding="utf-8")

    def where(offset: int) -> str:
        return place(article, text, offset)

    _refuse_unknown(text, where)
    reader = _Reader(read_notebooks(project), read_answers(project))
    front = FRONT_MATTER.match(text)
    if front is None:
        raise PaperError(where(0), "no front matter", "Begin with --- and a title.")
    header = reader.expand(front["yaml"], lambda offset: where(front.start("yaml") + offset))
    body = reader.expand(text[front.end() :], lambda offset: where(front.end() + offset))
    return Manuscript(_metadata(header, article), body, reader.media)


def _refuse_unknown(text: str, where: Callable[[int], str]) -> None:
    for div in DIV.finditer(text):
        if not KNOWN_DIV.fullmatch(div["attributes"]):
            raise PaperError(where(div.start()), f"block {div[0]!r} is not known here", ONLY_QUARTO)
    if cell := CODE_CELL.search(text):
        what = "code cells belong in a notebook"
        raise PaperError(where(cell.start()), what, "Embed its output instead.")


def _metadata(header: str, article: str) -> dict[str, Any]:
    try:
        # It begins in the second line.
        metadata = parse_yaml(f"\n{header}", Path(article)).content
    except DataError as error:
        raise PaperError(article, f"front matter is not YAML: {error.problems[0]}") from None
    if not isinstance(metadata, dict):
        raise PaperError(article, "front matter is not `field: value`")
    if unknown := set(metadata) - KNOWN_FIELDS:
        what = f"front matter has unknown fields: {sorted(unknown)}"
        raise PaperError(article, what, ONLY_QUARTO)
    authors = metadata.get("author")
    if not isinstance(authors, list) or not all(
        isinstance(author, dict) and isinstance(author.get("name"), str) for author in authors
    ):
        raise PaperError(article, "author is not a list", "Write: author: [{name: …}]")
    return metadata


def image_files(folder: Path, media: Mapping[str, bytes]) -> None:
    """Write the images where the manuscript looks for them."""
    target = folder / "paper_files"
    target.mkdir(parents=True, exist_ok=True)
    for name, content in media.items():
        (target / name).write_bytes(content)
