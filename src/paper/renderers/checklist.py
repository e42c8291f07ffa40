"""Checklists of reporting, `supplements/*.yml`: what each item asks, where the paper answers."""

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from declared import (
    Definition,
    Problem,
    Text,
    Texts,
    YamlFile,
    as_list,
    nearest,
    read_yaml,
    validate,
)

# Why an item is reported nowhere → how its row begins.
ABSENT = {"not_reported": "Not reported", "not_applicable": "Not applicable"}


class Item(Definition):
    """One item: what it asks, and where the paper answers or why it does not."""

    item: Text
    asks: Text
    anchor: Texts = ()
    not_reported: Text = ""
    not_applicable: Text = ""
    note: Text = ""

    @model_validator(mode="after")
    def _is_answered_once(self) -> Self:
        if len(self.model_fields_set & {"anchor", *ABSENT}) != 1:
            raise ValueError(f"expected one of the fields anchor, {', '.join(ABSENT)}")
        return self

    @property
    def absent(self) -> str:
        """Why the paper does not report it, as Markdown; nothing if it does."""
        reasons = {begin: getattr(self, field) for field, begin in ABSENT.items()}
        return "".join(f"*{begin}.* {reason}" for begin, reason in reasons.items() if reason)


class Section(Definition):
    """Items under a heading."""

    title: Text
    items: tuple[Item, ...]


class Checklist(Definition):
    """A checklist: its title, what it is, and its sections."""

    title: Text
    about: Text
    sections: tuple[Section, ...]


def read_checklist(
    file: Path, known: Mapping[str, str] | None = None, gone: Set[str] = frozenset()
) -> Checklist:
    """Read a checklist.

    `known`: the places of the rendered paper by their names; None if they are not to be compared.
    `gone`: places that the text leaves out for these data. Raises DataError if a field is missing,
    unknown, empty or written twice, an item is there twice, or one leads to a place that the paper
    does not have; with the line of each.
    """
    checks = [] if known is None else [partial(_leads_nowhere, known, gone)]
    return validate(Checklist, read_yaml(file), _item_twice, *checks)


def _item_twice(source: YamlFile) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for field, item in source.each("sections", "*", "items", "*", "item"):
        if str(item) in first:
            rule = f"item is there already, first in line {first[str(item)]}"
            yield source.problem(field, item, rule)
        first.setdefault(str(item), source.line(field))


def _leads_nowhere(known: Mapping[str, str], gone: Set[str], source: YamlFile) -> Iterator[Problem]:
    for field, value in source.each("sections", "*", "items", "*", "anchor"):
        names: Any = as_list(value)
        if isinstance(names, list):
            for name in still_there([name for name in names if isinstance(name, str)], gone):
                if name not in known:
                    what = f"the paper has no such place; {nearest(name, known)}"
                    yield source.problem((*field, names.index(name)), name, what)


def still_there(names: Sequence[str], gone: Set[str]) -> tuple[str, ...]:
    """Return places but for those that are gone; at least one is kept."""
    return tuple(name for name in names if name not in gone) or tuple(names)
