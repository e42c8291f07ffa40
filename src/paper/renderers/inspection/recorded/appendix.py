"""The appendix of PDF and Word, "Where each number comes from", says what is recorded.

appendix.lua writes it after the text was kept; so what it should say is told here once more.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from paper.renderers.inspection.faults import HINTS, Fault
from paper.renderers.inspection.letters import letters, quoted, with_minus
from paper.renderers.inspection.stream import Stream

WORDS = {"bounded": "bounds", "ranged": "range"}
DIGITS = 8
HEADING = "Where each number comes from"


def compare_appendix(
    keys: Iterable[str], stream: Stream, recorded: Mapping[str, Any]
) -> Iterator[Fault]:
    """Tell which rows of the appendix, if there is one, are not as they should be, cell by cell."""
    for key in dict.fromkeys(keys) if letters(HEADING) in stream.letters else ():
        cells = _row(key, recorded[key])
        row = letters(with_minus(" ".join(cells)))
        if row not in stream.letters:
            place = stream.letters.find(letters(key + cells[1]))
            shown = stream.words(place, place + len(row)) if place >= 0 else ""
            what = f"not {quoted(' | '.join(cells))} but {quoted(shown)}"
            page = stream.page(max(place, 0))
            yield Fault(f"the row of {key} in the appendix is {what}", HINTS["number"], page)


def _row(key: str, entry: Mapping[str, Any]) -> list[str]:
    n, where = entry["n"], PurePath(entry["notebook"]).stem
    return [
        key, entry["text"], _value(entry), "" if n is None else str(n), entry["rule"],
        _standing(entry), f"{where}, {entry['cell']}",
    ]  # fmt: skip


def _value(entry: Mapping[str, Any]) -> str:
    if entry["value"] is None or not math.isfinite(entry["value"]):
        digits = "not estimable"
    else:
        digits = f"{entry['value']:.{DIGITS}g}".replace("-", "\N{MINUS SIGN}")
        mantissa, _, power = digits.partition("e")
        sign = power[:1].replace("+", "")
        digits = f"{mantissa} × 10{sign}{power[1:].lstrip('0')}" if power else digits
    return digits + str(entry["unit"]).replace("proportion", "")


def _standing(entry: Mapping[str, Any]) -> str:
    if "printed" in entry:
        return f"printed {entry['printed']}"
    if not (known := entry.get("standing")):
        return ""
    if known["kind"] not in WORDS:
        return str(known["kind"])
    ends = dict.fromkeys((known["low"], known["high"]))
    return f"{WORDS[known['kind']]} {' to '.join(ends)}"
