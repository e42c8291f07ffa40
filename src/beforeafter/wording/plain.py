"""Numbers that an author computed himself, with the unit and decimals that he names."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import pandas as pd

from beforeafter.estimates import WITHHELD
from beforeafter.wording.format import (
    WHOLE_NUMBER,
    Number,
    decimal_text,
    p_text,
    printed,
    rule_of,
)

DECIMALS, DECIMALS_OF_P = 1, 3
PATIENTS = "patients"
TOO_FEW = "rests on fewer patients than may be told of"


@dataclass(frozen=True)
class Plain:
    """How plain numbers are printed."""

    unit: str = ""  # `patients` counts patients, of whom few are not told
    decimals: int | None = None  # digits after the point; whole numbers have none if left out
    n: int | None = None  # how many patients they rest on


def is_number(what: object) -> bool:
    """Return whether this is one number, of Python, NumPy or pandas, or the lack of one."""
    is_truth = isinstance(what, bool)
    return what is pd.NA or (isinstance(what, Real) and not is_truth)


def number_of(what: Any) -> int | float:
    """Return a number of any kind as one of Python; the lack of one is no number."""
    if what is pd.NA:
        return math.nan
    return int(what) if isinstance(what, Integral) else float(what)


def plain_number(key: str, value: float, how: Plain, smallest: int) -> Number:
    """Make the text of a plain number.

    A key that ends in `p` is of a p-value. What rests on few patients is not told, and of records
    no more digits than are printed.
    """
    number = _plain_number(key, value, how, smallest)
    return printed(number) if smallest else number


def _plain_number(key: str, value: float, how: Plain, smallest: int) -> Number:
    patients = value if how.unit == PATIENTS else how.n
    if patients is not None and 0 < patients < smallest:
        return Number(math.nan, WITHHELD, how.unit, None, TOO_FEW)
    if isinstance(value, int) and how.decimals is None:
        return Number(value, decimal_text(value, 0), how.unit, how.n, WHOLE_NUMBER)
    if key.rpartition(".")[2] == "p":
        decimals = DECIMALS_OF_P if how.decimals is None else how.decimals
        return Number(value, p_text(value, decimals), "", how.n, rule_of("p", decimals, "up"))
    decimals = DECIMALS if how.decimals is None else how.decimals
    text = decimal_text(value, decimals)
    return Number(value, text, how.unit, how.n, rule_of("estimate", decimals, "up"))
