"""The table of who responded, of those seen and of all treated, as Markdown."""

from collections.abc import Mapping, Sequence

from beforeafter.estimates import WITHHELD, Response
from beforeafter.study import Outcome, Rule, Study
from beforeafter.wording.format import Number, numbers, wording_of
from beforeafter.wording.markdown import MarkdownTable, markdown_table
from beforeafter.wording.tables import fill


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
