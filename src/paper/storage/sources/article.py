"""The text of the article, with the files that it includes, and its front matter."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from declared import DataError, YamlFile, parse_yaml
from paper.errors import PaperError
from paper.storage.files import read_fields, read_text
from paper.storage.sources.code_in_text import Cell, Line, Taken, holds_code, notebook_as_text

FRONT_MATTER = re.compile(
    r"\A\s*^---[ \t]*\n(?P<yaml>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
INCLUDE = re.compile(r"\{\{<\s*include\s+(?P<file>\S+)\s*>\}\}\s*")
EMBEDDED = re.compile(r"\{\{<\s*embed\s+(?P<notebook>[^\s#]+\.(?:ipynb|qmd))")
CONFIGURATION = "_quarto.yml"


class Text(str):
    """A text that may be put together from several files; it knows where each line is from."""

    __slots__ = ("origins",)
    origins: tuple[tuple[str, int], ...]  # file and number of each line

    @classmethod
    def of(cls, lines: list[Line]) -> "Text":
        """Join lines."""
        text = cls("".join(words for words, _, _ in lines))
        text.origins = tuple((name, number) for _, name, number in lines)
        return text


def read_article(root: Path, article: str) -> Text:
    """Read the article; `{{< include file >}}`, alone on a line, stands for the text of a file.

    Its own code is taken out; it embeds what that shows. Raises PaperError if a file is not there,
    not UTF-8, or included in itself.
    """
    return _read(root, article)[0]


def read_cells(root: Path, path: str) -> list[Cell]:
    """Return the text with code that a file holds as the cells of a notebook."""
    return _read(root, path)[1]


def _read(root: Path, name: str) -> tuple[Text, list[Cell]]:
    lines = list(_lines(root, name, Path(name).parent, ()))
    if not holds_code(lines):
        return Text.of(lines), []
    text = Text.of(lines)
    front = FRONT_MATTER.match(text)
    end = front[0].count("\n") if front else 0
    both = [read_fields(root / CONFIGURATION, CONFIGURATION).content or {}]
    both += [front_matter(text, name).content] if front else []
    execute = {k: v for fields in both for k, v in (fields.get("execute") or {}).items()}
    taken = Taken(lines[end:], name, execute)
    return Text.of([*lines[:end], *taken.lines]), taken.cells


def _lines(root: Path, name: str, folder: Path, around: tuple[str, ...]) -> Iterator[Line]:
    text = read_text(root / name, name).removeprefix("\ufeff")
    if name.endswith(".ipynb"):
        written = notebook_as_text(text, name)
    else:
        written = ((f"{line}\n", name, n) for n, line in enumerate(text.split("\n"), start=1))
    for line in written:
        words, _, number = line
        found = INCLUDE.fullmatch(words)
        if not found:
            yield line
            continue
        # As in Quarto: beside the article, or from the folder of the paper.
        path = found["file"]
        inner = os.path.normpath(path.lstrip("/") if path[0] == "/" else folder / path)
        where = f"{name}, line {number}"
        if not (root / inner).is_file():
            raise PaperError(where, f"includes {inner}, which is not there")
        if inner in (*around, name):
            raise PaperError(where, f"includes {inner}, which includes this file")
        yield from _lines(root, inner, folder, (*around, name))
        # As in Quarto: what follows begins a block of its own, though the file ends in a word.
        yield "\n", name, number


def place(source: str, text: str, offset: int) -> str:
    """Name a place as an editor does: lines and columns from one."""
    line_start = text.rfind("\n", 0, offset) + 1
    line = text.count("\n", 0, offset) + 1
    if isinstance(text, Text):
        source, line = text.origins[min(line, len(text.origins)) - 1]
    return f"{source}, line {line}, column {offset - line_start + 1}"


def front_matter(text: str, article: str) -> YamlFile:
    """Read the front matter of the article; its lines are those of the file.

    Raises PaperError if it is not `field: value`.
    """
    front = FRONT_MATTER.match(text)
    if front is None:
        if text.lstrip().startswith("---"):
            raise PaperError(article, "the front matter has no end", "Write --- below its fields.")
        raise PaperError(f"{article}, line 1", "no front matter", "Begin with --- and a title.")
    try:
        before = "\n" * text.count("\n", 0, front.start("yaml"))
        found = parse_yaml(f"{before}{front['yaml']}", Path(article))
    except DataError as error:
        what = f"front matter is not YAML: {error.problems[0]}"
        raise PaperError(article, what) from None
    if not isinstance(found.content, dict):
        raise PaperError(article, "front matter is not `field: value`")
    return found
