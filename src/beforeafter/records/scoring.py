"""Scores of questionnaires from the answers to their items: this module only adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.study import Instrument


def score_items(answers: pd.DataFrame, instrument: Instrument, score: str) -> pd.Series[float]:
    """Score a questionnaire from the answers to its items.

    Parameters
    ----------
    answers
        One row per patient, one float column per item, named as in the instrument (`"1"`, `"2"`,
        …), which holds codes, and nan where nothing was answered. Items that the score does not
        use, and other columns, are passed over.
    instrument
        The questionnaire.
    score
        Which of its scores.

    Returns
    -------
    pandas.Series
        The score of each patient, on the index of `answers`: nan with fewer than
        `least_answered` items answered.

    Raises
    ------
    KeyError
        If a column of an item is missing, or the instrument has no such score.
    ValueError
        If an answer is none of the codes of its item.

    Notes
    -----
    With k items of which a are answered, s the sum of what the answers count for, and c the
    constant, a sum is c + s k / a and a mean is c + s / a.

    Unanswered items thus count as the mean of the patient's answered ones (person-mean
    imputation), and the score is not rounded: a prorated sum need not be a whole number.

    References
    ----------
    Bell ML, Fairclough DL, Fiero MH, Butow PN. Handling missing items in the Hospital Anxiety and
    Depression Scale: a simulation study. BMC Res Notes 2016;9:479.
    doi:10.1186/s13104-016-2284-z
    """
    rules = instrument.scores[score]
    total, answered = _tally(answers, instrument, score)
    enough = np.where(answered >= rules.least_answered, answered, np.nan)
    # The share of a complete questionnaire is exactly 1, so that nothing is lost by rounding.
    share = len(rules.items) / enough if rules.combine == "sum" else 1 / enough
    return pd.Series(rules.constant + total * share, index=answers.index, name=score)


def _tally(
    answers: pd.DataFrame, instrument: Instrument, score: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up what is answered, and count it: a sum and a number of items for each patient."""
    total, answered = np.zeros((2, len(answers)))
    codes = instrument.codes
    for item, worth in instrument.worth(score).items():
        given = answers[item].to_numpy(dtype=float)
        there = ~np.isnan(given)
        total[there] += np.array(worth)[_positions(given[there], codes[item], item)]
        answered += there
    return total, answered


def _positions(given: NDArray[np.float64], codes: tuple[int, ...], item: str) -> NDArray[np.int64]:
    known = np.array(codes)
    places = np.minimum(np.searchsorted(known, given), len(known) - 1)
    unknown = given[known[places] != given]
    if unknown.size:
        raise ValueError(f"item {item}: {unknown[0]:g} is none of the codes {codes}")
    return places
