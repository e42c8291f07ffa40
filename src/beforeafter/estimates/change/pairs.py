"""Patients measured at both visits, and by how much each of them changed."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from beforeafter.estimates.summary import FEWEST_FOR_SPREAD, Floats
from beforeafter.study import Outcome

Integers = NDArray[np.int64]
# Far finer than any scale, far coarser than the error of subtracting two decimals.
NOISE_DECIMALS = 9
NOISE_PER_UNIT: int = 10**NOISE_DECIMALS
# Steps of one 1000th and more are found as what they are: tenths, and the sixtieths in which
# prorated scores differ.
MOST_STEPS_PER_UNIT = 1000
FEW_SIZES = 10


@dataclass(frozen=True)
class Steps:
    """Changes as whole multiples of the largest step that divides them all."""

    counts: Integers  # of steps, shape (pairs,)
    per_unit: float  # how many steps make one unit of the scale


def complete_pairs(baseline: ArrayLike, follow_up: ArrayLike) -> tuple[Floats, Floats]:
    """Keep the patients measured at both visits, of scores of shape (patients,), nan if missing."""
    before, after = np.asarray(baseline, dtype=float), np.asarray(follow_up, dtype=float)
    both = ~(np.isnan(before) | np.isnan(after))
    return before[both], after[both]


def visits(cohort: pd.DataFrame, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return baseline and follow-up of an outcome, shape (patients,), nan where missing."""
    baseline, follow_up = (cohort[column].to_numpy(dtype=float) for column in outcome.columns.pair)
    return baseline, follow_up


def pairs_of(cohort: pd.DataFrame, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return baseline and follow-up of the patients measured at both visits, shape (pairs,)."""
    return complete_pairs(*visits(cohort, outcome))


def changes(before: Floats, after: Floats) -> Floats:
    """Follow-up minus baseline, free of binary noise: 40.3 - 31 is 9.3, and ties with 9.3."""
    return np.round(after - before, NOISE_DECIMALS)


def varies(values: Floats) -> bool:
    """Whether there is a spread to divide by."""
    return len(values) >= FEWEST_FOR_SPREAD and bool(np.ptp(values) > 0)


def correlation(before: Floats, after: Floats) -> float:
    """Pearson's of complete pairs; nan where a visit does not vary."""
    if not (varies(before) and varies(after)):
        return math.nan
    return float(np.corrcoef(before, after)[0, 1])


def in_steps(change: Floats) -> Steps:
    """Write changes as whole numbers, so that what is counted or added up is exact."""
    sizes = np.unique(np.abs(change))
    steps_per_unit = _steps_per_unit(sizes)
    fine = np.rint(change * steps_per_unit).astype(np.int64)
    # Of no changes, and of changes of zero, any step is a divisor.
    common = int(np.gcd.reduce(np.unique(np.abs(fine)))) or 1
    return Steps(fine // common, steps_per_unit / common)


def _steps_per_unit(sizes: Floats) -> int:
    """Return the least number of steps to a unit that makes all sizes whole, but for noise."""
    every = np.arange(1, MOST_STEPS_PER_UNIT + 1)
    # A few sizes leave few candidates.
    for steps in every[_all_whole(sizes[:: len(sizes) // FEW_SIZES + 1], every)]:
        if _all_whole(sizes, steps):
            return int(steps)
    return NOISE_PER_UNIT


def _all_whole(sizes: Floats, steps: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether all sizes, times the number of steps to a unit, are whole but for noise."""
    counts = np.multiply.outer(steps, sizes)
    off = np.abs(counts - np.rint(counts)).max(axis=-1, initial=0)
    return np.asarray(off <= steps / NOISE_PER_UNIT)
