"""What the names and values of columns suggest, in French and English."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from beforeafter.records.cells import number_of
from beforeafter.records.files.table import EMPTY, Cell, Column
from beforeafter.records.files.words import NOT_MEASURED, change_of
from beforeafter.study import plain_words
from declared import read_yaml

Numbers = np.ndarray[Any, np.dtype[np.float64]]
# What is known of names, scales and visits.
KNOWN = read_yaml(Path(__file__).with_name("known.yml")).content
NAMES = {name: re.compile(pattern) for name, pattern in KNOWN["names"].items()}
STEPS = (1, 0.5, 0.1)
ROUND_ENDS = (10, 21, 100, 1000)
SHORT = 3
MISSING = (-1.0, -9.0, -99.0, -999.0, 9.0, 88.0, 99.0, 888.0, 999.0, 9999.0)


class Named(NamedTuple):
    """What the name of a column says: of what it is, at which visit, and when that is."""

    stem: str
    visit: str
    when: float


def visit_of(name: str, *, alone: bool = False) -> Named | None:
    """Read a visit from the name of a column, or from a value that is nothing else."""
    plain = _without(plain_words(name.replace("à", " ")), "ends", "signs")
    plain = _without(plain, *(("arm",) if alone else ()), "empty_words") or plain
    found = first_of(plain, "numbered", "before", "after")
    if found is None:
        found = None if alone else first_of(plain, "glued", "counted")
        if found is None:
            return None
        parts = found.groupdict()
        unit = parts.get("unit") or "day "
        return Named(parts["stem"], *_when(f"{unit}{parts['time']}", parts))
    around = ("other", "before", "after") if alone else ()
    rest = _without(f"{plain[: found.start()]} {plain[found.end() :]}", *around)
    return None if alone and rest else Named(rest, *_when(found.group(), found.groupdict()))


def first_of(text: str, *names: str) -> re.Match[str] | None:
    """Return where the first of some kinds of names, that is there at all, stands in a text."""
    return next(filter(None, (NAMES[name].search(text) for name in names)), None)


def _without(text: str, *names: str) -> str:
    for name in names:
        text = NAMES[name].sub(" ", text)
    return " ".join(text.split())


def _when(visit: str, parts: dict[str, str | None]) -> tuple[str, float]:
    """Return the name of a visit, and when it is, in days."""
    time = parts.get("time") or parts.get("later")
    if time is None:
        return visit, -1.0 if first_of(visit, "before") else 1e6
    unit = parts.get("unit") or parts.get("after") or ""
    days = KNOWN["days"].get(unit[:1], 1) * float(time)
    return visit if visit.startswith("day ") else visit.upper(), days


def is_patient(name: str) -> bool:
    """Whether the name of a column says that it has the codes of patients."""
    words = {*re.split(r"[\s._-]+", plain_words(name))} - {""}
    return bool(words) and words <= {*KNOWN["patient_words"]} and words != {"inclusion"}


def numbers_of(column: Column) -> Numbers | None:
    """Return the numbers in the rows of a column, or None where most cells are no numbers."""
    cells = np.array([*map(number_of, column.cells), np.nan])[column.codes]
    filled = (column.codes != EMPTY).sum()
    return cells if filled and 2 * (~np.isnan(cells)).sum() > filled else None


def codes_by_label(column: Column) -> set[Cell]:
    """Return the values that the file says to stand for nothing measured."""
    return {
        code for code, label in column.labels.items() if NOT_MEASURED.search(plain_words(label))
    }


def label_of(names: Sequence[str], stem: str) -> str:
    """Return what the names of columns have in common, as people write it."""
    words = [re.split(r"[\s_]+", name.strip()) for name in names]
    common = [word for word in words[0] if all(word in other for other in words)]
    text = NAMES["loose_ends"].sub("", " ".join(common)) or stem
    label = NAMES["from_zero"].sub(r"(0–\g<high>)", text)
    if label == label.lower():  # a short one is an abbreviation
        label = label.upper() if len(label) <= SHORT else label[:1].upper() + label[1:]
    return label


def scale_of(stem: str, title: str, columns: Sequence[Column]) -> tuple[dict[str, Any], bool]:
    """Return what a scale seems to be, and whether its name says so."""
    values = np.array(sorted({
        number
        for one in columns
        for number in {*map(number_of, one.cells)} - {*map(number_of, codes_by_label(one))}
        if not np.isnan(number)
    }))  # fmt: skip
    named = (one for one in KNOWN["scales"] if re.search(one["name"], plain_words(stem)))
    known = next(named, None)
    if known and not any(known["minimum"] <= value <= known["maximum"] for value in values):
        known = None
    usual = values if known else values[~np.isin(values, MISSING)]
    low, top = usual.min(initial=0), usual.max(initial=0)
    low, high, better = -_end(-low) if low < 0 else 0, _end(top), "lower"
    if known:
        low, high, better = known["minimum"], known["maximum"], known["better"]
    if (ends := NAMES["ends"].search(plain_words(title.replace("à", " ")))) and not known:
        low, high = 0, int(ends["high"] or ends["top"])
    inside = values[(values >= low) & (values <= high)]
    on = (one for one in STEPS if np.allclose(inside / one, np.round(inside / one), atol=1e-6))
    return {"minimum": low, "maximum": high, "step": next(on, None), "better": better}, bool(known)


def _end(top: float) -> float:
    return next((end for end in ROUND_ENDS if top <= end), float(top))


def rated(column: Column) -> dict[str, int] | None:
    """Return the code of each cell of a rating in words, or None where it is none."""
    codes = {str(cell): change_of(str(cell)) for cell in column.cells}
    known = {cell: code for cell, code in codes.items() if code}
    return known if known and len(known) == len(codes) else None
