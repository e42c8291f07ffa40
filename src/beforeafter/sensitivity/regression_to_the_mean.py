"""How much of a mean change the return of extreme patients to their usual level could explain.

Patients who are treated because a scale is at its worst will be nearer to their usual level when
they are next seen, treated or not. Without a comparison group that cannot be told from an effect,
but its size can be worked out for a supposed usual mean and a published reliability.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from beforeafter.estimates import (
    Floats,
    MeanChange,
    Share,
    changes,
    mean_of_changes,
    pairs_of,
    quantity,
    summarise,
    visits,
)
from beforeafter.sensitivity.regression_alone import (
    OwnSlope,
    SufficientMean,
    SufficientReliability,
    change_at_usual_mean,
    change_beyond_regression,
    regression_alone,
    share_explained,
    sufficient_mean,
    sufficient_reliability,
)
from beforeafter.study import Analysis, Outcome, of_part

# The expected change is a straight line in the reliability.
ENDS = (0.0, 1.0)


@dataclass(frozen=True)
class AtReliability:
    """What is expected and what is left at one usual mean and one reliability."""

    share: Share
    beyond: MeanChange
    reliability: float = quantity("statistic")
    alone: float = quantity("change")


@dataclass(frozen=True)
class Line:
    """Expected change against reliability: the points to be joined."""

    reliability: tuple[float, ...]
    change: tuple[float, ...]


@dataclass(frozen=True)
class TowardsMean:
    """Everything about one supposed usual mean."""

    line: Line
    sufficient: SufficientReliability
    own_slope: OwnSlope
    at_lowest: AtReliability
    at_highest: AtReliability
    usual_mean: float = quantity("estimate")


@dataclass(frozen=True)
class RegressionToTheMean:
    """What regression to the mean could explain of the change of one outcome."""

    observed: MeanChange
    towards: Mapping[str, TowardsMean]
    needed_at_lowest: SufficientMean
    needed_at_highest: SufficientMean
    n_pairs: int = quantity("count")
    baseline_mean: float = quantity("estimate")


@of_part("regression_to_the_mean")
def regression_to_the_mean(
    cohort: pd.DataFrame, outcome: Outcome, analysis: Analysis
) -> RegressionToTheMean | None:
    """Work out what regression to the mean could explain of the change of one outcome.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Its columns, and the measurement error or reliability, and the usual means, of its
        `regression_to_the_mean`.
    analysis
        The confidence level.

    Returns
    -------
    RegressionToTheMean or None
        Over the pairs; `towards` by names such as `mean_5`. None for an outcome without
        `regression_to_the_mean`.

    Notes
    -----
    The correlation of the two visits in the cohort is no estimate of the reliability: these
    patients were chosen, which narrows the baseline, and treated. Of a measurement error the
    reliability is 1 - SEM² / variance, of the baseline of all patients: as the choice narrowed
    that too, it errs to the low side, and what regression brings to the high side.
    """
    if (choice := outcome.regression_to_the_mean) is None:
        return None
    before, after = pairs_of(cohort, outcome)
    level = analysis.confidence_level
    lowest, highest = choice.reliabilities(summarise(visits(cohort, outcome)[0]).standard_deviation)
    return RegressionToTheMean(
        observed=mean_of_changes(changes(before, after), level),
        towards={
            _name(mean): _towards(before, after, mean, (lowest, highest), level)
            for mean in choice.usual_means
        },
        needed_at_lowest=sufficient_mean(before, after, outcome, lowest, level),
        needed_at_highest=sufficient_mean(before, after, outcome, highest, level),
        n_pairs=len(before),
        baseline_mean=summarise(before).mean,
    )


def _towards(
    before: Floats, after: Floats, usual_mean: float, published: tuple[float, float], level: float
) -> TowardsMean:
    baseline_mean = summarise(before).mean
    at_lowest, at_highest = (
        AtReliability(
            share=share_explained(before, after, usual_mean, reliability, level),
            beyond=change_beyond_regression(before, after, usual_mean, reliability, level),
            reliability=reliability,
            alone=float(regression_alone(baseline_mean, usual_mean, reliability)),
        )
        for reliability in published
    )
    return TowardsMean(
        line=Line(ENDS, tuple(regression_alone(baseline_mean, usual_mean, ENDS).tolist())),
        sufficient=sufficient_reliability(before, after, usual_mean, level),
        own_slope=change_at_usual_mean(before, after, usual_mean, level),
        at_lowest=at_lowest,
        at_highest=at_highest,
        usual_mean=usual_mean,
    )


def _name(usual_mean: float) -> str:
    """Return a name that a key may have: `mean_5`, `mean_4_5`, `mean_minus_1`."""
    return f"mean_{usual_mean:g}".replace(".", "_").replace("-", "minus_").replace("+", "")
