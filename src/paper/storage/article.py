"""The text of the article, with the files that it includes, and its front matter."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from declared import DataError, YamlFile, parse_yaml
from paper.errors import PaperError
from paper.storage.files import read_text

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?\n)---[ \t]*\n", re.DOTALL)
INCLUDE = re.compile(r"\{\{<\s*include\s+(?P<file>\S+)\s*>\}\}\s*")
EMBEDDED = re.compile(r"\{\{<\s*embed\s+(?P<notebook>[^\s#]+\.ipynb)")
Line = tuple[str, str, int]  # what it says, its file, and its number there


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

    Raises PaperError if a file is not there, not UTF-8, or included in itself.
    """
    return Text.of(list(_lines(root, article, Path(article).parent, ())))


def _lines(root: Path, name: str, folder: Path, around: tuple[str, ...]) -> Iterator[Line]:
    for number, line in enumerate(
        read_text(root / name, name).removeprefix("\ufeff").split("\n"), start=1
    ):
        found = INCLUDE.fullmatch(line)
        if not found:
            yield f"{line}\n", name, number
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
        raise PaperError(f"{article}, line 1", "no front matter", "Begin with --- and a title.")
    try:
        # It begins in the second line.
        found = parse_yaml(f"\n{front['yaml']}", Path(article))
    except DataError as error:
        what = f"front matter is not YAML: {error.problems[0]}"
        raise PaperError(article, what) from None
    if not isinstance(found.content, dict):
        raise PaperError(article, "front matter is not `field: value`")
    return found
