"""Figures of what the tests assume."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, INK
from beforeafter.sensitivity import NormalQuantiles
from beforeafter.study import key_of

COLUMNS = 3


def draw_quantiles(quantiles: Mapping[str, NormalQuantiles]) -> Figure:
    """Draw the changes of each outcome against those of a normal sample: a panel per outcome."""
    n_rows = -(-len(quantiles) // COLUMNS)
    figure, panels = plt.subplots(
        n_rows, COLUMNS, figsize=(6.3, 2.1 * n_rows), sharex=True, sharey=True, layout="constrained"
    )
    for axes in panels.flat[len(quantiles) :]:
        axes.set_axis_off()
    for axes, (title, known) in zip(panels.flat, quantiles.items(), strict=False):
        band = axes.fill_between(
            known.expected, known.lower, known.upper, color=BETTER, alpha=0.18, lw=0
        )
        axes.axline((0, 0), slope=1, color=INK, linewidth=0.8, linestyle=":")
        (dots,) = axes.plot(known.expected, known.observed, "o", color=BETTER, markersize=2.6)
        if (of := key_of(known)) and len(known.expected):
            keys = [f"{of[0].definition.name}.quantiles.{place}" for place in known.told()]
            places = zip(known.told().values(), "+--", strict=True)
            at = ",".join(f"{one['expected']:.12g}{aside}" for one, aside in places)
            mark(band, f"at={at}", *(f"{key}.{end}" for key in keys for end in ("lower", "upper")))
            mark(dots, f"at={at}", *(f"{key}.observed" for key in keys))
        axes.set_title(title)
    for axes in np.atleast_2d(panels)[:, 0]:
        axes.set_ylabel("Change (SD from mean)")
    for axes in np.atleast_2d(panels)[-1]:
        axes.set_xlabel("Normal quantile")
    return sealed(figure)
