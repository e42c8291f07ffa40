"""Statistics that are weighted counts of patients, and so can be bounded exactly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from beforeafter.study import Duration, Outcome, Rating
from reported.solver.constrained_outcome import ConstrainedOutcome
from reported.solver.patient_sums import Weights
from reported.solver.prior_draw import Levels
from reported.solver.sum_limits import PRECISION


@dataclass(frozen=True)
class Statistic:
    """A weighted count of patients, divided by n and multiplied by the unit.

    The key is that in `results/numbers.json`. If it is of the baseline, those who start at 0 are
    left out of the divisor. The rounding is how far that of weights can move the value.
    """

    key: str
    weights: Weights
    n: int
    of_baseline: bool = False
    unit: Fraction = Fraction(1)
    rounding: Fraction = Fraction(0)

    def divisor(self, groups: tuple[Levels, ...]) -> int:
        """Return what the weight of a cohort is divided by."""
        return self.n - (int((groups[0][:, 0] == 0).sum()) if self.of_baseline else 0)


def statistics(outcome: ConstrainedOutcome) -> Iterator[Statistic]:
    """Yield the statistics of an outcome that can be bounded."""
    what = outcome.what
    groups = [f"{what.name}.{group}." for group in what.groups] if isinstance(what, Rating) else []
    response = (f"{what.name}.responders.", f"{what.name}.beyond_minimal.", *groups)
    if isinstance(what, Outcome):
        found = _of_scale(outcome, what)
    else:
        found = _shares(outcome, _of_column(outcome))
    for one in found:
        yield one
        if one.key.startswith(response):
            # Of all treated: who is lost, or starts at 0, has no response.
            key = one.key.replace(".proportion", ".of_all.proportion")
            yield replace(one, key=key, n=outcome.sizes[0], of_baseline=False)


def _shares(
    outcome: ConstrainedOutcome, members: Iterable[tuple[str, npt.NDArray[np.bool_]]]
) -> Iterator[Statistic]:
    """Yield shares of those followed up."""
    nobody = np.zeros(len(outcome.lattice.levels), dtype=np.int64)
    for key, followed in members:
        weights = Weights(followed.astype(np.int64), nobody)
        yield Statistic(f"{outcome.name}.{key}", weights, outcome.n)


def _of_column(outcome: ConstrainedOutcome) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Yield the shares that may be printed; then of each category, or without event at each time.

    Nobody leaves before the event or the horizon.
    """
    levels = np.array(outcome.lattice.levels)
    for key, counted in outcome.shares.items():
        yield key, np.isin(levels, counted)
    for level in outcome.lattice.levels:
        if isinstance(outcome.what, Rating):
            yield f"category_{level}.proportion", levels == level
        else:
            time = outcome.lattice.text(level).replace(".", "_")
            # Who completed three months was without the event at three.
            completed = isinstance(outcome.what, Duration) and outcome.what.recorded == "completed"
            last = completed or level == levels[-1]
            free = levels >= level if last else levels > level
            yield f"event_free_at.at_{time}.proportion", free


def _of_scale(outcome: ConstrainedOutcome, scale: Outcome) -> Iterator[Statistic]:
    name, step = outcome.name, outcome.lattice.step
    n_enrolled, n = outcome.sizes
    levels = np.array(outcome.lattice.levels, dtype=np.int64)
    before, after = np.meshgrid(levels, levels, indexing="ij")
    change, gain = after - before, scale.benefit * (after - before)
    nobody, none = np.zeros_like(levels), np.zeros_like(before)

    shares = {"improved": gain > 0, "unchanged": gain == 0, "worsened": gain < 0}
    if scale.minimal_important_difference:
        minimal = Fraction(str(scale.minimal_important_difference.value)) / step
        shares["beyond_minimal"] = minimal.denominator * gain >= minimal.numerator
    yield from _shares(outcome, ((f"{key}.proportion", m) for key, m in shares.items()))
    for threshold in outcome.study.analysis.responder_thresholds:
        least = Fraction(str(threshold)) / 100
        members = (before != 0) & (least.denominator * gain >= least.numerator * abs(before))
        key = f"{name}.responders.at_least_{threshold:g}.proportion"
        yield Statistic(key, Weights(members.astype(np.int64), nobody), n, of_baseline=True)
    for key, weights in {"change": change, "paired_baseline": before, "follow_up": after}.items():
        yield Statistic(f"{name}.{key}.mean", Weights(weights, nobody), n, unit=step)
    yield Statistic(f"{name}.baseline.mean", Weights(before, levels), n_enrolled, unit=step)
    if n_enrolled > n:
        lost = Weights(none, levels)
        yield Statistic(f"{name}.lost_baseline.mean", lost, n_enrolled - n, unit=step)
    percentages = np.rint(100 * PRECISION * change / np.where(before == 0, 1, before))
    yield Statistic(
        f"{name}.percentages.mean_of_individual",
        Weights(np.where(before == 0, 0, percentages).astype(np.int64), nobody),
        n,
        of_baseline=True,
        unit=Fraction(1, PRECISION),
        rounding=Fraction(1, 2 * PRECISION),
    )
