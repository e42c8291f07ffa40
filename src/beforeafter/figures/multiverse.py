"""The figure of all specifications."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity import Specification, SpecifiedChange
from beforeafter.study import Outcome, of_part
from declared import read_yaml

CHOICES = read_yaml(Path(__file__).with_name("choices.yml")).content


@of_part()
def draw_specifications(
    curve: Mapping[Specification, SpecifiedChange], outcome: Outcome, confidence_level: float
) -> Figure:
    """Draw the change under every specification, from the least benefit, above its choices."""
    ordered = sorted(curve, key=lambda one: outcome.benefit * curve[one].percentage)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(6.3, 4.6), height_ratios=(1.15, 1), sharex=True, layout="constrained"
    )
    for x, specification in enumerate(ordered):
        change = curve[specification]
        colour = BETTER if change.is_better(outcome.benefit, confidence_level) else SAME
        above.plot([x, x], [change.lower, change.upper], color=colour, linewidth=1.4)
        above.plot(x, change.percentage, "o", color=colour, markersize=5)
    above.axhline(0, color=INK, linewidth=0.8, linestyle=":")
    above.set_ylabel(f"Change of {outcome.abbreviation} (%)")
    above.tick_params(axis="x", length=0)
    _draw_choices(below, ordered)
    return figure


def _draw_choices(axes: Axes, ordered: list[Specification]) -> None:
    row, places, labels = 0, [], []
    for part, choices in CHOICES.items():
        for choice, label in choices.items():
            taken = [x for x, one in enumerate(ordered) if getattr(one, part) == choice]
            axes.plot(range(len(ordered)), [row] * len(ordered), "o", color="#E3E3E3", markersize=3)
            axes.plot(taken, [row] * len(taken), "o", color=INK, markersize=4.5)
            places.append(row)
            labels.append(label)
            row += 1
        row += 1
    axes.set_yticks(places, labels)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.invert_yaxis()
    axes.spines[["left", "bottom"]].set_visible(False)
