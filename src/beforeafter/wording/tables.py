"""Tables as Markdown, made of the same texts as the prose."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import pandas as pd

from beforeafter.estimates import WITHHELD, summarise, withheld
from beforeafter.study import Characteristic, Outcome, Study
from beforeafter.wording.format import Number, Wording, bare_p, numbers, one_line, significant_text
from beforeafter.wording.markdown import markdown_table

UNPRINTED = "†"
# Where nobody said which categories there are, a cell may hold anything, a name too.
UNDECLARED = "categories are not declared"


def cell(text: str, keys: Sequence[str] = (), printed: Container[str] | None = None) -> str:
    """Keep a cell on one line, and mark it unless the publication prints all its numbers."""
    marked = printed is not None and any(key not in printed for key in keys)
    return one_line(text) + (UNPRINTED if marked else "")


def _mean_sd(
    name: str, visit: str, of: Mapping[str, Number], printed: Container[str] | None
) -> str:
    mean, spread = f"{visit}.mean", f"{visit}.standard_deviation"
    text = f"{of[mean].text} ± {of[spread].text}"
    return cell(text, [f"{name}.{mean}", f"{name}.{spread}"], printed)


def _minimal(outcome: Outcome) -> str:
    known = outcome.minimal_important_difference
    return significant_text(known.value) if known else "–"


def baseline_table(
    cohort: pd.DataFrame,
    study: Study,
    outcomes: Mapping[str, Mapping[str, Number]],
    printed: Container[str] | None = None,
    smallest: int = 0,
) -> str:
    """Describe the patients at baseline.

    Parameters
    ----------
    cohort
        One row per patient; characteristics of `study.yml` are shown when it has their column.
    study
        The study definition.
    outcomes
        Name of the outcome → its numbers, as `numbers(paired_change(…))` gives them.
    printed
        Keys of the numbers that the publication prints; others are marked. None: no marks.
    smallest
        Characteristics and shares of fewer patients are withheld, see `disclosure`.
    """
    rows = [
        {
            "Characteristic": f"{part.label}, {part.unit}, mean ± SD"
            if part.is_number
            else part.label
        }
        | _described(cohort, part, study, smallest)
        for part in study.characteristics
        if part.column in cohort
    ]
    rows += [
        {
            "Characteristic": f"{outcome.instrument} ({outcome.minimum:g}–{outcome.maximum:g})",
            "n": outcomes[outcome.name]["baseline.n_observed"].text,
            "Mean ± SD": _mean_sd(outcome.name, "baseline", outcomes[outcome.name], printed),
        }
        for outcome in study.outcomes
    ]
    return markdown_table(rows, "lrr")


def _described(
    cohort: pd.DataFrame, part: Characteristic, study: Study, smallest: int
) -> dict[str, str]:
    values = cohort[part.column].dropna()
    if 0 < len(values) < smallest:
        return {"n": WITHHELD, "Mean ± SD": WITHHELD}
    if part.is_number:
        how = Wording("", {"default": 1}, study.analysis.ties)
        of = numbers(summarise(values), how)
        return {
            "n": of["n_observed"].text,
            "Mean ± SD": f"{of['mean'].text} ± {of['standard_deviation'].text}",
        }
    if part.categories is None:
        return {"n": str(len(values)), "Mean ± SD": UNDECLARED}
    counts = values.value_counts().sort_index()
    hidden = withheld(counts.to_dict(), smallest)
    how = Wording("", {"default": 0}, study.analysis.ties)
    text = "; ".join(
        f"{category} {WITHHELD}"
        if category in hidden
        else f"{category} {how.number('', count / len(values), 'proportion', None).text}"
        for category, count in counts.items()
    )
    return {"n": str(len(values)), "Mean ± SD": text}


def outcomes_table(
    study: Study,
    outcomes: Mapping[str, Mapping[str, Number]],
    printed: Container[str] | None = None,
) -> str:
    """Set every outcome at baseline beside follow-up; parameters as in `baseline_table`."""
    day = study.protocol.follow_up_day
    return markdown_table(
        [
            {
                "Outcome": outcome.abbreviation,
                "Pairs": of["n_pairs"].text,
                "Day 0": _mean_sd(outcome.name, "baseline", of, printed),
                f"Day {day}": _mean_sd(outcome.name, "follow_up", of, printed),
                "Mean change (CI)": cell(
                    f"{of['change.mean'].text} "
                    f"({of['change.lower'].text} to {of['change.upper'].text})",
                    [f"{outcome.name}.change.{part}" for part in ("mean", "lower", "upper")],
                    printed,
                ),
                "Change": cell(
                    of["change.percentage"].text, [f"{outcome.name}.change.percentage"], printed
                ),
                "MID": _minimal(outcome),
                "P": cell(bare_p(of["change.p"].text), [f"{outcome.name}.change.p"], printed),
            }
            for outcome in study.outcomes
            for of in [outcomes[outcome.name]]
        ],
        "lrrrrrrr",
    )
