"""Trace a printed number to the cell that computed it, and to the sentences that print it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from paper.manuscript.check import read_passages, unknown_key
from paper.manuscript.printed_text import SHORTCODE, Use, find_cell, uses
from paper.notebooks.collect import Entry, gather, read_published
from paper.notebooks.notebook_file import cell_of
from paper.notebooks.publish import NAMED
from paper.storage.project import Project
from paper.storage.sources.code_in_text import split_options

INDENT = (0, 0, 0, 2)


@dataclass(frozen=True)
class Trace:
    """Everything known of one number."""

    key: str  # its key
    numbers: Mapping[str, Entry]  # all numbers, as the notebooks recorded them
    source: str  # code of the cell that computed it
    uses: tuple[Use, ...]  # where the paper prints it

    @property
    def entry(self) -> Entry:
        """What was recorded."""
        return self.numbers[self.key]


def trace(project: Project, key: str) -> Trace:
    """Find where a number comes from and where it goes.

    Raises PaperError if no cell recorded the key; names the nearest known ones.
    """
    notebooks = read_published(project)
    numbers, _ = gather(notebooks)
    if key not in numbers:
        raise unknown_key(key, numbers, "paper trace")
    path, label = numbers[key]["notebook"], numbers[key]["cell"]
    cell, _ = find_cell(notebooks, f"{path}#{label}", path)
    _, source = split_options(cell["source"], path)
    passages, _, _ = read_passages(project, notebooks)
    found = [use for passage in passages for use in uses(passage) if use.key == key]
    return Trace(key, numbers, source, tuple(found))


def printed_numbers(project: Project) -> Iterator[str]:
    """Yield for each recorded number its key, its text, and the file and line of each use."""
    notebooks = read_published(project)
    numbers, _ = gather(notebooks)
    passages, _, _ = read_passages(project, notebooks)
    places: dict[str, list[str]] = {}
    for use in (use for passage in passages for use in uses(passage)):
        source, line, _ = use.place.rsplit(", ", 2)
        places.setdefault(use.key, []).append(f"{source}:{line.removeprefix('line ')}")
    widths = [max(map(len, texts), default=0) for texts in _columns(numbers)]
    for key, text in zip(*_columns(numbers), strict=True):
        used = ", ".join(dict.fromkeys(places.get(key, ["not printed"])))
        yield f"{key:<{widths[0]}}  {text:<{widths[1]}}  {used}"


def _columns(numbers: Mapping[str, Entry]) -> tuple[list[str], list[str]]:
    return [*numbers], [str(entry["text"]) for entry in numbers.values()]


def show(found: Trace) -> RenderableType:
    """Lay a trace out for the terminal."""
    table = Table.grid(padding=(0, 2))
    for name, text in _facts(found.entry, found.numbers):
        table.add_row(Text(name, style="dim"), text)
    code = Syntax(found.source, "python", background_color="default", word_wrap=True)
    return Group(
        Text(found.key, style="bold"),
        Padding(table, INDENT),
        Text("Computed by", style="bold"),
        Padding(code, INDENT),
        Text("Printed in", style="bold"),
        *(Padding(line, INDENT) for line in _sentences(found)),
    )


def _facts(entry: Mapping[str, Any], numbers: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    value = entry["value"]
    yield "text", entry["text"]
    yield "name", entry["label"]
    if formula := entry.get("formula"):
        values = NAMED.sub(lambda other: str(numbers[other[1]]["text"]), formula)
        yield "arithmetic", f"{values} = {entry['text']}"
    yield "value", "not estimable" if value is None else repr(value)
    yield "unit", entry["unit"] or "none"
    if entry["n"] is not None:
        yield "n", str(entry["n"])
    yield "rounding", entry["rule"]
    if standing := entry.get("standing"):
        ends = {standing["low"]: None, standing["high"]: None}
        yield "standing", f"{standing['kind']}, {' to '.join(ends)}"
    if printed := entry.get("printed"):
        yield "publication", printed
    yield "notebook", cell_of(entry)


def _sentences(found: Trace) -> Iterator[Text]:
    shown = set()
    for use in found.uses:
        sentence = use.passage.sentence(use.offset)
        if (use.passage, sentence) not in shown:
            shown.add((use.passage, sentence))
            yield Text.assemble((f"{use.place}\n", "dim"), _with_numbers(sentence, found))
    if not shown:
        yield Text("no sentence: it is recorded for whoever reads the numbers")


def _with_numbers(sentence: str, found: Trace) -> Text:
    text, end = Text(), 0
    for shortcode in SHORTCODE.finditer(sentence):
        key = shortcode["argument"]
        text.append(sentence[end : shortcode.start()])
        printed = found.numbers.get(key, {"text": f"?{key}"})["text"]
        text.append(printed, style="bold reverse" if key == found.key else "")
        end = shortcode.end()
    return text.append(sentence[end:])
