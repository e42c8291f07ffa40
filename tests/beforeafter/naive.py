"""The statistics once more, as a textbook says them: loops over fractions, slow and exact.

Nothing here is shared with `src/beforeafter`, neither code nor library, so that a mistake would
have to be made twice. Scores are fractions; a float appears only where a root is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from statistics import NormalDist

Pair = tuple[Fraction | None, Fraction | None]


def pairs(patients: Sequence[Pair]) -> list[tuple[Fraction, Fraction]]:
    return [(b, f) for b, f in patients if b is not None and f is not None]


def changes(patients: Sequence[Pair]) -> list[Fraction]:
    return [f - b for b, f in pairs(patients)]


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    centre = mean(values)
    return sum(((v - centre) ** 2 for v in values), Fraction(0)) / (len(values) - 1)


def standard_deviation(values: Sequence[Fraction]) -> float:
    return math.sqrt(variance(values))


def percentage_between_means(patients: Sequence[Pair]) -> Fraction:
    before = mean([b for b, _ in pairs(patients)])
    after = mean([f for _, f in pairs(patients)])
    return 100 * (after - before) / before


def percentage_of_individuals(patients: Sequence[Pair]) -> Fraction:
    return mean([100 * (f - b) / b for b, f in pairs(patients) if b != 0])


def t_statistic(values: Sequence[Fraction]) -> float:
    return float(mean(values)) / math.sqrt(variance(values) / len(values))


def d_z(values: Sequence[Fraction]) -> float:
    return float(mean(values)) / standard_deviation(values)


def hedges_d_z(values: Sequence[Fraction]) -> float:
    """Hedges' factor by its integral, with Simpson's rule: the mean of 1 / s, were sigma one."""
    m, steps, end = len(values) - 1, 4000, 12.0

    def density_over_s(s: float) -> float:
        # s² m is chi-squared with m degrees of freedom.
        log = (m - 2) * math.log(s) - m * s * s / 2 + m / 2 * math.log(m / 2) - math.lgamma(m / 2)
        return 2 * math.exp(log)

    h = end / steps
    inner = sum((4 if k % 2 else 2) * density_over_s(k * h) for k in range(1, steps))
    return d_z(values) / ((inner + density_over_s(end)) * h / 3)


def pratt_ranks(values: Sequence[Fraction]) -> list[tuple[Fraction, bool]]:
    """Rank and sign of each change that is not zero; zeros are ranked, ties share the mean rank."""
    return [
        (
            sum(abs(other) < abs(value) for other in values)
            + Fraction(sum(abs(other) == abs(value) for other in values) + 1, 2),
            value > 0,
        )
        for value in values
        if value != 0
    ]


def wilcoxon_v(values: Sequence[Fraction]) -> Fraction:
    return sum((rank for rank, positive in pratt_ranks(values) if positive), Fraction(0))


def p_over_all_signs(scores: Sequence[Fraction | int]) -> Fraction:
    """Share of all sign patterns whose sum is at least as far from zero as that of the scores."""
    sizes, observed = [abs(score) for score in scores], abs(sum(scores))
    patterns = list(product((-1, 1), repeat=len(sizes)))
    sums = (sum(s * size for s, size in zip(signs, sizes, strict=True)) for signs in patterns)
    return Fraction(sum(abs(total) >= observed for total in sums), len(patterns))


def walsh_averages(values: Sequence[Fraction]) -> list[Fraction]:
    return sorted((a + b) / 2 for i, a in enumerate(values) for b in values[: i + 1])


def not_rejected(values: Sequence[Fraction], level: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals of centres from which the signed-rank test does not find the values to differ.

    Between two neighbouring Walsh averages no rank and no sign changes.
    """
    averages = sorted({*walsh_averages(values)})
    single = [(centre, centre) for centre in averages]
    return [
        ends
        for ends in sorted([*single, *pairwise(averages)])
        if signed_rank_p([value - (ends[0] + ends[1]) / 2 for value in values]) > 1 - level
    ]


def signed_rank_p(values: Sequence[Fraction]) -> Fraction:
    # Twice a rank is a whole number, and whole numbers are added fast.
    return p_over_all_signs(
        [int(2 * r) if positive else -int(2 * r) for r, positive in pratt_ranks(values)]
    )


def responders(patients: Sequence[Pair], threshold: int) -> tuple[int, int]:
    """Patients whose score falls by at least so many per cent, and patients with a baseline."""
    with_base = [(b, f) for b, f in pairs(patients) if b > 0]
    return sum(100 * (b - f) / b >= threshold for b, f in with_base), len(with_base)


def wilson(count: int, n: int, level: float) -> tuple[float, float]:
    """Both solutions p of (count/n - p)² = z² p (1 - p) / n."""
    z2, share = NormalDist().inv_cdf((1 + level) / 2) ** 2, count / n
    a, b, c = 1 + z2 / n, -(2 * share + z2 / n), share**2
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)
