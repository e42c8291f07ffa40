"""Change of a scale between baseline and follow-up, in the patients measured at both."""

import math
from dataclasses import dataclass

import pandas as pd

from beforeafter.estimates.change.hodges_lehmann import PseudoMedian, hodges_lehmann
from beforeafter.estimates.change.hypothesis_tests import TESTS, TestResult, permutation_test
from beforeafter.estimates.change.mean_change import (
    Percentages,
    StandardisedChange,
    mean_of_changes,
    percentage_change,
    standardised_change,
)
from beforeafter.estimates.change.pairs import changes, complete_pairs, correlation, visits
from beforeafter.estimates.quantities import quantity
from beforeafter.estimates.summary import Floats, Summary, summarise
from beforeafter.study import Analysis, Outcome, of_part


@dataclass(frozen=True)
class Change:
    """Mean change, follow-up minus baseline, with the interval and test chosen in the study."""

    mean: float = quantity("change")
    standard_deviation: float = quantity("estimate")
    standard_error: float = quantity("estimate")
    lower: float = quantity("change")
    upper: float = quantity("change")
    percentage: float = quantity("percentage")
    p: float = quantity("p")


@dataclass(frozen=True)
class PairedChange:
    """Everything about the change of one outcome."""

    baseline: Summary
    follow_up: Summary
    paired_baseline: Summary
    paired_follow_up: Summary
    change: Change
    percentages: Percentages
    t_test: TestResult
    wilcoxon: TestResult
    hodges_lehmann: PseudoMedian
    permutation: TestResult
    standardised: StandardisedChange
    n_pairs: int = quantity("count")
    correlation: float = quantity("statistic")

    def tests_agree(self, confidence_level: float) -> bool:
        """Return whether all three tests find a change, or none does."""
        p_values = [test.p for test in (self.t_test, self.wilcoxon, self.permutation)]
        found = {p < 1 - confidence_level for p in p_values}
        return len(found) == 1 and not any(map(math.isnan, p_values))


def _change(before: Floats, after: Floats, analysis: Analysis, p: float) -> Change:
    change = changes(before, after)
    known = mean_of_changes(change, analysis.confidence_level)
    return Change(
        mean=known.mean,
        standard_deviation=summarise(change).standard_deviation,
        standard_error=known.standard_error,
        lower=known.lower,
        upper=known.upper,
        percentage=percentage_change(before, after, analysis.percentage),
        p=p,
    )


@of_part()
def paired_change(cohort: pd.DataFrame, outcome: Outcome, analysis: Analysis) -> PairedChange:
    """Analyse the change of one outcome from baseline to follow-up.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        Which columns to compare.
    analysis
        Percentage definition, test and confidence level.

    Returns
    -------
    PairedChange
        `baseline` and `follow_up` describe everyone measured then; every comparison is over the
        pairs, described by `paired_baseline` and `paired_follow_up`.
    """
    baseline, follow_up = visits(cohort, outcome)
    before, after = complete_pairs(baseline, follow_up)
    change = changes(before, after)
    tests = {name: test(change) for name, test in TESTS.items()}
    return PairedChange(
        baseline=summarise(baseline),
        follow_up=summarise(follow_up),
        paired_baseline=summarise(before),
        paired_follow_up=summarise(after),
        change=_change(before, after, analysis, tests[analysis.test].p),
        percentages=Percentages(
            percentage_change(before, after, "change_between_means"),
            percentage_change(before, after, "mean_of_individual_changes"),
        ),
        t_test=tests["paired_t"],
        wilcoxon=tests["wilcoxon"],
        hodges_lehmann=hodges_lehmann(change, analysis.confidence_level),
        permutation=permutation_test(change),
        standardised=standardised_change(before, after, analysis.confidence_level),
        n_pairs=len(before),
        correlation=correlation(before, after),
    )
