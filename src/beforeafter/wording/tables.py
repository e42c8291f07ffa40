"""Tables of the results as Markdown, made of the same texts as the prose."""

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

import pandas as pd

from beforeafter.estimates import WITHHELD, Response, summarise, withheld
from beforeafter.study import Characteristic, Outcome, Rule, Study, roles
from beforeafter.wording.format import (
    Number,
    Wording,
    bare_p,
    numbers,
    one_line,
    significant_text,
    wording_of,
)
from beforeafter.wording.markdown import MarkdownTable, keyed, markdown_table

Numbers = Mapping[str, Number]
UNPRINTED = "†"
# Where nobody said which categories there are, a cell may hold anything, a name too.
UNDECLARED = "categories are not declared"
KEY = re.compile(r"\{([\w.]+)\}")
# A heading that says P has p-values without their P below it.
P_VALUE = re.compile(r"(?:.*[._])?p")


def fill(
    template: str, of: Numbers, within: str = "", printed: Container[str] | None = None
) -> str:
    """Put the texts of numbers in place of their keys, `{change.mean}`, on one line.

    `within` names the outcome that the keys are of; a cell with a number that is not `printed` by
    the publication is marked, if that is not None.
    """
    # How many patients there are is known of any cohort that has the printed numbers.
    marked = printed is not None and any(
        f"{within}.{key}" not in printed for key in KEY.findall(template) if "n_" not in key
    )
    text = KEY.sub(lambda found: _text(found[1], of), template)
    return one_line(text) + (UNPRINTED if marked else "")


def _text(key: str, of: Numbers) -> str:
    text = bare_p(of[key].text) if P_VALUE.fullmatch(key) else of[key].text
    return keyed(text, of[key].key)


def texts_of(results: Mapping[str, Any]) -> dict[str, Numbers]:
    """Return the numbers of results of parts of a study; those that are numbers stay."""
    return {
        name: result if isinstance(result, Mapping) else numbers(result)
        for name, result in results.items()
    }


def baseline_table(
    cohort: pd.DataFrame,
    study: Study,
    outcomes: Mapping[str, Any],
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
        Name of the outcome → its change, or the numbers of it.
    printed
        As in `fill`.
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
        # One that looks once more at a column of an outcome has its row below.
        if part.column in cohort and roles(study)[part.column].outcome is None
    ]
    spread = "{baseline.mean} ± {baseline.standard_deviation}"
    texts = texts_of(outcomes)
    rows += [
        {
            "Characteristic": f"{outcome.instrument} ({outcome.minimum:g}–{outcome.maximum:g})",
            "n": fill("{baseline.n_observed}", texts[outcome.name]),
            "Mean ± SD": fill(spread, texts[outcome.name], outcome.name, printed),
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
    how = Wording("", {"default": 1, "proportion": 0}, study.analysis.ties)
    if part.is_number:
        of = numbers(summarise(values), how)
        text = f"{of['mean'].text} ± {of['standard_deviation'].text}"
    elif part.categories is None:
        text = UNDECLARED
    else:
        counts = values.value_counts().sort_index()
        hidden = withheld(counts.to_dict(), smallest)
        shares = {
            category: how.number("", count / len(values), "proportion", None).text
            for category, count in counts.items()
        } | dict.fromkeys(hidden, WITHHELD)
        text = "; ".join(f"{category} {share}" for category, share in shares.items())
    return {"n": str(len(values)), "Mean ± SD": text}


def outcomes_table(
    study: Study, outcomes: Mapping[str, Any], printed: Container[str] | None = None
) -> str:
    """Set every outcome at baseline beside follow-up; parameters as in `baseline_table`.

    A change stands beside the means of the same patients, the pairs; before them stands the mean
    of all who were measured at baseline.
    """
    day = f"Day {study.protocol.follow_up_day}"
    columns = {
        "Day 0, all (n)": "{baseline.mean} ± {baseline.standard_deviation} ({baseline.n_observed})",
        "Day 0, pairs (n)": "{before.mean} ± {before.standard_deviation} ({n_pairs})",
        f"{day}, pairs": "{after.mean} ± {after.standard_deviation}",
        "Mean change (CI)": "{change.mean} ({change.lower} to {change.upper})",
        "Change": "{change.percentage}",
    }
    rows = []
    texts = texts_of(outcomes)
    for outcome in study.outcomes:
        of, known = texts[outcome.name], outcome.minimal_important_difference
        key = f"protocol.{outcome.name}.minimal_important_difference"
        cells = {
            heading: fill(_of_pairs(template, of), of, outcome.name, printed)
            for heading, template in columns.items()
        }
        rows.append(
            {"Outcome": outcome.abbreviation}
            | cells
            | {"MID": keyed(significant_text(known.value), key) if known else "–"}
            | {"P": fill("{change.p}", of, outcome.name, printed)}
        )
    return markdown_table(rows, "lrrrrrrr")


def _of_pairs(template: str, of: Numbers) -> str:
    """Name the means of the pairs; where all of a visit are pairs, as a publication prints them."""
    for short, visit in {"before": "baseline", "after": "follow_up"}.items():
        everyone = of[f"{visit}.n_observed"].value == of["n_pairs"].value
        template = template.replace(
            f"{{{short}.", "{" + ("" if everyone else "paired_") + f"{visit}."
        )
    return template


def responders_table(
    study: Study, rows: Sequence[tuple[str, Mapping[str, Response]]]
) -> MarkdownTable:
    """Set the share of responders among those seen beside that among all treated.

    Parameters
    ----------
    study
        Its estimands with `summary: responders` are the columns, each for the rules it names.
    rows
        Name of the outcome or rating, and its shares by rule.
    """
    columns = [one for one in study.estimands if one.summary == "responders"]
    made = []
    for name, shares in rows:
        of = numbers(shares, wording_of(study.parts[name], study))
        for rule, share in shares.items():
            kind, label = _named(study, name, rule)
            row = {"Response": label}
            for one in columns:
                key = rule if one.population == "seen_twice" else f"{rule}.of_all"
                told = _share(of, key) if share.is_told else WITHHELD
                row[one.label] = told if kind in one.responders else "–"
            made.append(row)
    return markdown_table(made, "l" + "r" * len(columns))


def _share(of: Mapping[str, Number], key: str) -> str:
    counted = f"{{{key}.count}} of {{{key}.n_observed}}"
    return fill(f"{counted}: {{{key}.proportion}} ({{{key}.lower}} to {{{key}.upper}})", of)


def _named(study: Study, name: str, rule: str) -> tuple[Rule, str]:
    """Return by which kind of rule a patient responds, and how it is told."""
    part = study.parts[name]
    if not isinstance(part, Outcome):
        return "rating", f"{part.abbreviation}: {study.rating(name).groups[rule].label.lower()}"
    better = f"{part.abbreviation}: better by"
    if minimal := rule == "beyond_minimal" and part.minimal_important_difference:
        return "minimal", f"{better} {minimal.value:g} or more"
    return "thresholds", f"{better} {rule.removeprefix('at_least_')}% or more"
