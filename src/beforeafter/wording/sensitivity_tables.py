"""Tables of the sensitivity analyses, as Markdown, made of the same texts as the prose."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from beforeafter.estimates import WITHHELD
from beforeafter.study import Study
from beforeafter.wording.format import Number, bare_p
from beforeafter.wording.markdown import markdown_table
from beforeafter.wording.tables import cell

Numbers = Mapping[str, Number]
ENDS = ("estimate", "lower", "upper")
ESTIMATES = {
    "complete_cases": "Seen at both visits",
    "available_cases": "Seen at either visit",
    "baseline_carried_forward": "Lost: no change",
    "multiple_imputation": "Lost: imputed",
    "tipping_point.worst_case": "Lost: worst score",
    "tipping_point.best_case": "Lost: best score",
}


def _interval(of: Numbers, estimate: str, lower: str, upper: str) -> str:
    return f"{of[estimate].text} ({of[lower].text} to {of[upper].text})"


def tests_table(
    study: Study, outcomes: Mapping[str, Numbers], adjusted: Mapping[str, Numbers]
) -> str:
    """Set the tests of each outcome side by side.

    Parameters
    ----------
    study
        The study definition.
    outcomes
        Name of the outcome → its numbers, as `numbers(paired_change(…))` gives them.
    adjusted
        Name of each secondary outcome → its number `p`, adjusted for the others.
    """

    def p(of: Numbers, test: str) -> str:
        return cell(bare_p(of[f"{test}.p"].text))

    return markdown_table(
        [
            {
                "Outcome": outcome.abbreviation,
                "Paired t": p(of, "t_test"),
                "Signed-rank": p(of, "wilcoxon"),
                "Permutation": p(of, "permutation"),
                "Adjusted": cell(bare_p(adjusted[outcome.name]["p"].text))
                if outcome.name in adjusted
                else "–",
                "Pseudo-median (CI)": cell(
                    _interval(of, *(f"hodges_lehmann.{part}" for part in ENDS))
                ),
            }
            for outcome in study.outcomes
            for of in [outcomes[outcome.name]]
        ],
        "lrrrrr",
    )


def dropout_table(study: Study, missing: Mapping[str, Numbers]) -> str:
    """Compare those lost with those seen at baseline, outcome by outcome.

    Parameters
    ----------
    study
        The study definition.
    missing
        Name of the outcome → its numbers, as `numbers(missing_data(…))` gives them.
    """

    def group(of: Numbers, who: str) -> str:
        if of[f"dropout.{who}.n_observed"].value and isnan(of[f"dropout.{who}.mean"].value):
            return cell(WITHHELD)
        mean, spread = (of[f"dropout.{who}.{part}"].text for part in ("mean", "standard_deviation"))
        return cell(f"{mean} ± {spread}")

    return markdown_table(
        [
            {
                "Day 0": outcome.abbreviation,
                f"Seen at day {study.protocol.follow_up_day}": group(of, "seen"),
                "Lost": group(of, "lost"),
                "Difference (CI)": cell(
                    _interval(of, "dropout.difference", "dropout.lower", "dropout.upper")
                ),
                "In SD": cell(of["dropout.standardised_difference"].text),
            }
            for outcome in study.outcomes
            for of in [missing[outcome.name]]
        ],
        "lrrrr",
    )


def missing_table(of: Numbers) -> str:
    """Set the mean changes under each assumption about those lost below each other.

    Parameters
    ----------
    of
        Numbers of one outcome, as `numbers(missing_data(…))` gives them.
    """
    return markdown_table(
        [
            {
                "Assumption": label,
                "Patients": of[f"{key}.n_patients"].text,
                "Mean change (CI)": cell(
                    _interval(of, f"{key}.mean", f"{key}.lower", f"{key}.upper")
                ),
                "P": cell(bare_p(of[f"{key}.p"].text)),
            }
            for key, label in ESTIMATES.items()
        ],
        "lrrr",
    )


def tipping_table(study: Study, missing: Mapping[str, Numbers]) -> str:
    """Say how much worse than expected those lost must be, and how much worse they can be.

    Parameters
    ----------
    study
        The study definition.
    missing
        Name of the outcome → its numbers, as `numbers(missing_data(…))` gives them.
    """
    return markdown_table(
        [
            {
                "Outcome": outcome.abbreviation,
                "Expected change of the lost": cell(of["tipping_point.expected_change"].text),
                "Worse by": cell(of["tipping_point.delta"].text),
                "The scale allows": cell(of["tipping_point.room"].text),
                "Mean change, all lost at worst (CI)": cell(
                    _interval(
                        of,
                        *(
                            f"tipping_point.worst_case.{part}"
                            for part in ("mean", "lower", "upper")
                        ),
                    )
                ),
            }
            for outcome in study.outcomes
            for of in [missing[outcome.name]]
        ],
        "lrrrr",
    )


def multiverse_table(study: Study, results: Mapping[str, Numbers]) -> str:
    """Say of each outcome what all specifications together say.

    Parameters
    ----------
    study
        The study definition.
    results
        Name of the outcome → its numbers, as `numbers(multiverse(…))` gives them.
    """
    return markdown_table(
        [
            {
                "Outcome": outcome.abbreviation,
                "Specifications": of["n_specifications"].text,
                "Interval all better": of["n_better"].text,
                "Least change": cell(of["least"].text),
                "Greatest change": cell(of["greatest"].text),
                "Greatest P": cell(bare_p(of["greatest_p"].text)),
            }
            for outcome in study.outcomes
            for of in [results[outcome.name]]
        ],
        "lrrrrr",
    )
