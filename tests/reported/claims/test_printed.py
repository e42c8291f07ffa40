from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reported.claims.errors import UnreadableNumberError
from reported.claims.printed import (
    Convention,
    Interval,
    PrintedNumber,
    parse,
)

ROUNDING: dict[Convention, str] = {
    "half_up": ROUND_HALF_UP,
    "half_down": ROUND_HALF_DOWN,
    "half_even": ROUND_HALF_EVEN,
    "truncation": ROUND_DOWN,
}


@pytest.mark.parametrize(
    ("text", "value", "decimals", "relation"),
    [
        ("7.54", "7.54", 2, "="),
        ("10", "10", 0, "="),
        ("2.20", "2.2", 2, "="),
        (".03", "0.03", 2, "="),
        ("68.7 %", "68.7", 1, "="),
        ("68.7\N{NO-BREAK SPACE}%", "68.7", 1, "="),
        ("- 15%", "-15", 0, "="),
        ("\N{MINUS SIGN}14%", "-14", 0, "="),
        ("\N{EN DASH}\N{NARROW NO-BREAK SPACE}14 %", "-14", 0, "="),
        ("\N{NON-BREAKING HYPHEN}14", "-14", 0, "="),
        ("+15.9 %", "15.9", 1, "="),
        ("p < 0.001", "0.001", 3, "<"),
        ("p<0.0001", "0.0001", 4, "<"),
        ("p > .05", "0.05", 2, ">"),
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
    "text",
    [
        "",
        ".",
        "-",
        "%",
        "±",
        "+/-",
        "NRS",
        "7.54 +/- 1.35",
        "7,5,4",
        "1,234",
        "1e3",
        "5.",
        "3 4",
        "p",
        "9²",
    ],
)
def test_a_string_that_is_not_one_number_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumberError, match="is not one printed number such as"):
        parse(text)


def test_no_number_has_thousands_of_digits() -> None:
    with pytest.raises(UnreadableNumberError):
        parse("9" * 5000)


# Text of the pieces that printed numbers are made of reaches further than text of any letters.
PIECES = st.lists(
    st.sampled_from(["p", "<", ":", "+", "-", "±", "/", "%", " ", "\N{NO-BREAK SPACE}", ".", "7"])
    | st.characters()
).map("".join)


@given(text=st.text() | PIECES)
def test_any_string_is_read_or_refused(text: str) -> None:
    with suppress(UnreadableNumberError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "convention", "expected"),
    [
        ("5.59", "half_up", ("5.585", "5.595", True, False)),
        ("68.7 %", "half_down", ("68.65", "68.75", False, True)),
        ("68.7 %", "half_even", ("68.65", "68.75", False, False)),
        ("68.8 %", "half_even", ("68.75", "68.85", True, True)),
        ("68.7 %", "either", ("68.65", "68.75", True, True)),
        ("68.7 %", "truncation", ("68.7", "68.8", True, False)),
        ("- 15%", "half_up", ("-15.5", "-14.5", False, True)),
        ("- 15%", "half_down", ("-15.5", "-14.5", True, False)),
        ("- 15%", "truncation", ("-16", "-15", False, True)),
        ("0", "half_up", ("-0.5", "0.5", False, False)),
        ("0", "half_down", ("-0.5", "0.5", True, True)),
        ("0", "truncation", ("-1", "1", False, False)),
        ("p < 0.001", "half_up", ("0", "0.001", True, False)),
        ("p > 0.05", "half_up", ("0.05", "1", False, True)),
    ],
)
def test_a_number_stands_for_what_its_convention_rounds_to_it(
    text: str, convention: Convention, expected: tuple[str, str, bool, bool]
) -> None:
    low, high, low_closed, high_closed = expected
    interval = parse(text).interval(convention)
    assert interval == Interval(Fraction(low), Fraction(high), low_closed, high_closed)


@given(
    value=st.decimals(-1000, 1000, places=4),
    units=st.integers(-(10**6), 10**6),
    decimals=st.integers(0, 3),
    convention=st.sampled_from(sorted(ROUNDING)),
)
def test_exactly_what_rounds_to_the_string_lies_in_its_interval(
    value: Decimal, units: int, decimals: int, convention: Convention
) -> None:
    place = Decimal(1).scaleb(-decimals)
    rounded = value.quantize(place, ROUNDING[convention])
    for printed in (rounded, rounded + place, rounded - place, units * place):
        inside = Fraction(value) in parse(f"{printed:f}").interval(convention)
        assert inside == (printed == rounded)


CONVENTION = st.sampled_from([*ROUNDING, "either"])


@given(
    units=st.integers(0, 10**4),
    decimals=st.integers(0, 3),
    convention=CONVENTION,
    root=st.fractions(0, 10**4, max_denominator=2000),
)
def test_squares_lie_in_the_squared_interval(
    units: int, decimals: int, convention: Convention, root: Fraction
) -> None:
    interval = PrintedNumber(Fraction(units, 10**decimals), decimals).interval(convention)
    for value in (root, max(interval.low, Fraction(0)), interval.middle, interval.high):
        assert (value**2 in interval.squared()) == (value in interval)


ENDS = st.integers(-12, 12).map(lambda quarters: Fraction(quarters, 4))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(ENDS), draw(ENDS)))
    return Interval(low, high, draw(st.booleans()), draw(st.booleans()))


@given(interval=intervals(), other=intervals())
def test_intervals_hold_and_share_the_numbers_that_they_should(
    interval: Interval, other: Interval
) -> None:
    assert list(interval.integers) == [k for k in range(-4, 5) if k in interval]
    # Whole quarters may be ends; eighths lie between them.
    eighths = [Fraction(k, 8) for k in range(-25, 26)]
    assert interval.meets(other) == any(x in interval and x in other for x in eighths)
