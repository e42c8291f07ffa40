"""Rounding and wording."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beforeafter.estimates import Flow, Kind, Summary, quantity, summarise
from beforeafter.estimates.proportions import proportion
from beforeafter.study import Study, Ties
from beforeafter.wording import (
    NOT_ESTIMABLE,
    Number,
    Wording,
    bare_p,
    count,
    decimal_text,
    numbers,
    one_line,
    p_text,
    protocol_numbers,
    significant_text,
    wording_of,
)
from beforeafter.wording.format import decimals_of

modest = settings(max_examples=200, deadline=None, derandomize=True)
TIES: dict[str, Ties] = {"default": "up", "proportion": "down"}
UP_TO_A_MILLION = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.25, 1, "0.3"),  # f"{0.25:.1f}" is 0.2
        (0.35, 1, "0.4"),  # stored as 0.34999999999999997
        (2.675, 2, "2.68"),  # stored as 2.67499999999999982
        (-0.25, 1, "−0.3"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (7.5, 0, "8"),
        (10, 2, "10.00"),
        (1234567.5, 1, "1234567.5"),
        (1e-9, 12, "0.000000001000"),
        (0.0, 12, "0.000000000000"),
    ],
)
def test_decimals_round_half_up_as_on_paper(value: float, decimals: int, text: str) -> None:
    assert decimal_text(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "ties", "text"),
    [
        (68.75, 1, "up", "68.8"),
        (68.75, 1, "down", "68.7"),
        (36.25, 1, "down", "36.2"),
        (22.5, 0, "down", "22"),
        (-22.5, 0, "down", "−22"),
        (-22.5, 0, "up", "−23"),
        (22.51, 0, "down", "23"),
        (0.22499999999999998 * 100, 0, "down", "22"),
        (0.22499999999999998 * 100, 0, "up", "23"),
    ],
)
def test_ties_go_where_the_study_says(value: float, decimals: int, ties: Ties, text: str) -> None:
    assert decimal_text(value, decimals, ties) == text


@pytest.mark.parametrize(("value", "text"), [(1.2, "+1.2"), (-1.2, "−1.2"), (0.04, "0.0")])
def test_signed_numbers_have_a_sign_unless_they_round_to_zero(value: float, text: str) -> None:
    assert decimal_text(value, 1, signed=True) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_not_estimable(value: float) -> None:
    assert decimal_text(value, 2, signed=True) == "not estimable"
    assert significant_text(value, 3) == "not estimable"
    assert p_text(value, 3) == "P not estimable"


@modest
@given(value=UP_TO_A_MILLION, decimals=st.integers(0, 4), ties=st.sampled_from(["up", "down"]))
def test_text_reads_back_within_half_a_unit_of_its_last_digit(
    value: float, decimals: int, ties: Ties
) -> None:
    text = decimal_text(value, decimals, ties)
    _, _, fraction = text.partition(".")
    assert len(fraction) == decimals
    assert "-" not in text
    # Twelve significant digits of up to a million are good to half of 1e-6.
    half = Decimal(1).scaleb(-decimals) / 2 + Decimal("5e-7")
    assert abs(Decimal(text.replace("−", "-")) - Decimal(value)) <= half


@modest
@given(hundredths=st.integers(-10_000, 10_000))
def test_ties_up_and_down_differ_exactly_on_ties(hundredths: int) -> None:
    up, down = (decimal_text(hundredths / 100, 1, ties) for ties in ("up", "down"))
    assert (up != down) == (abs(hundredths) % 10 == 5)


@modest
@given(value=UP_TO_A_MILLION, decimals=st.integers(0, 4))
def test_the_sign_does_not_change_the_digits(value: float, decimals: int) -> None:
    assert decimal_text(-value, decimals).lstrip("−") == decimal_text(value, decimals).lstrip("−")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (68.75, 4, "68.75"),
        (89.0, 5, "89"),
        (-25.86451, 4, "−25.86"),
        (0.25, 1, "0.3"),
        (99.995, 4, "100"),
        (1234567, 3, "1230000"),
        (0.00001234, 3, "0.0000123"),
        (-0.0, 3, "0"),
        (0, 3, "0"),
    ],
)
def test_significant_digits(value: float, digits: int, text: str) -> None:
    assert significant_text(value, digits) == text


@pytest.mark.parametrize(
    ("p", "decimals", "text"),
    [
        (0.0012, 4, "P = 0.0012"),
        (0.00125, 4, "P = 0.0013"),
        (0.001, 3, "P = 0.001"),
        (0.000999, 3, "P < 0.001"),
        (0.0, 4, "P < 0.0001"),
        (1e-300, 12, "P < 0.000000000001"),
        (0.05, 2, "P = 0.05"),
        (0.999, 3, "P = 0.999"),
        (0.9995, 3, "P > 0.999"),
        (1.0, 3, "P > 0.999"),
    ],
)
def test_p_values_stop_at_the_floor(p: float, decimals: int, text: str) -> None:
    assert p_text(p, decimals) == text


@modest
@given(p=st.floats(0, 1), decimals=st.integers(1, 6))
def test_p_values_never_print_as_zero_or_one(p: float, decimals: int) -> None:
    _, relation, printed = p_text(p, decimals).split(" ")
    assert 0 < float(printed) < 1
    assert {"<": p < float(printed), ">": p > float(printed), "=": True}[relation]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("P = 0.0012", "0.0012"),
        ("P < 0.001", "< 0.001"),
        ("P > 0.999", "> 0.999"),
        ("P not estimable", "not estimable"),
    ],
)
def test_bare_p_leaves_out_what_the_column_head_says(text: str, bare: str) -> None:
    assert bare_p(text) == bare


def test_one_line_has_no_space_that_breaks() -> None:
    assert one_line("7.5 ± 1.3 points") == "7.5\u00a0±\u00a01.3\u00a0points"


@pytest.mark.parametrize(
    ("key", "kind", "decimals"),
    [
        ("baseline.mean", "estimate", 2),
        ("follow_up.standard_deviation", "estimate", 1),
        ("paired_follow_up.standard_deviation", "estimate", 5),  # ends whole words only
        ("change.standard_deviation", "estimate", 5),
        ("percentage", "percentage", 0),
        ("change.p", "p", 3),
        ("t_test.statistic", "statistic", 2),  # not the default of the outcome
        ("d_z", "statistic", 4),
        ("median_lower", "estimate", 7),
        ("lower", "estimate", 7),
    ],
)
def test_decimals_go_by_longest_ending_then_kind_then_default(
    key: str, kind: Kind, decimals: int
) -> None:
    rules = {
        "default": 7,
        "mean": 6,
        "baseline.mean": 2,
        "standard_deviation": 5,
        "follow_up.standard_deviation": 1,
        "percentage": 0,
        "p": 3,
        "d_z": 4,
    }
    assert decimals_of(key, kind, rules) == decimals


def test_decimals_of_a_kind_reach_the_text() -> None:
    how = Wording("points", {"default": 1, "proportion": 3, "statistic": 0}, TIES)
    assert how.number("share", 0.12345, "proportion", 4).text == "12.345%"
    assert how.number("t", 1.2, "statistic", 4).text == "1"
    assert how.number("mean", 1.25, "estimate", 4).text == "1.3"


def test_statistics_have_two_decimals_or_those_of_their_kind() -> None:
    assert decimals_of("correlation", "statistic", {"default": 0}) == 2
    assert decimals_of("correlation", "statistic", {"default": 0, "statistic": 3}) == 3


@dataclass(frozen=True)
class Inner:
    estimate: float = quantity("estimate")
    percentage: float = quantity("percentage")


@dataclass(frozen=True)
class Outer:
    own: Summary
    inherits: Inner
    named: dict[str, Inner]
    n_pairs: int = quantity("count")
    p: float = quantity("p")
    note: str = "no number"


def flattened() -> dict[str, Number]:
    inner = Inner(estimate=-1.25, percentage=12.5)
    outer = Outer(summarise([1, 2, 3]), inner, {"first": inner}, n_pairs=7, p=0.2)
    return numbers({"whole": outer}, Wording("points", {"default": 1, "p": 2}, TIES))


def test_numbers_have_dotted_keys_in_reading_order() -> None:
    assert list(flattened()) == [
        "whole.own.n_observed",
        "whole.own.mean",
        "whole.own.standard_deviation",
        "whole.inherits.estimate",
        "whole.inherits.percentage",
        "whole.named.first.estimate",
        "whole.named.first.percentage",
        "whole.n_pairs",
        "whole.p",
    ]


def test_numbers_inherit_n_from_the_result_around_them() -> None:
    n = {key: number.n for key, number in flattened().items()}
    assert n["whole.own.mean"] == 3
    assert n["whole.inherits.estimate"] == 7
    assert n["whole.named.first.percentage"] == 7
    assert n["whole.p"] == 7


def test_numbers_without_any_n_have_none() -> None:
    only = numbers(Inner(1, 2), Wording("points", {"default": 1}, TIES))
    assert only["estimate"].n is None


def test_each_kind_has_its_text_unit_and_rule() -> None:
    made = flattened()
    mean = Number(-1.25, "−1.3", "points", 7, "1 decimal, ties up")
    assert made["whole.inherits.estimate"] == mean
    percentage = Number(12.5, "+12.5%", "%", 7, "1 decimal, ties up")
    assert made["whole.inherits.percentage"] == percentage
    assert made["whole.n_pairs"] == Number(7, "7", "", 7, "whole number")
    assert made["whole.p"] == Number(0.2, "P = 0.20", "", 7, "2 decimals, below that the bound")


@pytest.mark.parametrize(
    ("kind", "text", "unit"),
    [
        ("estimate", "1.25", "points"),
        ("change", "+1.25", "points"),
        ("statistic", "1.25", ""),
        ("percentage", "+1.25%", "%"),
        ("proportion", "125.00%", "proportion"),
        ("count", "1", ""),
    ],
)
def test_signs_and_units_follow_the_kind(kind: Kind, text: str, unit: str) -> None:
    number = Wording("points", {"default": 2}, TIES).number("key", 1.25, kind, 4)
    assert (number.text, number.unit) == (text, unit)


def test_proportions_have_their_own_ties() -> None:
    made = numbers(proportion(55, 80, 0.95), Wording("", {"default": 1}, TIES))["proportion"]
    assert (made.text, made.value, made.n) == ("68.7%", 0.6875, 80)
    assert made.rule == "1 decimal, ties down"
    alike = Wording("", {"default": 1}, {"default": "up"})
    assert numbers(proportion(55, 80, 0.95), alike)["proportion"].text == "68.8%"


@pytest.mark.parametrize("kind", ["percentage", "proportion", "change", "estimate", "statistic"])
def test_nothing_is_added_to_not_estimable(
    kind: Literal["percentage", "proportion", "change", "estimate", "statistic"],
) -> None:
    assert Wording("points", {"default": 1}, TIES).number("k", math.nan, kind, 0).text == (
        NOT_ESTIMABLE
    )


def test_the_first_count_of_a_result_is_its_n() -> None:
    made = numbers(Flow(89, 80, 9, None), Wording("patients", {"default": 0}, TIES))
    assert {number.n for number in made.values()} == {89}
    assert [number.text for number in made.values()] == ["89", "80", "9"]


def test_count_of_other_things_has_no_n() -> None:
    assert count(44) == Number(44, "44", "", None, "whole number")


def test_wording_of_a_rating_has_no_unit(study: Study) -> None:
    assert wording_of(study.rating("pgic"), study).unit == ""
    assert wording_of(study.outcome("nrs"), study).unit == "points"
    assert wording_of(study.duration("relief"), study).unit == "months"


def test_a_treatment_that_is_no_infusion_has_no_days_of_it(study: Study) -> None:
    protocol = study.protocol.model_copy(update={"infusion_days": None})
    made = protocol_numbers(study.model_copy(update={"protocol": protocol}))
    assert "infusion_days" not in made
    assert "follow_up_day" in made


def test_planned_days_and_doses_print_as_the_study_gives_them(study: Study) -> None:
    drug = study.protocol.treatments[0].model_copy(update={"name": "large", "dose": 2_500_000})
    protocol = study.protocol.model_copy(
        update={"treatments": (*study.protocol.treatments, drug), "infusion_days": 4}
    )
    made = protocol_numbers(study.model_copy(update={"protocol": protocol}))
    assert {key: number.text for key, number in made.items()} == {
        "infusion_days": "4",
        "follow_up_day": "30",
        "ketamine.dose": "0.5",
        "magnesium.dose": "1000",
        "large.dose": "2500000",
        "confidence_level": "95%",
        "responder_threshold_1": "30%",
        "responder_threshold_2": "50%",
        "nrs.measurement_error.lowest": "0.58",
        "nrs.measurement_error.highest": "1.01",
        "nrs.usual_mean_1": "4",
        "nrs.usual_mean_2": "5",
        "nrs.usual_mean_3": "6",
        "relief.horizon": "6",
        "nrs.minimal_important_difference": "2",
        "sf12_mental.minimal_important_difference": "3.54",
        "sf12_physical.minimal_important_difference": "2.71",
        "hads_anxiety.minimal_important_difference": "1.5",
        "hads_depression.minimal_important_difference": "1.5",
    }
    assert made["ketamine.dose"] == Number(0.5, "0.5", "mg/kg/day", None, "as planned")
    assert made["nrs.measurement_error.lowest"] == Number(
        0.58, "0.58", "points", None, "as planned"
    )
    assert made["nrs.usual_mean_1"] == Number(4, "4", "points", None, "as planned")
    assert made["infusion_days"] == Number(4, "4", "days", None, "as planned")
    assert made["follow_up_day"] == Number(30, "30", "day", None, "as planned")
    assert made["relief.horizon"] == Number(6, "6", "months", None, "as planned")
    assert made["confidence_level"] == Number(0.95, "95%", "proportion", None, "as planned")
