"""Of a true study one number is changed: decided as all cohorts, listed, decide it."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from tiny import TOP, cohorts, described, tiny

from beforeafter.study import Study
from reported.claims.printed import parse
from reported.claims.published import Published
from reported.solver.constrained_outcome import constrained_outcomes
from reported.solver.decide import Answer, decide

ENROLLED, N = 5, 4


def printed_numbers(rng: random.Random) -> dict[str, str]:
    """Return what a study of invented patients prints, one number of it changed."""
    pairs = tuple((rng.randint(0, TOP), rng.randint(0, TOP)) for _ in range(N))
    lost = tuple(rng.randint(0, TOP) for _ in range(ENROLLED - N))
    numbers = described(pairs, lost)
    texts = {}
    for key in rng.sample(sorted(numbers), rng.randint(2, len(numbers))):
        value = float(numbers[key]) ** (0.5 if key.endswith("deviation") else 1)
        texts[key] = f"{value:.1f}"
    changed = rng.choice(sorted(texts))
    moved = Fraction(texts[changed]) + rng.choice([-2, -1, 1, 2]) * Fraction(1, 10)
    texts[changed] = f"{max(float(moved), 0 if 'change' not in changed else -100):.1f}"
    return texts


@pytest.mark.parametrize("seed", range(60))
def test_a_changed_number_is_found_or_possible(
    seed: int, study: Study, published: Published
) -> None:
    texts = printed_numbers(random.Random(seed))
    made, claimed = tiny(study, published, ENROLLED, texts)
    (outcome,) = constrained_outcomes(made, claimed, N)
    intervals = {
        key: parse(text).interval(claimed.reading.convention(key.rpartition(".")[2]))
        for key, text in texts.items()
    }
    exists = any(True for _ in cohorts(ENROLLED, N, intervals))
    assert decide(outcome).answer is (Answer.NOT_REFUTED if exists else Answer.REFUTED)
