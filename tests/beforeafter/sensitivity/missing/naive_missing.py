"""Missing data once more, as a textbook says it: loops over patients and over imputed values.

Nothing here is shared with `src/beforeafter`, neither code nor library: sums are of fractions or of
floats in plain loops, and every value lost is drawn, where `src` draws nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction

from naive import Pair, mean, pairs, variance

Row = Sequence[float]


def lost(patients: Sequence[Pair]) -> list[Fraction]:
    return [b for b, f in patients if b is not None and f is None]


def seen(patients: Sequence[Pair]) -> list[Fraction]:
    return [b for b, _ in pairs(patients)]


def completed(patients: Sequence[Pair], score: Fraction | None) -> list[Fraction]:
    """Changes with a score in place of what is missing, or with the baseline."""
    return [
        (f if f is not None else b if score is None else score) - b
        for b, f in patients
        if b is not None
    ]


def error_of_mean(values: Sequence[Fraction]) -> float:
    return math.sqrt(variance(values) / len(values))


def covariance(xs: Sequence[Fraction], ys: Sequence[Fraction]) -> Fraction:
    products = [(x - mean(xs)) * (y - mean(ys)) for x, y in zip(xs, ys, strict=True)]
    return sum(products, Fraction(0)) / (len(xs) - 1)


def available_error(patients: Sequence[Pair]) -> float:
    """Standard error of mean follow-up minus mean baseline, whoever has them."""
    baselines = [b for b, _ in patients if b is not None]
    follow_ups = [f for _, f in patients if f is not None]
    both = pairs(patients)
    squared = float(variance(baselines) / len(baselines) + variance(follow_ups) / len(follow_ups))
    xs, ys = [b for b, _ in both], [f for _, f in both]
    if both and variance(xs) and variance(ys):
        r = float(covariance(xs, ys)) / math.sqrt(variance(xs) * variance(ys))
        spread = math.sqrt(variance(baselines) * variance(follow_ups))
        squared -= 2 * r * spread * len(both) / (len(baselines) * len(follow_ups))
    return math.sqrt(max(squared, 0))


def standardised_difference(patients: Sequence[Pair]) -> float:
    """Of the baselines: mean of those lost minus mean of those seen, in standard deviations."""
    here, gone = seen(patients), lost(patients)
    squares = [(v - mean(group)) ** 2 for group in (here, gone) for v in group]
    pooled = math.sqrt(sum(squares, Fraction(0)) / (len(here) + len(gone) - 2))
    return float(mean(gone) - mean(here)) / pooled


def barnard_rubin(within: Fraction, between: Fraction, complete: int) -> float:
    share = between / (within + between)
    return float(Fraction(complete * (complete + 1), complete + 3) * (1 - share))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve linear equations by elimination, the largest pivot first."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for i in range(n):
        best = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def dot(xs: Row, ys: Row) -> float:
    return sum(x * y for x, y in zip(xs, ys, strict=True))


def impute(
    known: Sequence[tuple[Row, float]], unknown: Sequence[Row], dice: random.Random
) -> list[float]:
    """Draw one value for each unknown, after Rubin 1987, from the regression of the known.

    The normal draw of the coefficients is that of least squares on noise: with noise e of variance
    σ², (X'X)⁻¹ X'e has variance σ² (X'X)⁻¹.
    """
    design = [[1.0, *row] for row, _ in known]
    k = len(design[0])
    products = [
        [dot([r[i] for r in design], [r[j] for r in design]) for j in range(k)] for i in range(k)
    ]

    def least_squares(values: Sequence[float]) -> list[float]:
        return solve(products, [dot([r[i] for r in design], values) for i in range(k)])

    fitted = least_squares([value for _, value in known])
    squares = sum(
        (value - dot(row, fitted)) ** 2 for row, (_, value) in zip(design, known, strict=True)
    )
    chi_square = sum(dice.gauss(0, 1) ** 2 for _ in range(len(known) - k))
    sigma = math.sqrt(squares / chi_square)
    moved = least_squares([dice.gauss(0, sigma) for _ in known])
    drawn = [a + b for a, b in zip(fitted, moved, strict=True)]
    return [dot([1.0, *row], drawn) + dice.gauss(0, sigma) for row in unknown]
