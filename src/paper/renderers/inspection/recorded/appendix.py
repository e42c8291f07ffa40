"""The appendix of PDF and Word, "Where each number comes from", says what is recorded.

appendix.lua writes it after the text was kept; so what it should say is told here once more.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from paper.renderers.inspection.faults import HINTS, Fault
from paper.renderers.inspection.letters import letters, quoted, with_minus
from paper.renderers.inspection.stream import Stream

WORDS = {"bounded": "bounds", "ranged": "range"}
DIGITS = 8
HEADING = "Where each number comes from"
OTHER = re.compile(r"{(.+?)}")


def compare_appendix(
    keys: Iterable[str], stream: Stream, recorded: Mapping[str, Any]
) -> Iterator[Fault]:
    """Tell which rows of the appendix, if there is one, are not as they should be, in its order."""
    groups: dict[str, list[str]] = {}
    place = stream.letters.find(letters(HEADING))
    for key in dict.fromkeys(keys) if place >= 0 else ():
        groups.setdefault(_head(recorded[key]), []).append(key)
    for head, group in groups.items():
        for key in group:
            row = _row(recorded[key], recorded)
            # The row of another number may say the same: it stands behind its own head.
            said = with_minus(f"{head} {row}" if key == group[0] else row)
            if (found := stream.letters.find(letters(said), place)) >= 0:
                place = found + len(letters(said))
                continue
            near = max(stream.letters.find(letters(row.partition(":")[0]), place), 0)
            shown = stream.words(near, near + len(letters(row))) if near else ""
            what = f"the row of {key} in the appendix is not {quoted(said)} but {quoted(shown)}"
            yield Fault(what, HINTS["number"], stream.page(near))


def _head(entry: Mapping[str, Any]) -> str:
    of, _, _ = str(entry["label"]).partition(": ")
    return f"{of}, {PurePath(entry['notebook']).stem}, {entry['cell']}"


def _row(entry: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    n = "" if entry["n"] is None else f"n {entry['n']}"
    told = [n, entry["rule"], _standing(entry)]
    value = "; ".join([_arithmetic(entry, recorded) + _value(entry), *filter(None, told)])
    _, _, which = str(entry["label"]).partition(": ")
    return f"{entry['text']} {which}: {value}"


def _arithmetic(entry: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    """Return the formula with the printed forms of what it is of, if all of them are recorded."""
    formula = str(entry.get("formula", ""))
    if not formula or not all(other in recorded for other in OTHER.findall(formula)):
        return ""
    return OTHER.sub(lambda other: str(recorded[other[1]]["text"]), formula) + " = "


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
