"""What the names and values of columns suggest, in French and English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from beforeafter.records.cells import NUMBERS
from beforeafter.records.files.table import EMPTY, Column
from beforeafter.records.labels import NOT_MEASURED
from beforeafter.study import code_text, plain_words

BEFORE = "avant|pre|before|baseline|initiale?|inclusion|admission|entree|t0|bl"
AFTER = "apres|post|after|follow[ -]?up|suivi|finale?|sortie|fin|end|fu"
TIME = (
    r"(?:(?P<unit>[jdvmtsw]|jour|day|visite?|week|semaine|mois|month|time|temps)[ .-]?(?P<time>\d+)"
    rf"|(?P<before>{BEFORE})|(?P<after>{AFTER}))"
)
DAYS = {"w": 7, "s": 7, "m": 30}  # weeks, semaines, months
SUFFIX = re.compile(rf"^(?P<stem>.*?[a-z0-9].*?)(?P<visit>[ .-]{TIME}|(?<=[a-z])[jd](?P<day>\d+))$")
PREFIX = re.compile(rf"^(?P<visit>{TIME}[ .-])(?P<stem>.+)$")
NUMBER = re.compile(r"^(?P<stem>.*?[a-z])(?P<visit>[ .-]?(?P<time>\d+))$")
LINKS = re.compile(r"\s+(à|au|at|on)\s+(l['’]|la\s)?", re.IGNORECASE)
ALONE = re.compile(rf"^(?P<visit>{TIME})(?:[ .-]arm.*)?$")
PATIENT = re.compile(
    r"^(patients?|id|ids|record id|(subject|sujet|participant|patient|study)( id| code| no| nr)?|"
    r"code( patient)?|numero( patient)?|num|n|n°|no|ipp|nip|identifiant|id patient|matricule)$"
)
RATING = re.compile(r"\b(pgic|pgi|cgi|impression|igc)\b")
CATEGORIES = {
    "Very much improved": "tres nettement ameliore|enormement ameliore|very much better",
    "Much improved": "nettement ameliore|beaucoup ameliore|much better|fortement ameliore",
    "Minimally improved": "legerement ameliore|un peu ameliore|a little better|peu ameliore",
    "No change": "inchange|pas de changement|aucun changement|unchanged|sans changement",
    "Minimally worse": "legerement aggrave|un peu aggrave|a little worse|peu aggrave",
    "Much worse": "nettement aggrave|beaucoup aggrave|fortement aggrave",
    "Very much worse": "tres nettement aggrave|enormement aggrave",
}
# Known scales: their names, ends, and the better end.
SCALES: tuple[tuple[str, float, float, str], ...] = (
    (r"\b(en|nrs|bpi|qcd|gpe)\b", 0, 10, "lower"),
    (r"\bhads?\b|\bhads?[ad]\b|\bgad\b|\bpsqi\b", 0, 21, "lower"),
    (r"\bphq\b", 0, 27, "lower"),
    (r"\bisi\b", 0, 28, "lower"),
    (r"\bpcs\b.*catas|catastroph", 0, 52, "lower"),
    (r"\b(npsi|odi|oswestry|womac)\b", 0, 100, "lower"),
    (r"\beq.?5d\b", -1, 1, "higher"),
    (r"\bsf\b|\bsf.?(12|36)|\bqol\b|qualite de vie|quality", 0, 100, "higher"),
)
STEPS = (1, 0.5, 0.1)
ROUND_ENDS = (10, 21, 100, 1000)
MISSING = frozenset({-1.0, -9.0, -99.0, -999.0, 9.0, 88.0, 99.0, 888.0, 999.0, 9999.0})


class Named(NamedTuple):
    """What the name of a column says: of what it is, at which visit, and when that is."""

    stem: str
    visit: str
    when: float


def visit_of(name: str, *, alone: bool = False) -> Named | None:
    """Read a visit from the name of a column, or from a value that is nothing else."""
    plain = plain_words(LINKS.sub(" ", name))
    for pattern in (ALONE,) if alone else (SUFFIX, PREFIX, NUMBER):
        if found := pattern.match(plain):
            parts = found.groupdict()
            time = parts.get("time") or parts.get("day")
            days = DAYS.get((parts.get("unit") or "")[:1], 1) if time else 1
            when = days * float(time) if time else -1.0 if parts.get("before") else 1e6
            visit = parts["visit"].strip(" .-")
            visit = f"day {time}" if visit == time else visit.upper() if time else visit
            return Named(parts.get("stem", "").strip(" .-"), visit, when)
    return None


def numbers_of(column: Column) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return the numbers in the rows of a column, or None where most cells are no numbers."""
    values = [_number(cell) for cell in column.cells]
    cells = np.array([*values, np.nan])[column.codes]
    filled = (column.codes != EMPTY).sum()
    return cells if filled and 2 * (~np.isnan(cells)).sum() > filled else None


def _number(cell: object) -> float:
    text = str(getattr(cell, "stored", cell)).strip()
    if not any(NUMBERS[mark].fullmatch(text) for mark in ".,") or isinstance(cell, bool):
        return np.nan
    return float(text.replace(",", "."))


def scale_of(stem: str, columns: Sequence[Column]) -> tuple[dict[str, Any], list[str], bool]:
    """Return what a scale seems to be, its codes for missing, and whether its name is known."""
    values = np.concatenate([found for one in columns if (found := numbers_of(one)) is not None])
    values = np.unique(values[~np.isnan(values)])
    labels = {code: label for one in columns for code, label in one.labels.items()}
    codes = {
        code for code, label in labels.items() if NOT_MEASURED.search(plain_words(label))
    }  # fmt: skip
    values = values[~np.isin(values, [code for code in codes if isinstance(code, float)])]
    known = next((scale for scale in SCALES if re.search(scale[0], plain_words(stem))), None)
    if known and not any(known[1] <= value <= known[2] for value in values):
        known = None
    usual = values[~np.isin(values, [*MISSING])] if known is None else values
    top = usual.max(initial=0)
    low, high, better = known[1:] if known else (_below(values), _end(top), "lower")
    odd = [value for value in values if value in MISSING and not low <= value <= high]
    inside = values[(values >= low) & (values <= high)]
    step = next((one for one in STEPS if np.allclose(inside / one % 1 % 1, 0, atol=1e-9)), None)
    if step is None and np.allclose(np.round(inside * 10), inside * 10, atol=1e-9):
        step = STEPS[-1]
    scale = {"minimum": low, "maximum": high, "step": step, "better": better}
    missing = sorted({code_text(code) for code in (*codes, *map(float, odd))})
    return scale, missing, known is not None


def _below(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    low = values[~np.isin(values, [*MISSING])].min(initial=0)
    return -_end(-low) if low < 0 else 0


def _end(top: float) -> float:
    return next((end for end in ROUND_ENDS if top <= end), float(top))


def rated(column: Column) -> dict[str, int] | None:
    """Return the code of each cell of a rating in words, or None where it is none."""
    codes = {}
    for cell in column.cells:
        words = plain_words(str(cell))
        for code, (name, others) in enumerate(CATEGORIES.items(), start=1):
            if words == plain_words(name) or words in others.split("|"):
                codes[str(cell)] = code
    return codes if column.cells and len(codes) == len(column.cells) else None
