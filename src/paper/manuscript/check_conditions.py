"""Check the conditions in the text: each claim holds, and nothing is used where it may be missing.

Facts, numbers, figures and tables that a notebook makes for some data only may be used only in
parts that say so. That is told from the text and holds for all data, whichever the build has.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from paper.errors import PaperError
from paper.manuscript.conditions import (
    HOW_TO_WRITE,
    Facts,
    Part,
    UnknownFactError,
    conjuncts,
    hidden,
    holds,
    one_line,
    read_answers,
    unmarked,
    values_of,
)
from paper.manuscript.printed_text import SHORTCODE, Passage
from paper.notebooks.only_when import condition_of_cells, guards
from paper.storage.project import Project
from paper.storage.sources.article import read_article

LABEL = re.compile(r"\{(?:[^{}\n#]*\s)?#(?P<label>[\w-]+)")
REFERENCE = re.compile(r"@(?P<label>(?:fig|tbl)-[\w-]+)")
SHOWN = 160

Numbers = Mapping[str, Mapping[str, Any]]


@dataclass
class Conditions:
    """What was found of the conditions of a text."""

    answers: dict[str, bool] = field(default_factory=dict)  # condition → whether it holds
    # Conditions that are none, and claims that do not hold.
    problems: list[PaperError] = field(default_factory=list)
    # Fact that a condition needs and nothing published, and its place.
    missing: list[tuple[str, str]] = field(default_factory=list)

    def hides(self, passage: Passage, offset: int) -> bool:
        """Return whether the text there is left out."""
        return self._hidden(passage.parts_at(offset))

    def _hidden(self, around: Iterable[Part]) -> bool:
        return any(part.kind != "says" and not self.answers[part.condition] for part in around)

    def ask(self, passage: Passage, facts: Facts, numbers: Numbers) -> None:
        """Ask what the conditions of a passage name, those around others first."""
        for index, part in enumerate(passage.parts):
            if part.kind == "known":
                self.answers[part.condition] = not withheld(part.condition.split(), numbers)
                continue
            self.answers.setdefault(part.condition, False)
            around = [other for other in passage.parts[:index] if other.covers(part.start)]
            if not self._hidden(around):
                self._answer(passage, part, facts)

    def _answer(self, passage: Passage, part: Part, facts: Facts) -> None:
        place = passage.place(part.start)
        try:
            answer = holds(part.condition, facts)
        except UnknownFactError as error:
            self.missing.append((str(error), place))
            return
        except ValueError as error:
            what = f"{part.kind}={part.condition!r} is not a condition: {error}"
            self.problems.append(PaperError(place, what, HOW_TO_WRITE))
            return
        self.answers[part.condition] = answer
        if part.kind == "says" and not answer:
            self.problems.append(_untrue(passage, part, facts))


def ask_all(passages: Sequence[Passage], facts: Facts, numbers: Numbers) -> Conditions:
    """Ask every condition of a text of the published facts and numbers."""
    found = Conditions()
    for passage in passages:
        found.ask(passage, facts, numbers)
    return found


def withheld(keys: Iterable[str], numbers: Numbers) -> list[str]:
    """Return the keys of numbers that are recorded and not known: too few patients, or none."""
    return [key for key in keys if key in numbers and numbers[key]["value"] is None]


def _untrue(passage: Passage, part: Part, facts: Facts) -> PaperError:
    text = one_line(unmarked(passage.text, part.start, part.end))
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
    return PaperError(
        passage.place(part.start),
        f"says {shown!r}, which is so if {part.condition}; but {values_of(part.condition, facts)}",
        "Rewrite the sentence, and its condition.",
    )


def check_guards(notebooks: Mapping[str, Mapping[str, Any]], facts: Facts) -> Iterator[PaperError]:
    """Yield an error for each notebook that ended, or went on, against its own condition."""
    for path, label, entry in guards(notebooks):
        where = f"{path}, cell {label}"
        try:
            answer = holds(entry["when"], facts)
        except UnknownFactError as error:
            yield PaperError(where, f"applies when {entry['when']}, but nothing publishes {error}")
        except ValueError:
            yield PaperError(where, f"{entry['when']!r} is not a condition", HOW_TO_WRITE)
        else:
            if answer != entry["holds"]:
                why = values_of(entry["when"], facts) or f"{entry['when']} holds"
                yield PaperError(where, f"{'went on' if entry['holds'] else 'ended'}, but {why}")


def check_reach(
    notebooks: Mapping[str, Mapping[str, Any]],
    passages: Sequence[Passage],
    facts: Facts,
    numbers: Numbers,
) -> list[PaperError]:
    """Return an error for each use, outside a part that says so, of what some data do not have."""
    limited = condition_of_cells(notebooks)
    labels: dict[str, Set[str]] = {}
    problems: list[PaperError] = []
    for passage in passages:
        for used in SHORTCODE.finditer(passage.text):
            path, _, label = used["argument"].partition("#")
            if entry := numbers.get(used["argument"]):
                path, label = entry["notebook"], entry["cell"]
            asked, given = _asked(limited.get((path, label), "")), _given(passage, used.start())
            if used["name"] == "embed":
                labels.setdefault(label, asked | given)
            problems += _beyond(passage, used.start(), used["argument"], asked - given)
        problems += _conditions_beyond(passage, facts, limited)
    for passage in passages:
        for found in REFERENCE.finditer(passage.text):
            lacking = labels.get(found["label"], set()) - _given(passage, found.start())
            problems += _beyond(passage, found.start(), found[0], lacking)
    return problems


def _conditions_beyond(
    passage: Passage, facts: Facts, limited: Mapping[tuple[str, str], str]
) -> Iterator[PaperError]:
    for part in passage.parts:
        own = _asked(part.condition) if part.kind != "known" else frozenset()
        for name in (term.removeprefix("not ") for term in own):
            if fact := facts.get(name):
                asked = _asked(limited.get((fact["notebook"], fact["cell"]), ""))
                given = _given(passage, part.start) | own
                yield from _beyond(passage, part.start, name, asked - given)


def labels_left_out(project: Project) -> set[str]:
    """Return what could be referred to in the parts of the manuscript that are left out."""
    text = read_article(project.root, project.article)
    gone = "".join(text[part.start : part.end] for part in hidden(text, read_answers(project)))
    embedded = {found["argument"].partition("#")[2] for found in SHORTCODE.finditer(gone)}
    return embedded | {found["label"] for found in LABEL.finditer(gone)}


def _asked(condition: str) -> frozenset[str]:
    try:
        return conjuncts(condition) if condition else frozenset()
    except ValueError:
        return frozenset()  # told elsewhere


def _given(passage: Passage, offset: int) -> frozenset[str]:
    around = (part for part in passage.parts_at(offset) if part.kind == "when")
    return frozenset().union(*(_asked(part.condition) for part in around))


def _beyond(passage: Passage, offset: int, what: str, lacking: Set[str]) -> Iterator[PaperError]:
    if lacking:
        condition = " and ".join(sorted(lacking))
        hint = f'Use it in a part of its own: ::: {{when="{condition}"}}'
        where = passage.place(offset)
        yield PaperError(where, f"{what} is there only when {condition}", hint)
