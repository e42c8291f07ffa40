"""The shares of patients in the categories of a rating, drawn."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from beforeafter.estimates import WITHHELD, Proportion, withheld_of
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, INK, SAME, WORSE
from beforeafter.study import Rating, Study, of_part
from beforeafter.wording import numbers, wording_of


@of_part()
def draw_rating(
    shares: Mapping[str, Proportion], rating: Rating, study: Study, smallest: int = 0
) -> Figure:
    """Draw the share of patients in each category of a rating.

    Parameters
    ----------
    shares
        Category → share.
    rating
        Its groups of categories, whose sums are printed elsewhere where they may be.
    study
        The study definition.
    smallest
        Shares of fewer patients are withheld, see `disclosure`.
    """
    counts = {code: int(share.count) for code, share in enumerate(shares.values(), start=1)}
    sums = [frozenset(group.codes) for group in rating.groups.values()]
    hidden = withheld_of(counts, sums, smallest)
    figure, axes = plt.subplots(figsize=(6.3, 0.31 * len(shares) + 0.7), layout="constrained")
    middle = (len(shares) - 1) / 2
    for row, share in enumerate(shares.values()):
        if row + 1 in hidden:
            axes.text(0, row, f" {WITHHELD}", va="center", fontsize=8)
            continue
        colour = BETTER if row < middle else SAME if row == middle else WORSE
        key = f"{rating.name}.category_{row + 1}"
        (bar,) = axes.barh(row, share.proportion, color=colour, height=0.74)
        mark(bar, "w", f"{key}.proportion")
        (ends,) = axes.plot([share.lower, share.upper], [row, row], color=INK, linewidth=0.9)
        mark(ends, "x", f"{key}.lower", f"{key}.upper")
        percentage = numbers(share, wording_of(rating, study))["proportion"].text
        label = f"{percentage} ({share.count})"
        said = axes.text(share.upper + 0.008, row, label, va="center", fontsize=8)
        mark(said, "text", f"{key}.proportion", f"{key}.count")
    axes.set_yticks(range(len(shares)), list(shares))
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    n = next(iter(shares.values())).n_observed
    axes.set(xlabel=f"Patients, {rating.abbreviation} (n = {n})", xlim=(0, None))
    axes.margins(x=0.12)
    return sealed(figure)
