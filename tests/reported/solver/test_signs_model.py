"""Decisions with p-values of signs and ranks, against every cohort of a tiny study."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from scipy import stats
from tiny import Pairs, cohorts, tiny

from beforeafter.study import Study
from reported.checks.signs_and_ranks import Integers, rank_p_values, ranks_with
from reported.claims.printed import Interval, parse
from reported.claims.published import Claim, Published
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.decide import Answer, decide
from reported.solver.rank_limits import _exceeds

TEXTS = ["p < 0.05", "0.13", "0.25", "0.5", "1.0", "0.06", "p < 0.01", "0.03"]


def naive(pairs: Pairs, test: str) -> list[float]:
    """Return p-values by scipy and by listing all patterns of signs, of two sides and of one."""
    changes = np.array([b - a for a, b in pairs])
    moved = changes[changes != 0]
    if not moved.size:
        return [1.0, 0.5]
    if test == "sign":
        k, m = int((moved > 0).sum()), moved.size
        z = np.array([max(abs(2 * k - m) - off, 0) / np.sqrt(m) for off in (0, 0.5, 1)])
        middle = 2 * stats.binom.cdf(min(k, m - k), m, 0.5) - stats.binom.pmf(k, m, 0.5)
        found = [stats.binomtest(k, m).pvalue, middle, *(2 * stats.norm.sf(z))]
    else:
        found = []
        for kept in (moved, changes):
            ranks = stats.rankdata(np.abs(kept))[kept != 0]
            patterns = np.array(list(product((-1, 1), repeat=len(ranks)))) @ ranks
            found.append(float((np.abs(patterns) >= abs(ranks @ np.sign(moved)) - 1e-9).mean()))
        for zeros, correction in product(("wilcox", "pratt", "zsplit"), (True, False)):
            ranked = stats.wilcoxon(
                changes, zero_method=zeros, correction=correction, method="asymptotic"
            )
            found.append(float(ranked.pvalue))
    return [*found, *(p / 2 for p in found)]


def inside(p: Interval, values: list[float]) -> bool:
    return any(p.low - 1e-9 <= value <= p.high + 1e-9 for value in values)


@pytest.mark.parametrize("test", ["sign", "wilcoxon"])
def test_decisions_are_those_of_enumeration(test: str, study: Study, published: Published) -> None:
    rng, answers = random.Random(7), []
    for _ in range(18):
        n = rng.randint(3, 4)
        printed = {
            "baseline.mean": f"{rng.randint(n, 3 * n) / n:.2f}",
            "follow_up.mean": f"{rng.randint(0, 2 * n) / n:.2f}",
        }
        small, claims = tiny(study, published, n, printed)
        p = Claim(key="scale.change.p", printed=rng.choice(TEXTS), place="test", test=test)
        outcome = ConstrainedOutcome(
            small,
            claims.model_copy(update={"claims": (*claims.claims, p)}),
            small.outcomes[0],
            n,
        )
        wanted = parse(p.printed).interval("half_up")
        shown = {key: i for key, i in outcome.intervals.items() if key.endswith("mean")}
        all_of_them = list(cohorts(n, n, {k: i for k, i in shown.items() if k in printed}))
        exists = any(inside(wanted, naive(pairs, test)) for pairs, _ in all_of_them)
        answer = decide(outcome).answer
        answers.append(answer)
        if exists:
            assert answer is Answer.NOT_REFUTED, (printed, p.printed, n)
        elif test == "sign":
            assert answer is Answer.REFUTED, (printed, p.printed, n)
    assert answers.count(Answer.UNDECIDED) <= 2
    assert min(answers.count(Answer.REFUTED), answers.count(Answer.NOT_REFUTED)) > 4


def test_the_distance_is_bounded_as_by_enumeration_of_changes() -> None:
    """Of all changes with these sums, listed, none is as near as what multipliers exclude."""
    rng = random.Random(3)
    excluded = 0
    for _ in range(30):
        n, top = rng.randint(3, 6), 3
        total, square = rng.randint(0, 2 * n), rng.randint(n, 5 * n)
        nearest = np.full((2, n + 1), np.inf)
        for changes in product(range(-top, top + 1), repeat=n):
            if sum(changes) == total and sum(x**2 for x in changes) == square:
                for ranked in (0, 1):
                    d, zeros = distance(np.array(changes), ranked)
                    nearest[ranked, zeros] = min(nearest[ranked, zeros], d)
        if np.isinf(nearest).all():
            continue
        least = float(nearest.min())
        for asked in (least, least - rng.randint(1, 12)):
            beyond = _exceeds(
                n, range(1, top + 1), (total, total), (square, square), np.full((2, n + 1), asked)
            )
            excluded += beyond
            assert not (beyond and asked >= least)
    assert excluded > 3


def distance(changes: Integers, ranked: int) -> tuple[float, int]:
    zeros = int((changes == 0).sum())
    ranks = 2 * stats.rankdata(np.abs(changes)) - (0 if ranked else 2 * zeros)
    return float(ranks @ np.sign(changes)), zeros


def test_where_nothing_changes_only_a_p_of_one_is_allowed() -> None:
    assert [p.tolist() for _, _, p in rank_p_values([], 4)] == [[1.0], [1.0]]
    one, small = (parse(text).interval("half_up") for text in ("1.00", "0.04"))
    assert (False, 30) in ranks_with(one, 30)
    assert (False, 30) not in ranks_with(small, 30)
