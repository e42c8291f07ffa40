"""How long a registry of a million patients takes, against the bare library in the same run.

Exit status 1 if a ratio is above what is allowed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import NDArray

from paincohort.duration import kaplan_meier, restricted_mean
from paincohort.study import Duration, read_study
from paincohort.summary import Floats

ROOT = Path(__file__).parents[1]
N_PATIENTS = 1_000_000
REPEATS = 5
LEVEL = 0.95
MOST_FOR_A_DURATION = 1.5


def best_of(*actions: Callable[[], object]) -> list[float]:
    """Return the seconds each takes at its best, in turn, so that a slow moment slows them all."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(REPEATS):
        for action, taken in zip(actions, times, strict=True):
            start = perf_counter()
            action()
            taken.append(perf_counter() - start)
    return list(map(min, times))


def times_with_censoring(duration: Duration) -> tuple[Floats, NDArray[np.bool_]]:
    """Return exponential times, most below the horizon, and whether the event came before loss."""
    rng = np.random.default_rng(20240601)
    ends, losses = duration.horizon * rng.exponential((0.3, 0.6), (N_PATIENTS, 2)).T
    return np.minimum(ends, losses), ends <= losses


def duration_ratio(duration: Duration) -> float:
    """Compare curve and restricted mean with the bare fit of lifelines; return the worst ratio."""
    exact, event = times_with_censoring(duration)
    whole = np.floor(exact / duration.step) * duration.step
    return max(
        _duration_ratio(what, duration, time, event)
        for what, time in {"whole steps": whole, "exact": exact}.items()
    )


def _duration_ratio(what: str, duration: Duration, time: Floats, event: NDArray[np.bool_]) -> float:
    columns = duration.columns
    table = pd.DataFrame({columns.time: time, columns.event: pd.array(event, dtype="boolean")})

    def restricted() -> object:
        fit = kaplan_meier(table, duration, LEVEL)
        return restricted_mean(fit, duration.horizon, LEVEL)

    own, bare = best_of(restricted, lambda: KaplanMeierFitter().fit(time, event))
    print(f"{f'duration, {what}':44}{own:>9.3f}{bare:>10.3f}{own / bare:>8.2f}")
    return own / bare


def main() -> int:
    """Print a line for each comparison."""
    study = read_study(ROOT / "data" / "study.yml")
    print(f"{f'{N_PATIENTS:,} patients':44}{'seconds':>9}{'bare':>10}{'ratio':>8}")
    return 0 if duration_ratio(study.durations[0]) < MOST_FOR_A_DURATION else 1


if __name__ == "__main__":
    sys.exit(main())
