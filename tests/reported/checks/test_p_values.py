from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reported.checks.p_values import t_of_p, unpaired_p
from reported.checks.paired import change_between, correlation, deviation_of_change
from reported.claims.printed import Interval, parse


def printed(text: str) -> Interval:
    return parse(text).interval("half_up")


def test_a_p_printed_as_a_bound_leaves_t_unbounded() -> None:
    t = t_of_p(printed("p < 0.05"), 10)
    # Any table of t: 2.228 is exceeded with a probability of 0.025 at 10 degrees of freedom.
    assert float(t.low) == pytest.approx(2.228, abs=0.0005)
    change = deviation_of_change(printed("-2.0"), t, 11)
    assert change.low == 0
    assert float(change.high) == pytest.approx(2.05 * 11**0.5 / 2.228, abs=0.001)


def test_a_p_that_may_be_one_leaves_the_change_unbounded() -> None:
    t = t_of_p(printed("p > 0.05"), 10)
    assert t.low == 0
    assert deviation_of_change(printed("3.0"), t, 11).high >= 10**12


def test_a_p_of_one_says_nothing_of_the_deviation_of_change() -> None:
    t = t_of_p(Interval(Fraction(1), Fraction(1)), 10)
    change = deviation_of_change(printed("0.0"), t, 11)
    assert (change.low, change.high) == (0, 10**12)


@pytest.mark.parametrize("text", ["p = 0.000", "p < 0.0001"])
def test_a_p_may_be_zero(text: str) -> None:
    assert t_of_p(printed(text), 5).high > 10**11


def test_groups_that_do_not_vary_have_no_p_above_zero_apart() -> None:
    zero = Interval(Fraction(0), Fraction(0))
    one = Interval(Fraction(1), Fraction(1))
    assert float(unpaired_p((5, 6), (one, zero), (zero, zero)).high) < 1e-40


def test_change_between_printed_means() -> None:
    change = change_between(printed("11.35"), printed("9.38"))
    assert change.low == 100 * (Fraction("9.375") / Fraction("11.355") - 1)
    assert change.high == 100 * (Fraction("9.385") / Fraction("11.345") - 1)
    # 9.375 is in, 11.355 is out.
    assert not change.low_closed
    assert not change.high_closed


POSITIVE = st.fractions(Fraction(1, 10), 100, max_denominator=100)
SHARE = st.fractions(0, 1, max_denominator=20)


@st.composite
def points(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    """An interval of positive numbers, and a number in it."""
    low, width, share = draw(POSITIVE), draw(POSITIVE), draw(SHARE)
    return Interval(low, low + width), low + share * width


@given(before=points(), after=points(), change=points())
def test_every_correlation_lies_in_its_interval(
    before: tuple[Interval, Fraction],
    after: tuple[Interval, Fraction],
    change: tuple[Interval, Fraction],
) -> None:
    exact = (before[1] ** 2 + after[1] ** 2 - change[1] ** 2) / (2 * before[1] * after[1])
    assert exact in correlation(before[0], after[0], change[0])


@given(before=points(), after=points())
def test_every_change_lies_in_its_interval(
    before: tuple[Interval, Fraction], after: tuple[Interval, Fraction]
) -> None:
    change = change_between(before[0], after[0])
    assert 100 * (after[1] - before[1]) / before[1] in change
    assert change.low_closed
    assert change.high_closed
