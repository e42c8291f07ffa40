"""One outcome under every assumption about the patients lost at follow-up."""

from dataclasses import dataclass

import pandas as pd

from beforeafter.estimates import MeanChange
from beforeafter.sensitivity.missing.cases import available_cases, complete_cases, filled_cases
from beforeafter.sensitivity.missing.dropout import Dropout, dropout, without_few
from beforeafter.sensitivity.missing.imputation import MultipleImputation, multiple_imputation
from beforeafter.sensitivity.missing.tipping import TippingPoint, tipping_point
from beforeafter.study import Outcome, Study, of_part


@dataclass(frozen=True)
class MissingData:
    """One outcome under every assumption about the patients lost."""

    dropout: Dropout
    complete_cases: MeanChange
    available_cases: MeanChange
    baseline_carried_forward: MeanChange
    multiple_imputation: MultipleImputation
    tipping_point: TippingPoint


@of_part("missing")
def missing_data(
    cohort: pd.DataFrame, outcome: Outcome, study: Study, smallest: int = 0
) -> MissingData:
    """Analyse one outcome under every assumption about the patients lost at follow-up.

    Parameters
    ----------
    cohort, outcome, study
        As of `multiple_imputation`.
    smallest
        As in `without_few`.

    Returns
    -------
    MissingData
        Who is lost, the mean change estimated in four ways, and the tipping point.
    """
    level = study.analysis.confidence_level
    return MissingData(
        dropout=without_few(dropout(cohort, outcome, level), smallest),
        complete_cases=complete_cases(cohort, outcome, level),
        available_cases=available_cases(cohort, outcome, level),
        baseline_carried_forward=filled_cases(cohort, outcome, level),
        multiple_imputation=multiple_imputation(cohort, outcome, study),
        tipping_point=tipping_point(cohort, outcome, study),
    )
