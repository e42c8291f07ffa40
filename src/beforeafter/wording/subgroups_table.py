"""The table of subgroups, as Markdown."""

from collections.abc import Mapping

from beforeafter.estimates import WITHHELD
from beforeafter.sensitivity import SubgroupAnalysis
from beforeafter.study import Outcome, Study, of_part
from beforeafter.wording.format import numbers, one_line, wording_of
from beforeafter.wording.markdown import markdown_table
from beforeafter.wording.tables import Numbers, fill

TOO_FEW = "‡"
HEADINGS = ("Characteristic", "Subgroup", "Pairs", "Mean change (CI)", "P for difference")


@of_part()
def subgroups_table(
    analyses: Mapping[str, SubgroupAnalysis], outcome: Outcome, study: Study
) -> str:
    """Set the subgroups one below the other, with the test of each characteristic.

    Analyses are as `subgroup_analyses` gives them; small subgroups are marked. Without analyses the
    text is empty.
    """
    of = numbers(analyses, wording_of(outcome, study))
    rows = [row for name, part in analyses.items() for row in _rows(name, part, of)]
    return markdown_table(rows, "llrrr")


def _rows(name: str, part: SubgroupAnalysis, of: Numbers) -> list[dict[str, str]]:
    change = "{{{0}.mean}} ({{{0}.lower}} to {{{0}.upper}})"
    cells = [
        (
            one_line(group.label) + (TOO_FEW if group.few else ""),
            fill(f"{{{name}.groups.{one}.n_pairs}}", of),
            fill(change.format(f"{name}.groups.{one}"), of),
        )
        for one, group in part.groups.items()
    ]
    if part.n_unknown:
        cells.append(("not known", fill(f"{{{name}.n_unknown}}", of), "–"))
    p = fill(f"{{{name}.interaction.p}}", of) if part.interaction else WITHHELD
    # Label and test stand in the first row only.
    ends = [(part.label, p), *[("", "")] * len(cells)]
    return [
        dict(zip(HEADINGS, (label, *row, last), strict=True))
        for row, (label, last) in zip(cells, ends, strict=False)
    ]
