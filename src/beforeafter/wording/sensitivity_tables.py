"""Tables of the sensitivity analyses, as Markdown, made of the same texts as the prose."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

from beforeafter.estimates import WITHHELD
from beforeafter.study import Study
from beforeafter.wording.markdown import markdown_table
from beforeafter.wording.tables import Numbers, fill, texts_of

ESTIMATES = {
    "complete_cases": "Seen at both visits",
    "available_cases": "Seen at either visit",
    "baseline_carried_forward": "Lost: no change",
    "multiple_imputation": "Lost: imputed",
    "tipping_point.worst_case": "Lost: worst score",
    "tipping_point.best_case": "Lost: best score",
}


def _by_outcome(study: Study, of: Mapping[str, Any], columns: Mapping[str, str]) -> str:
    """Return a table of a row for each outcome, and a column for each heading → template."""
    texts = texts_of(of)
    rows = [
        {"Outcome": outcome.abbreviation}
        | {heading: fill(template, texts[outcome.name]) for heading, template in columns.items()}
        for outcome in study.outcomes
    ]
    return markdown_table(rows, "l" + "r" * len(columns))


def tests_table(study: Study, outcomes: Mapping[str, Any], adjusted: Mapping[str, Numbers]) -> str:
    """Set the tests of each outcome side by side.

    Parameters
    ----------
    study
        The study definition.
    outcomes
        Name of the outcome → result of `paired_change`, or the numbers of it.
    adjusted
        Name of each secondary outcome → its number `p`, adjusted for the others.
    """
    texts = texts_of(outcomes)
    pseudo_median = "{hodges_lehmann.estimate} ({hodges_lehmann.lower} to {hodges_lehmann.upper})"
    rows = [
        {
            "Outcome": outcome.abbreviation,
            "Paired t": fill("{t_test.p}", of),
            "Signed-rank": fill("{wilcoxon.p}", of),
            "Permutation": fill("{permutation.p}", of),
            "Adjusted": fill("{p}", adjusted[outcome.name]) if outcome.name in adjusted else "–",
            "Pseudo-median (CI)": fill(pseudo_median, of),
        }
        for outcome in study.outcomes
        for of in [texts[outcome.name]]
    ]
    return markdown_table(rows, "lrrrrr")


def dropout_table(study: Study, missing: Mapping[str, Any]) -> str:
    """Compare those lost with those seen at baseline, outcome by outcome.

    Parameters
    ----------
    study
        The study definition.
    missing
        Name of the outcome → result of `missing_data`, or the numbers of it.
    """

    def group(of: Numbers, who: str) -> str:
        if of[f"dropout.{who}.n_observed"].value and isnan(of[f"dropout.{who}.mean"].value):
            return fill(WITHHELD, of)
        return fill(f"{{dropout.{who}.mean}} ± {{dropout.{who}.standard_deviation}}", of)

    rows = [
        {
            "Day 0": outcome.abbreviation,
            f"Seen at day {study.protocol.follow_up_day}": group(of, "seen"),
            "Lost": group(of, "lost"),
            "Difference (CI)": fill(
                "{dropout.difference} ({dropout.lower} to {dropout.upper})", of
            ),
            "In SD": fill("{dropout.standardised_difference}", of),
        }
        for outcome in study.outcomes
        for of in [texts_of(missing)[outcome.name]]
    ]
    return markdown_table(rows, "lrrrr")


def missing_table(result: Any) -> str:
    """Set the mean changes under each assumption about those lost below each other.

    Parameters
    ----------
    result
        Of `missing_data`, or the numbers of it.
    """
    of = texts_of({"": result})[""]
    rows = [
        {
            "Assumption": label,
            "Patients": of[f"{key}.n_patients"].text,
            "Mean change (CI)": fill(f"{{{key}.mean}} ({{{key}.lower}} to {{{key}.upper}})", of),
            "P": fill(f"{{{key}.p}}", of),
        }
        for key, label in ESTIMATES.items()
    ]
    return markdown_table(rows, "lrrr")


def tipping_table(study: Study, missing: Mapping[str, Any]) -> str:
    """Say how much worse than expected those lost must be, and how much worse they can be.

    Parameters as in `dropout_table`.
    """
    columns = {
        "Expected change of the lost": "{tipping_point.expected_change}",
        "Worse by": "{tipping_point.delta}",
        "The scale allows": "{tipping_point.room}",
        "Mean change, all lost at worst (CI)": "{tipping_point.worst_case.mean} "
        "({tipping_point.worst_case.lower} to {tipping_point.worst_case.upper})",
    }
    return _by_outcome(study, missing, columns)


def multiverse_table(study: Study, results: Mapping[str, Any]) -> str:
    """Say of each outcome what all specifications together say.

    Parameters
    ----------
    study
        The study definition.
    results
        Name of the outcome → result of `multiverse`, or the numbers of it.
    """
    columns = {
        "Specifications": "{n_specifications}",
        "Interval all better": "{n_better}",
        "Least change": "{least}",
        "Greatest change": "{greatest}",
        "Greatest P": "{greatest_p}",
    }
    return _by_outcome(study, results, columns)
