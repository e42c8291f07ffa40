"""Rows below the patients that sum them up: known by their words, or by their numbers."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from beforeafter.records.files.table import Column
from beforeafter.records.files.words import LIKE_MISSING, OF_REMARKS, SHORT_SUMMARY, SUMMARY
from beforeafter.study import plain_words

# Chance gives one patient the means of so few columns, hardly of more.
FEWEST_MEANS = 2
FEWEST_PATIENTS = 3
MOST = 0.8  # of the codes of patients have digits where all should
# In a registry totals are known by their words alone.
MOST_COMPARED = 20_000
TOTALS = "looks like a row of totals, or a remark"


def odd_codes(column: Column, *, named: bool) -> Iterator[tuple[int, str]]:
    """Yield distinct cells that are of no patient, by place, and why.

    In a column of codes (`named`) words of a summary, and what is unlike all other codes; in
    another column words of a summary and nothing else.
    """
    words = [plain_words(str(cell)) for cell in column.cells]
    find = SUMMARY.match if named else SUMMARY.fullmatch
    summaries = {place for place, text in enumerate(words) if find(text)}
    short = {place for place, text in enumerate(words) if text in SHORT_SUMMARY}
    usual = [text for place, text in enumerate(words) if place not in summaries | short]
    few = max(2, min(len(usual) - 1, MOST * len(usual)))
    have_digits = sum(any(map(str.isdigit, text)) for text in usual) >= few
    have_signs = sum(OF_REMARKS.search(text) is None for text in usual) < few
    for place, text in enumerate(words):
        if place in summaries or (place in short and (summaries or (named and have_digits))):
            yield place, TOTALS
        elif text in LIKE_MISSING or not named:
            continue
        elif have_digits and not any(map(str.isdigit, text)):
            yield place, "a word where codes of patients have digits"
        elif not have_signs and OF_REMARKS.search(text):
            yield place, "a remark where other rows have codes of patients"


def summary_of(scores: Mapping[str, NDArray[np.float64]], row: int, known: list[int]) -> str | None:
    """Return what all numbers of a row are of those above: means, sums, standard deviations."""
    if not scores or len(next(iter(scores.values()))) > MOST_COMPARED:
        return None
    table = np.column_stack([*scores.values()])
    here, above = table[row], np.delete(table[:row], [one for one in known if one < row], axis=0)
    used = ~np.isnan(here) & ((~np.isnan(above)).sum(axis=0) >= FEWEST_PATIENTS)
    used &= np.array([len({*column[~np.isnan(column)]}) > 1 for column in above.T])
    if used.sum() < FEWEST_MEANS or (used != ~np.isnan(here)).any():
        return None
    frame, shown = pd.DataFrame(above[:, used]), here[used]
    decimals = [_decimals(value) for value in shown]
    usual = [max(map(_decimals, np.unique(column.dropna()))) for _, column in frame.items()]
    finer = any(here > there for here, there in zip(decimals, usual, strict=True))
    if not finer and not (shown > frame.max().to_numpy()).all():
        return None  # as patients have it
    for name, of in {"means": frame.mean(), "sums": frame.sum(), "SDs": frame.std()}.items():
        if all(
            abs(value - one) <= 0.5 * 10.0**-digits + 1e-9
            for value, one, digits in zip(shown, of, decimals, strict=True)
        ):
            return f"its numbers are the {name} of those above"
    return None


def _decimals(value: float) -> int:
    return len(f"{value:.12g}".partition(".")[2])
