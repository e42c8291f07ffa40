"""What a Word file with tracked changes said before them, says after them, and was commented."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.renderers.pandoc import pandoc
from paper.renderers.reading.tree import nodes

Node = Mapping[str, Any]
SPACES = {"Space", "SoftBreak", "LineBreak"}
PARAGRAPHS = {"Para", "Plain", "Header"}
SPLIT = {"paragraph-insertion": "splits", "paragraph-deletion": "joins"}


@dataclass(frozen=True)
class Comment:
    """A comment, and the words that it is about."""

    author: str
    text: str
    words: str


@dataclass(frozen=True)
class Reviewed:
    """A paragraph."""

    before: tuple[str, ...]  # its words without the changes
    after: tuple[str, ...]  # its words with them
    comments: tuple[Comment, ...]
    structure: str  # "splits" or "joins" if a change does that to it, else nothing


def read_reviewed(file: Path) -> list[Reviewed]:
    """Read the paragraphs of a Word file that were changed or commented.

    Raises PaperError if Pandoc cannot read it.
    """
    options: list[str | Path] = ["--from=docx", "--to=json", "--track-changes=all", file.absolute()]
    if not file.is_file():
        raise PaperError(str(file), "there is no such file")
    with tempfile.TemporaryDirectory() as folder:
        document = json.loads(pandoc(options, Path(folder), {"PAPER_ARTICLE": str(file)}))
    paragraphs = [node for node in nodes(document["blocks"]) if node["t"] in PARAGRAPHS]
    texts = [node["c"][2] if node["t"] == "Header" else node["c"] for node in paragraphs]
    # Of the title and the authors Pandoc makes metadata.
    texts += [node["c"] for node in nodes(document["meta"]) if node["t"] == "MetaInlines"]
    found = map(_read, texts)
    return [one for one in found if one.before != one.after or one.comments or one.structure]


def _read(inlines: Sequence[Node]) -> Reviewed:
    before, after, comments, structure = "", "", [], ""
    open_comments: dict[str, tuple[str, str, int]] = {}
    for kind, text, attributes in _pieces(inlines, "both"):
        if kind in SPLIT:
            structure = SPLIT[kind]
        elif kind == "comment-start":
            open_comments[attributes["id"]] = (attributes.get("author", ""), text, len(after))
        elif kind == "comment-end" and attributes["id"] in open_comments:
            author, said, start = open_comments.pop(attributes["id"])
            comments.append(Comment(author, said, " ".join(after[start:].split())))
        before += text if kind in {"both", "deletion"} else ""
        after += text if kind in {"both", "insertion"} else ""
    comments += [Comment(author, said, "") for author, said, _ in open_comments.values()]
    return Reviewed(tuple(before.split()), tuple(after.split()), tuple(comments), structure)


def _pieces(inlines: Sequence[Node], kind: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what kind of text, the text, and what is told of a change or comment."""
    for inline in inlines:
        content: Any = inline.get("c")
        match inline["t"]:
            case "Str":
                yield kind, str(content), {}
            case name if name in SPACES:
                yield kind, " ", {}
            case "Code":
                yield kind, str(content[1]), {}
            case "Quoted":
                left, right = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
                yield kind, left, {}
                yield from _pieces(content[1], kind)
                yield kind, right, {}
            case "Span":
                yield from _span(content, kind)
            case "Link" | "Image" | "Cite":
                yield from _pieces(content[1], kind)
            case "Note" | "Math" | "RawInline":
                pass
            case _:
                yield from _pieces(content, kind)


def _span(content: Any, kind: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    (_, classes, attributes), inner = content
    told = dict(attributes)
    name = classes[0] if classes else ""
    if name in {"comment-start", "comment-end", *SPLIT}:
        yield name, "".join(text for _, text, _ in _pieces(inner, "both")), told
        if name == "comment-end":
            return
    else:
        yield from _pieces(inner, name if name in {"insertion", "deletion"} else kind)
