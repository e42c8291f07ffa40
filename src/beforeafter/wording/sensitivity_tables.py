"""Tables of the sensitivity analyses, as Markdown, made of the same texts as the prose."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

from beforeafter.estimates import WITHHELD
from beforeafter.sensitivity import RegressionToTheMean
from beforeafter.study import Outcome, Study, of_part
from beforeafter.wording.format import numbers, wording_of
from beforeafter.wording.markdown import MarkdownTable, keyed, markdown_table
from beforeafter.wording.tables import Numbers, fill, texts_of
from declared import read_yaml

# The columns of each table, and what is assumed.
KNOWN = read_yaml(Path(__file__).with_name("tables.yml")).content
ESTIMATES = KNOWN["assumptions"]


def _by_outcome(
    study: Study,
    of: Mapping[str, Any],
    table: str,
    first: str = "Outcome",
    own: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """Return a table of a row for each outcome; `own` has cells of some outcomes by heading."""
    texts, day = texts_of(of), study.protocol.follow_up_day
    rows = [
        {first: outcome.abbreviation}
        | {
            heading.format(day=day): fill(template, texts[outcome.name])
            for heading, template in KNOWN[table].items()
        }
        | dict((own or {}).get(outcome.name, {}))
        for outcome in study.outcomes
    ]
    return markdown_table(rows, "l" + "r" * len(KNOWN[table]))


def tests_table(study: Study, outcomes: Mapping[str, Any], adjusted: Mapping[str, Any]) -> str:
    """Set the tests of each outcome side by side.

    Parameters
    ----------
    study
        The study definition.
    outcomes
        Name of the outcome → result of `paired_change`, or the numbers of it.
    adjusted
        Name of each secondary outcome → its p-value adjusted for the others, or the numbers of it.
    """
    own = {}
    for name, of in adjusted.items():
        wording = wording_of(study.outcome(name), study)
        p = (of if isinstance(of, Mapping) else numbers(of, wording))["p"]
        own[name] = {"Adjusted": fill("{p}", {"p": replace(p, key=f"{name}.holm.p")})}
    return _by_outcome(study, outcomes, "tests", own=own)


def dropout_table(study: Study, missing: Mapping[str, Any]) -> str:
    """Compare those lost with those seen at baseline, outcome by outcome.

    Parameters
    ----------
    study
        The study definition.
    missing
        Name of the outcome → result of `missing_data`, or the numbers of it.
    """
    few = {
        name: {"Lost": fill(WITHHELD, of)}
        for name, of in texts_of(missing).items()
        if of["dropout.lost.n_observed"].value and isnan(of["dropout.lost.mean"].value)
    }
    return _by_outcome(study, missing, "dropout", "Day 0", few)


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
            "Patients": fill(f"{{{key}.n_patients}}", of),
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
    return _by_outcome(study, missing, "tipping")


def multiverse_table(study: Study, results: Mapping[str, Any]) -> str:
    """Say of each outcome what all specifications together say.

    Parameters
    ----------
    study
        The study definition.
    results
        Name of the outcome → result of `multiverse`, or the numbers of it.
    """
    return _by_outcome(study, results, "multiverse")


@of_part()
def regression_table(result: RegressionToTheMean, outcome: Outcome, study: Study) -> MarkdownTable:
    """Say of each usual mean what regression would bring, and what is left of the change.

    What is left is given at the least reliability, and by the slope of the patients themselves.
    """
    of = numbers(result, wording_of(outcome, study))
    rows = []
    for place, (name, towards) in enumerate(result.towards.items(), start=1):
        key, usual = f"towards.{name}", f"protocol.{outcome.name}.usual_mean_{place}"
        rows.append(
            {
                "Usual mean": keyed(f"{towards.usual_mean:g}", usual),
                "Regression alone": fill(
                    f"{{{key}.at_highest.alone}} to {{{key}.at_lowest.alone}}", of
                ),
                "Left, least reliability (CI)": _interval(f"{key}.at_lowest.beyond", of),
                "Left, own slope (CI)": _interval(f"{key}.own_slope", of),
                "P, own slope": fill(f"{{{key}.own_slope.p}}", of),
            }
        )
    return markdown_table(rows, "lrrrr")


def _interval(key: str, of: Numbers) -> str:
    return fill(f"{{{key}.mean}} ({{{key}.lower}} to {{{key}.upper}})", of)
