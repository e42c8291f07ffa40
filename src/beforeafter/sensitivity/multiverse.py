"""Every way in which a study analyses one outcome: whether the conclusion depends on the choice."""

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from beforeafter.estimates import (
    NOISE_DECIMALS,
    Floats,
    MeanChange,
    changes,
    hodges_lehmann,
    mean_of_changes,
    pairs_of,
    quantity,
    summarise,
    wilcoxon_signed_rank,
)
from beforeafter.sensitivity.missing.cases import available_cases, filled
from beforeafter.sensitivity.missing.imputation import multiple_imputation
from beforeafter.sensitivity.regression_alone import change_at_usual_mean
from beforeafter.study import Estimand, Outcome, Study, Test, of_part

PSEUDO_MEDIANS = "pseudo_median_percent", "pseudo_median_own_percent"


@dataclass(frozen=True)
class SpecifiedChange:
    """The change under one specification, in per cent of baseline."""

    n_patients: int = quantity("count")
    percentage: float = quantity("percentage")
    lower: float = quantity("percentage")
    upper: float = quantity("percentage")
    p: float = quantity("p")

    def is_better(self, benefit: int, confidence_level: float) -> bool:
        """Whether the interval lies on the better side of zero, so that its test rejects none.

        A limit of exactly zero, frequent with ties, may be one that the interval does not hold.
        """
        return self.p < 1 - confidence_level and benefit * self.percentage > 0


@dataclass(frozen=True)
class Multiverse:
    """What all specifications say together.

    `n_better` counts those whose interval lies on the better side of zero. `n_complete` and
    `n_better_complete` count the same of the complete cases alone: where these do not agree, it is
    for how the change is defined, whatever became of those lost. `n_but_for_regression` and
    `n_better_but_for_regression` leave out what supposes a usual mean. `least` and `greatest` are
    the estimates nearest to harm and to benefit.
    """

    n_specifications: int = quantity("count")
    n_better: int = quantity("count")
    n_complete: int = quantity("count")
    n_better_complete: int = quantity("count")
    n_but_for_regression: int = quantity("count")
    n_better_but_for_regression: int = quantity("count")
    least: float = quantity("percentage")
    greatest: float = quantity("percentage")
    greatest_p: float = quantity("p")

    @property
    def all_better_but_for_regression(self) -> bool:
        """Whether all that suppose no usual mean have their whole interval on the better side."""
        return 0 < self.n_better_but_for_regression == self.n_but_for_regression

    @property
    def rests_on_definition(self) -> bool:
        """Whether the definition of the change decides, whatever became of those lost."""
        return self.n_better_complete < self.n_complete


