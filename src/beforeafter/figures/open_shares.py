"""The shares of patients that a publication leaves open, drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, SAME, WORSE
from beforeafter.study import Study
from beforeafter.wording import Computed


@dataclass(frozen=True)
class OpenShare:
    """A share of patients that the publication leaves open, 0 to 1."""

    share: float  # in the cohort at hand
    bounds: tuple[float, float]  # at least and at most, in any cohort
    seen: tuple[float, float]  # in many cohorts
    key: str = ""  # of the number


def open_shares(
    names: Sequence[str],
    study: Study,
    computed: Mapping[str, Computed],
    known: Mapping[str, Any],
    others: Sequence[Mapping[str, float]],
) -> dict[str, dict[str, OpenShare]]:
    """Return what each share can be: name of the share → outcome → share.

    Parameters
    ----------
    names
        Of the shares, as in their keys.
    study
        Its outcomes.
    computed
        The numbers of the cohort at hand, by key.
    known
        What is known of each: `low` and `high`, in any cohort.
    others
        The values of the numbers in many cohorts.
    """

    def share(key: str) -> OpenShare:
        seen = [values[key] for values in others]
        ends = known[key].low, known[key].high
        return OpenShare(computed[key].value, ends, (min(seen), max(seen)), key)

    return {
        name.capitalize(): {
            outcome.abbreviation: share(f"{outcome.name}.{name}.proportion")
            for outcome in study.outcomes
        }
        for name in names
    }


def draw_open_shares(shares: Mapping[str, Mapping[str, OpenShare]]) -> Figure:
    """Draw what each share can be: a panel per share, a row per outcome."""
    rows = len(next(iter(shares.values())))
    figure, panels = plt.subplots(
        1, len(shares), figsize=(6.3, 0.36 * rows + 0.9), sharey=True, layout="constrained"
    )
    colours = dict(zip(shares, (BETTER, SAME, WORSE), strict=False))
    for axes, (title, outcomes) in zip(np.atleast_1d(panels), shares.items(), strict=True):
        colour = colours[title]
        for row, known in enumerate(outcomes.values()):
            low, high = (100 * end for end in known.bounds)
            how = {"color": colour, "linewidth": 1, "marker": "|", "markersize": 8}
            (line,) = axes.plot([low, high], [row, row], **how)
            mark(line, "100x", *(known.key and f"{known.key}@{end}" for end in ("low", "high")))
            seen = [100 * end for end in known.seen]
            axes.plot(seen, [row, row], color=colour, linewidth=6, alpha=0.35)
            (dot,) = axes.plot(100 * known.share, row, "o", color=colour, markersize=5)
            mark(dot, "100x", known.key)
        axes.set_yticks(range(rows), list(outcomes))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set(xlim=(-3, 103), xlabel="Patients (%)")
        axes.set_title(title, color=colour, loc="left", weight="bold", fontsize=9)
        axes.grid(visible=True, axis="x")
    axes.invert_yaxis()
    return sealed(figure)
