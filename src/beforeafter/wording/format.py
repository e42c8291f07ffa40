"""Rounding and wording: the one place where a number becomes text."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from beforeafter.estimates import Kind, flatten
from beforeafter.study import Decimals, Outcome, Rating, Study, Ties, key_of
from beforeafter.study import Duration as DurationDefinition
from declared import ExplainedError

NOT_ESTIMABLE = "not estimable"
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"

# A float carries noise in its last digits: 0.225 may arrive as 0.22499999999999998. Twelve
# significant digits hold every digit that means something and none that differs between machines.
SIGNIFICANT = Context(prec=12)
ROUNDING = {"up": ROUND_HALF_UP, "down": ROUND_HALF_DOWN}
STATISTIC_DECIMALS = 2
WHOLE_NUMBER = "whole number"
DIGITS = re.compile(rf"{MINUS}?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Number:
    """A computed number and the text that prints it."""

    value: float
    text: str
    unit: str
    n: int | None
    rule: str
    key: str = ""  # under which it is published, where that is known


def printed(number: Number) -> Number:
    """Return a number with the value that its text has: of a bound, `P < 0.001`, the bound."""
    if not math.isfinite(number.value) or not (found := DIGITS.search(number.text)):
        return number
    value = float(found[0].replace(MINUS, "-"))
    whole = isinstance(number.value, int)
    scale = 100 if number.unit == "proportion" else 1
    return replace(number, value=int(value) if whole else value / scale)


def decimal_text(value: float, decimals: int, ties: Ties = "up", *, signed: bool = False) -> str:
    """Round to a fixed number of decimals and write with a true minus.

    nan and infinity give "not estimable"; zero has no sign. Ties go `up`, away from zero, or
    `down`, towards it. If `signed`, a positive number gets a plus.

    Notes
    -----
    Rounds the decimal value that the float stands for: 0.25 gives 0.3, where `f"{0.25:.1f}"`,
    which rounds the binary value half to even, gives 0.2.
    """
    if not math.isfinite(value):
        return NOT_ESTIMABLE
    exact = SIGNIFICANT.create_decimal(repr(float(value)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUNDING[ties])
    sign = "" if not rounded else MINUS if rounded < 0 else "+" if signed else ""
    return f"{sign}{abs(rounded):f}"


def significant_text(value: float, digits: int = SIGNIFICANT.prec) -> str:
    """Write with so many significant digits at most, without trailing zeros: 68.75, 89, −25.86."""
    if not math.isfinite(value):
        return NOT_ESTIMABLE
    exact = SIGNIFICANT.create_decimal(repr(float(value)))
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).plus(exact).normalize()
    return f"{rounded:f}".replace("-", MINUS)


def p_text(p: float, decimals: int) -> str:
    """Write a p-value with its relation: `P = 0.0012`, `P < 0.001`.

    Parameters
    ----------
    p
        The p-value, 0 to 1.
    decimals
        Digits after the point; also the floor, below which only the bound is printed.
    """
    if not math.isfinite(p):
        return f"P {NOT_ESTIMABLE}"
    floor = 10.0**-decimals
    if p < floor:
        return f"P < {decimal_text(floor, decimals)}"
    if p > 1 - floor:
        return f"P > {decimal_text(1 - floor, decimals)}"
    return f"P = {decimal_text(p, decimals)}"


def unrounded_text(value: float, quantity: str) -> str:
    """Write with so many digits that it is seen how a number was rounded: five."""
    return bare_p(p_text(value, 5)) if quantity == "p" else significant_text(value, 5)


def one_line(text: str) -> str:
    """Keep a text on one line: spaces that do not break."""
    return text.replace(" ", NO_BREAK)


def bare_p(text: str) -> str:
    """Shorten the text of a p-value for a column headed P: `0.0012`, `< 0.001`."""
    return text.removeprefix("P ").removeprefix("= ")


def decimals_of(key: str, kind: Kind, decimals: Decimals) -> int:
    """Look up the decimals: the longest exception that ends the key, then the kind, the default."""
    exceptions = [end for end in decimals if f".{key}".endswith(f".{end}")]
    if exceptions:
        return decimals[max(exceptions, key=len)]
    default = STATISTIC_DECIMALS if kind == "statistic" else decimals["default"]
    return decimals.get(kind, default)


def rule_of(kind: Kind, decimals: int, ties: Ties) -> str:
    """Say how the text of a number was made."""
    if kind == "count":
        return WHOLE_NUMBER
    digits = f"{decimals} decimal{'' if decimals == 1 else 's'}"
    return f"{digits}, below that the bound" if kind == "p" else f"{digits}, ties {ties}"


@dataclass(frozen=True)
class Wording:
    """How the numbers of one outcome are printed: unit, decimals, ties."""

    unit: str
    decimals: Decimals
    ties: Mapping[str, Ties]
    # Of records a number has no more digits than its text, wherever it goes.
    as_printed: bool = False

    def number(self, key: str, value: float, kind: Kind, n: int | None) -> Number:
        """Make the text of one number."""
        number = self._number(key, value, kind, n)
        return printed(number) if self.as_printed else number

    def _number(self, key: str, value: float, kind: Kind, n: int | None) -> Number:
        decimals = decimals_of(key, kind, self.decimals)
        ties = self.ties.get(kind, self.ties["default"])
        rule = rule_of(kind, decimals, ties)
        if kind == "count":
            return Number(value, decimal_text(value, 0), "", n, rule)
        if kind == "p":
            return Number(value, p_text(value, decimals), "", n, rule)
        signed = kind in {"change", "percentage"}
        shown = value * 100 if kind == "proportion" else value
        text = decimal_text(shown, decimals, ties, signed=signed)
        if kind in {"percentage", "proportion"}:
            per_cent = text if text == NOT_ESTIMABLE else f"{text}%"
            return Number(value, per_cent, "%" if kind == "percentage" else "proportion", n, rule)
        return Number(value, text, "" if kind == "statistic" else self.unit, n, rule)


def wording_of(definition: Outcome | Rating | DurationDefinition, study: Study) -> Wording:
    """Return how the numbers of an outcome, rating or duration are printed."""
    unit = "" if isinstance(definition, Rating) else definition.unit
    return Wording(unit, definition.decimals, study.analysis.ties, study.smallest_count > 0)


def numbers(result: Any, how: Wording | None = None) -> dict[str, Number]:
    """Turn a result into numbers with text.

    Parameters
    ----------
    result
        A result dataclass, or a mapping of names to result dataclasses; may be nested.
    how
        Unit, decimals and ties; may be left out for the result of a part of a study.

    Returns
    -------
    dict
        Dotted key within the result → number; that of a part of a study knows its full key.
    """
    known = key_of(result)
    if how is None and known:
        how = wording_of(known[0].definition, known[0].study)
    if how is None:
        what = type(result).__name__
        raise ExplainedError(f"nothing says how the numbers of a {what} are worded")
    within = ".".join(filter(None, (known[0].definition.name, known[1]))) if known else ""
    return {
        key: replace(how.number(key, value, kind, n), key=f"{within}.{key}" if known else "")
        for key, (value, kind, n) in flatten(result)
    }


def count(value: int) -> Number:
    """Turn a count of something other than patients into a number."""
    return Number(value, str(value), "", None, WHOLE_NUMBER)
