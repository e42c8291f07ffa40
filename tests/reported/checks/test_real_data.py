"""Numbers computed from data that exist are never refuted under the rounding that made them."""

from __future__ import annotations

from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
    localcontext,
)
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from beforeafter.study import Study
from reported.checks.p_values import unpaired_p
from reported.checks.run import run_checks
from reported.claims.findings import AuditFinding
from reported.claims.printed import Convention, Interval
from reported.claims.published import Published

ROUNDING: dict[Convention, str] = {
    "half_up": ROUND_HALF_UP,
    "half_down": ROUND_HALF_DOWN,
    "half_even": ROUND_HALF_EVEN,
    "truncation": ROUND_DOWN,
}


def rounded(value: Fraction, decimals: int, convention: Convention, *, root: bool = False) -> str:
    """Print a fraction, or its root, with many more digits than matter in between."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        number = exact.sqrt() if root else exact
        return f"{number.quantize(Decimal(1).scaleb(-decimals), ROUNDING[convention]):f}"


@st.composite
def cohorts(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(2, 25))
    top = draw(st.sampled_from([1, 4, 10, 40]))
    scores = st.lists(st.integers(0, top), min_size=n, max_size=n)
    n_follow_up = draw(st.integers(2, n))
    return {
        "top": top,
        "before": draw(scores),
        "after": draw(scores)[:n_follow_up],
        "codes": draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))[:n_follow_up],
        "times": draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))[:n_follow_up],
        "decimals": draw(st.integers(0, 3)),
        "convention": draw(st.sampled_from(sorted(ROUNDING))),
        "known": draw(st.booleans()),
    }


def study_of(cohort: dict[str, Any], study: Study) -> Study:
    """Return a study with one short outcome, one rating and one duration."""
    outcome = study.outcomes[0].model_copy(
        update={"name": "score", "minimum": 0, "maximum": cohort["top"], "step": 1}
    )
    rating = study.ratings[0].model_copy(update={"name": "rating", "categories": tuple("abcd")})
    groups = rating.groups
    better, best = (
        groups["improved"].model_copy(update={"codes": codes}) for codes in ((1, 2), (1,))
    )
    rating = rating.model_copy(update={"groups": {"better": better, "best": best}})
    duration = study.durations[0].model_copy(update={"name": "time", "horizon": 3})
    return study.model_copy(
        update={"outcomes": (outcome,), "ratings": (rating,), "durations": (duration,)}
    )


def mean(values: list[int]) -> Fraction:
    return Fraction(sum(values), len(values))


def variance(values: list[int]) -> Fraction:
    return Fraction(sum((value - mean(values)) ** 2 for value in values), len(values) - 1)


def published_of(cohort: dict[str, Any]) -> Published:
    decimals, convention = cohort["decimals"], cohort["convention"]
    before, after, codes, times = (cohort[key] for key in ("before", "after", "codes", "times"))
    texts = {}
    for name, values in {
        "score.baseline": before,
        "score.follow_up": after,
        "time.restricted": times,
    }.items():
        texts[f"{name}.mean"] = rounded(mean(values), decimals, convention)
        spread = rounded(variance(values), decimals, convention, root=True)
        texts[f"{name}.standard_deviation"] = spread
    for key, count in {
        "rating.better.proportion": sum(code in {1, 2} for code in codes),
        "rating.best.proportion": codes.count(1),
        "time.event_free.proportion": times.count(3),
    }.items():
        texts[key] = rounded(Fraction(100 * count, len(codes)), decimals, convention)
    if len(after) == len(before) and mean(before) > 0:
        change = 100 * (mean(after) - mean(before)) / mean(before)
        texts["score.change.percentage"] = rounded(change, decimals, convention)
        if len({last - first for first, last in zip(before, after, strict=True)}) > 1:
            p = float(scipy.stats.ttest_rel(after, before).pvalue)
            texts["score.change.p"] = rounded(Fraction(p), 4, convention)
    reading: dict[str, Any] = {"n_enrolled": len(before), "ties": {"default": convention}}
    if cohort["known"]:
        reading["n_follow_up"] = len(after)
    claims = [{"key": key, "printed": text, "place": "here"} for key, text in texts.items()]
    return Published.model_validate(
        {"source": {"citation": "a", "part": "b"}, "reading": reading, "claims": claims}
    )


@settings(deadline=None, max_examples=150)
@given(cohort=cohorts())
def test_data_that_exist_are_not_refuted(cohort: dict[str, Any], study: Study) -> None:
    findings = run_checks(published_of(cohort), study_of(cohort, study))
    assert [finding for finding in findings if finding.refuted] == []
    if not cohort["known"]:
        assert f"{len(cohort['after'])}" in sizes(findings)


def sizes(findings: list[AuditFinding]) -> list[str]:
    (finding,) = [each for each in findings if each.check == "patients followed up"]
    return finding.explanation.removeprefix("possible for all: ").split(", ")


SCORES = st.lists(st.integers(0, 20), min_size=2, max_size=30)


@given(before=SCORES, after=SCORES, decimals=st.integers(0, 2))
def test_the_p_of_an_unpaired_test_lies_in_its_interval(
    before: list[int], after: list[int], decimals: int
) -> None:
    assume(len({*before}) > 1 and len({*after}) > 1)
    half = Fraction(1, 2 * 10**decimals)

    def around(number: float) -> Interval:
        return Interval(Fraction(number) - half, Fraction(number) + half)

    means = around(float(np.mean(before))), around(float(np.mean(after)))
    deviations = around(float(np.std(before, ddof=1))), around(float(np.std(after, ddof=1)))
    p = unpaired_p((len(before), len(after)), means, deviations)
    for equal_variances in (True, False):
        test = scipy.stats.ttest_ind(before, after, equal_var=equal_variances)
        assert float(test.pvalue) in p
