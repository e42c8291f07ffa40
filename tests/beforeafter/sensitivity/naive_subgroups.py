"""Welch's analysis of variance once more, in fractions; shares nothing with src/beforeafter."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    centre = mean(values)
    return sum(((v - centre) ** 2 for v in values), Fraction(0)) / (len(values) - 1)


def welch(samples: Sequence[Sequence[Fraction]]) -> tuple[Fraction, Fraction]:
    """Statistic and degrees of freedom within groups, in the letters of Welch 1951."""
    k = len(samples)
    w = [len(sample) / variance(sample) for sample in samples]
    total = sum(w, Fraction(0))
    centre = sum((wi * mean(s) for wi, s in zip(w, samples, strict=True)), Fraction(0)) / total
    between = sum(
        (wi * (mean(s) - centre) ** 2 for wi, s in zip(w, samples, strict=True)), Fraction(0)
    )
    doubt = sum(
        ((1 - wi / total) ** 2 / (len(s) - 1) for wi, s in zip(w, samples, strict=True)),
        Fraction(0),
    )
    statistic = (between / (k - 1)) / (1 + Fraction(2 * (k - 2), k * k - 1) * doubt)
    return statistic, Fraction(k * k - 1) / (3 * doubt)


def age_group(age: Fraction, cuts: Sequence[Fraction]) -> int:
    return sum(age >= cut for cut in cuts)
