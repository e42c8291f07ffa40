"""The table of who responded, of those seen and of all treated, as Markdown."""

from collections.abc import Mapping, Sequence

from beforeafter.estimates import WITHHELD, Response
from beforeafter.study import Outcome, Study
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
        Its estimands with `summary: responders` are the columns, in their order.
    rows
        Name of the outcome or rating, and its shares by rule.
    """
    columns = [one for one in study.estimands if one.summary == "responders"]
    made = []
    for name, shares in rows:
        of = numbers(shares, wording_of(study.parts[name], study))
        for rule, share in shares.items():
            cells = {
                one.label: _share(of, rule if one.population == "seen_twice" else f"{rule}.of_all")
                if share.is_told
                else WITHHELD
                for one in columns
            }
            made.append({"Response": _rule(study, name, rule)} | cells)
    return markdown_table(made, "l" + "r" * len(columns))


def _share(of: Mapping[str, Number], key: str) -> str:
    counted = f"{{{key}.count}} of {{{key}.n_observed}}"
    return fill(f"{counted}: {{{key}.proportion}} ({{{key}.lower}} to {{{key}.upper}})", of)


def _rule(study: Study, name: str, rule: str) -> str:
    part = study.parts[name]
    if rule == "beyond_minimal" and isinstance(part, Outcome):
        minimal = part.minimal_important_difference
        return f"{part.abbreviation}: better by {minimal.value if minimal else 0:g} or more"
    if not isinstance(part, Outcome):
        return f"{part.abbreviation}: {study.rating(name).groups[rule].label.lower()}"
    return f"{part.abbreviation}: better by {rule.removeprefix('at_least_')}% or more"
