from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paincohort.study import Ties
from reported.errors import UnreadableNumberError
from reported.printed import Interval, PrintedNumber, parse

ROUNDING = {"up": ROUND_HALF_UP, "down": ROUND_HALF_DOWN}


@pytest.mark.parametrize(
    ("text", "value", "decimals", "relation"),
    [
        ("7.54", "7.54", 2, "="),
        ("10", "10", 0, "="),
        ("2.20", "2.2", 2, "="),
        ("68.7 %", "68.7", 1, "="),
        ("- 15%", "-15", 0, "="),
        ("\N{MINUS SIGN}14%", "-14", 0, "="),
        ("+15.9 %", "15.9", 1, "="),
        ("p < 0.001", "0.001", 3, "<"),
        ("p<0.0001", "0.0001", 4, "<"),
        ("p:0.0007", "0.0007", 4, "="),
        ("P = 0.0012", "0.0012", 4, "="),
        ("3 months", "3", 0, "="),
        (" 89 ", "89", 0, "="),
    ],
)
def test_a_printed_string_is_read(text: str, value: str, decimals: int, relation: str) -> None:
    number = parse(text)
    assert (number.value, number.decimals, number.relation) == (Fraction(value), decimals, relation)


@pytest.mark.parametrize(
    "text", ["", "NRS", "7.54 +/- 1.35", "7,54", "1e3", ".5", "5.", "3 4", "p"]
)
def test_a_string_that_is_not_one_number_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="is not one printed number such as"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "ties", "expected"),
    [
        ("5.59", "up", ("5.585", "5.595", True, False)),
        ("68.7 %", "down", ("68.65", "68.75", False, True)),
        ("- 15%", "up", ("-15.5", "-14.5", False, True)),
        ("- 15%", "down", ("-15.5", "-14.5", True, False)),
        ("0", "up", ("-0.5", "0.5", False, False)),
        ("0", "down", ("-0.5", "0.5", True, True)),
        ("p < 0.001", "up", ("0", "0.001", True, False)),
    ],
)
def test_ties_go_by_magnitude(text: str, ties: Ties, expected: tuple[str, str, bool, bool]) -> None:
    low, high, low_closed, high_closed = expected
    interval = parse(text).interval(ties)
    assert interval == Interval(Fraction(low), Fraction(high), low_closed, high_closed)


@given(
    value=st.decimals(-1000, 1000, places=4),
    units=st.integers(-(10**6), 10**6),
    decimals=st.integers(0, 3),
    ties=st.sampled_from(["up", "down"]),
)
def test_exactly_what_rounds_to_the_string_lies_in_its_interval(
    value: Decimal, units: int, decimals: int, ties: Ties
) -> None:
    place = Decimal(1).scaleb(-decimals)
    rounded = value.quantize(place, ROUNDING[ties])
    for printed in (rounded, rounded + place, rounded - place, units * place):
        inside = Fraction(value) in parse(f"{printed:f}").interval(ties)
        assert inside == (printed == rounded)


@given(
    units=st.integers(0, 10**4),
    decimals=st.integers(0, 3),
    ties=st.sampled_from(["up", "down"]),
    root=st.fractions(0, 10**4, max_denominator=2000),
)
def test_squares_lie_in_the_squared_interval(
    units: int, decimals: int, ties: Ties, root: Fraction
) -> None:
    interval = PrintedNumber(Fraction(units, 10**decimals), decimals).interval(ties)
    for value in (root, max(interval.low, Fraction(0)), interval.middle, interval.high):
        assert (value**2 in interval.squared()) == (value in interval)
