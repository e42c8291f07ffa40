"""Check the sources before they are rendered: every digit computed, every name resolved."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.manuscript.check_conditions import LABEL, ask_all, check_guards, check_reach, withheld
from paper.manuscript.conditions import Kind
from paper.manuscript.directions import check_directions, read_directions
from paper.manuscript.numbers import check_numbers
from paper.manuscript.printed_text import (
    SHORTCODE,
    Passage,
    Use,
    article_passages,
    captions,
    find_cell,
    notebook_passages,
    uses,
)
from paper.manuscript.prose import CITED, COMMENTS, VERBATIM, blank
from paper.manuscript.scales import Scales
from paper.manuscript.typed import check_typed, read_allowed
from paper.notebooks.collect import (
    Entry,
    check_collected,
    gather,
    gather_facts,
    gather_scales,
    read_published,
)
from paper.notebooks.notebook_file import cell_of
from paper.notebooks.only_when import condition_of_cells
from paper.storage.files import read_fields, read_text
from paper.storage.project import Project
from paper.storage.settings import DIGITS, TYPED, WORDS, Section, read_sections
from paper.storage.sources.article import read_article

# Ours, and those that Quarto brings.
SHORTCODES = re.findall(
    r"\w+",
    "num embed include meta pagebreak var env brand contents version video kbd lipsum placeholder",
)
OPENING = re.compile(r"\{\{<[^{\n]*")
REFERENCE = re.compile(r"@(?:fig|tbl|sec|eq|lst|thm)-[\w-]+")
# The label of code that is left to Quarto, and of an example in a list: (@good).
NAMED = re.compile(r"^(?:#\| *label: *|\(@)([\w-]+)", re.MULTILINE)
SUPPLEMENTS = "supplements"
CITATION = re.compile(CITED)
BIBLIOGRAPHY_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*(?P<key>[^,\s]+)\s*,", re.MULTILINE)
NAN = re.compile(r"\bnan\b", re.IGNORECASE)
SHOWN = 3


@dataclass(frozen=True)
class Checked:
    """What a check of the sources found."""

    problems: list[PaperError]  # everything that stops a build
    numbers: Mapping[str, Entry]  # key → number, as the notebooks recorded them
    uses: list[Use]  # where numbers are printed
    typed: int  # how many texts with digits are allowed
    answers: Mapping[str, bool]  # condition of the text → whether it holds
    left_out: list[str]  # keys that nothing recorded and only parts left out would print
    withheld: list[str]  # keys of recorded numbers that are not known

    @property
    def unused(self) -> list[str]:
        """Keys of recorded numbers that the paper does not print."""
        printed = {use.key for use in self.uses}
        return [key for key in self.numbers if key not in printed]


def check_sources(project: Project) -> Checked:
    """Look for everything that is wrong with the sources of the paper.

    `project`: the paper; its notebooks are executed.
    """
    notebooks = read_published(project)
    numbers, problems = gather(notebooks)
    facts, of_facts = gather_facts(notebooks)
    scales = Scales(gather_scales(notebooks))
    passages, labels, lost = read_passages(project, notebooks)
    told = notebook_passages(notebooks, condition_of_cells(notebooks))
    # Captions are there as embedded and as part of their notebook.
    everything = list({(p.source, p.start): p for p in (*passages, *told)}.values())
    conditions = ask_all([*everything, *_supplements(project)], facts, numbers)
    printed = [use for passage in passages for use in uses(passage)]
    anywhere = {use.key for passage in everything for use in uses(passage)}
    shown = [use for use in printed if not conditions.hides(use.passage, use.offset)]
    sections: Mapping[str, Section] = {}
    try:
        sections = read_sections(project.root)
    except PaperError as error:
        problems.append(error)
    # Of extensions it is known of ours alone what it brings.
    extensions = (project.root / "_extensions").rglob("_extension.yml")
    all_known = [*extensions] == [project.extension / "_extension.yml"]
    allowed, invalid = read_allowed(sections.get(TYPED, Section()))
    directions, also_invalid = read_directions(sections.get(WORDS, Section()))
    keys = {key for file in project.bibliography for key in _keys(file)}
    problems += [
        *of_facts,
        *check_collected(project, numbers, facts),
        *_check_nan(numbers),
        *lost,
        *(
            problem
            for passage in passages
            for problem in _check_shortcodes(passage, all_known=all_known)
        ),
        *(unknown_key(use.key, numbers, use.place) for use in shown if use.key not in numbers),
        *(
            PaperError(place, f"no notebook publishes a fact {name!r}", _nearest(name, facts))
            for name, place in conditions.missing
        ),
        *(problem for passage in passages for problem in _check_names(passage, labels, keys)),
        *conditions.problems,
        *check_guards(notebooks, facts),
        *check_reach(notebooks, passages, facts, numbers),
        *check_typed(passages, allowed, numbers, sections.get(DIGITS, Section())),
        *check_directions(everything, directions, facts, scales),
        *check_numbers(everything, scales, numbers, directions.allowed),
        *invalid,
        *also_invalid,
    ]
    return Checked(
        problems,
        numbers,
        shown,
        len(allowed),
        conditions.answers,
        [key for key in anywhere if key not in numbers],
        withheld(anywhere, numbers),
    )


def _keys(file: Path) -> Iterator[str]:
    """Yield the keys of a bibliography, in BibTeX or as a style processor has it."""
    text = read_text(file, file.name)
    if file.suffix in {".json", ".yaml", ".yml"}:
        entries = read_fields(file, file.name).content
        entries = entries.get("references", []) if isinstance(entries, dict) else entries
        yield from (str(entry["id"]) for entry in entries or [])
    else:
        yield from (entry["key"] for entry in BIBLIOGRAPHY_ENTRY.finditer(text))


def _supplements(project: Project) -> Iterator[Passage]:
    for file in sorted((project.root / SUPPLEMENTS).glob("*.yml")):
        name = f"{SUPPLEMENTS}/{file.name}"
        text = read_text(file, name)
        yield Passage(name, text, 0, len(text))


def read_passages(
    project: Project, notebooks: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Passage], set[str], list[PaperError]]:
    """Return all text of the paper: the manuscript's, and the captions of what it embeds.

    Returns the passages; the labels that can be referred to; what is embedded and not there.
    """
    text = read_article(project.root, project.article)
    passages = list(article_passages(project.article, text))
    # What code in other languages would show is refused by the renderer, where that code stands.
    labels = {found[1] for found in (*LABEL.finditer(text), *NAMED.finditer(text))}
    lost = []
    conditions = condition_of_cells(notebooks)
    embeds = [
        (found["argument"], passage.place(found.start()), _choices(passage, found.start()))
        for passage in passages
        for found in SHORTCODE.finditer(passage.text)
        if found["name"] == "embed"
    ]
    for target, where, choices in embeds:
        try:
            cell, _ = find_cell(notebooks, target, where)
        except PaperError as error:
            lost.append(error)
        else:
            label = target.partition("#")[2]
            count = len(cell["outputs"])
            numbered = range(1, count + 1) if count > 1 else ()
            labels |= {label, *(f"{label}-{number}" for number in numbered)}
            passages += [
                replace(caption, around=choices + caption.around)
                for caption in captions(target, cell, conditions)
            ]
    return passages, labels, lost


def _choices(passage: Passage, offset: int) -> tuple[tuple[Kind, str], ...]:
    """Return the conditions under which what is embedded at an offset is left out."""
    around = passage.parts_at(offset)
    return tuple((part.kind, part.condition) for part in around if part.kind == "when")


def unknown_key(key: str, numbers: Mapping[str, Entry], where: str) -> PaperError:
    """Return the error for a key that nothing recorded, with those most like it."""
    return PaperError(where, f"no number is recorded as {key!r}", _nearest(key, numbers))


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), SHOWN, cutoff=0)
    return f"Nearest: {', '.join(near)}" if near else ""


def _check_nan(numbers: Mapping[str, Entry]) -> Iterator[PaperError]:
    for key, entry in numbers.items():
        if NAN.search(str(entry["text"])):
            hint = "A number that cannot be estimated needs words."
            yield PaperError(cell_of(entry), f"{key} prints {entry['text']!r}", hint)


def _check_shortcodes(passage: Passage, *, all_known: bool) -> Iterator[PaperError]:
    text = blank(passage.text, COMMENTS)
    whole = {found.start(): found["name"] for found in SHORTCODE.finditer(text)}
    for start, name in whole.items():
        if all_known and name not in SHORTCODES:
            what = f"there is no shortcode {name!r}"
            yield PaperError(passage.place(start), what, _nearest(name, SHORTCODES))
    for opening in OPENING.finditer(text):
        if opening.start() not in whole:
            where = passage.place(opening.start())
            yield PaperError(where, f"not a shortcode: {opening[0].rstrip()}")


def _check_names(passage: Passage, labels: set[str], keys: set[str]) -> Iterator[PaperError]:
    for cited in CITATION.finditer(blank(passage.text, VERBATIM)):
        where, key = passage.place(cited.start()), cited[0].removeprefix("@")
        if key in labels or key[0].lower() + key[1:] in labels:
            continue
        if REFERENCE.match(cited[0]):
            what = f"@{key} refers to nothing embedded here"
            yield PaperError(where, what, _nearest(key, labels))
        elif key not in keys:
            yield PaperError(where, f"@{key} is not in the bibliography", _nearest(key, keys))
