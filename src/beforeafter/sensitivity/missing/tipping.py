"""How much worse the patients lost must be for the conclusion to fall; what the scale allows."""

import math
from dataclasses import dataclass

import pandas as pd
from scipy import optimize

from beforeafter.estimates import MeanChange, quantity
from beforeafter.sensitivity.missing.cases import filled_cases
from beforeafter.sensitivity.missing.imputation import Completed, complete
from beforeafter.study import Outcome, Study


@dataclass(frozen=True)
class TippingPoint:
    """Where the conclusion falls that patients changed for the better.

    `delta` is how many points worse than expected under missing at random every patient lost must
    be, `room` how many points worse they can be on average before the scale ends. `expected_…` is
    the mean of those lost under missing at random, `tipping_…` at delta.
    """

    worst_case: MeanChange
    best_case: MeanChange
    n_lost: int = quantity("count")
    delta: float = quantity("estimate")
    room: float = quantity("estimate")
    expected_change: float = quantity("change")
    expected_follow_up: float = quantity("estimate")
    tipping_change: float = quantity("change")
    tipping_follow_up: float = quantity("estimate")

    @property
    def is_beyond_scale(self) -> bool:
        """Whether those lost would have to be worse than the scale allows."""
        return self.delta > self.room

    @property
    def leaves_room(self) -> bool:
        """Whether the scale allows those lost to be so much worse that the change is in doubt."""
        return self.delta <= self.room


def tipping_point(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> TippingPoint:
    """Find how much worse the patients lost must be for the conclusion to fall.

    `delta` is nan when nobody is lost, as then nothing can fall, and when the conclusion does not
    hold under missing at random, as then there is none to fall. With nobody lost both extreme cases
    are the complete cases.

    Notes
    -----
    The conclusion is that the whole interval of `multiple_imputation` lies on the better side of
    zero. With delta the mean falls along a line, and the half-width is, but for the slowly changing
    degrees of freedom, the root of a convex parabola. So the bound, being positive at first,
    crosses zero once, no later than the mean does.

    References
    ----------
    Cro S, Morris TP, Kenward MG, Carpenter JR. Sensitivity analysis for clinical trials with
    missing continuous outcome data using controlled multiple imputation: a practical guide. 2020.
    doi:10.1002/sim.8569
    """
    level = study.analysis.confidence_level
    worst, best = study.ends(outcome)
    completed = complete(cohort, outcome, study)
    delta = expected = baseline = math.nan
    if completed is not None:
        delta = _delta(completed, outcome, level)
        expected, baseline = completed.lost_mean, completed.lost_baseline
    tipping = expected - outcome.benefit * delta
    return TippingPoint(
        n_lost=0 if completed is None else completed.n_lost,
        delta=delta,
        room=outcome.benefit * (baseline + expected - worst),
        expected_change=expected,
        expected_follow_up=baseline + expected,
        tipping_change=tipping,
        tipping_follow_up=baseline + tipping,
        worst_case=filled_cases(cohort, outcome, level, worst),
        best_case=filled_cases(cohort, outcome, level, best),
    )


def _delta(completed: Completed, outcome: Outcome, confidence_level: float) -> float:
    """Return the shift at which the interval reaches zero; nan where it does so unshifted."""

    def surest_benefit(shift: float) -> float:
        """Return the benefit at the bound of the interval that is nearer to harm."""
        pooled = completed.pooled(-outcome.benefit * shift, confidence_level)
        bounds = outcome.benefit * pooled.lower, outcome.benefit * pooled.upper
        return min(bounds)

    if not surest_benefit(0.0) > 0:
        return math.nan
    benefit = outcome.benefit * completed.pooled(0.0, confidence_level).mean
    until_mean_is_zero = benefit * (completed.n_pairs + completed.n_lost) / completed.n_lost
    # Twice as far the mean itself is one of harm.
    return float(optimize.brentq(surest_benefit, 0.0, 2 * until_mean_is_zero))
