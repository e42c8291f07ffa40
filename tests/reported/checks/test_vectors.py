"""Every vector that others published or computed, each with its source."""

from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from reported.checks.counting import count_datasets
from reported.checks.moments import grimmer, squares_limits, sums
from reported.checks.p_values import difference_of, t_of_p
from reported.checks.paired import correlation, deviation_of_change
from reported.claims.lattice import Lattice
from reported.claims.printed import Convention, Interval, parse

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
TESTED: set[str] = set()
# Wider than any scale in the vectors that name none.
WIDE = range(-200, 400)


def vectors(kind: str) -> pytest.MarkDecorator:
    TESTED.add(kind)
    chosen = [vector for vector in VECTORS if vector["kind"] == kind]
    return pytest.mark.parametrize(
        ("given", "expected"),
        [
            pytest.param(vector["inputs"], vector["expected"], id=vector["name"])
            for vector in chosen
        ],
    )


def printed(text: str, convention: Convention = "either") -> Interval:
    return parse(text).interval(convention)


def exactly(number: object) -> Interval:
    return Interval(Fraction(str(number)), Fraction(str(number)))


def within(number: str, tolerance: str) -> Interval:
    return Interval(Fraction(number) - Fraction(tolerance), Fraction(number) + Fraction(tolerance))


def scale(given: dict[str, Any], levels: range = WIDE) -> Lattice:
    items = given.get("items", 1)
    return Lattice(Fraction(1, items), range(items * levels.start, items * (levels.stop - 1) + 1))


@vectors("grim")
def test_grim(given: dict[str, Any], expected: bool) -> None:
    assert bool(sums(printed(given["mean"]), given["n"], scale(given))) == expected


@vectors("grim_rounding")
def test_grim_under_each_convention(given: dict[str, Any], expected: dict[str, bool]) -> None:
    names: dict[str, Convention] = {
        "up": "half_up",
        "down": "half_down",
        "even": "half_even",
        "trunc": "truncation",
    }
    possible = {
        name: bool(sums(printed(given["mean"], convention), given["n"], scale(given)))
        for name, convention in names.items()
    }
    assert possible == expected


@vectors("grimmer")
def test_grimmer(given: dict[str, Any], expected: bool) -> None:
    # The one that is refuted are Apgar scores.
    lattice = scale(given, range(11) if given["mean"] == "9.93" else WIDE)
    found = grimmer(printed(given["mean"]), printed(given["sd"]), given["n"], lattice)
    assert (found is not None) == expected


@vectors("grimmer_false_positive")
def test_grimmer_accepts_data_that_exist(given: dict[str, Any], expected: dict[str, bool]) -> None:
    counts = given["counts_0_to_4"]
    assert sum(counts) == given["n"]
    assert sum(score * count for score, count in enumerate(counts)) == given["sum"]
    assert sum(score**2 * count for score, count in enumerate(counts)) == given["ss"]
    lattice = scale(given, range(5))
    found = grimmer(printed(given["mean"]), printed(given["sd"]), given["n"], lattice)
    assert (found is not None) == expected["exact"]


@vectors("sd_limits")
def test_sd_limits(given: dict[str, Any], expected: list[float]) -> None:
    lattice = scale(given, range(given["min"], given["max"] + 1))
    # The mean is 4.2 exactly where there is such a sum, as here.
    (total,) = sums(exactly(given["mean"]), given["n"], lattice)
    n, step = given["n"], float(lattice.step)
    limits = [
        step * sqrt((squares - total**2 / n) / (n - 1))
        for squares in squares_limits(n, total, lattice.levels)
    ]
    assert limits == pytest.approx(expected, abs=0.005)


@vectors("debit")
def test_debit(given: dict[str, Any], expected: dict[str, bool]) -> None:
    mean, deviation = printed(given["mean"]), printed(given["sd"])
    binary = scale(given, range(2))
    # DEBIT, which does not ask for whole counts, would let it pass.
    assert bool(sums(mean, given["n"], binary)) == expected["grim"]
    found = grimmer(mean, deviation, given["n"], binary)
    assert (found is not None) == expected["exact_joint"]


@vectors("closure_count")
def test_as_many_datasets_as_closure_counts(given: dict[str, Any], expected: int) -> None:
    lattice = scale(given, range(given["scale_min"], given["scale_max"] + 1))
    mean = within(given["mean"], given["tol_mean"])
    deviation = within(given["sd"], given["tol_sd"])
    assert count_datasets(mean, deviation, given["n"], lattice) == expected


@vectors("sprite")
def test_a_mean_that_sprite_cannot_start_from(given: dict[str, Any], expected: str) -> None:
    assert expected.startswith("GRIM failure")
    lattice = scale(given, range(given["min"], given["max"] + 1))
    assert not sums(printed(given["mean"]), given["n"], lattice)


@vectors("prepost_r")
def test_correlation_of_before_with_after(given: dict[str, Any], expected: float) -> None:
    if "t" in given:
        change = deviation_of_change(exactly(given["diff"]), exactly(given["t"]), given["n"])
    else:
        change = exactly(given["sd_change"])
    r = correlation(exactly(given["sd_pre"]), exactly(given["sd_post"]), change)
    assert [float(r.low), float(r.high)] == pytest.approx([expected] * 2, abs=0.0005)


@vectors("paired_t_summary")
def test_correlation_from_a_printed_p(given: dict[str, Any], expected: dict[str, float]) -> None:
    difference = difference_of(exactly(given["m_post"]), exactly(given["m_pre"]))
    t = t_of_p(exactly(expected["p"]), given["n"] - 1)
    change = deviation_of_change(difference, t, given["n"])
    r = correlation(exactly(given["sd_pre"]), exactly(given["sd_post"]), change)
    # The vector's signs are of before less after, and its means have seven digits.
    assert [float(t.low), float(t.high)] == pytest.approx([-expected["t"]] * 2, rel=1e-6)
    assert [float(r.low), float(r.high)] == pytest.approx([expected["r"]] * 2, abs=2e-6)


def test_no_vector_is_left_out() -> None:
    assert {vector["kind"] for vector in VECTORS} == TESTED
