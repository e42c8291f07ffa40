"""The figure of change: of each patient, and how many changed by how much."""

from collections import Counter
from collections.abc import Mapping, Set
from math import ceil
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from beforeafter.estimates import (
    Floats,
    Integers,
    PairedChange,
    pairs_of,
    sums_withheld,
    withheld_of,
)
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, CENTRAL, INK, SAME, WORSE, central_label
from beforeafter.study import Outcome, Study, of_part
from beforeafter.wording import Number, decimal_text, numbers, wording_of

# Paths that can be told apart. Of more, those that run between the same levels are drawn as one.
MOST_PATHS, LEVELS = 500, 20
# In points: the path of one patient, what each further one adds, and the widest path.
ONE, EACH, WIDEST = 0.5, 0.55, 6.0

# Over the range of a scale; few leave fewer of them too low to be shown.
BARS, FEW_BARS = 40, 7
# Patients from whom on shares are given instead of counts.
MANY = 1000


@of_part()
def draw_paired_change(
    cohort: pd.DataFrame,
    outcome: Outcome,
    result: PairedChange,
    study: Study,
    smallest: int = 0,
) -> Figure:
    """Draw the paths between the visits, and how many patients changed by how much.

    Parameters
    ----------
    cohort
        One row per patient.
    outcome
        What to draw.
    result
        Its means.
    study
        The day of the follow-up, and how numbers are printed.
    smallest
        Where it is not zero, nothing is drawn that fewer patients have: not each patient's path but
        the quartiles, and no bar that would tell of fewer, see `disclosure`.
    """
    before, after = pairs_of(cohort, outcome)
    figure, (paths, changes) = plt.subplots(
        1, 2, figsize=(6.3, 3.3), width_ratios=(1, 1.35), layout="constrained"
    )
    if smallest:
        _draw_quartiles(paths, (before, after), smallest)
    else:
        _draw_each(paths, _paths(before, after, outcome), outcome)
    _draw_means(paths, outcome, numbers(result, wording_of(outcome, study)))
    paths.set_xticks([0, 1], ["Day 0", f"Day {study.protocol.follow_up_day}"])
    _draw_changes(changes, pd.Series(after - before), outcome, smallest)
    return sealed(figure)


def _paths(before: Floats, after: Floats, outcome: Outcome) -> Counter[tuple[float, float]]:
    paths = Counter(zip(before, after, strict=True))
    if len(paths) <= MOST_PATHS:
        return paths
    ends = np.linspace(outcome.minimum, outcome.maximum, LEVELS + 1)
    middles = (ends[:-1] + ends[1:]) / 2
    levels = (middles[np.searchsorted(ends[1:-1], scores, "right")] for scores in (before, after))
    return Counter(zip(*levels, strict=True))


def _widths(paths: Counter[tuple[float, float]]) -> dict[tuple[float, float], float]:
    """Return the width of each path; a registry has no room for that of each patient."""
    most = max(paths.values(), default=0)
    if ONE + EACH * most <= WIDEST:
        return {path: ONE + EACH * patients for path, patients in paths.items()}
    return {path: WIDEST * patients / most for path, patients in paths.items()}


def _draw_each(axes: Axes, paths: Counter[tuple[float, float]], outcome: Outcome) -> None:
    for (before, after), width in _widths(paths).items():
        colour = _colour(after - before, outcome)
        axes.plot([0, 1], [before, after], color=colour, linewidth=width, alpha=0.35)
    axes.set_title("Each patient, and the mean")


def _draw_quartiles(axes: Axes, visits: tuple[Floats, Floats], smallest: int) -> None:
    """Draw where the middle half of the patients is; of too few, nothing."""
    if len(visits[0]) >= 4 * smallest:
        least, middle, greatest = np.transpose([np.quantile(v, [0.25, 0.5, 0.75]) for v in visits])
        axes.fill_between([0, 1], least, greatest, color=BETTER, alpha=0.25, linewidth=0)
        axes.plot([0, 1], middle, color=BETTER, linewidth=1.6, linestyle="--")
    axes.set_title("Middle half, median, mean")


