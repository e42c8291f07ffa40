"""Every defensible way to analyse one outcome: whether the conclusion depends on the choice."""

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Literal

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
from beforeafter.study import Outcome, PercentageDefinition, Study, Test, of_part

Missing = Literal[
    "complete_cases",
    "available_cases",
    "baseline_carried_forward",
    "multiple_imputation",
    "imputation_shifted",
    "worst_score",
]


@dataclass(frozen=True)
class Specification:
    """One way to analyse.

    `imputation_shifted` is the minimal important difference worse than imputed at random.
    """

    missing: Missing  # what stands for the patients lost
    test: Test  # mean with Student's interval, or pseudo-median with its own
    percentage: PercentageDefinition  # of the mean baseline, or of each patient's own


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
    for how the change is defined, whatever became of those lost. `least` and `greatest` are the
    estimates nearest to harm and to benefit.
    """

    n_specifications: int = quantity("count")
    n_better: int = quantity("count")
    n_complete: int = quantity("count")
    n_better_complete: int = quantity("count")
    least: float = quantity("percentage")
    greatest: float = quantity("percentage")
    greatest_p: float = quantity("p")

    @property
    def all_better(self) -> bool:
        """Whether every specification has its whole interval on the better side."""
        return 0 < self.n_better == self.n_specifications

    @property
    def rests_on_definition(self) -> bool:
        """Whether the definition of the change decides, whatever became of those lost."""
        return self.n_better_complete < self.n_complete


@of_part()
def specification_curve(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> dict[Specification, SpecifiedChange]:
    """Analyse one outcome in every way; parameters as of `multiple_imputation`.

    Returns
    -------
    dict
        Specification → change. Not every combination exists: available cases and imputation give
        a mean change, and neither individual percentages nor ranks.

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
    level = study.analysis.confidence_level
    curve: dict[Specification, SpecifiedChange] = {}
    completed: dict[Missing, tuple[Floats, Floats]] = {
        "complete_cases": pairs_of(cohort, outcome),
        "baseline_carried_forward": filled(cohort, outcome),
        "worst_score": filled(cohort, outcome, study.ends(outcome)[0]),
    }
    for missing, (before, after) in completed.items():
        change, has_base = changes(before, after), before != 0
        own = np.round(change[has_base] / np.abs(before[has_base]), NOISE_DECIMALS)
        for test, analyse in ANALYSES.items():
            between = Specification(missing, test, "change_between_means")
            curve[between] = _in_per_cent(analyse(change, level), summarise(before).mean)
            individual = Specification(missing, test, "mean_of_individual_changes")
            curve[individual] = _in_per_cent(analyse(own, level), 1.0)
    base = summarise(cohort[outcome.columns.baseline]).mean
    for missing, result in _mean_changes(cohort, outcome, study).items():
        between = Specification(missing, "paired_t", "change_between_means")
        curve[between] = _in_per_cent(result, base)
    return curve


@of_part("multiverse")
def multiverse(
    curve: Mapping[Specification, SpecifiedChange], outcome: Outcome, confidence_level: float
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
    complete = [better[way] for way in better if way.missing == "complete_cases"]
    known = estimated.values()
    ordered = sorted(known, key=lambda change: outcome.benefit * change.percentage)
    return Multiverse(
        n_specifications=len(known),
        n_better=sum(better.values()),
        n_complete=len(complete),
        n_better_complete=sum(complete),
        least=ordered[0].percentage if known else math.nan,
        greatest=ordered[-1].percentage if known else math.nan,
        greatest_p=max((change.p for change in known), default=math.nan),
    )


def _mean_changes(
    cohort: pd.DataFrame, outcome: Outcome, study: Study
) -> dict[Missing, MeanChange]:
    results: dict[Missing, MeanChange] = {
        "available_cases": available_cases(cohort, outcome, study.analysis.confidence_level),
        "multiple_imputation": multiple_imputation(cohort, outcome, study),
    }
    if minimal := outcome.minimal_important_difference:
        results["imputation_shifted"] = multiple_imputation(cohort, outcome, study, minimal.value)
    return results


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
