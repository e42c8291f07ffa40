"""The figure of all specifications."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity import SpecifiedChange
from beforeafter.study import Estimand, Outcome, of_part
from beforeafter.wording import decimal_text


@of_part()
def draw_specifications(
    curve: Mapping[Estimand, SpecifiedChange], outcome: Outcome, confidence_level: float
) -> Figure:
    """Draw the change under every specification, from the least benefit, each with its name."""
    known = {one: change for one, change in curve.items() if np.isfinite(change.percentage)}
    ordered = sorted(known, key=lambda one: outcome.benefit * known[one].percentage)
    height = 0.26 * len(ordered) + 0.9
    figure, axes = plt.subplots(figsize=(6.3, height), layout="constrained")
    for row, one in enumerate(ordered):
        change = known[one]
        colour = BETTER if change.is_better(outcome.benefit, confidence_level) else SAME
        axes.plot([change.lower, change.upper], [row, row], color=colour, linewidth=1.4)
        mark = "D" if one.primary else "o"
        axes.plot(change.percentage, row, mark, color=colour, markersize=5)
        texts = [decimal_text(part, 0) for part in (change.percentage, change.lower, change.upper)]
        text = "{} ({} to {})".format(*texts)
        axes.text(1.02, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(ordered)), [one.label for one in ordered])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    axes.set_xlabel(f"Change of {outcome.abbreviation} (% of baseline; {outcome.better} is better)")
    axes.grid(visible=True, axis="x")
    return figure
