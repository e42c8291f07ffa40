"""Estimates with their intervals, one below the other, each with its name and its numbers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from beforeafter.estimates import PairedChange
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity import SpecifiedChange
from beforeafter.study import Estimand, Outcome, Study, of_part
from beforeafter.wording import Number, numbers, wording_of


class Row(NamedTuple):
    """An estimate; the primary one is a diamond."""

    label: str
    numbers: tuple[Number, ...]  # estimate, lower and upper limit
    colour: str
    primary: bool


def draw_forest(results: Mapping[str, PairedChange], study: Study) -> Figure:
    """Draw the standardised change of every outcome, follow-up minus baseline."""
    rows = []
    for name, result in results.items():
        outcome = study.outcome(name)
        of = numbers(result, wording_of(outcome, study))
        d = tuple(of[f"standardised.d_z{end}"] for end in ("", "_lower", "_upper"))
        label = f"{outcome.abbreviation} ({outcome.better} is better)"
        primary = outcome.role == "primary"
        rows.append(Row(label, d, BETTER, primary))
    level = study.analysis.confidence_level
    return _draw(rows, f"Change in SD of the changes ($d_z$, {level:.0%} CI)")


@of_part()
def draw_specifications(
    curve: Mapping[Estimand, SpecifiedChange],
    outcome: Outcome,
    study: Study,
    confidence_level: float,
) -> Figure:
    """Draw the change under every specification that has an estimate, from the least benefit."""
    rows, texts = [], numbers(curve, wording_of(outcome, study))
    for one, of in curve.items():
        colour = BETTER if of.is_better(outcome.benefit, confidence_level) else SAME
        ends = (f"{one.name}.{end}" for end in ("percentage", "lower", "upper"))
        row = Row(one.label, tuple(texts[end] for end in ends), colour, one.primary)
        rows += [row] if np.isfinite(of.percentage) else []
    rows.sort(key=lambda row: outcome.benefit * row.numbers[0].value)
    unit = f"% of baseline; {outcome.better} is better"
    return _draw(rows, f"Change of {outcome.abbreviation} ({unit})")


def _draw(rows: Sequence[Row], label: str) -> Figure:
    figure, axes = plt.subplots(figsize=(6.3, 0.28 * len(rows) + 1), layout="constrained")
    for y, row in enumerate(rows):
        ends = [number.value for number in row.numbers[1:]]
        (line,) = axes.plot(ends, [y, y], color=row.colour, linewidth=2.2 if row.primary else 1.4)
        mark(line, "x", *row.numbers[1:])
        shape = "D" if row.primary else "o"
        (dot,) = axes.plot(row.numbers[0].value, y, shape, color=row.colour, markersize=5.5)
        mark(dot, "x", row.numbers[0])
        text = "{} ({} to {})".format(*(number.text.replace("%", "") for number in row.numbers))
        said = axes.text(
            1.02, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8
        )
        mark(said, "bare", *row.numbers)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    for row, name in zip(rows, axes.get_yticklabels(), strict=True):
        mark(name, "name", row.numbers[0])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    axes.set_xlabel(label, parse_math=True)
    axes.grid(visible=True, axis="x")
    return sealed(figure)
