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

    These are the weighted counts that can be bounded, and standard deviations, correlations, the
    standardised change of scales, and the median of durations.
    """
    found: dict[str, Floats] = {}
    for part in table.parts:
        _, counted = KNOWN.setdefault(id(part), (part, [*statistics(part.outcome)]))
        state = table.state(part, cohorts)
        found |= {of.key: _weighed(of, part, state, table.n) for of in counted}
        found |= {f"{part.outcome.name}.{key}": value for key, value in _of(part, state, table.n)}
    better = {part.outcome.name: part.improvement(cohorts[:, : table.n]) for part in table.parts}
    for one, other in combinations(better, 2):
        found[f"association.{one}.{other}"] = _correlation(better[one], better[other])
    return found


def _weighed(statistic: Statistic, part: Part, state: tuple[Levels, ...], n: int) -> Floats:
    places = [column - part.outcome.lattice.levels[0] for column in state]
    total = statistic.weights.followed[tuple(place[:, :n] for place in places)].sum(axis=1)
    divisor = np.full(len(total), statistic.n)
    if part.is_scale:
        total = total + statistic.weights.lost[places[0][:, n:]].sum(axis=1)
        if statistic.of_baseline:
            divisor -= (state[0][:, :n] == 0).sum(axis=1)
    return np.asarray(total * float(statistic.unit) / np.maximum(divisor, 1))


def _of(part: Part, state: tuple[Levels, ...], n: int) -> Iterator[tuple[str, Floats]]:
    step = float(part.outcome.lattice.step)
    if isinstance(part.outcome.what, Outcome):
        everyone, after = state
        change = after - everyone[:, :n]
        spread = change.std(axis=1, ddof=1)
        yield "baseline.standard_deviation", step * everyone.std(axis=1, ddof=1)
        yield "follow_up.standard_deviation", step * after.std(axis=1, ddof=1)
        yield "change.standard_deviation", step * spread
        yield "correlation", _correlation(everyone[:, :n], after)
        yield "standardised.d_z", np.asarray(change.mean(axis=1) / np.maximum(spread, 1e-9))
    if isinstance(part.outcome.what, Duration):
        # The first time at which half or fewer are without event.
        yield "median", np.asarray(step * np.sort(state[0], axis=1)[:, (n - 1) // 2])


def _correlation(one: Levels, other: Levels) -> Floats:
    one, other = (values - values.mean(axis=1, keepdims=True) for values in (one, other))
    scale = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(scale, 1e-9))
