"""What the text says, as the renderer has it just before it makes a format of it.

A filter of both renderers, expected.lua, keeps the document in the shape that Pandoc gives it.
Nothing is read again from the sources, so that what is compared is what was to be printed.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.renderers.inspection.letters import letters, with_minus
from paper.storage.project import TYPE

# Stands for what each format prints in its own way: a citation, a formula, a picture.
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
# Fields of the front matter that a reader finds above the text, in this order.
FIRST, ABOVE = ("title", "subtitle"), "abstract"
SPACES = {"Space", "SoftBreak", "LineBreak"}
OWN_WAY = {"Cite", "Math", "RawInline", "Image"}
OF_QUARTO, FLOAT = ["__quarto_custom", "true"], ["__quarto_custom_type", "FloatRefTarget"]
Node = dict[str, Any]
# Of a list, of a quotation, or of what Quarto numbers or gives a title.
PARTS: Mapping[str, Callable[[Any], Iterable[Sequence[Node]]]] = {
    "Div": lambda content: [content[1]],
    "BlockQuote": lambda content: [content],
    "BulletList": lambda content: content,
    "OrderedList": lambda content: content[1],
    "DefinitionList": lambda content: [
        part for term, told in content for part in ([{"t": "Plain", "c": term}], *told)
    ],
}


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a caption or a note."""

    text: str  # its text, with a mark at each gap
    is_heading: bool = False  # whether running heads may repeat it
    # Whether a format may begin its first line with a mark: a number, a word such as “Abstract”.
    is_marked: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    cells: tuple[str, ...]  # the text of each, with a mark at each gap

    @property
    def parts(self) -> list[str]:
        """What is compared: the letters of all cells, from gap to gap."""
        return [part for text in "".join(self.cells).split(GAP) if (part := letters(text))]


@dataclass(frozen=True)
class Number:
    """A recorded number that the text prints."""

    key: str
    text: str
    part: str = ""  # in a table: what of the number it is; see `recorded_as`


def named(attributes: Mapping[str, str], text: str) -> Number | None:
    """Return the number that an element marks, of Pandoc, a page or JATS; None if it marks none."""
    key = attributes.get("data-key") or attributes.get("vocab-term")
    part = attributes.get("data-part") or attributes.get("specific-use") or ""
    return Number(key, text, part) if key else None


@dataclass
class Expected:
    """The text of the paper."""

    flow: list[Block] = field(default_factory=list)  # what is read from the first page to the last
    # Captions and notes, each of which may stand elsewhere.
    floats: list[Block] = field(default_factory=list)
    tables: list[list[Row]] = field(default_factory=list)  # rows of each table
    numbers: list[Number] = field(default_factory=list)  # in the order of the source
    pictures: int = 0  # how many there are


def read_expected(file: Path) -> Expected:
    """Read what the filter kept of a format; an error if it kept nothing."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = (
            f"expected.lua did not keep the text of {file.stem}, so that no one can look it through"
        )
        hint = f"Write project: {{type: {TYPE}}}, which has this filter."
        raise PaperError("_quarto.yml", what, hint) from None
    reader = _Reader()
    reader.read(document)
    return reader.found


class _Reader:
    """Walks through the document of Pandoc; a node is a mapping with `t`, its type, and `c`."""

    def __init__(self) -> None:
        self.found = Expected()
        self._marks = 0  # how many lists and the like are around

    def read(self, document: Node) -> None:
        meta = document["meta"]
        for name in FIRST:
            if name in meta:
                self._add(self._of_meta(meta[name]), is_heading=True)
        if ABOVE in meta:
            value = meta[ABOVE]
            is_blocks = value["t"] == "MetaBlocks"
            self._marked(value["c"] if is_blocks else [{"t": "Plain", "c": value["c"]}])
        self._blocks(document["blocks"])

    def _marked(self, blocks: Sequence[Node]) -> None:
        self._marks += 1
        self._blocks(blocks)
        self._marks -= 1

    def _of_meta(self, value: Node) -> str:
        match value["t"]:
            case "MetaInlines":
                return self._inlines(value["c"])
            case "MetaBlocks":
                return self._on_one_line(value["c"])
            case "MetaString":
                return str(value["c"])
        return ""

    def _add(self, text: str, *, is_heading: bool = False) -> None:
        is_marked = is_heading or self._marks > 0
        self.found.flow.append(Block(with_minus(text), is_heading, is_marked))

    def _blocks(self, blocks: Sequence[Node]) -> None:
        for block in blocks:
            self._block(block["t"], block.get("c"))

    def _block(self, kind: str, content: Any) -> None:
        match kind:
            case "Para" | "Plain":
                self._add(self._inlines(content))
            case "Header":
                self._add(self._inlines(content[2]), is_heading=True)
            case "CodeBlock":
                self._add(content[1])
            case "RawBlock":
                self._add(GAP)
            case "LineBlock":
                for line in content:
                    self._add(self._inlines(line))
            case _:
                self._block_of_blocks(kind, content)

    def _block_of_blocks(self, kind: str, content: Any) -> None:
        match kind:
            case "Table":
                self._table(content)
            case "Figure":
                self._float(content[1][1], content[2])
            case "Div" if FLOAT in content[0][2]:
                self._quarto_float(content[1])
            case "Div" if OF_QUARTO not in content[0][2]:
                self._blocks(content[1])
            case _:
                for part in PARTS[kind](content) if kind in PARTS else ():
                    self._marked(part)

    def _quarto_float(self, slots: Sequence[Node]) -> None:
        # Quarto keeps a figure or table as blocks of its own: what it shows, then its captions.
        shown, *captions = [slot["c"][1] if slot["t"] == "Div" else [slot] for slot in slots]
        self._float([block for caption in captions for block in caption], shown)

    def _float(self, caption: Sequence[Node], shown: Sequence[Node]) -> None:
        self.found.floats += [*self._apart(caption), *self._apart(shown)]

    def _table(self, content: Sequence[Any]) -> None:
        _, caption, _, head, bodies, foot = content
        self.found.floats += self._apart(caption[1])
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        self.found.tables.append(
            [Row(tuple(self._on_one_line(cell[4]) for cell in row[1])) for row in rows]
        )

    def _on_one_line(self, blocks: Sequence[Node]) -> str:
        return " ".join(block.text for block in self._apart(blocks))

    def _apart(self, blocks: Sequence[Node]) -> list[Block]:
        """Return the text of blocks that have no place in the flow."""
        flow, self.found.flow = self.found.flow, []
        self._marked(blocks)
        apart, self.found.flow = self.found.flow, flow
        return apart

    def _inlines(self, inlines: Sequence[Node]) -> str:
        return "".join(map(self._inline, inlines))

    def _inline(self, inline: Node) -> str:
        kind, content = inline["t"], inline.get("c")
        if kind == "Str":
            return str(content)
        if kind in SPACES:
            return " "
        if kind in OWN_WAY:
            self.found.pictures += kind == "Image"
            return GAP
        return self._inline_with_parts(kind, content)

    def _inline_with_parts(self, kind: str, content: Any) -> str:
        match kind:
            case "Quoted":
                return self._inlines(content[1])
            case "Code":
                return str(content[1])
            case "Note":
                self.found.floats += self._apart(content)
                return GAP
            case "Span" | "Link":
                text = self._inlines(content[1])
                attributes = dict(content[0][2])
                if number := named(attributes, text):
                    self.found.numbers.append(number)
                elif kind == "Link" and content[2][0].startswith("#"):
                    return GAP  # a reference, which some formats number themselves
                return text
        return self._inlines(content)
