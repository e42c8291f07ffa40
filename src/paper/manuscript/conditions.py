"""Sentences that hold only for some results: `[Pain fell]{says="pain_fell"}`.

`says` is a claim: where the facts it names do not hold, the build stops. `when` is a choice: where
they do not hold, the part is left out. What a fact is, and whether it holds, a notebook says. A
part with the class `if-known` is left out where a number that it prints is withheld or could not be
estimated. Spans, `[text]{…}`, and blocks, `::: {…}`, may have any of these.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from paper.errors import PaperError
from paper.notebooks.notebook_file import cell_of
from paper.storage.files import replace_text
from paper.storage.project import Project

Kind = Literal["says", "when", "known"]
Facts = Mapping[str, Mapping[str, Any]]
Span = tuple[int, int]
KINDS: Mapping[str, Kind] = {"says": "says", "when": "when", "": "known"}

ATTRIBUTE = re.compile(
    r'(?<![\w-])(?P<kind>says|when)="(?P<condition>[^"]*)"|(?<![\w-])\.(?P<known>if-known)(?![\w-])'
)
FOR_FORMATS = re.compile(r"\.content-(?:visible|hidden)\b")
FENCE = re.compile(r"^[ \t]*:::+[ \t]*(?P<attributes>\S.*?)?[ \t]*:*[ \t]*$", re.MULTILINE)
SPAN_END = re.compile(r"\]\{(?P<attributes>[^{}]*)\}")
# Brackets in these are no spans.
NOT_MARKUP = re.compile(
    r"<!--.*?-->|\{\{<.*?>\}\}|^```.*?^```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\\[\[\]]",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"\{\{<\s*num\s+(?P<key>\S*)\s*>\}\}")
NAME = r"(?!(?:not|and|or)\b)[a-z][a-z0-9_]*"
CONDITION = re.compile(rf"(?:not )?{NAME}(?: and (?:not )?{NAME})*")
# Beside the cache of notebooks: what the filter of both renderers reads.
ANSWERS = "conditions.json"
HOW_TO_WRITE = "Name facts that a notebook has published: pain_fell and not reconstructed"


@dataclass(frozen=True)
class Part:
    """A stretch of text that stands under a condition, with its marks, and where it begins."""

    kind: Kind
    condition: str
    start: int
    end: int

    def covers(self, offset: int) -> bool:
        """Return whether a place is inside."""
        return self.start <= offset < self.end


class UnknownFactError(Exception):
    """A condition names a fact that nothing published."""


def parts(text: str) -> list[Part]:
    """Return the parts of a Markdown text that stand under a condition, in order.

    The condition of an `if-known` part is the keys of the numbers that it prints.
    """
    found = [
        Part(KINDS[attribute["kind"] or ""], one_line(attribute["condition"] or ""), *ends)
        for attributes, ends in _marked(text)
        for attribute in ATTRIBUTE.finditer(attributes)
    ]
    known = [part for part in found if part.kind == "known"]
    return sorted(
        [part for part in found if part.kind != "known"]
        + [Part("known", _keys(text, part, known), part.start, part.end) for part in known],
        key=lambda part: (part.start, -part.end),
    )


@cache
def for_some_formats(text: str) -> list[Span]:
    """Return where a text stands that some formats print, and some do not."""
    return [ends for attributes, ends in _marked(text) if FOR_FORMATS.search(attributes)]


def _marked(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the attributes of each block and span, and where it begins and ends."""
    plain = NOT_MARKUP.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    yield from _blocks(plain)
    yield from _spans(plain)


def _keys(text: str, part: Part, known: Sequence[Part]) -> str:
    """Return the keys of the numbers of a part that no such part inside it has."""
    inner = [o for o in known if part.start < o.start and o.end <= part.end and o != part]
    keys = [
        number["key"]
        for number in NUMBER.finditer(text, part.start, part.end)
        if not any(other.covers(number.start()) for other in inner)
    ]
    return " ".join(dict.fromkeys(keys))


