"""Cells of code in a text: in an article, or in a notebook that is written as Markdown.

The code is taken out of the text, into cells of a notebook. Where it stood, the text embeds what
the cell shows, as it would that of any notebook.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from declared import DataError, parse_yaml
from paper.errors import PaperError

OPTION = "#|"
FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})\s*(?P<info>.*?)\s*")
PYTHON = re.compile(r"\{python\b[^}]*\}")
INLINE = re.compile(r"(?<!`)`\{python\}\s+(?P<code>[^`\n]+?)\s*`")
# Longer than any in a cell.
LONG_FENCE = "`" * 12
# How the text embeds what is its own: a cell, or the value of code within a line.
OWN_CELL, OWN_VALUE = "own=cell", "own=value"
# As Quarto has it in a manuscript.
USUAL = {"echo": False, "eval": True, "include": True, "output": True}
Line = tuple[str, str, int]  # what it says, its file, and its number there


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook; its name is that which notebooks have for cells without a label."""

    kind: Literal["code", "markdown"]
    name: str
    source: str


def split_options(source: str, where: str) -> tuple[dict[str, Any], str]:
    """Split a cell into its options and its code.

    Raises PaperError if the options are not YAML.
    """
    options, code = _split(source, where)
    return dict(options), code


# The same cells are read again and again in a build.
@cache
def _split(source: str, where: str) -> tuple[dict[str, Any], str]:
    lines = source.splitlines()
    first = next((i for i, line in enumerate(lines) if not line.startswith(OPTION)), len(lines))
    options = "\n".join(line.removeprefix(OPTION).removeprefix(" ") for line in lines[:first])
    try:
        parsed = parse_yaml(options, Path(where)).content or {}
    except DataError as error:
        raise PaperError(where, f"cell options are not YAML: {error.problems[0]}") from None
    if not isinstance(parsed, dict):
        raise PaperError(where, f"cell options are not `name: value`: {options}")
    return parsed, "\n".join(lines[first:]).strip("\n")


def holds_code(lines: Sequence[Line]) -> bool:
    """Return whether a text holds code that is run."""
    return any("{python" in words for words, _, _ in lines)


class Taken:
    """A text without its code: `lines` embed the cells of `path`, `cells` are text and code.

    `path`: the text as its own notebook, as `embed` names it. `execute`: what configuration and
    front matter say of all cells.
    """

    def __init__(self, lines: Sequence[Line], path: str, execute: Mapping[str, Any]) -> None:
        self._path, self._execute = path, {**USUAL, **execute}
        self._count: Counter[str] = Counter()
        self.lines: list[Line] = []
        self.cells: list[Cell] = []
        self._text: list[str] = []  # since the last cell
        remaining = iter(lines)
        for line in remaining:
            if (fence := FENCE.fullmatch(line[0].rstrip("\n"))) is None:
                self._take_line(line)
            elif PYTHON.fullmatch(fence["info"]):
                self._take_cell(line, [words for words, _, _ in _until_end(fence, remaining)])
            else:
                for inner in (line, *_until_end(fence, remaining, whole=True)):
                    self._keep(inner)
        self._end_text()

    def _name(self, kind: str) -> str:
        self._count[kind] += 1
        return f"{kind}-{self._count[kind]}"

    def _keep(self, line: Line) -> None:
        self.lines.append(line)
        self._text.append(line[0])

    def _take_line(self, line: Line) -> None:
        words, file, number = line
        self._text.append(words)

        def replace(found: re.Match[str]) -> str:
            cell = Cell("code", self._name("value"), found["code"])
            inline.append(cell)
            return f"{{{{< embed {self._path}#{cell.name} {OWN_VALUE} >}}}}"

        inline: list[Cell] = []
        self.lines.append((INLINE.sub(replace, words), file, number))
        if inline:
            self._end_text()
            self.cells += inline

    def _take_cell(self, line: Line, code: Sequence[str]) -> None:
        _, file, number = line
        self._end_text()
        cell = Cell("code", self._name("cell"), "".join(code).rstrip("\n"))
        own, shown = split_options(cell.source, f"{file}, line {number}")
        options = self._execute | own
        if options["eval"] is not False:
            self.cells.append(cell)
        if options["include"] is False:
            return
        echo = options["echo"] not in (False, "false")
        if options["eval"] is False or options["output"] is False:
            words = f"{LONG_FENCE}python\n{shown}\n{LONG_FENCE}" if echo else ""
        else:
            name = own.get("label", cell.name)
            words = f"{{{{< embed {self._path}#{name} {OWN_CELL} echo={str(echo).lower()} >}}}}"
        # A block of its own, whatever stands around it.
        self.lines += [(f"{one}\n", file, number) for one in ("", *words.split("\n"), "")]

    def _end_text(self) -> None:
        if text := "".join(self._text).strip("\n"):
            self.cells.append(Cell("markdown", self._name("text"), text))
        self._text.clear()


def _until_end(
    fence: re.Match[str], lines: Iterator[Line], *, whole: bool = False
) -> Iterator[Line]:
    """Yield the lines of a block of code, and with `whole` that which ends it."""
    for line in lines:
        end = FENCE.fullmatch(line[0].rstrip("\n"))
        is_end = end is not None and not end["info"] and end["marks"].startswith(fence["marks"])
        if whole or not is_end:
            yield line
        if is_end:
            return


def notebook_as_text(text: str, name: str) -> Iterator[Line]:
    """Yield the lines of a notebook as those of a text with code.

    Raises PaperError if it is not a notebook.
    """
    try:
        for number, cell in enumerate(json.loads(text)["cells"], start=1):
            lines = "".join(cell["source"]).split("\n")
            if cell["cell_type"] == "code":
                lines = [f"{LONG_FENCE}{{python}}", *lines, LONG_FENCE]
            where = f"{name}, cell {number}"
            yield from ((f"{words}\n", where, line) for line, words in enumerate([*lines, ""], 1))
    except (ValueError, KeyError, TypeError) as error:
        what = f"not a notebook: {type(error).__name__}: {error}"
        raise PaperError(name, what, "Restore it.") from None
