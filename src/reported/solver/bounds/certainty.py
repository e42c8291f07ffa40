"""How certain the numbers of a reconstructed cohort are."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from reported.solver.bounds.extremes import Bounds

Kind = Literal["printed", "implied", "bounded", "ranged"]


@dataclass(frozen=True)
class Certainty:
    """What is known of one number.

    Attributes
    ----------
    kind
        `printed`: the publication prints it. `implied`: it is the same in every cohort that has
        all printed numbers. `bounded`: in none of these is it outside the two ends. `ranged`: the
        ends are those of the central 95 % of many of them, without the cohort itself, which may be
        outside.
    low, high
        The ends.
    """

    kind: Kind
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """How a number varies over many cohorts.

    Attributes
    ----------
    low, high
        The ends of their central 95 %.
    fixed
        Whether it is the same in all of them.
    """

    low: float
    high: float
    fixed: bool

    @classmethod
    def of(cls, values: Sequence[float] | npt.NDArray[np.float64]) -> Self:
        """Return how values, one of each cohort, vary."""
        low, high = np.quantile(np.asarray(values), CENTRAL)
        return cls(float(low), float(high), bool(np.ptp(np.asarray(values)) == 0))


# The ends of the central 95 %, as shares of the values below them.
CENTRAL = (0.025, 0.975)


def certainties(
    printed: Container[str],
    bounds: Mapping[str, Bounds],
    cohort: Mapping[str, float],
    spreads: Mapping[str, Spread],
) -> dict[str, Certainty]:
    """Tell what is known of every number of a cohort.

    Parameters
    ----------
    printed
        Keys of the numbers that the publication prints.
    bounds
        Proven bounds, by key.
    cohort
        The numbers of the cohort, by key.
    spreads
        How the same numbers vary over many other cohorts that satisfy the claims.

    Returns
    -------
    dict
        Key → standing, for every number of the cohort that the others have too: of a column that
        was added to this one alone, nothing is known.

    Notes
    -----
    A count, and the ends of the interval of a proportion, follow from the proportion and the number
    observed: where these are the same in all cohorts, so are they.
    """
    found = {}
    for key, value in cohort.items():
        if not (spread := spreads.get(key)):
            continue
        share = bounds.get(f"{key.rpartition('.')[0]}.proportion")
        if key in printed:
            found[key] = Certainty("printed", value, value)
        elif known := bounds.get(key):
            low, high = float(known.low.bound), float(known.high.bound)
            found[key] = Certainty("implied" if low == high else "bounded", low, high)
        elif share and _is_fixed(share) and spread.fixed:
            found[key] = Certainty("implied", value, value)
        else:
            found[key] = Certainty("ranged", spread.low, spread.high)
    return found


def _is_fixed(share: Bounds) -> bool:
    # Shares of percentages may agree where the numbers of patients with a percentage do not.
    return share.low.bound == share.high.bound and not share.statistic.of_baseline
