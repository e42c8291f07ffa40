"""Collect the recorded numbers of the executed notebooks into `results/numbers.json`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from declared import nearest
from paper.errors import PaperError, ProblemsError
from paper.notebooks.begin import SCALES_MIME
from paper.notebooks.notebook_file import cell_of, code_cells, displayed, label_of, read_notebooks
from paper.notebooks.only_when import APPLIES_MIME, guards
from paper.notebooks.publish import FACTS_MIME, MIME, PRINTED_MIME, STANDING_MIME
from paper.storage.project import Project
from paper.storage.steps import read_memory, some_of

Entry = dict[str, Any]
RUN = "Run `paper run`; nobody edits it by hand."


# Headings among the numbers, whose keys all have a dot.
FACTS, SCALES, APPLIES = "facts", "scales", "applies"
# What a notebook may record of a number that another one computed.
ABOUT = {"standing": STANDING_MIME, "printed": PRINTED_MIME}


def recorded(
    notebooks: Mapping[str, Mapping[str, Any]], mime: str = MIME
) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield what notebooks recorded, numbers by default: key, entry, and the cell it is from."""
    for path, content in notebooks.items():
        for cell in code_cells(content):
            origin = {"notebook": path, "cell": label_of(cell, path)}
            for entries in displayed(cell, mime):
                yield from ((key, entry, origin) for key, entry in entries.items())


def gather(notebooks: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Entry], list[PaperError]]:
    """Gather the numbers of executed notebooks.

    `notebooks`: path → content. Returns key → text, value, unit, n, rule, notebook, cell and, where
    recorded, standing and printed; what is wrong: keys recorded twice, or something recorded of a
    number that is not.
    """
    numbers: dict[str, Entry] = {}
    problems = []
    for key, entry, origin in recorded(notebooks):
        if first := numbers.get(key):
            what = f"records {key}, which {cell_of(first)}, records too"
            problems.append(PaperError(cell_of(origin), what, "Record each number once."))
        else:
            numbers[key] = {**entry, **origin}
    for name, mime in ABOUT.items():
        for key, entry, origin in recorded(notebooks, mime):
            if key not in numbers:
                what, hint = f"records the {name} of {key}", "No cell records that number."
            elif name in numbers[key]:
                what, hint = f"records the {name} of {key} again", "Record it once."
            else:
                numbers[key][name] = entry
                continue
            problems.append(PaperError(cell_of(origin), what, hint))
    return numbers, problems


def gather_facts(
    notebooks: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Entry], list[PaperError]]:
    """Gather the facts of executed notebooks, and what is wrong with them.

    Returns name → holds, side, about, notebook and cell; facts published twice, or about a scale
    that the study does not have.
    """
    facts: dict[str, Entry] = {}
    scales, problems = gather_scales(notebooks), []
    for name, entry, origin in recorded(notebooks, FACTS_MIME):
        unknown = [scale for scale in entry["about"] if scale not in scales]
        if first := facts.get(name):
            what = f"publishes the fact {name}, which {cell_of(first)}, publishes too"
            problems.append(PaperError(cell_of(origin), what, "Publish each fact once."))
        elif unknown:
            what = f"the fact {name} is about {unknown[0]!r}, which is no scale of the study"
            hint = nearest(unknown[0], scales) if scales else "`begin()` publishes the scales."
            problems.append(PaperError(cell_of(origin), what, hint))
        facts.setdefault(name, {**entry, **origin})
    return facts, problems


def gather_scales(notebooks: Mapping[str, Mapping[str, Any]]) -> dict[str, Entry]:
    """Return the scales of the study: name → the words that name it, and which way is better."""
    return {name: entry for name, entry, _ in recorded(notebooks, SCALES_MIME)}


def collected(notebooks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of `results/numbers.json`.

    `notebooks`: path → content of every notebook, executed. Raises ProblemsError if two cells
    record the same key, or one something of a number that is not recorded.
    """
    numbers, problems = gather(notebooks)
    facts, of_facts = gather_facts(notebooks)
    if problems or of_facts:
        raise ProblemsError([*problems, *of_facts])
    told = {f"{path}#{label}": entry for path, label, entry in guards(notebooks)}
    more = {FACTS: facts, SCALES: gather_scales(notebooks), APPLIES: told}
    content = {**numbers, **{name: part for name, part in more.items() if part}}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_numbers(project: Project) -> dict[str, Entry]:
    """Return the collected numbers, without the facts and all else."""
    content = dict(json.loads(project.numbers.read_text(encoding="utf-8")))
    return {key: entry for key, entry in content.items() if "." in key}


def read_published(project: Project) -> dict[str, dict[str, Any]]:
    """Read every notebook, path → content, with what it published.

    Of a notebook that is kept without outputs that is what `results/numbers.json` has of it: so
    the text can be checked where the data are not.
    """
    notebooks = read_notebooks(project)
    collected = read_memory(project.numbers)
    for path, content in notebooks.items():
        cells = list(code_cells(content))
        if not _has_outputs(content):
            for cell in cells:
                data = _recorded_by(collected, path, label_of(cell, path))
                if cell is cells[0] and SCALES in collected:
                    data[SCALES_MIME] = collected.pop(SCALES)  # once is enough
                cell["outputs"].extend([{"output_type": "display_data", "data": data}])
    return notebooks


def is_without_outputs(project: Project) -> bool:
    """Return whether all notebooks are kept without outputs, as those about records are."""
    return not any(map(_has_outputs, read_notebooks(project).values()))


def _has_outputs(content: Mapping[str, Any]) -> bool:
    return any(cell["outputs"] for cell in code_cells(content))


def _recorded_by(collected: Mapping[str, Any], path: str, label: str) -> dict[str, Any]:
    def of_cell(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: {name: value for name, value in entry.items() if name not in {"notebook", "cell"}}
            for key, entry in entries.items()
            if (entry.get("notebook"), entry.get("cell")) == (path, label)
        }

    numbers = of_cell(collected)
    data: dict[str, Any] = {
        mime: {key: entry.pop(name) for key, entry in numbers.items() if name in entry}
        for name, mime in ABOUT.items()
    }
    data |= {MIME: numbers, FACTS_MIME: of_cell(collected.get(FACTS, {}))}
    if guard := collected.get(APPLIES, {}).get(f"{path}#{label}"):
        data[APPLIES_MIME] = guard
    return data


def check_collected(
    project: Project, numbers: Mapping[str, Entry], facts: Mapping[str, Entry]
) -> Iterator[PaperError]:
    """Yield an error if `results/numbers.json` is not what the notebooks recorded."""
    name = project.numbers.relative_to(project.root).as_posix()
    try:
        collected = dict(json.loads(project.numbers.read_text(encoding="utf-8")))
    except FileNotFoundError:
        yield PaperError(name, "missing", RUN)
        return
    except (TypeError, ValueError) as error:
        yield PaperError(name, f"not a collection of numbers: {error}", RUN)
        return
    ours = {**numbers, **facts}
    for heading in (SCALES, APPLIES):
        collected.pop(heading, None)
    theirs = {**collected.pop(FACTS, {}), **collected}
    if other := [key for key in ours | theirs if ours.get(key) != theirs.get(key)]:
        yield PaperError(name, f"not what the notebooks recorded: {some_of(other)}", RUN)
