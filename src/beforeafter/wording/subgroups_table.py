"""The table of subgroups, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from beforeafter.estimates import WITHHELD
from beforeafter.sensitivity import SubgroupAnalysis
from beforeafter.study import Outcome, Study
from beforeafter.wording.format import bare_p, numbers, one_line, wording_of
from beforeafter.wording.markdown import markdown_table

TOO_FEW = "‡"


def subgroups_table(
    analyses: Mapping[str, SubgroupAnalysis], outcome: Outcome, study: Study
) -> str:
    """Set the subgroups one below the other, with the test of each characteristic.

    Parameters
    ----------
    analyses
        As `subgroup_analyses` gives them.
    outcome
        How its numbers are printed.
    study
        The study definition.

    Returns
    -------
    str
        A Markdown table, small subgroups marked; empty text without analyses.
    """
    rows = [row for part in analyses.values() for row in _rows(part, outcome, study)]
    return markdown_table(rows, "llrrr")


def _rows(part: SubgroupAnalysis, outcome: Outcome, study: Study) -> list[dict[str, str]]:
    of = numbers(part, wording_of(outcome, study))
    rows = [
        {
            "Characteristic": "",
            "Subgroup": one_line(group.label) + (TOO_FEW if group.few else ""),
            "Pairs": of[f"groups.{name}.n_pairs"].text,
            "Mean change (CI)": one_line(
                f"{of[f'groups.{name}.mean'].text} "
                f"({of[f'groups.{name}.lower'].text} to {of[f'groups.{name}.upper'].text})"
            ),
            "P for difference": "",
        }
        for name, group in part.groups.items()
    ]
    if part.n_unknown:
        unknown = {"Subgroup": "not known", "Pairs": of["n_unknown"].text, "Mean change (CI)": "–"}
        rows.append({"Characteristic": "", **unknown, "P for difference": ""})
    if rows:
        p = one_line(bare_p(of["interaction.p"].text)) if part.interaction else WITHHELD
        first = {"P for difference": p}
        rows[0] |= {"Characteristic": part.label} | first
    return rows