def _blocks(text: str) -> Iterator[tuple[str, Span]]:
    opened: list[tuple[str, int]] = []
    for fence in FENCE.finditer(text):
        if fence["attributes"]:
            opened.append((fence["attributes"], fence.start()))
        elif opened:
            attributes, start = opened.pop()
            yield attributes, (start, fence.end())
    for attributes, start in opened:
        yield attributes, (start, len(text))


def _spans(text: str) -> Iterator[tuple[str, Span]]:
    for end in SPAN_END.finditer(text):
        depth, start = 1, end.start()
        while depth and start:
            start -= 1
            depth += {"]": 1, "[": -1}.get(text[start], 0)
        if not depth:
            yield end["attributes"], (start, end.end())


def unmarked(text: str, start: int, end: int) -> str:
    """Return a stretch of a text without the marks of its conditions."""
    kept = dict(enumerate(text[start:end], start))
    for attributes, (first, last) in (*_blocks(text), *_spans(text)):
        if ATTRIBUTE.search(attributes):
            is_span = text[first] == "["
            tail = text.rindex("]{" if is_span else "\n", first, last)
            opening = first + 1 if is_span else text.index("\n", first)
            for offset in (*range(first, opening), *range(tail, last)):
                kept.pop(offset, None)
    return "".join(kept.values())


def one_line(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def terms(condition: str) -> list[tuple[str, bool]]:
    """Return the facts that a condition names, and whether each must hold.

    Raises ValueError if it is anything but names of facts, each perhaps after `not`, joined by
    `and`.
    """
    if not CONDITION.fullmatch(condition):
        raise ValueError(condition)
    return [
        (term.removeprefix("not "), not term.startswith("not "))
        for term in condition.split(" and ")
    ]


def holds(condition: str, facts: Facts) -> bool:
    """Return whether the facts are as a condition says.

    `condition`: names of facts, each perhaps after `not`, joined by `and`. `facts`: name →
    published fact. Raises ValueError if the condition is anything else. Raises UnknownFactError if
    it needs a fact that nothing published. After one that is not so, none is needed.
    """
    for name, wanted in terms(condition):
        if name not in facts:
            raise UnknownFactError(name)
        if facts[name]["holds"] != wanted:
            return False
    return True


def conjuncts(condition: str) -> frozenset[str]:
    """Return what must hold for a condition to hold: `pain_fell`, `not reconstructed`."""
    return frozenset(name if wanted else f"not {name}" for name, wanted in terms(condition))


def values_of(condition: str, facts: Facts) -> str:
    """Return why a condition does not hold, for an error."""
    return ", ".join(
        f"{name} {'does not hold' if wanted else 'holds'} ({cell_of(facts[name])})"
        for name, wanted in terms(condition)
        if name in facts and facts[name]["holds"] != wanted
    )


def hidden(text: str, answers: Mapping[str, bool]) -> list[Part]:
    """Return the parts of a text that are left out because of what a condition says.

    `answers`: condition → whether it holds; for those of `when`.
    """
    return [part for part in parts(text) if part.kind == "when" and not answers[part.condition]]


def write_answers(
    project: Project, answers: Mapping[str, bool], left_out: Sequence[str], withheld: Sequence[str]
) -> None:
    """Leave what a check found where the renderers look for it.

    `answers`: condition → whether it holds. `left_out`: keys that nothing recorded, of numbers that
    only parts left out would print. `withheld`: keys of numbers that are not known: parts that
    print them if known go.
    """
    found = {
        "answers": dict(sorted(answers.items())),
        "left_out": sorted(left_out),
        "withheld": sorted(withheld),
    }
    replace_text(project.cache / ANSWERS, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def read_answers(project: Project) -> dict[str, bool]:
    """Return what the last check answered: condition → whether it holds.

    Raises PaperError if there was none.
    """
    try:
        found = json.loads((project.cache / ANSWERS).read_text(encoding="utf-8"))
        return dict(found["answers"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        what = "its conditions were not checked"
        raise PaperError(project.article, what, "Run `paper check`.") from None
