"""A true study is never refuted under its true reading, whatever it prints and however.

The studies are drawn at random: small scales below and above zero, ceilings, patients missing from
each outcome by itself, several visits, every rounding. They are invented.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import quantiles

import numpy as np
import pytest
from scipy import stats

from beforeafter.estimates import wilcoxon_signed_rank
from beforeafter.study import Study
from reported.claims.printed import Convention, PrintedNumber
from reported.claims.published import Published
from reported.joint_audit import audit_claims
from reported.readings import possible
from reported.views import views

CONVENTIONS: list[Convention] = ["half_up", "half_down", "half_even", "truncation"]
STUDY = Path(__file__).parents[2] / "data/study.yml"


def rounded(value: float | Fraction, decimals: int, convention: Convention) -> str:
    """Return the string with so many decimals that stands for a number."""
    exact = Fraction(value)
    unit = Fraction(1, 10**decimals)
    below = (exact // unit) * unit
    for candidate in (below, below + unit):
        if exact in PrintedNumber(candidate, decimals).interval(convention):
            return f"{float(candidate):.{decimals}f}"
    raise AssertionError(value)


def sample(values: list[int], part: str, rng: random.Random) -> dict[str, float | Fraction]:
    """Return what may be printed of some scores, exact or as a float."""
    n = len(values)
    mean = Fraction(sum(values), n)
    deviation = sqrt(sum((x - mean) ** 2 for x in values) / (n - 1))
    error = deviation / sqrt(n)
    crit = float(rng.choice([stats.norm.isf(0.025), stats.t.isf(0.025, n - 1)]))
    described = {"mean": mean, "standard_deviation": deviation, "standard_error": error}
    described |= {"lower": float(mean) - crit * error, "upper": float(mean) + crit * error}
    if part != "change":
        method = rng.choice(["inclusive", "exclusive"])
        first, _, third = quantiles(values, n=4, method=method)
        ordered = sorted(values)
        median = Fraction(ordered[(n - 1) // 2] + ordered[n // 2], 2)
        described |= {"median": median, "minimum": ordered[0], "maximum": ordered[-1]}
        inside = ordered[0] <= first and third <= ordered[-1]
        described |= {"lower_quartile": first, "upper_quartile": third} if inside else {}
    return {f"{part}.{key}": number for key, number in described.items()}


def change(
    pairs: list[tuple[int, int]], definition: str, rng: random.Random
) -> dict[str, float | Fraction]:
    differences = [b - a for a, b in pairs]
    numbers = sample(differences, "change", rng)
    spread, mean = numbers["change.standard_deviation"], numbers["change.mean"]
    if spread:
        t = float(mean) * sqrt(len(pairs)) / spread
        numbers |= {"change.t": t, "change.f": t**2}
        numbers["change.p"] = 2 * float(stats.t.sf(abs(t), len(pairs) - 1))
    else:
        numbers["change.p"] = 0.0 if mean else 1.0
    if definition == "change_between_means" and (base := sum(a for a, _ in pairs)):
        numbers["change.percentage"] = Fraction(100 * sum(differences), base)
    if definition != "change_between_means" and any(a for a, _ in pairs):
        each = [Fraction(100 * (b - a), a) for a, b in pairs if a]
        numbers["change.percentage"] = sum(each) / len(each)
    return numbers


def p_of_signs(pairs: list[tuple[int, int]], test: str, rng: random.Random) -> float:
    """Return the p-value of a sign or signed-rank test, by one of the usual programmes."""
    changes = np.array([b - a for a, b in pairs])
    moved = changes[changes != 0]
    if not moved.size:
        return 1.0
    if test == "sign":
        return float(stats.binomtest(int((moved > 0).sum()), moved.size).pvalue)
    if rng.random() < 0.4:
        return wilcoxon_signed_rank(changes.astype(float)).p
    zeros, correction = rng.choice(["wilcox", "pratt"]), rng.random() < 0.5
    ranked = stats.wilcoxon(changes, zero_method=zeros, correction=correction, method="asymptotic")
    return float(ranked.pvalue)


def true_study(study: Study, published: Published, seed: int) -> tuple[Study, Published]:
    """Return a study of invented patients and some of its numbers, truly printed and truly read."""
    rng = random.Random(seed)
    low = rng.choice([0, 0, 0, 1, -3])
    high = low + rng.choice([1, 4, 6, 10])
    convention = rng.choice(CONVENTIONS)
    definition = rng.choice(["change_between_means", "mean_of_individual_changes"])
    test = rng.choice(["paired_t", "paired_t", "wilcoxon", "sign"])
    enrolled = rng.randint(4, 14)
    outcomes, claims = [], []
    for name in ("one", "two")[: rng.randint(1, 2)]:
        ceiling = rng.random() < 0.3
        before = [
            high if ceiling and rng.random() < 0.7 else rng.randint(low, high)
            for _ in range(enrolled)
        ]
        outcome = study.outcomes[0].model_copy(
            update={"name": name, "minimum": low, "maximum": high, "step": 1}
        )
        outcomes.append(outcome)
        printed = [(key, None, x) for key, x in sample(before, "baseline", rng).items()]
        for visit in ("follow_up", "week_1")[: rng.randint(1, 2)]:
            n = rng.randint(3, enrolled)
            shift = rng.choice([None, -1, 0])
            pairs = [
                (a, rng.randint(low, high) if shift is None else min(high, max(low, a + shift)))
                for a in rng.sample(before, n)
            ]
            number = n if rng.random() < 0.5 or visit == "week_1" else None
            later = sample([b for _, b in pairs], visit, rng) | change(pairs, definition, rng)
            if test != "paired_t":
                later["change.p"] = p_of_signs(pairs, test, rng)
            prefix = f"{visit}." if visit != "follow_up" else ""
            printed += [
                (f"{prefix}{key}" if key.startswith("change") else key, number, x)
                for key, x in later.items()
            ]
        share = rng.choice([0.2, 0.5, 1])
        for key, number, value in printed:
            if rng.random() > share:
                continue
            kind = key.rpartition(".")[2]
            decimals = rng.choice([3, 4]) if kind == "p" else rng.choice([0, 1, 2])
            text = rounded(value, decimals, convention)
            if kind == "p" and rng.random() < 0.3 and value < 0.05:
                text = rng.choice(["p < 0.05", "p ≤ .05", "P‹0·05"])
            claim = {"key": f"{name}.{key}", "printed": text, "place": "here", "n": number}
            claims.append(claim | {"test": test if kind == "p" else None})
    analysis = study.analysis.model_copy(update={"percentage": definition})
    made = study.model_copy(
        update={"outcomes": tuple(outcomes), "ratings": (), "durations": (), "analysis": analysis}
    )
    reading = {"n_enrolled": enrolled, "visits": ("week_1",), "ties": {"default": convention}}
    source = published.source.model_dump()
    return made, Published.model_validate({"source": source, "reading": reading, "claims": claims})


def refuted(study: Study, published: Published, seed: int, *, whole: bool) -> list[object]:
    made, printed = true_study(study, published, seed)
    if whole:
        return list(audit_claims(made, printed).conflicts)
    return [view for view in views(made, printed) if not possible(view, thorough=False)]


def test_hundreds_of_true_studies_are_not_refuted(study: Study, published: Published) -> None:
    found = [seed for seed in range(400) if refuted(study, published, seed, whole=False)]
    assert found == []


def refuted_with_signs(study: Study, published: Published, seed: int) -> list[object]:
    """Return the views with a p of signs or ranks that are refuted by any means there are."""
    seen = views(*true_study(study, published, seed))
    signs = [v for v in seen if any(c.test in {"sign", "wilcoxon"} for c in v.published.claims)]
    return [view for view in signs if not possible(view, thorough=True)]


def test_true_p_values_of_signs_and_ranks_are_not_refuted(
    study: Study, published: Published
) -> None:
    assert [s for s in range(2000, 2250) if refuted_with_signs(study, published, s)] == []


def test_true_studies_are_not_refuted_by_the_whole_audit(
    study: Study, published: Published
) -> None:
    found = [seed for seed in range(1000, 1020) if refuted(study, published, seed, whole=True)]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 5000, 1000))
def test_thousands_of_true_studies_are_not_refuted(
    start: int, study: Study, published: Published
) -> None:
    seeds = range(start, start + 1000)
    assert [seed for seed in seeds if refuted(study, published, seed, whole=False)] == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(20000, 23000, 500))
def test_thousands_of_true_p_values_of_signs_and_ranks_are_not_refuted(
    start: int, study: Study, published: Published
) -> None:
    seeds = range(start, start + 500)
    assert [seed for seed in seeds if refuted_with_signs(study, published, seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10000, 10300, 50))
def test_hundreds_of_true_studies_are_not_refuted_by_the_whole_audit(
    start: int, study: Study, published: Published
) -> None:
    seeds = range(start, start + 50)
    assert [seed for seed in seeds if refuted(study, published, seed, whole=True)] == []


def test_rounding_is_undone_by_every_convention() -> None:
    texts = {rule: rounded(Fraction(25, 1000), 2, rule) for rule in CONVENTIONS}
    assert texts == {
        "half_up": "0.03",
        "half_down": "0.02",
        "half_even": "0.02",
        "truncation": "0.02",
    }
    assert all(a <= b for a, b in pairwise(sorted(texts.values())))
