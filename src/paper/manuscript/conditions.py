"""Sentences that hold only for some results: `[Pain fell]{says="pain.change.upper < 0"}`.

`says` is a claim: where its condition does not hold, the build stops. `when` is a choice: where its
condition does not hold, the part is left out. Both are compared with the numbers that the notebooks
recorded, never with what was typed. Spans, `[text]{…}`, and blocks, `::: {…}`, may have either.
"""

from __future__ import annotations

import ast
import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from paper.errors import PaperError
from paper.storage.files import replace_text
from paper.storage.project import Project

Kind = Literal["says", "when"]
Numbers = Mapping[str, Mapping[str, Any]]
Span = tuple[int, int]
KINDS: Mapping[str, Kind] = {"says": "says", "when": "when"}

ATTRIBUTE = re.compile(r'(?<![\w-])(?P<kind>says|when)="(?P<condition>[^"]*)"')
FENCE = re.compile(r"^[ \t]*:::+[ \t]*(?P<attributes>\S.*?)?[ \t]*:*[ \t]*$", re.MULTILINE)
SPAN_END = re.compile(r"\]\{(?P<attributes>[^{}]*)\}")
# Brackets in these are no spans.
NOT_MARKUP = re.compile(
    r"<!--.*?-->|\{\{<.*?>\}\}|^```.*?^```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\\[\[\]]",
    re.DOTALL | re.MULTILINE,
)
COMPARISONS: Mapping[type, Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
# Beside the cache of notebooks: what the filter of both renderers reads.
ANSWERS = "conditions.json"
FILTER = "_extensions/num/conditions.lua"
HOW_TO_WRITE = "Compare recorded numbers: pain.change.upper < 0 and pain.change.p < 0.05"


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


class UnknownKeyError(Exception):
    """A condition names a number that nothing recorded."""


class _NotEstimableError(Exception):
    """A condition compares a number that could not be estimated."""


def parts(text: str) -> list[Part]:
    """Return the parts of a Markdown text that stand under a condition, in order."""
    plain = NOT_MARKUP.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = [
        Part(KINDS[attribute["kind"]], one_line(attribute["condition"]), *ends)
        for attributes, ends in (*_blocks(plain), *_spans(plain))
        for attribute in ATTRIBUTE.finditer(attributes)
    ]
    return sorted(found, key=lambda part: (part.start, -part.end))


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


def holds(condition: str, numbers: Numbers) -> bool:
    """Compare recorded numbers.

    Parameters
    ----------
    condition
        Comparisons of keys and numbers, joined by `and`, `or` and `not`. A key alone is true unless
        its number is zero.
    numbers
        Key → recorded number.

    Returns
    -------
    bool
        Whether it is so; never where a number that could not be estimated had to be compared.

    Raises
    ------
    ValueError
        If the condition is anything else.
    UnknownKeyError
        If it needs a number that nothing recorded.
    """
    try:
        return bool(_value(_parsed(condition), numbers))
    except _NotEstimableError:
        return False


def _parsed(condition: str) -> ast.expr:
    try:
        return ast.parse(condition, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(condition) from None


def _value(node: ast.expr, numbers: Numbers) -> float:
    """Evaluate the few forms that a condition has; nothing else is ever evaluated."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name() | ast.Attribute():
            return _recorded(_key(node), numbers)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, numbers)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, numbers)
        case ast.BoolOp(op=joined, values=values):
            every = all if isinstance(joined, ast.And) else any
            return every(_value(value, numbers) for value in values)
        case ast.Compare(left=left, ops=ops, comparators=others) if {*map(type, ops)} <= {
            *COMPARISONS
        }:
            sides = [_value(side, numbers) for side in (left, *others)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return all(COMPARISONS[type(op)](before, after) for op, before, after in pairs)
    raise ValueError(ast.unparse(node))


def _key(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_key(value)}.{name}"
    raise ValueError(ast.unparse(node))


def _recorded(key: str, numbers: Numbers) -> float:
    if key not in numbers:
        raise UnknownKeyError(key)
    value = numbers[key]["value"]
    if value is None:
        raise _NotEstimableError
    return float(value)


def keys_of(condition: str) -> list[str]:
    """Return the keys that a valid condition names."""
    tree = _parsed(condition)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return [
        _key(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner
    ]


# The same condition is asked of again for each number in its part.
@cache
def conjuncts(condition: str) -> frozenset[str]:
    """Return what must hold for a condition to hold: the parts that `and` joins."""
    match tree := _parsed(condition):
        case ast.BoolOp(op=ast.And(), values=values):
            return frozenset(map(ast.unparse, values))
    return frozenset({ast.unparse(tree)})


def compares(condition: str) -> bool:
    """Return whether a condition rests on the size of a number, and not on a fact alone."""
    try:
        tree = _parsed(condition)
    except ValueError:
        return False
    return any(isinstance(node, ast.Compare) for node in ast.walk(tree))


def hidden(text: str, answers: Mapping[str, bool]) -> list[Part]:
    """Return the parts of a text that are left out.

    Parameters
    ----------
    text
        Markdown.
    answers
        Condition → whether it holds; for those of `when`.
    """
    return [part for part in parts(text) if part.kind == "when" and not answers[part.condition]]


def write_answers(project: Project, answers: Mapping[str, bool], left_out: Sequence[str]) -> None:
    """Leave what a check found where the renderers look for it.

    Parameters
    ----------
    project
        The paper.
    answers
        Condition → whether it holds.
    left_out
        Keys that nothing recorded, of numbers that only parts left out would print.
    """
    found = {"answers": dict(sorted(answers.items())), "left_out": sorted(left_out)}
    replace_text(project.cache / ANSWERS, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def read_answers(project: Project) -> dict[str, bool]:
    """Return what the last check answered: condition → whether it holds.

    Raises
    ------
    PaperError
        If there was none.
    """
    try:
        found = json.loads((project.cache / ANSWERS).read_text(encoding="utf-8"))
        return dict(found["answers"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        what = "its conditions were not checked"
        raise PaperError(project.article, what, "Run `paper check`.") from None


def values_of(condition: str, numbers: Numbers) -> str:
    """Return the numbers that a condition compared, for an error."""
    keys: Sequence[str] = dict.fromkeys(keys_of(condition))  # type: ignore[assignment]
    return ", ".join(f"{key} is {_shown(numbers[key])}" for key in keys if key in numbers)


def _shown(entry: Mapping[str, Any]) -> str:
    return "not estimable" if entry["value"] is None else f"{entry['value']:.6g}"
