"""Figures: they draw results and compute none.

Colours are from Okabe and Ito's palette, told apart by readers with any colour vision and in grey.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from lifelines import KaplanMeierFitter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from paincohort.change import PairedChange
from paincohort.cohort import Flow
from paincohort.duration import numbers_at_risk
from paincohort.format import decimal_text, numbers, wording
from paincohort.pairs import complete_pairs
from paincohort.proportions import Proportion
from paincohort.study import Duration, Outcome, Protocol, Rating, Study

BETTER, SAME, WORSE = "#0072B2", "#767676", "#D55E00"
INK = "#222222"


def use_style() -> None:
    """Set the style of every figure: fonts, sizes, lines, and bytes that do not vary."""
    with as_file(files("paincohort") / "paper.mplstyle") as style:
        plt.style.use(style)


def draw_flow(flow: Flow, protocol: Protocol) -> Figure:
    """Draw the flow of patients from treatment to analysis."""
    figure, axes = plt.subplots(figsize=(6.3, 2.0))
    axes.set(xlim=(0, 100), ylim=(0, 42))
    axes.axis("off")
    box = {"boxstyle": "round,pad=0.55", "facecolor": "white", "edgecolor": INK, "linewidth": 0.8}
    steps = {
        14: f"Treated, day 0\nn = {flow.n_enrolled}",
        80: f"Followed up, day {protocol.follow_up_day}\nn = {flow.n_follow_up}",
    }
    for x, text in steps.items():
        axes.text(x, 31, text, ha="center", va="center", bbox=box)
    lost = f"Not seen at day {protocol.follow_up_day}\nn = {flow.n_lost}"
    axes.text(47, 8, lost, ha="center", va="center", bbox=box | {"linestyle": "--"})
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8}
    axes.annotate("", (66, 31), (26, 31), arrowprops=arrow)
    axes.annotate("", (47, 16), (47, 31), arrowprops=arrow)
    return figure


def draw_paired_change(
    cohort: pd.DataFrame, outcome: Outcome, result: PairedChange, protocol: Protocol
) -> Figure:
    """Draw each patient's path between the visits, and how many patients changed by how much."""
    before, after = complete_pairs(
        cohort[outcome.columns.baseline], cohort[outcome.columns.follow_up]
    )
    figure, (paths, changes) = plt.subplots(
        1, 2, figsize=(6.3, 3.3), width_ratios=(1, 1.35), layout="constrained"
    )
    _draw_paths(paths, Counter(zip(before, after, strict=True)), outcome, result)
    paths.set_xticks([0, 1], ["Day 0", f"Day {protocol.follow_up_day}"])
    _draw_changes(changes, pd.Series(after - before), outcome)
    return figure


def _draw_paths(
    axes: Axes, paths: Counter[tuple[float, float]], outcome: Outcome, result: PairedChange
) -> None:
    for (before, after), patients in paths.items():
        colour = _colour(after - before, outcome)
        width = 0.5 + 0.55 * patients
        axes.plot([0, 1], [before, after], color=colour, linewidth=width, alpha=0.35)
    means = [result.paired_baseline.mean, result.paired_follow_up.mean]
    axes.plot([0, 1], means, color=INK, linewidth=2.4, marker="o", markersize=5)
    for x, mean, side in zip((0, 1), means, ("right", "left"), strict=True):
        text = decimal_text(mean, outcome.decimals["default"])
        offset = (-7 if side == "right" else 7, 0)
        axes.annotate(
            text, (x, mean), offset, textcoords="offset points", ha=side, va="center", weight="bold"
        )
    margin = 0.03 * (outcome.maximum - outcome.minimum)
    axes.set(
        title="Each patient, and the mean",
        xlim=(-0.5, 1.5),
        ylim=(outcome.minimum - margin, outcome.maximum + margin),
        ylabel=f"{outcome.label} ({outcome.abbreviation}, {outcome.unit})",
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_changes(axes: Axes, change: pd.Series, outcome: Outcome) -> None:
    step = max(outcome.step, (outcome.maximum - outcome.minimum) / 40)
    # Bins are centred on zero, so that no bar mixes improved and worse.
    ends = np.array([0, *change]) / step
    edges = step * (np.arange(np.floor(ends.min()), np.ceil(ends.max()) + 2) - 0.5)
    direction = change.map(lambda value: _colour(value, outcome))
    sns.histplot(
        x=change,
        hue=direction,
        palette={c: c for c in (BETTER, SAME, WORSE)} if len(change) else None,
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
    for word, (colour, x) in words.items():
        text = f"{word} {int((direction == colour).sum())}"
        axes.text(x, 1.03, text, color=colour, weight="bold", transform=axes.transAxes)
    axes.set(
        xlabel=f"Change ({outcome.unit}; {outcome.better} is better)",
        ylabel="Patients",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))


def _colour(change: float, outcome: Outcome) -> str:
    if change == 0:
        return SAME
    return BETTER if change * outcome.benefit > 0 else WORSE


def draw_forest(results: Mapping[str, PairedChange], study: Study) -> Figure:
    """Draw the standardised change of every outcome, improvement to the right."""
    figure, axes = plt.subplots(figsize=(6.3, 0.36 * len(results) + 0.9), layout="constrained")
    outcomes = [study.outcome(name) for name in results]
    for row, (outcome, result) in enumerate(zip(outcomes, results.values(), strict=True)):
        standardised, sign = result.standardised, outcome.benefit
        ends = sorted([sign * standardised.d_z_lower, sign * standardised.d_z_upper])
        primary = outcome.role == "primary"
        axes.plot(ends, [row, row], color=BETTER, linewidth=2.2 if primary else 1.4)
        axes.plot(sign * standardised.d_z, row, "D" if primary else "o", color=BETTER, markersize=6)
        low, high = (decimal_text(end, 2) for end in ends)
        text = f"{decimal_text(sign * standardised.d_z, 2)} ({low} to {high})"
        axes.text(1.02, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(results)), [outcome.abbreviation for outcome in outcomes])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.invert_yaxis()
    level = study.analysis.confidence_level
    axes.set(xlabel=f"Improvement in SD of the changes ($d_z$, {level:.0%} CI)")
    axes.grid(visible=True, axis="x")
    return figure


