"""Numbers leave a notebook as the output of the cell that computed them."""

import math
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any, Literal, Protocol, get_args

from paper.errors import PaperError
from paper.notebooks.begin import has_begun, record, study_package

OWN_MIME = "application/vnd.paper."
MIME = "application/vnd.paper.numbers+json"
STANDING_MIME = "application/vnd.paper.standing+json"
PRINTED_MIME = "application/vnd.paper.printed+json"
FACTS_MIME = "application/vnd.paper.facts+json"
# Processors differ in the last of the 17 digits that a float has. What is recorded must not.
DIGITS = 12
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
NAMED = re.compile(r"{(.+?)}")  # keys in a formula
FACT = re.compile(r"(?!(?:not|and|or)$)[a-z][a-z0-9_]*")
Side = Literal["down", "up", "better", "worse"]


class Recordable(Protocol):
    """A number that knows its text."""

    value: float  # in full precision; twelve digits of it are kept
    text: str  # as it is printed
    unit: str
    n: int | None  # how many patients it rests on
    rule: str  # how the text was made


class Qualification(Protocol):
    """What is known of a number that rests on a reconstruction."""

    kind: str  # how it is known, in one word
    low: str  # its least value, as it is printed
    high: str


def publish(
    *results: Any, unit: str = "", decimals: int | None = None, n: int | None = None, **named: Any
) -> None:
    """Publish numbers, as output of the notebook cell that calls.

    `publish("age", mean=61.3, unit="years", decimals=1)` publishes `age.mean`.

    Parameters
    ----------
    results
        Results that know their key, as those of a part of the study do; or mappings or series: key,
        lower-case words joined by dots → result, plain number, or number that knows its text. A key
        may stand before all of them, of which theirs are a part then.
    unit, decimals
        Of plain numbers. Left out, a whole number has no decimals and any other has one.
    n
        How many patients plain numbers rest on; what rests on few is not printed.
    named
        Last part of the key → plain number; the key stands first.

    Raises
    ------
    PaperError
        If a key is not of that form.
    """
    key, *rest = results if results and isinstance(results[0], str) else ("", *results)
    if named and not key:
        raise PaperError("publish", f"no key for {', '.join(named)}", 'publish("age", mean=61.3)')
    given = [{key: what} for what in [*rest, *([named] if named else [])]] if key else rest
    how = {"unit": unit, "decimals": decimals, "n": n}
    numbers = {key: number for what in given for key, number in _texts(what, how).items()}
    for key in numbers:
        if not KEY.fullmatch(key):
            raise PaperError(key, "not a key", "Join lower-case words by dots: `pain.change.p`")
    entries = {key: _entry(key, number, numbers) for key, number in numbers.items()}
    record(MIME, entries, listing(entries))


def fact(
    name: str, holds: bool, *, side: Side | None = None, about: str | Sequence[str] = ()
) -> None:
    """Publish what the manuscript may say, as output of the notebook cell that calls.

    Parameters
    ----------
    name
        As the manuscript names it, `[Pain fell]{says="pain_fell"}`: lower-case words joined by
        underscores.
    holds
        Whether it is so. A comparison with a number that could not be estimated is never so.
    side
        Where the scale went, `down` or `up`, or to which side of its meaning, `better` or `worse`;
        none if the fact takes no side. Words of the other side may not stand under it.
    about
        Name of the scale, or names of all scales, of which it is said.

    Raises
    ------
    PaperError
        If the name or the side is not of that form.
    """
    if not FACT.fullmatch(name):
        raise PaperError(name, "not a name of a fact", "Join words by underscores: `pain_fell`")
    if side not in {None, *get_args(Side)}:
        hint = f"It is one of {', '.join(get_args(Side))}, or left out."
        raise PaperError(name, f"{side!r} is no side", hint)
    scales = [about] if isinstance(about, str) else list(about)
    entry = {"holds": bool(holds), "side": side, "about": scales}
    said = ", ".join(filter(None, ["yes" if holds else "no", side, *scales]))
    record(FACTS_MIME, {name: entry}, f"{name}: {said}")


def record_standing(standings: Mapping[str, Qualification]) -> None:
    """Record what is known of numbers that were recorded elsewhere, by their full keys.

    What is recorded so goes with the number wherever it is printed.
    """
    fields = ("kind", "low", "high")
    entries = {key: {f: getattr(known, f) for f in fields} for key, known in standings.items()}
    kinds = Counter(entry["kind"] for entry in entries.values())
    listing = "\n".join(f"{kind:<9}{number}" for kind, number in sorted(kinds.items()))
    record(STANDING_MIME, entries, listing)


def record_printed(printed: Mapping[str, str]) -> None:
    """Record what a publication printed for numbers that were computed elsewhere.

    Parameters
    ----------
    printed
        Full key → the printed text, letter for letter.
    """
    record(PRINTED_MIME, dict(printed), f"{len(printed)} printed")


def _texts(what: Any, how: Mapping[str, Any]) -> Mapping[str, Recordable]:
    """Return numbers by their keys; those that know their text wait for no package of patients."""
    if isinstance(what, Mapping) and all(hasattr(number, "text") for number in what.values()):
        return what
    return study_package().texts(what, **how)


def _label(key: str) -> str:
    return study_package().label(key) if has_begun() else key.replace(".", " ")


def _formula(key: str, known: Container[str]) -> str:
    """Return what a number is computed from, if that is published with it."""
    formula = study_package().formula(key) if has_begun() else ""
    return formula if all(other in known for other in NAMED.findall(formula)) else ""


def _entry(key: str, number: Recordable, known: Container[str]) -> dict[str, Any]:
    value = number.value
    if not isinstance(value, int):
        value = float(f"{value:.{DIGITS}g}")
    return {
        "text": number.text,
        "value": value if math.isfinite(value) else None,  # JSON has no nan and no infinity
        "unit": number.unit,
        "n": number.n,
        "rule": number.rule,
        "label": _label(key),
        **({"formula": formula} if (formula := _formula(key, known)) else {}),
    }


def listing(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the published numbers as a small table: label, text, key."""
    return in_columns([(entry["label"], entry["text"], key) for key, entry in entries.items()])


def in_columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows of texts below each other, each column as wide as its widest text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