@of_part("specifications")
def specification_curve(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> dict[Estimand, SpecifiedChange]:
    """Analyse one outcome in every way that the study names; parameters as `multiple_imputation`.

    Returns
    -------
    dict
        Estimand → change, of each estimand of a change for which the outcome has what it takes. Of
        records none is a pseudo-median, unless that is the primary one: it rests on single changes,
        and would be withheld.

    Notes
    -----
    Of the mean baseline: change and interval are divided by the mean baseline of the patients
    analysed, taken as it is and not as an estimate, so that interval and p-value agree. Of each
    patient's own: patients whose baseline is zero are left out. A baseline below zero counts by its
    size, so that a change for the better stays one.

    References
    ----------
    Steegen S, Tuerlinckx F, Gelman A, Vanpaemel W. Increasing transparency through a multiverse
    analysis. 2016. doi:10.1177/1745691616658637

    Simonsohn U, Simmons JP, Nelson LD. Specification curve analysis. 2020.
    doi:10.1038/s41562-020-0912-z
    """
    medians = PSEUDO_MEDIANS if study.smallest_count else ()
    told = {one.summary for one in study.estimands} - {*medians}
    return {
        one: _in_per_cent(*_analysed(cohort, outcome, study, one))
        for one in study.estimands
        if one.is_change and one.applies_to(outcome) and (one.primary or one.summary in told)
    }


@of_part("multiverse")
def multiverse(
    curve: Mapping[Estimand, SpecifiedChange], outcome: Outcome, confidence_level: float
) -> Multiverse:
    """Say of all specifications together what they agree on.

    Parameters
    ----------
    curve
        As `specification_curve` gives it.
    outcome
        Which direction is better.
    confidence_level
        Of the intervals of the curve, 0 to 1.

    Returns
    -------
    Multiverse
        What could not be estimated does not count; nan when nothing could.
    """
    estimated = {way: c for way, c in curve.items() if np.isfinite(astuple(c)).all()}
    better = {
        way: change.is_better(outcome.benefit, confidence_level)
        for way, change in estimated.items()
    }
    other = [way for way in better if way.usual_mean is None]
    complete = [better[way] for way in other if way.lost == "left_out"]
    known = estimated.values()
    ordered = sorted(known, key=lambda change: outcome.benefit * change.percentage)
    return Multiverse(
        n_specifications=len(known),
        n_better=sum(better.values()),
        n_complete=len(complete),
        n_better_complete=sum(complete),
        n_but_for_regression=len(other),
        n_better_but_for_regression=sum(better[way] for way in other),
        least=ordered[0].percentage if known else math.nan,
        greatest=ordered[-1].percentage if known else math.nan,
        greatest_p=max((change.p for change in known), default=math.nan),
    )


def _analysed(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, one: Estimand
) -> tuple[MeanChange, float]:
    """Return the change as one estimand has it, and what it is to be divided by."""
    level, (before, after) = study.analysis.confidence_level, pairs_of(cohort, outcome)
    if one.usual_mean is not None:
        own = change_at_usual_mean(before, after, one.usual_mean, level)
        at_mean = MeanChange(len(before), own.mean, math.nan, own.lower, own.upper, own.p)
        return at_mean, summarise(before).mean
    if analyse := OF_ALL.get(one.lost):
        return analyse(cohort, outcome, study), summarise(cohort[outcome.columns.baseline]).mean
    if one.lost == "no_change":
        before, after = filled(cohort, outcome)
    elif one.lost == "worst_score":
        before, after = filled(cohort, outcome, study.ends(outcome)[0])
    change, base = changes(before, after), summarise(before).mean
    if one.percentage == "mean_of_individual_changes":
        has_base = before != 0
        change = np.round(change[has_base] / np.abs(before[has_base]), NOISE_DECIMALS)
        base = 1.0
    return ANALYSES[one.test](change, level), base


def _minus_minimal(cohort: pd.DataFrame, outcome: Outcome, study: Study) -> MeanChange:
    minimal = outcome.minimal_important_difference
    return multiple_imputation(cohort, outcome, study, minimal.value if minimal else 0.0)


# What is estimated of all patients at once, with no score to put in for those lost.
OF_ALL: dict[str, Callable[[pd.DataFrame, Outcome, Study], MeanChange]] = {
    "both_visits": lambda cohort, outcome, study: available_cases(
        cohort, outcome, study.analysis.confidence_level
    ),
    "imputed": multiple_imputation,
    "imputed_minus_mid": _minus_minimal,
}


def _pseudo_median(change: Floats, confidence_level: float) -> MeanChange:
    centre = hodges_lehmann(change, confidence_level)
    p = wilcoxon_signed_rank(change).p
    return MeanChange(len(change), centre.estimate, math.nan, centre.lower, centre.upper, p)


ANALYSES: dict[Test, Callable[[Floats, float], MeanChange]] = {
    "paired_t": mean_of_changes,
    "wilcoxon": _pseudo_median,
}


def _in_per_cent(result: MeanChange, base: float) -> SpecifiedChange:
    mean, lower, upper = (
        100 * part / abs(base) if round(base, NOISE_DECIMALS) else math.nan
        for part in (result.mean, result.lower, result.upper)
    )
    return SpecifiedChange(result.n_patients, mean, lower, upper, result.p)
