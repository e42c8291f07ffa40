"""What numbers are called, and what they are computed from."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from beforeafter.study import Study
from declared import read_yaml

NAMED = re.compile(r"{(.+?)}")


@cache
def _names() -> Mapping[str, Mapping[str, Any]]:
    found = read_yaml(Path(__file__).with_name("names.yml")).content
    # The longest end of a key says most.
    return {**found, "keys": dict(sorted(found["keys"].items(), key=lambda entry: -len(entry[0])))}


def _known(key: str) -> tuple[str, Mapping[str, str]]:
    """Return what stands before the end of a key that has a name, and what is known of it."""
    for end, known in _names()["keys"].items():
        before, last = _split(key, end.count(".") + 1)
        if fnmatchcase(last, end):
            return before, known
    return key, {}


def _split(key: str, n_last: int) -> tuple[str, str]:
    """Split a key before so many of its last parts."""
    parts = key.split(".")
    last = ".".join(parts[-n_last:])
    return key.removesuffix(last), last


def label_of(key: str, study: Study | None) -> str:
    """Return what a number is called: "Pain intensity: SD of the patients’ changes"."""
    labels = {name: part.label for name, part in study.parts.items()} if study else {}
    ways = labels | ({one.name: one.label for one in study.estimands} if study else {})
    before, known = _known(key)
    _, *rest = before.removesuffix(".").split(".")
    words = [ways.get(name, name.removeprefix("n_").replace("_", " ")) for name in rest]
    named = [_names()["words"].get(word, word) for word in words]
    named += [known["name"]] if known else []
    first = key.partition(".")[0]
    return f"{labels.get(first, first.replace('_', ' ').capitalize())}: {', '.join(named)}"


def formula_of(key: str) -> str:
    """Return what a number is computed from, with the keys of the other numbers in braces.

    Percentages are written as fractions. Nothing for a number that takes more than a line.
    """
    before, known = _known(key)
    return NAMED.sub(lambda end: f"{{{before}{end[1]}}}", known.get("formula", ""))
