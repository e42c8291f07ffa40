"""Numbers leave a notebook as the output of the cell that computed them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from paper.errors import PaperError

MIME = "application/vnd.paper.numbers+json"
STANDING_MIME = "application/vnd.paper.standing+json"
PRINTED_MIME = "application/vnd.paper.printed+json"
# Processors differ in the last of the 17 digits that a float has. What is recorded must not.
DIGITS = 12
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class Recordable(Protocol):
    """A number that knows its text."""

    @property
    def value(self) -> float:
        """The number in full precision; twelve digits of it are kept."""

    @property
    def text(self) -> str:
        """As it is printed."""

    @property
    def unit(self) -> str:
        """What it is measured in."""

    @property
    def n(self) -> int | None:
        """How many patients it rests on."""

    @property
    def rule(self) -> str:
        """How the text was made."""


class Qualification(Protocol):
    """What is known of a number that rests on a reconstruction."""

    @property
    def kind(self) -> str:
        """How it is known, in one word."""

    @property
    def low(self) -> str:
        """Its least value, as it is printed."""

    @property
    def high(self) -> str:
        """Its greatest value, as it is printed."""


def record(key: str, numbers: Mapping[str, Recordable]) -> None:
    """Record numbers under a key, as output of the notebook cell that calls.

    Parameters
    ----------
    key
        First part of each number's key: lower-case words joined by dots.
    numbers
        Rest of the key → number.

    Raises
    ------
    PaperError
        If a key is not of that form.
    """
    # Only a running notebook needs IPython; the command line must not wait for its import.
    from IPython.display import display  # noqa: PLC0415

    entries = {f"{key}.{name}": _entry(number) for name, number in numbers.items()}
    for full_key in entries:
        if not KEY.fullmatch(full_key):
            raise PaperError(
                full_key, "not a key", "Join lower-case words by dots: `pain.change.p`"
            )
    display({MIME: entries, "text/plain": _listing(entries)}, raw=True)


def record_standing(standings: Mapping[str, Qualification]) -> None:
    """Record what is known of numbers that were recorded elsewhere, by their full keys.

    What is recorded so goes with the number wherever it is printed.
    """
    # As in `record`.
    from IPython.display import display  # noqa: PLC0415

    entries = {
        key: {"kind": known.kind, "low": known.low, "high": known.high}
        for key, known in standings.items()
    }
    kinds = Counter(entry["kind"] for entry in entries.values())
    listing = "\n".join(f"{kind:<9}{number}" for kind, number in sorted(kinds.items()))
    display({STANDING_MIME: entries, "text/plain": listing}, raw=True)


def record_printed(printed: Mapping[str, str]) -> None:
    """Record what a publication printed for numbers that were computed elsewhere.

    Parameters
    ----------
    printed
        Full key → the printed text, letter for letter.
    """
    # As in `record`.
    from IPython.display import display  # noqa: PLC0415

    display({PRINTED_MIME: dict(printed), "text/plain": f"{len(printed)} printed"}, raw=True)


def _entry(number: Recordable) -> dict[str, object]:
    return {
        "text": number.text,
        # JSON has no nan and no infinity.
        "value": _portable(number.value) if math.isfinite(number.value) else None,
        "unit": number.unit,
        "n": number.n,
        "rule": number.rule,
    }


def _portable(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")


def _listing(entries: Mapping[str, Mapping[str, object]]) -> str:
    width = max(map(len, entries), default=0)
    return "\n".join(f"{key:<{width}}  {entry['text']}" for key, entry in entries.items())