def _draw_means(axes: Axes, outcome: Outcome, of: Mapping[str, Number]) -> None:
    means = [of["paired_baseline.mean"], of["paired_follow_up.mean"]]
    ends = [mean.value for mean in means]
    (line,) = axes.plot([0, 1], ends, color=INK, linewidth=2.4, marker="o", markersize=5)
    mark(line, "y", *means)
    for x, mean, side in zip((0, 1), means, ("right", "left"), strict=True):
        offset = (-7 if side == "right" else 7, 0)
        how: dict[str, Any] = {
            "textcoords": "offset points",
            "ha": side,
            "va": "center",
            "weight": "bold",
        }
        mark(axes.annotate(mean.text, (x, mean.value), offset, **how), "text", mean)
    margin = 0.03 * (outcome.maximum - outcome.minimum)
    axes.set(
        xlim=(-0.5, 1.5),
        ylim=(outcome.minimum - margin, outcome.maximum + margin),
        ylabel=f"{outcome.label} ({outcome.abbreviation}, {outcome.unit})",
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_changes(axes: Axes, change: pd.Series, outcome: Outcome, smallest: int) -> None:
    edges, told, direction, hidden = told_bars(change, outcome, smallest)
    sns.histplot(
        x=change[told],
        hue=direction[told],
        palette={c: c for c in (BETTER, SAME, WORSE)} if told.any() else None,
        bins=edges,
        multiple="stack",
        legend=False,
        ax=axes,
        edgecolor="white",
        linewidth=0.6,
        alpha=0.9,
    )
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    words = {"Improved": (BETTER, 0.0), "Unchanged": (SAME, 0.42), "Worse": (WORSE, 0.82)}
    are_apart = not smallest or direction.nunique() > 1
    for word, (colour, x) in words.items() if are_apart else ():
        patients = _how_many(int((direction == colour).sum()), len(change))
        text = f"{word} {'–' if colour in hidden else patients}"
        said = axes.text(x, 1.03, text, color=colour, weight="bold", transform=axes.transAxes)
        key = f"{outcome.name}.{word.replace('Worse', 'Worsened').lower()}.count"
        if colour not in hidden and len(change) < MANY:
            mark(said, "text", key)
            # Where bars are withheld, those that are drawn do not add up.
            for bar in axes.patches if told[direction == colour].all() else ():
                if to_hex(bar.get_facecolor()) == colour.lower():
                    mark(bar, "h", key)
    axes.set(xlabel=f"Change ({outcome.unit}; {outcome.better} is better)", ylabel="Patients")
    if not told.all():
        left_out = "Bars of few patients\nare left out"
        axes.text(0.98, 0.95, left_out, ha="right", va="top", size=7, transform=axes.transAxes)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    if not told.any():
        axes.set(xticks=[], yticks=[])  # without a bar there is nothing to read at them


class Bars(NamedTuple):
    """Bars of changes, and what may be told of them."""

    edges: Floats
    are_told: NDArray[np.bool_]  # which patients are in bars that are drawn
    direction: pd.Series  # the colour of each patient
    hidden: Set[str]  # the colours of whose patients the number is withheld


def told_bars(change: pd.Series, outcome: Outcome, smallest: int) -> Bars:
    """Return the bars of changes, and what may be told of them.

    Where bars of few are withheld they are over all changes that there can be: the least and the
    greatest change would be of one patient.
    """
    width = outcome.maximum - outcome.minimum
    edges = _edges([-width, width] if smallest else change, outcome, FEW_BARS if smallest else BARS)
    direction = _directions(change, outcome, smallest)
    are_told, hidden = _told(np.digitize(change, edges), direction, smallest)
    return Bars(edges, are_told, direction, hidden)


def _directions(change: pd.Series, outcome: Outcome, smallest: int) -> pd.Series:
    """Return the colour of each change: that of its direction, or one for all if one is of few.

    Else the bars that stand for those few would have to go, and others with them.
    """
    direction = change.map(lambda value: _colour(value, outcome))
    is_few = any((direction == colour).sum() < smallest for colour in (BETTER, SAME, WORSE))
    return direction.map(lambda colour: SAME if is_few else colour)


def _edges(changes: ArrayLike, outcome: Outcome, bars: int) -> Floats:
    """Return ends of bars, centred on zero, so that none mixes improved and worse."""
    step, least = outcome.step or 0, (outcome.maximum - outcome.minimum) / bars
    if 0 < step < least and bars == FEW_BARS:
        step *= 2 * ceil((least / step - 1) / 2) + 1  # as many values on both sides of its middle
    step = max(step, least)
    ends = np.append(changes, 0) / step
    return np.asarray(step * (np.arange(np.floor(ends.min()), np.ceil(ends.max()) + 2) - 0.5))


@of_part()
def draw_other_changes(figure: Figure, outcome: Outcome, others: Floats) -> Figure:
    """Draw what other cohorts have over the bars of `draw_paired_change`, nothing being withheld.

    Of their changes, shape (cohorts, patients), a line on each bar spans the central 95% of how
    many patients are there.
    """
    axes, edges = figure.axes[1], _edges(others, outcome, BARS)
    counts = np.array([np.histogram(changes, edges)[0] for changes in others])
    low, high = np.quantile(counts, CENTRAL, axis=0)
    seen, middles = high > 0, (edges[:-1] + edges[1:]) / 2
    label = central_label(len(others))
    axes.vlines(middles[seen], low[seen], high[seen], color=INK, linewidth=1.1, label=label)
    # Room for the legend above all lines but that of no change, which it covers.
    axes.set_ylim(top=1.2 * max(axes.get_ylim()[1], high.max()))
    axes.legend(loc="upper right", frameon=True, facecolor="white", edgecolor="none", framealpha=1)
    return sealed(figure)


def _told(
    bars: Integers, direction: pd.Series, smallest: int
) -> tuple[NDArray[np.bool_], Set[str]]:
    """Return which patients are in bars that may be drawn, and which directions are withheld."""
    parts = pd.MultiIndex.from_arrays([direction, bars])
    counts: Mapping[Any, int] = parts.value_counts().to_dict()
    sums = {colour: {part for part in counts if part[0] == colour} for colour in set(direction)}
    hidden = withheld_of(counts, sums.values(), smallest)
    return ~parts.isin(list(hidden)), sums_withheld(counts, sums, smallest)


def _how_many(patients: int, of: int) -> str:
    """Return a count, or where it would not fit beside its neighbours a share."""
    return f"{patients}" if of < MANY else f"{decimal_text(100 * patients / of, 0)}%"


def _colour(change: float, outcome: Outcome) -> str:
    if change == 0:
        return SAME
    return BETTER if change * outcome.benefit > 0 else WORSE
