"""What readers will read of the sources, and where each character of it stands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from paper.errors import PaperError
from paper.manuscript.conditions import Kind, Part, one_line, parts, unmarked
from paper.notebooks.notebook_file import code_cells, label_of
from paper.storage.sources.article import FRONT_MATTER, place
from paper.storage.sources.code_in_text import split_options

OPTION = r"\s+[\w-]+=(?:\"[^\"\n]*\"|[^\s\"]+)"
SHORTCODE = re.compile(
    rf"\{{\{{<\s*(?P<name>\S+)\s+(?P<argument>\S*)(?P<options>(?:{OPTION})*)\s*>\}}\}}"
)
FIELD = re.compile(r"^(?P<name>[A-Za-z][\w-]*):", re.MULTILINE)
# The fields of the front matter that are printed as text.
PRINTED_FIELDS = {
    "title", "subtitle", "abstract", "keywords", "plain-language-summary", "key-points",
    "description", "running-title",
}  # fmt: skip
# Captions and alternative texts in the options of a cell, with the lines that continue them.
CAPTION = re.compile(
    r"^#\| *(?:fig|tbl)-(?:cap|subcap|alt):(?P<text>.*(?:\n#\| {2,}.*)*)", re.MULTILINE
)
NO_NOTEBOOK = "Name it in _quarto.yml, under manuscript: notebooks, or leave that list out."
# An empty line, the next item of a list and the next row of a table end a sentence, too.
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?:\]\{[^{}]*\})*\s+(?=[^a-z\s])|\n\s*\n|(?<=\*\*)\s+(?=[A-Z{])"
    r"|\n(?=[ \t]*(?:[-*+]|\(?\d+[.)])\s)|(?<=\|)[ \t]*\n"
)


@dataclass(frozen=True)
class Passage:
    """A stretch of a source that is printed."""

    source: str  # the file, or the notebook and its cell
    whole: str  # all text of that source
    # Where in it the passage begins and ends.
    start: int
    end: int
    around: tuple[tuple[Kind, str], ...] = ()  # conditions under which all of it stands

    @property
    def text(self) -> str:
        """The passage itself."""
        return self.whole[self.start : self.end]

    @cached_property
    def parts(self) -> list[Part]:
        """Parts that stand under a condition, those around first; the passage itself may be one."""
        whole = [Part(kind, condition, 0, len(self.text)) for kind, condition in self.around]
        return [*whole, *parts(self.text)]

    def parts_at(self, offset: int) -> list[Part]:
        """Return the parts in which an offset of the passage is."""
        return [part for part in self.parts if part.covers(offset)]

    def place(self, offset: int) -> str:
        """Return source, line and column of an offset of the passage."""
        return place(self.source, self.whole, self.start + offset)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Where each sentence begins and ends."""
        ends = [(found.start(), found.end()) for found in SENTENCE_END.finditer(self.text)]
        firsts = [0, *(after for _, after in ends)]
        lasts = [*(before for before, _ in ends), len(self.text)]
        return list(zip(firsts, lasts, strict=True))

    def sentence_at(self, offset: int) -> tuple[int, int]:
        """Return where the sentence around an offset begins and ends."""
        return next(ends for ends in reversed(self.sentences) if ends[0] <= offset)

    def sentence(self, offset: int) -> str:
        """Return the sentence around an offset of the passage, on one line."""
        return one_line(unmarked(self.text, *self.sentence_at(offset)))


@dataclass(frozen=True)
class Use:
    """A number that is printed: its key, and where."""

    key: str
    passage: Passage
    offset: int

    @property
    def place(self) -> str:
        """Source, line and column."""
        return self.passage.place(self.offset)


def article_passages(article: str, text: str) -> Iterator[Passage]:
    """Yield what is printed of the manuscript: fields of the front matter, then the body."""
    front = FRONT_MATTER.match(text)
    body = front.end() if front else 0
    if front:
        fields = [(f["name"], front.start("yaml") + f.end()) for f in FIELD.finditer(front["yaml"])]
        ends = [*(start for _, start in fields[1:]), front.end("yaml")]
        for (name, start), end in zip(fields, ends, strict=True):
            if name in PRINTED_FIELDS:
                yield _unwrapped(Passage(article, text, start, end))
    yield Passage(article, text, body, len(text))


def captions(
    target: str, cell: Mapping[str, Any], conditions: Mapping[tuple[str, str], str]
) -> Iterator[Passage]:
    """Yield captions and alternative text of a cell, named as in `embed`.

    An alternative text is plain: the option `says` of the cell is its condition.
    """
    path, _, label = target.partition("#")
    options, _ = split_options(cell["source"], path)
    around: tuple[tuple[Kind, str], ...] = ()
    if condition := conditions.get((path, label)):
        around = (("when", condition),)
    if "says" in options:
        around += (("says", one_line(str(options["says"]))),)
    for found in CAPTION.finditer(cell["source"]):
        passage = Passage(f"{path}, cell {label}", cell["source"], *found.span("text"))
        yield replace(_unwrapped(passage), around=around)


def notebook_passages(
    notebooks: Mapping[str, Mapping[str, Any]], conditions: Mapping[tuple[str, str], str]
) -> Iterator[Passage]:
    """Yield what notebooks say: their text, and the captions of all their cells.

    `notebooks`: path → content. `conditions`: notebook and label → condition, of cells that apply
    only under one.
    """
    for path, content in notebooks.items():
        condition = ""
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                label = label_of(cell, path)
                condition = conditions.get((path, label), condition)
                yield from captions(f"{path}#{label}", cell, conditions)
            elif cell["cell_type"] == "markdown":
                around: tuple[tuple[Kind, str], ...] = (("when", condition),) if condition else ()
                source = f"{path}, cell {cell['id']}"
                yield Passage(source, cell["source"], 0, len(cell["source"]), around)


def _unwrapped(passage: Passage) -> Passage:
    """Leave out the marks that YAML puts around a text: quotes, or the bar before a block."""
    text = passage.text
    start = passage.start + len(text) - len(text.lstrip(" \"'|>\n"))
    return replace(passage, start=start, end=passage.start + len(text.rstrip(" \"'\n")))


def uses(passage: Passage) -> Iterator[Use]:
    """Yield the numbers that a passage prints."""
    for found in SHORTCODE.finditer(passage.text):
        if found["name"] == "num":
            yield Use(found["argument"], passage, found.start())


def find_cell(
    notebooks: Mapping[str, Mapping[str, Any]], target: str, where: str
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Return the cell that `notebook#label` names, and its options.

    `notebooks`: path → content of the notebooks of the paper. Raises PaperError if there is no such
    notebook or cell.
    """
    path, _, label = target.partition("#")
    if path not in notebooks:
        what = f"embeds a cell of {path}, which is no notebook of this paper"
        raise PaperError(where, what, NO_NOTEBOOK)
    labels = []
    for cell in code_cells(notebooks[path]):
        labels.append(label_of(cell, path))
        if labels[-1] == label:
            return cell, split_options(cell["source"], path)[0]
    what = f"{path} has no cell labelled {label!r}"
    raise PaperError(where, what, f"It has: {', '.join(labels)}")
