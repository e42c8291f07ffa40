"""The figure of subgroups."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beforeafter.estimates.change.paired_change import PairedChange
from beforeafter.estimates.disclosure import WITHHELD
from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity.subgroups import Subgroup, SubgroupAnalysis
from beforeafter.study.definition import Outcome, Study
from beforeafter.wording.format import Wording, numbers, wording


def draw_subgroups(
    analyses: Mapping[str, SubgroupAnalysis], overall: PairedChange, outcome: Outcome, study: Study
) -> Figure:
    """Draw the mean change of every subgroup below that of all patients."""
    rows: list[SubgroupAnalysis | Subgroup] = []
    for analysis in analyses.values():
        rows += [analysis, *analysis.groups.values()]
    figure, axes = plt.subplots(figsize=(6.3, 0.3 * len(rows) + 1.1), layout="constrained")
    change = overall.change
    axes.axvspan(change.lower, change.upper, color=BETTER, alpha=0.15, linewidth=0)
    axes.axvline(change.mean, color=BETTER, linewidth=1.2)
    for place, row in enumerate(rows):
        _draw_row(axes, place, row, wording(outcome, study))
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(rows)), [part.label for part in rows])
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if isinstance(row, SubgroupAnalysis) else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    level = f"{100 * study.analysis.confidence_level:g}% CI"
    axes.set(xlabel=f"Mean change ({outcome.unit}, {level}; {outcome.better} is better)")
    axes.grid(visible=True, axis="x")
    axes.set_title("Band: all patients", color=BETTER, fontsize=8)
    return figure


def _draw_row(axes: Axes, row: int, part: SubgroupAnalysis | Subgroup, how: Wording) -> None:
    of = numbers(part, how)
    if isinstance(part, Subgroup):
        # Grey and hollow: too few pairs to be read on their own.
        colour, fill = (SAME, "none") if part.few else (INK, "full")
        axes.plot([part.lower, part.upper], [row, row], color=colour, linewidth=1.4)
        axes.plot(part.mean, row, "o", color=colour, markersize=6, fillstyle=fill)
        interval = f"({of['lower'].text} to {of['upper'].text})"
        text = f"{of['mean'].text} {interval}; n = {part.n_pairs}"
    else:
        text = of["interaction.p"].text if part.interaction else WITHHELD
    axes.text(1.02, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
