"""Regression to the mean once more, in fractions and loops; shares nothing with src/beforeafter."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Pairs = Sequence[tuple[Fraction, Fraction]]


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def alone(pairs: Pairs, usual_mean: Fraction, reliability: Fraction) -> Fraction:
    """Send each patient back by (1 - r) of the way to the usual mean, and average."""
    sent = [b + (1 - reliability) * (usual_mean - b) for b, _ in pairs]
    return mean(sent) - mean([b for b, _ in pairs])


def beyond(pairs: Pairs, usual_mean: Fraction, reliability: Fraction) -> Fraction:
    """Mean follow-up minus the mean that each patient's baseline lets expect."""
    expected = [usual_mean + reliability * (b - usual_mean) for b, _ in pairs]
    return mean([f for _, f in pairs]) - mean(expected)


def sufficient_reliability(pairs: Pairs, usual_mean: Fraction) -> Fraction:
    """Part of the distance from the usual mean that is left at follow-up."""
    left = mean([f for _, f in pairs]) - usual_mean
    return left / (mean([b for b, _ in pairs]) - usual_mean)


def sufficient_mean(pairs: Pairs, reliability: Fraction) -> Fraction:
    """Solve μ + r (baseline - μ) = follow-up for μ."""
    before, after = mean([b for b, _ in pairs]), mean([f for _, f in pairs])
    return (after - reliability * before) / (1 - reliability)


def at_usual_mean(pairs: Pairs, usual_mean: Fraction) -> tuple[Fraction, Fraction]:
    """Slope of the least-squares line, and its height above the usual mean there."""
    before, after = mean([b for b, _ in pairs]), mean([f for _, f in pairs])
    spread = sum(((b - before) ** 2 for b, _ in pairs), Fraction(0))
    slope = sum(((b - before) * (f - after) for b, f in pairs), Fraction(0)) / spread
    return slope, after + slope * (usual_mean - before) - usual_mean
