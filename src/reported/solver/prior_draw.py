"""What the cohort would look like if nothing had to be met exactly.

Patients have a latent severity and a latent improvement, shared by all outcomes, to which every
outcome adds its own noise. The constants are priors: they matter only where nothing is printed, and
nothing that rests on them is a finding.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata
from scipy.stats import t as student

from beforeafter.study import Duration, Outcome
from reported.claims.lattice import Lattice, Measurement
from reported.claims.printed import Intervals

Vector = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int_]
Drawn = npt.NDArray[Any]

# Correlation of each outcome with the severity and the improvement that all of them share.
LOADING = 0.65
# Test-retest correlation over a month of an effective treatment.
CORRELATION = 0.5
# Mean and standard deviation of a scale that prints none, as shares of its range: patients
# selected for their pain lie near its middle. Any pair that fits the printed change will do.
MEAN, STANDARD_DEVIATION = 0.48, 0.18
# A rating centres one category better than no change, its standard deviation one sixth of them.
BETTER, RATING_SPREAD = 1, 1 / 6
# How often the correlation of the draws is corrected; after five times it no longer moves.
CORRECTIONS = 5
# A draw needs a mean that is not 0, deviations, and changes that are not 0: the smallest share of
# baseline that is left at follow-up, the smallest share of the scale, and the greatest p-value.
LEAST_LEFT, LEAST_DEVIATION, GREATEST_P = 0.01, 0.001, 0.99


@dataclass(frozen=True)
class Supposed:
    """What is supposed of a scale where nothing is printed."""

    mean: float = MEAN
    deviation: float = STANDARD_DEVIATION
    correlation: float = CORRELATION


@dataclass(frozen=True)
class Shape:
    """The moments to draw from: of the pairs, and the baseline mean of those lost."""

    baseline: float
    follow_up: float
    lost: float
    baseline_deviation: float
    follow_up_deviation: float
    correlation: float


def draw(
    what: Measurement, intervals: Intervals, sizes: tuple[int, int], rng: np.random.Generator
) -> tuple[Drawn, ...]:
    """Draw the values of an outcome for each group of patients, shape (patients, values), in steps.

    Of a scale these are the pairs of those followed up, and the baselines of those lost; of a
    rating the categories, 1 the best; of a duration the patients' order.
    """
    n_enrolled, n_follow_up = sizes
    followed = np.zeros(n_enrolled, dtype=bool)
    followed[rng.choice(n_enrolled, n_follow_up, replace=False)] = True
    traits = rng.standard_normal((2, n_enrolled))
    if isinstance(what, Outcome):
        return _draw_scale(what, intervals, (followed, traits), rng)
    better = _share(traits[1], rng)[followed][:, np.newaxis]
    if isinstance(what, Duration):
        return (better,)
    n = len(what.categories)
    codes = np.rint((n + 1) / 2 - BETTER - n * RATING_SPREAD * better).astype(int)
    return (np.clip(codes, 1, n),)


def _draw_scale(
    outcome: Outcome, intervals: Intervals, patients: tuple[Drawn, Drawn], rng: np.random.Generator
) -> tuple[Levels, Levels]:
    lattice, (followed, (severity, improvement)) = Lattice.of(outcome), patients
    shape = shape_of(outcome, intervals, (followed.size, int(followed.sum())), Supposed())
    worse = -outcome.benefit * _share(severity, rng)
    before = _scores(worse[followed])
    shift = outcome.benefit * _share(improvement, rng)[followed]
    own = _scores(shift - before * (before @ shift) / (before @ before))
    after = _correlated(before, own, shape.correlation)
    pairs = np.column_stack(
        [
            shape.baseline + shape.baseline_deviation * before,
            shape.follow_up + shape.follow_up_deviation * after,
        ]
    )
    lost = shape.lost + shape.baseline_deviation * _scores(worse[~followed])
    levels = _on(lattice, pairs)
    # A percentage of 0 is undefined, so that nobody who is followed up is drawn at 0.
    levels[levels[:, 0] == 0, 0] = min(1, lattice.levels[-1])
    return levels, _on(lattice, lost[:, np.newaxis])


def shape_of(
    outcome: Outcome, intervals: Intervals, sizes: tuple[int, int], supposed: Supposed
) -> Shape:
    """Return moments in the middle of what is printed, mean changes and percentage included."""
    n_enrolled, n_pairs = sizes

    def printed(key: str, otherwise: float) -> float:
        return float(intervals[key].middle) if key in intervals else otherwise

    span = outcome.maximum - outcome.minimum
    all_enrolled = printed("baseline.mean", outcome.minimum + supposed.mean * span)
    factor = 1 + printed("change.percentage", 0) / 100
    follow_up = printed("follow_up.mean", all_enrolled * factor)
    baseline = all_enrolled
    if "change.percentage" in intervals and factor > LEAST_LEFT:
        baseline = follow_up / factor
    n_lost = n_enrolled - n_pairs
    lost = (n_enrolled * all_enrolled - n_pairs * baseline) / n_lost if n_lost else all_enrolled

    overall = printed("baseline.standard_deviation", supposed.deviation * span)
    between = n_pairs * (baseline - all_enrolled) ** 2 + n_lost * (lost - all_enrolled) ** 2
    within = np.sqrt(max((n_enrolled - 1) * overall**2 - between, 0) / (n_enrolled - 2))
    after = printed("follow_up.standard_deviation", supposed.deviation * span)

    r = supposed.correlation
    if p := intervals.get("change.p"):
        within, after = max(within, LEAST_DEVIATION * span), max(after, LEAST_DEVIATION * span)
        t = student.isf(min(float(p.middle), GREATEST_P) / 2, n_pairs - 1)
        changes = abs(follow_up - baseline) * np.sqrt(n_pairs) / t
        implied = (within**2 + after**2 - changes**2) / (2 * within * after)
        # Where only a bound is printed, p may be much smaller, and the correlation as usual.
        r = float(np.clip(implied if p.low > 0 else max(implied, r), -1, 1))
    return Shape(baseline, follow_up, lost, within, after, r)


def _share(common: Vector, rng: np.random.Generator) -> Vector:
    """Mix what outcomes share with noise of the outcome's own, keeping the variance 1."""
    own = rng.standard_normal(common.size)
    return np.asarray(LOADING * common + (1 - LOADING**2) ** 0.5 * own)


def _correlated(before: Vector, own: Vector, correlation: float) -> Vector:
    """Return scores that correlate with the scores `before`, otherwise ordered like `own`."""
    mix = correlation
    after = before
    # Scoring a mixture weakens its correlation a little: a few corrections make up for it.
    for _ in range(CORRECTIONS):
        after = _scores(mix * before + np.sqrt(1 - mix**2) * own)
        mix = float(np.clip(mix + correlation - np.corrcoef(before, after)[0, 1], -1, 1))
    return after


def _scores(values: Vector) -> Vector:
    """Return the normal scores of the values, with mean 0 and standard deviation 1.

    A few dozen normal draws have clusters and gaps that mean nothing; their scores have none.
    """
    if values.size <= 1:
        return np.zeros_like(values)
    scores = norm.ppf((rankdata(values) - 0.5) / values.size)
    return np.asarray(scores / scores.std(ddof=1))


def _on(lattice: Lattice, values: Vector) -> Levels:
    """Return the nearest level of each value."""
    levels = np.rint(values / float(lattice.step)).astype(int)
    return np.asarray(np.clip(levels, lattice.levels[0], lattice.levels[-1]))
