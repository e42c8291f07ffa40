"""Check the sources before they are rendered: every digit computed, every name resolved."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paper.cells import read_notebooks
from paper.collect import Entry, gather
from paper.errors import PaperError
from paper.passages import SHORTCODE, Passage, Use, article_passages, captions, find_cell, uses
from paper.project import Project
from paper.typed import CITED, VERBATIM, blank, check_typed, read_allowed

OPENING = re.compile(r"\{\{<[^{\n]*")
REFERENCE = re.compile(r"@(?P<label>(?:fig|tbl|sec|eq|lst|thm)-[\w-]+)")
CITATION = re.compile(CITED)
LABEL = re.compile(r"\{#(?P<label>[\w-]+)")
BIBLIOGRAPHY_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*(?P<key>[^,\s]+)\s*,", re.MULTILINE)
NAN = re.compile(r"\bnan\b", re.IGNORECASE)
SHOWN = 3
RUN = "Run `paper run`; nobody edits it by hand."


@dataclass(frozen=True)
class Checked:
    """What a check of the sources found.

    Parameters
    ----------
    problems
        Everything that stops a build.
    numbers
        Key → number, as the notebooks recorded them.
    uses
        Where numbers are printed.
    typed
        How many texts with digits are allowed.
    """

    problems: list[PaperError]
    numbers: Mapping[str, Entry]
    uses: list[Use]
    typed: int

    @property
    def unused(self) -> list[str]:
        """Keys of recorded numbers that the paper does not print."""
        printed = {use.key for use in self.uses}
        return [key for key in self.numbers if key not in printed]


def check_sources(project: Project) -> Checked:
    """Look for everything that is wrong with the sources of the paper.

    Parameters
    ----------
    project
        The paper; its notebooks are executed.
    """
    notebooks = read_notebooks(project)
    numbers, problems = gather(notebooks)
    passages, labels, lost = read_passages(project, notebooks)
    printed = [use for passage in passages for use in uses(passage)]
    allowed, invalid = read_allowed(project.root)
    bibliography = project.bibliography.read_text(encoding="utf-8")
    keys = {entry["key"] for entry in BIBLIOGRAPHY_ENTRY.finditer(bibliography)}
    problems += [
        *_check_collected(project, numbers),
        *_check_nan(numbers),
        *lost,
        *(problem for passage in passages for problem in _check_shortcodes(passage)),
        *(unknown_key(use.key, numbers, use.place) for use in printed if use.key not in numbers),
        *(problem for passage in passages for problem in _check_names(passage, labels, keys)),
        *check_typed(passages, allowed, numbers),
        *invalid,
    ]
    return Checked(problems, numbers, printed, len(allowed))


def read_passages(
    project: Project, notebooks: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Passage], set[str], list[PaperError]]:
    """Return all text of the paper: the manuscript's, and the captions of what it embeds.

    Returns
    -------
    list
        The passages.
    set
        The labels that can be referred to.
    list
        What is embedded and not there.
    """
    text = (project.root / project.article).read_text(encoding="utf-8")
    passages = list(article_passages(project.article, text))
    labels, lost = {label["label"] for label in LABEL.finditer(text)}, []
    embeds = [
        (found["argument"], passage.place(found.start()))
        for passage in passages
        for found in SHORTCODE.finditer(passage.text)
        if found["name"] == "embed"
    ]
    for target, where in embeds:
        try:
            cell, _ = find_cell(notebooks, target, where)
        except PaperError as error:
            lost.append(error)
        else:
            labels.add(target.partition("#")[2])
            passages += captions(target, cell)
    return passages, labels, lost


def unknown_key(key: str, numbers: Mapping[str, Entry], where: str) -> PaperError:
    """Return the error for a key that nothing recorded, with those most like it."""
    return PaperError(
        where, f"no number is recorded as {key!r}", f"Nearest: {_nearest(key, numbers)}"
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    return ", ".join(difflib.get_close_matches(name, list(known), SHOWN, cutoff=0)) or "none"


def _check_collected(project: Project, numbers: Mapping[str, Entry]) -> Iterator[PaperError]:
    name = project.numbers.relative_to(project.root).as_posix()
    try:
        collected = dict(json.loads(project.numbers.read_text(encoding="utf-8")))
    except FileNotFoundError:
        yield PaperError(name, "missing", RUN)
        return
    except (TypeError, ValueError) as error:
        yield PaperError(name, f"not a collection of numbers: {error}", RUN)
        return
    keys = [*numbers, *(key for key in collected if key not in numbers)]
    other = [key for key in keys if numbers.get(key) != collected.get(key)]
    if other:
        more = f" and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
        yield PaperError(
            name, f"not what the notebooks recorded: {', '.join(other[:SHOWN])}{more}", RUN
        )


def _check_nan(numbers: Mapping[str, Entry]) -> Iterator[PaperError]:
    for key, entry in numbers.items():
        if NAN.search(str(entry["text"])):
            yield PaperError(
                f"{entry['notebook']}, cell {entry['cell']}",
                f"{key} prints {entry['text']!r}",
                "A number that cannot be estimated needs words.",
            )


def _check_shortcodes(passage: Passage) -> Iterator[PaperError]:
    whole = {found.start() for found in SHORTCODE.finditer(passage.text)}
    for opening in OPENING.finditer(passage.text):
        if opening.start() not in whole:
            yield PaperError(
                passage.place(opening.start()), f"not a shortcode: {opening[0].rstrip()}"
            )


def _check_names(passage: Passage, labels: set[str], keys: set[str]) -> Iterator[PaperError]:
    for cited in CITATION.finditer(blank(passage.text, VERBATIM)):
        where, key = passage.place(cited.start()), cited[0].removeprefix("@")
        if reference := REFERENCE.match(cited[0]):
            if reference["label"] not in labels:
                near = f"Nearest: {_nearest(key, labels)}"
                yield PaperError(where, f"@{key} refers to nothing embedded here", near)
        elif key not in keys:
            near = f"Nearest: {_nearest(key, keys)}"
            yield PaperError(where, f"@{key} is not in the bibliography", near)
