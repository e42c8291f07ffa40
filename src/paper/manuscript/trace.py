"""Trace a printed number to the cell that computed it, and to the sentences that print it."""

from collections.abc import Iterator, Mapping, Sequence
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
from paper.notebooks.publish import NAMED, in_columns
from paper.storage.project import Project
from paper.storage.sources.code_in_text import split_options

INDENT = (0, 0, 0, 2)


def trace(project: Project, key: str) -> RenderableType:
    """Lay out, for the terminal, where a number comes from and where it goes.

    Raises PaperError if no cell recorded the key; names the nearest known ones.
    """
    notebooks = read_published(project)
    numbers, _ = gather(notebooks)
    if key not in numbers:
        raise unknown_key(key, numbers, "paper trace")
    path, label = numbers[key]["notebook"], numbers[key]["cell"]
    cell, _ = find_cell(notebooks, f"{path}#{label}", path)
    _, source = split_options(cell["source"], path)
    table = Table.grid(padding=(0, 2))
    for name, text in _facts(numbers[key], numbers):
        table.add_row(Text(name, style="dim"), text)
    code = Syntax(source, "python", background_color="default", word_wrap=True)
    found = [use for use in _uses(project, notebooks) if use.key == key]
    return Group(
        Text(key, style="bold"),
        Padding(table, INDENT),
        Text("Computed by", style="bold"),
        Padding(code, INDENT),
        Text("Printed in", style="bold"),
        *(Padding(line, INDENT) for line in _sentences(found, numbers)),
    )


def printed_numbers(project: Project) -> Iterator[str]:
    """Yield for each recorded number its key, its text, and the file and line of each use."""
    notebooks = read_published(project)
    numbers, _ = gather(notebooks)
    places: dict[str, list[str]] = {}
    for use in _uses(project, notebooks):
        source, line, _ = use.place.rsplit(", ", 2)
        places.setdefault(use.key, []).append(f"{source}:{line.removeprefix('line ')}")
    rows = [
        (key, str(entry["text"]), ", ".join(dict.fromkeys(places.get(key, ["not printed"]))))
        for key, entry in numbers.items()
    ]
    yield from in_columns(rows).splitlines()


def _uses(project: Project, notebooks: Mapping[str, Mapping[str, Any]]) -> Iterator[Use]:
    passages, _, _ = read_passages(project, notebooks)
    return (use for passage in passages for use in uses(passage))


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


def _sentences(found: Sequence[Use], numbers: Mapping[str, Entry]) -> Iterator[Text]:
    shown = set()
    for use in found:
        sentence = use.passage.sentence(use.offset)
        if (use.passage, sentence) not in shown:
            shown.add((use.passage, sentence))
            yield Text.assemble(
                (f"{use.place}\n", "dim"), _with_numbers(sentence, use.key, numbers)
            )
    if not shown:
        yield Text("no sentence: it is recorded for whoever reads the numbers")


def _with_numbers(sentence: str, key: str, numbers: Mapping[str, Entry]) -> Text:
    text, end = Text(), 0
    for shortcode in SHORTCODE.finditer(sentence):
        other = shortcode["argument"]
        text.append(sentence[end : shortcode.start()])
        printed = numbers.get(other, {"text": f"?{other}"})["text"]
        text.append(printed, style="bold reverse" if other == key else "")
        end = shortcode.end()
    return text.append(sentence[end:])
