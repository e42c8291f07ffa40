"""Every recorded number that the text prints is in a rendered file, as often as in the text."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from paper.errors import PaperError
from paper.manuscript.check import Checked
from paper.manuscript.conditions import for_some_formats
from paper.renderers.inspection.expected import Number
from paper.renderers.inspection.faults import HINTS, Fault
from paper.renderers.inspection.letters import quoted
from paper.storage.files import replace_text
from paper.storage.project import Project

# In the cache: what the sources print, and what expected.lua keeps of each format.
PRINTED, EXPECTED = "printed.json", "expected"


def write_printed(project: Project, checked: Checked) -> None:
    """Leave the keys that the sources print in all formats, each as often, for the inspection.

    What was kept of an earlier text is no longer of use.
    """
    keys = [
        use.key
        for use in checked.uses
        if not any(start <= use.offset < end for start, end in for_some_formats(use.passage.text))
    ]
    shutil.rmtree(project.cache / EXPECTED, ignore_errors=True)
    replace_text(project.cache / PRINTED, json.dumps(keys, indent=1) + "\n")


def read_printed(project: Project) -> list[str]:
    """Return the keys that the sources print; an error if they were not checked."""
    try:
        return list(json.loads((project.cache / PRINTED).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        raise PaperError(project.article, "it was not checked", "Run `paper check`.") from None


def compare_numbers(
    expected: Sequence[Number],
    found: Sequence[Number] | None,
    printed: Sequence[str],
    recorded: Mapping[str, Any],
) -> list[Fault]:
    """Compare the numbers of a file with those of the text, and these with what is recorded.

    `expected` is what the renderer had just before it made the file; `found` what the file marks,
    perhaps without keys, None if it marks none; `printed` the keys of the sources.
    """
    plain = [replace(number, text=_plain(number.text)) for number in expected]
    return [
        *_lost_on_the_way(plain, printed),
        *_not_recorded(plain, recorded),
        *_swapped(plain),
        *([] if found is None else _not_in_file(plain, found)),
    ]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _lost_on_the_way(expected: Sequence[Number], printed: Sequence[str]) -> Iterator[Fault]:
    for key, times in (Counter(printed) - Counter(number.key for number in expected)).items():
        yield Fault(f"the number {key} of the sources is lost {_times(times)}", HINTS["number"])


def _not_recorded(expected: Sequence[Number], recorded: Mapping[str, Any]) -> Iterator[Fault]:
    for number in dict.fromkeys(expected):
        text = _plain(_text_of(number, recorded.get(number.key, {})))
        # A column headed P has P values without it.
        if number.text not in {text, text.removeprefix("P ").removeprefix("= ")}:
            what = f"is printed as {quoted(number.text)}, not {quoted(text)}"
            yield Fault(f"the number {number.key} {what}", HINTS["number"])


def _swapped(expected: Sequence[Number]) -> Iterator[Fault]:
    """Tell where the upper end of an interval stands just before its lower end."""
    for one, other in pairwise(expected):
        stem = one.key.removesuffix("upper")
        if stem != one.key and other.key == f"{stem}lower":
            what = f"{one.key} stands before {other.key}: the interval has its ends swapped"
            yield Fault(what, HINTS["number"])


def _text_of(number: Number, entry: Mapping[str, Any]) -> str:
    """Return what is recorded of a number, as it is to be printed."""
    match number.part:
        case "low" | "high":
            return str(entry.get("standing", {}).get(number.part, ""))
        case "printed":
            return str(entry.get("printed", ""))
        case "value" if _agree(number.text, _shown_value(entry)):
            return number.text
        case "value":
            return str(_shown_value(entry))
    return str(entry.get("text", ""))


def _shown_value(entry: Mapping[str, Any]) -> float | None:
    """Return a value as it is printed: of a proportion, in per cent."""
    value = entry.get("value")
    return 100 * value if value is not None and entry.get("unit") == "proportion" else value


def _agree(text: str, value: float | None) -> bool:
    """Return whether digits are those of a value, as far as they go."""
    relation, digits = ("<", text[1:]) if text.startswith("<") else ("", text)
    try:
        number = Decimal(digits.strip().replace("\N{MINUS SIGN}", "-"))
    except InvalidOperation:
        return value is None
    if value is None or relation:
        return value is not None and value < number
    return (
        abs(Decimal(repr(value)) - number) <= Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    )


def _not_in_file(expected: Sequence[Number], found: Sequence[Number]) -> Iterator[Fault]:
    there = [replace(number, text=_plain(number.text)) for number in found]
    has_keys = any(number.key for number in there)
    wanted = list(expected) if has_keys else [Number("", number.text) for number in expected]
    for number, times in (Counter(wanted) - Counter(there)).items():
        yield Fault(f"{_named(number)} is missing {_times(times)}", HINTS["number"])
    for number, times in (Counter(there) - Counter(wanted)).items():
        yield Fault(f"{_named(number)} is there {_times(times)} too often", HINTS["number"])


def _named(number: Number) -> str:
    return f"the number {number.key} {quoted(number.text)}".replace("  ", " ")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
