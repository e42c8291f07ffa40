"""The figure of time without the event."""

import matplotlib.pyplot as plt
import numpy as np
from lifelines import KaplanMeierFitter
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from beforeafter.estimates import Floats, name_of, numbers_at_risk
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, CENTRAL, INK, central_label
from beforeafter.study import Duration, of_part


@of_part()
def draw_survival(
    fit: KaplanMeierFitter, duration: Duration, others: Floats | None = None
) -> Figure:
    """Draw the Kaplan-Meier curve with its interval and the numbers at risk.

    Of other cohorts, times of shape (cohorts, patients), all followed to the event or the horizon,
    lines hold the central 95% of the curves.
    """
    figure, (axes, risk) = plt.subplots(
        2, 1, figsize=(6.3, 3.7), height_ratios=(7, 1), layout="constrained"
    )
    curve = fit.survival_function_.iloc[:, 0]
    interval = fit.confidence_interval_survival_function_
    band = axes.fill_between(
        curve.index,
        interval.iloc[:, 0],
        interval.iloc[:, 1],
        step="post",
        color=BETTER,
        alpha=0.18,
        linewidth=0,
    )
    if others is not None:
        _draw_others(axes, others, duration)
    # From 100%: events at time zero, in patients with no completed month, show as a first step.
    (line,) = axes.step([0, *curve.index], [1, *curve], where="post", color=BETTER, linewidth=2)
    mark_curve(line, duration)
    mark_curve(band, duration, "lower", "upper")
    axes.set(
        xlim=(-0.15, duration.horizon + 0.15),
        ylim=(0, 1.02),
        xlabel=f"Completed {duration.unit} after treatment"
        if duration.recorded == "completed"
        else f"Time after treatment ({duration.unit})",
        ylabel=f"Patients {duration.event_free}",
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(visible=True, axis="y")
    _draw_at_risk(risk, fit, axes, duration)
    return sealed(figure)


def _draw_others(axes: Axes, others: Floats, duration: Duration) -> None:
    times = np.arange(0, duration.horizon + 1)
    # Who comes to the horizon without the event stays without it.
    free = np.where(others < duration.horizon, others, np.inf)[..., np.newaxis] > times
    ends = np.quantile(free.mean(axis=1), CENTRAL, axis=0)
    label = [central_label(len(others)), "_"]
    axes.step(times, ends.T, where="post", color=INK, linewidth=0.9, linestyle="--", label=label)
    axes.legend(loc="upper right")


def mark_curve(artist: Artist, duration: Duration, *ends: str) -> None:
    """Let a curve carry the keys of its heights at the times of the study, one artist for each."""
    before = duration.recorded == "completed"
    times = ",".join(f"{t:g}{'-' if before else '+'}" for t in duration.times)
    keys = [
        f"{duration.name}.event_free_at.{name_of(t)}.{end}"
        for t in duration.times
        for end in ends or ("proportion",)
    ]
    mark(artist, f"at={times}", *keys)


def _draw_at_risk(axes: Axes, fit: KaplanMeierFitter, above: Axes, duration: Duration) -> None:
    low, high = above.get_xlim()
    axes.set(xlim=(low, high), ylim=(0, 1))
    axes.axis("off")
    axes.set_title("Numbers at risk", fontsize=8, weight="normal")
    ticks = [tick for tick in above.get_xticks() if low <= tick <= high]
    for tick, at_risk in zip(ticks, numbers_at_risk(fit, ticks), strict=True):
        said = axes.text(tick, 0.5, str(at_risk), ha="center", va="center", fontsize=8)
        if tick in duration.times:
            mark(said, "text", f"{duration.name}.event_free_at.{name_of(tick)}.at_risk")