@dataclass(frozen=True)
class OpenShare:
    """A share of patients that the publication leaves open.

    Attributes
    ----------
    share
        In the cohort at hand, 0 to 1.
    bounds
        What it is at least and at most, in any cohort.
    seen
        What it was in many cohorts.
    """

    share: float
    bounds: tuple[float, float]
    seen: tuple[float, float]


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
            axes.plot([low, high], [row, row], color=colour, linewidth=1, marker="|", markersize=8)
            seen = [100 * end for end in known.seen]
            axes.plot(seen, [row, row], color=colour, linewidth=6, alpha=0.35)
            axes.plot(100 * known.share, row, "o", color=colour, markersize=5)
        axes.set_yticks(range(rows), list(outcomes))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set(xlim=(-3, 103), xlabel="Patients (%)")
        axes.set_title(title, color=colour, loc="left", weight="bold", fontsize=9)
        axes.grid(visible=True, axis="x")
    axes.invert_yaxis()
    return figure


def draw_rating(shares: Mapping[str, Proportion], rating: Rating, study: Study) -> Figure:
    """Draw the share of patients in each category of a rating."""
    figure, axes = plt.subplots(figsize=(6.3, 0.31 * len(shares) + 0.7), layout="constrained")
    middle = (len(shares) - 1) / 2
    for row, share in enumerate(shares.values()):
        colour = BETTER if row < middle else SAME if row == middle else WORSE
        axes.barh(row, share.proportion, color=colour, height=0.74)
        axes.plot([share.lower, share.upper], [row, row], color=INK, linewidth=0.9)
        percentage = numbers(share, wording(rating, study))["proportion"].text
        label = f"{percentage} ({share.count})"
        axes.text(share.upper + 0.008, row, label, va="center", fontsize=8)
    axes.set_yticks(range(len(shares)), list(shares))
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    n = next(iter(shares.values())).n_observed
    axes.set(xlabel=f"Patients, {rating.abbreviation} (n = {n})", xlim=(0, None))
    axes.margins(x=0.12)
    return figure


def draw_survival(fit: KaplanMeierFitter, duration: Duration) -> Figure:
    """Draw the Kaplan-Meier curve with its interval and the numbers at risk."""
    figure, (axes, risk) = plt.subplots(
        2, 1, figsize=(6.3, 3.7), height_ratios=(7, 1), layout="constrained"
    )
    curve = fit.survival_function_.iloc[:, 0]
    interval = fit.confidence_interval_survival_function_
    axes.fill_between(
        curve.index,
        interval.iloc[:, 0],
        interval.iloc[:, 1],
        step="post",
        color=BETTER,
        alpha=0.18,
        linewidth=0,
    )
    # From 100%, so that events at time zero show as a first step.
    axes.step([0, *curve.index], [1, *curve], where="post", color=BETTER, linewidth=2)
    axes.set(
        xlim=(-0.15, duration.horizon + 0.15),
        ylim=(0, 1.02),
        xlabel=f"Time after treatment ({duration.unit})",
        ylabel=f"Patients {duration.event_free}",
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(visible=True, axis="y")
    _draw_at_risk(risk, fit, axes)
    return figure


def _draw_at_risk(axes: Axes, fit: KaplanMeierFitter, above: Axes) -> None:
    low, high = above.get_xlim()
    axes.set(xlim=(low, high), ylim=(0, 1))
    axes.axis("off")
    axes.set_title("Numbers at risk", fontsize=8, weight="normal")
    ticks = [tick for tick in above.get_xticks() if low <= tick <= high]
    for tick, at_risk in zip(ticks, numbers_at_risk(fit, ticks), strict=True):
        axes.text(tick, 0.5, str(at_risk), ha="center", va="center", fontsize=8)
