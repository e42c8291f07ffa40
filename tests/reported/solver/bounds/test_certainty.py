from __future__ import annotations

from fractions import Fraction

import numpy as np

from reported.solver.bounds.certainty import Certainty, certainties
from reported.solver.bounds.extremes import Bounds, End
from reported.solver.bounds.statistics import Statistic
from reported.solver.patient_sums import Weights

NOTHING = Weights(np.zeros((1, 1), np.int64), np.zeros(1, np.int64))


def bounds(key: str, low: str, high: str) -> Bounds:
    least, greatest = Fraction(low), Fraction(high)
    ends = (End(least, least, ()), End(greatest, greatest, ()))
    return Bounds(Statistic(key, NOTHING, 1), *ends)


COHORT = {
    "pain.change.mean": -2.0,
    "pain.change.percentage": -25.0,
    "pain.median": 3.0,
    "pgic.better.proportion": 0.5,
    "pgic.better.lower": 0.4,
    "pain.worse.proportion": 0.1,
    "pain.worse.lower": 0.05,
}
MANY = {key: (value, value, 1) for key, value in COHORT.items()} | {
    "pain.median": (4.0, 5.0, 0),
    "pain.worse.lower": (0.1, 0.2, 0),
}
KNOWN = certainties(
    {"pain.change.percentage"},
    {
        "pain.change.mean": bounds("pain.change.mean", "-5/2", "-3/2"),
        "pgic.better.proportion": bounds("pgic.better.proportion", "1/2", "1/2"),
        "pain.worse.proportion": bounds("pain.worse.proportion", "0", "3/4"),
    },
    COHORT,
    MANY,
)


def test_every_number_has_one() -> None:
    assert set(KNOWN) == set(COHORT)


def test_a_number_that_others_lack_has_none() -> None:
    assert set(certainties(set(), {}, COHORT | {"pain.subgroups.sex.p": 0.3}, MANY)) == set(COHORT)


def test_what_is_printed_needs_no_ends() -> None:
    assert KNOWN["pain.change.percentage"] == Certainty("printed", -25, -25)


def test_bounds_come_before_what_was_seen() -> None:
    assert KNOWN["pain.change.mean"] == Certainty("bounded", -2.5, -1.5)
    assert KNOWN["pain.worse.proportion"] == Certainty("bounded", 0, 0.75)


def test_a_range_is_of_other_cohorts_and_need_not_include_the_one_it_describes() -> None:
    assert COHORT["pain.median"] == 3
    assert KNOWN["pain.median"] == Certainty("ranged", 4, 5)


def test_of_a_cohort_without_others_nothing_is_known() -> None:
    assert certainties({"pain.median"}, {}, COHORT, {}) == {}


def test_what_follows_from_a_fixed_proportion_is_implied() -> None:
    assert KNOWN["pgic.better.proportion"].kind == "implied"
    assert KNOWN["pgic.better.lower"].kind == "implied"
    assert KNOWN["pain.worse.lower"] == Certainty("ranged", 0.1, 0.2)
