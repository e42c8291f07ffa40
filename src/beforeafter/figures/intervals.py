"""Estimates with their intervals, one below the other, each with its name and its numbers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from beforeafter.estimates import PairedChange
from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity import SpecifiedChange
from beforeafter.study import Estimand, Outcome, Study, of_part
from beforeafter.wording import decimal_text


class Row(NamedTuple):
    """An estimate; the primary one is a diamond."""

    label: str
    estimate: float
    lower: float
    upper: float
    colour: str
    primary: bool


def draw_forest(results: Mapping[str, PairedChange], study: Study) -> Figure:
    """Draw the standardised change of every outcome, follow-up minus baseline."""
    rows = []
    for name, result in results.items():
        outcome, d = study.outcome(name), result.standardised
        label = f"{outcome.abbreviation} ({outcome.better} is better)"
        primary = outcome.role == "primary"
        rows.append(Row(label, d.d_z, d.d_z_lower, d.d_z_upper, BETTER, primary))
    level = study.analysis.confidence_level
    return _draw(rows, f"Change in SD of the changes ($d_z$, {level:.0%} CI)", 2)


@of_part()
def draw_specifications(
    curve: Mapping[Estimand, SpecifiedChange], outcome: Outcome, confidence_level: float
) -> Figure:
    """Draw the change under every specification that has an estimate, from the least benefit."""
    rows = []
    for one, of in curve.items():
        colour = BETTER if of.is_better(outcome.benefit, confidence_level) else SAME
        row = Row(one.label, of.percentage, of.lower, of.upper, colour, one.primary)
        rows += [row] if np.isfinite(of.percentage) else []
    rows.sort(key=lambda row: outcome.benefit * row.estimate)
    unit = f"% of baseline; {outcome.better} is better"
    return _draw(rows, f"Change of {outcome.abbreviation} ({unit})", 0)


def _draw(rows: Sequence[Row], label: str, decimals: int) -> Figure:
    figure, axes = plt.subplots(figsize=(6.3, 0.28 * len(rows) + 1), layout="constrained")
    for y, row in enumerate(rows):
        axes.plot(row[2:4], [y, y], color=row.colour, linewidth=2.2 if row.primary else 1.4)
        mark = "D" if row.primary else "o"
        axes.plot(row.estimate, y, mark, color=row.colour, markersize=5.5)
        texts = (decimal_text(part, decimals, signed=True) for part in row[1:4])
        text = "{} ({} to {})".format(*texts)
        axes.text(1.02, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    axes.set_xlabel(label, parse_math=True)
    axes.grid(visible=True, axis="x")
    return figure
