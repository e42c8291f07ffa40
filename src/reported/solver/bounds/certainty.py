"""How certain the numbers of a reconstructed cohort are."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reported.solver.bounds.extremes import Bounds

Kind = Literal["printed", "implied", "bounded", "ranged"]


@dataclass(frozen=True)
class Certainty:
    """What is known of one number, and its ends.

    `printed`: the publication prints it. `implied`: it is the same in every cohort that has all
    printed numbers. `bounded`: in none of these is it outside the two ends. `ranged`: the ends are
    those of the central 95% of many of them, without the cohort itself, which may be outside.
    """

    kind: Kind
    low: float
    high: float


def certainties(
    printed: Container[str],
    bounds: Mapping[str, Bounds],
    cohort: Mapping[str, float],
    spreads: Mapping[str, Sequence[float]],
) -> dict[str, Certainty]:
    """Tell what is known of every number of a cohort.

    Parameters
    ----------
    printed, bounds, cohort
        Keys of the numbers that are printed; by key proven bounds, and the numbers of the cohort.
    spreads
        How the same numbers vary over many other cohorts that satisfy the claims: the ends of
        their central 95%, and whether (1) or not (0) they are the same in all.

    Returns
    -------
    dict
        Key → standing, for every number of the cohort that the others have too.

    Notes
    -----
    A count, and the ends of the interval of a proportion, follow from the proportion and the number
    observed: where these are the same in all cohorts, so are they.
    """
    found = {}
    for key, value in cohort.items():
        if key not in spreads:
            continue
        least, greatest, fixed = spreads[key]
        share = bounds.get(f"{key.rpartition('.')[0]}.proportion")
        if key in printed:
            found[key] = Certainty("printed", value, value)
        elif known := bounds.get(key):
            low, high = float(known.low.bound), float(known.high.bound)
            found[key] = Certainty("implied" if low == high else "bounded", low, high)
        elif share and _is_fixed(share) and fixed:
            found[key] = Certainty("implied", value, value)
        else:
            found[key] = Certainty("ranged", least, greatest)
    return found


def _is_fixed(share: Bounds) -> bool:
    # Shares of percentages may agree where the numbers of patients with a percentage do not.
    return share.low.bound == share.high.bound and not share.statistic.of_baseline
