"""Numbers of many cohorts at once that printed numbers leave open."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from beforeafter.study import Duration, Outcome
from reported.solver.bounds.statistics import Statistic, statistics
from reported.solver.cohorts.ensemble import Ensemble
from reported.solver.cohorts.target import Floats, Part, Table
from reported.solver.prior_draw import Levels

# What was counted before, as weights of pairs of values are large tables; with the part it is of.
KNOWN: dict[int, tuple[Part, list[Statistic]]] = {}


def of_ensemble(ensemble: Ensemble) -> dict[str, Floats]:
    """Return the numbers that differ between cohorts, by key, each of shape (cohorts,)."""
    found = open_numbers(ensemble.table, ensemble.cohorts)
    return {key: values for key, values in found.items() if np.ptp(values) > 0}


def open_numbers(table: Table, cohorts: Levels) -> dict[str, Floats]:
    """Return numbers of cohorts, by key, each of shape (cohorts,).

    These are the weighted counts that can be bounded, and besides: standard deviations, the
    correlation of baseline and follow-up and the standardised change of scales, the median of
    durations, and the correlations of all parts with each other, of scales by improvement.
    """
    found: dict[str, Floats] = {}
    for part in table.parts:
        if id(part) not in KNOWN:
            KNOWN[id(part)] = part, [*statistics(part.outcome)]
        for statistic in KNOWN[id(part)][1]:
            found[statistic.key] = _weighed(statistic, table, part, cohorts)
        found |= {f"{part.outcome.name}.{key}": value for key, value in _of(table, part, cohorts)}
    better = {part.outcome.name: _improvement(table, part, cohorts) for part in table.parts}
    for one, other in combinations(better, 2):
        found[f"association.{one}.{other}"] = _correlation(better[one], better[other])
    return found


def _weighed(statistic: Statistic, table: Table, part: Part, cohorts: Levels) -> Floats:
    first, n = part.outcome.lattice.levels[0], table.n
    places = tuple(cohorts[:, :n, column] - first for column in part.columns)
    total = statistic.weights.followed[places].sum(axis=1)
    divisor = np.full(len(cohorts), statistic.n)
    if part.is_scale:
        lost = cohorts[:, n:, part.columns[0]] - first
        total = total + statistic.weights.lost[lost].sum(axis=1)
        if statistic.of_baseline:
            divisor -= (places[0] + first == 0).sum(axis=1)
    return np.asarray(total * float(statistic.unit) / np.maximum(divisor, 1))


def _of(table: Table, part: Part, cohorts: Levels) -> Iterator[tuple[str, Floats]]:
    step, state = float(part.outcome.lattice.step), table.state(part, cohorts)
    if isinstance(part.outcome.what, Outcome):
        everyone, after = state
        start = everyone[:, : table.n]
        change = after - start
        yield "baseline.standard_deviation", step * everyone.std(axis=1, ddof=1)
        yield "follow_up.standard_deviation", step * after.std(axis=1, ddof=1)
        deviation = change.std(axis=1, ddof=1)
        yield "change.standard_deviation", step * deviation
        yield "correlation", _correlation(start, after)
        yield (
            "standardised.d_z",
            np.asarray(change.mean(axis=1) / np.maximum(deviation, 1e-9), float),
        )
    if isinstance(part.outcome.what, Duration):
        # The first time at which half or fewer are without event.
        median = np.sort(state[0], axis=1)[:, (table.n - 1) // 2]
        yield "median", np.asarray(step * median, float)


def _improvement(table: Table, part: Part, cohorts: Levels) -> Levels:
    state, what = table.state(part, cohorts), part.outcome.what
    if isinstance(what, Outcome):
        return what.benefit * (state[1] - state[0][:, : table.n])
    return state[0] if isinstance(what, Duration) else -state[0]


def _correlation(one: Levels, other: Levels) -> Floats:
    one, other = (values - values.mean(axis=1, keepdims=True) for values in (one, other))
    scale = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(scale, 1e-9))
