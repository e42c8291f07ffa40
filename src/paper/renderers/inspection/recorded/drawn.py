"""The figures of the notebooks are read back: each mark that carries a key shows its number."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from paper.renderers.inspection.faults import HINTS, Fault
from paper.renderers.inspection.letters import letters, quoted
from paper.renderers.inspection.recorded.svg import NOWHERE, Mark, distinct, heights, read_marks

Entry = Mapping[str, Any]
# Of the width or height of axes: less than the thinnest line. How far aside of a step one looks.
NEAR, ASIDE = 1e-3, 1e-5
# On the page, in points: how far text and mark of one row may be apart.
ONE_ROW = 8
ENDS = "lower", "upper"
# A text is no part of another number.
WHOLE = r"(?<![\d.,\u2212]){}(?![\d%]|\.\d)"
NUMERIC = re.compile(r"[\u2212+-]?[\d.]+%?")
WHOLE_NUMBER = "whole number"


def compare_drawing(
    figure: str, drawing: str, recorded: Mapping[str, Any], scales: Mapping[str, Any]
) -> Iterator[Fault]:
    """Tell which marks of a drawing do not show their numbers.

    Marks of what is not published are left out: there is nothing to compare them with.
    """
    marks = list(read_marks(drawing))
    lengths: dict[tuple[str, str], float] = defaultdict(float)
    for mark in marks:
        of = [_entry(key, recorded) for key in mark.keys]
        known = [one for one in of if one and one["value"] is not None]
        if mark.role == "tick":
            expected, found = _tick(mark)
        elif len(known) < len(of):
            continue
        elif mark.role in {"w", "h"}:
            side = mark.role == "h"
            ends = [point[side] for point in mark.points]
            lengths[mark.role, mark.keys[0]] += max(ends) - min(ends)
            continue
        else:
            expected, found = _compared(mark, known, scales)
        if expected:
            yield _fault(figure, ", ".join(mark.keys), expected, found)
    for (_, key), length in lengths.items():
        value = recorded[key]["value"]
        if abs(length - value) > NEAR * max(1, abs(value)):
            yield _fault(figure, key, f"{value:g}", f"{length:g}")
    yield from _rows(figure, marks)


def _fault(figure: str, keys: str, expected: str, found: str) -> Fault:
    what = f"{figure} shows {quoted(found)} for {keys}, not {quoted(expected)}"
    return Fault(what, HINTS["drawn"])


def _entry(key: str, recorded: Mapping[str, Any]) -> Entry | None:
    """Return a number, or an end of what is known of it, which has but a text.

    Where a value has no more digits than its text, as of records, the mark may have more: up to
    `half` of the last.
    """
    name, _, end = key.partition("@")
    entry: Entry | None = recorded.get(name)
    if not entry or (end and end not in entry.get("standing", {})):
        return None
    text = entry["standing"][end] if end else entry["text"]
    digits = NUMERIC.fullmatch(text)
    if not digits or (not end and entry.get("rule") == WHOLE_NUMBER):
        return entry
    share = 100 if entry["unit"] == "proportion" else 1
    value = float(text.replace("\N{MINUS SIGN}", "-").rstrip("%")) / share
    half = 0.5 * 10.0 ** -len(text.rstrip("%").partition(".")[2]) / share
    if end:
        return {**entry, "text": text, "value": value, "half": half}
    return {**entry, "half": half} if value == entry["value"] else entry


def _compared(mark: Mark, of: Sequence[Entry], scales: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a mark should show, and what it shows; nothing if these agree."""
    if mark.role in {"text", "bare"}:
        texts = [one["text"].replace("%", "" if mark.role == "bare" else "%") for one in of]
        wanted = ".*?".join(WHOLE.format(re.escape(" ".join(text.split()))) for text in texts)
        return ("", "") if re.search(wanted, mark.text) else (" … ".join(texts), mark.text)
    if mark.role == "name":
        words = [*scales.get(mark.keys[0].partition(".")[0], {}).get("words", [])]
        is_name = letters(mark.text) in letters(of[0]["label"]) or any(
            letters(mark.text).startswith(letters(word)) for word in words
        )
        return ("", "") if is_name else (of[0]["label"], mark.text)
    values, shown = [float(one["value"]) for one in of], list[float]()
    if mark.role == "n":
        counts = list(accumulate(Counter(mark.colours).values()))
        shown, near = sorted(count for count in counts if count in values), [0.0] * len(of)
        values.sort()
    else:
        shown = _shown(mark)
        scale = 100 if mark.role.startswith("100") else 1
        x0, x1, y0, y1 = mark.axes.ends
        size = NEAR * abs(x1 - x0 if mark.role.endswith("x") else y1 - y0)
        values = [value * scale for value in values]
        near = [size + one.get("half", 0) * scale for one in of]
        if mark.is_closed and mark.role in {"x", "y"}:
            values = distinct(sorted(values))
        elif not mark.role.startswith("at="):
            values = distinct(values)
    if len(shown) == len(values) and all(
        abs(a - b) <= by for a, b, by in zip(shown, values, near, strict=False)
    ):
        return "", ""
    return tuple(", ".join(f"{one:.4g}" for one in part) or "none" for part in (values, shown))  # type: ignore[return-value]


def _shown(mark: Mark) -> list[float]:
    if mark.role.startswith("at="):
        x0, x1, *_ = mark.axes.ends
        aside = {"-": -ASIDE * abs(x1 - x0), "+": ASIDE * abs(x1 - x0)}
        places = mark.role.removeprefix("at=").split(",")
        each = len(mark.keys) // len(places)
        found = [heights(mark, float(p.rstrip("+-")) + aside.get(p[-1], 0)) for p in places]
        # A band of no width is one line.
        return [y for one in found for y in (one * each if len(one) == 1 else one)]
    values = [point[mark.role == "y"] for point in mark.points]
    return distinct(sorted(values) if mark.is_closed else values)


def _tick(mark: Mark) -> tuple[str, str]:
    """Return what a tick says and where it is, if that is somewhere else."""
    if mark.axes is NOWHERE or not (mark.points and NUMERIC.fullmatch(mark.text)):
        return "", ""
    side = mark.keys[0] == "y"
    said = float(mark.text.replace("\N{MINUS SIGN}", "-").rstrip("%"))
    said /= 100 if mark.text.endswith("%") else 1
    low, high = mark.axes.ends[2 * side : 2 * side + 2]
    place = mark.points[0][side]
    return ("", "") if abs(place - said) <= NEAR * abs(high - low) else (f"{place:g}", mark.text)


def _rows(figure: str, marks: Sequence[Mark]) -> Iterator[Fault]:
    """Tell where name, mark and text of one estimate do not stand in one row, or are of two."""
    rows = {one.keys[0].rpartition(".")[0]: one for one in marks if one.role == "name"}
    for mark in marks:
        name = rows.get(mark.keys[0].rpartition(".")[0]) if mark.role in {"x", "bare"} else None
        if name and abs(name.height - mark.height) > ONE_ROW:
            yield _fault(figure, mark.keys[0], f"in the row of {name.text}", "in another row")
        if name:
            stem, key = name.keys[0].rpartition(".")[0], name.keys[0]
            own = {key, *(f"{of}{end}" for of in (f"{stem}.", f"{key}_") for end in ENDS)}
            if other := [one for one in mark.keys if one not in own]:
                yield _fault(figure, key, "its interval", ", ".join(other))
