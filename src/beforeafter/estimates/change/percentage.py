"""Change in per cent of baseline, under both definitions in use."""

import math
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from beforeafter.estimates.change.pairs import NOISE_DECIMALS
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats
from beforeafter.study import PercentageDefinition


@dataclass(frozen=True)
class Percentages:
    """The percentage change under both definitions in use."""

    between_means: float = quantity("percentage")
    mean_of_individual: float = quantity("percentage")


def percentage_change(before: Floats, after: Floats, definition: PercentageDefinition) -> float:
    """Change in per cent of baseline.

    `change_between_means` is 100 (mean after - mean before) / mean before;
    `mean_of_individual_changes` the mean of 100 (after - before) / before over the pairs whose
    baseline is not zero. Negative for a decrease from above zero; nan where the baselines add up to
    zero, or each is zero.

    Notes
    -----
    The two answer different questions: the first weights patients by their baseline, the second
    weights them alike, so that a low baseline that rises counts heavily.
    """
    match definition:
        case "change_between_means":
            total = before.sum()
            is_zero = not round(float(total), NOISE_DECIMALS)
            return math.nan if is_zero else float(100 * (after.sum() - total) / total)
        case "mean_of_individual_changes":
            has_base = before != 0
            base = before[has_base]
            return float(np.mean(100 * (after[has_base] - base) / base)) if len(base) else math.nan
        case _:
            assert_never(definition)
