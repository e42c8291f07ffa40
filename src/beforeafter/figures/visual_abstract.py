"""The visual abstract: who was treated, how, and what came of it, read at a glance."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
from lifelines import KaplanMeierFitter
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beforeafter.estimates import WITHHELD, Flow, PairedChange, Proportion, TimeWithoutEvent
from beforeafter.figures.duration import mark_curve
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, PALE, SAME
from beforeafter.study import Duration, Outcome, Rating, Study
from beforeafter.wording import NOT_ESTIMABLE, Number, numbers, protocol_numbers, wording_of

GROUND = "#EEF3F7"
# Points. On a phone the figure is little more than half as wide.
LARGE, MIDDLE, SMALL = 25, 12, 10
MOST_DOTS, ROWS_OF_DOTS = 100, 8
LINE_LENGTH = 22
SHADES = (BETTER, PALE)


@dataclass(frozen=True)
class Findings:
    """What is shown: the results, each with what it is of; `shares` by the name of the group."""

    flow: Flow
    outcome: Outcome
    change: PairedChange
    rating: Rating
    shares: Mapping[str, Proportion]
    duration: Duration
    time: TimeWithoutEvent
    curve: KaplanMeierFitter


def draw_visual_abstract(found: Findings, study: Study, *, reconstructed: bool) -> Figure:
    """Draw the study in one figure.

    Parameters
    ----------
    found
        The results.
    study
        Regimen, days and the wording of numbers.
    reconstructed
        Whether the patients are reconstructed; the figure then says so.

    Returns
    -------
    matplotlib.figure.Figure
        A band of who was treated and how, a panel for each result, and what the design leaves
        open.
    """
    figure = plt.figure(figsize=(6.3, 4.8))
    _draw_course(figure.add_axes((0, 0.8, 1, 0.2)), found.flow, study)
    columns = {"left": 0.025, "right": 0.985, "wspace": 0.16}
    heads = figure.add_gridspec(1, 3, top=0.745, bottom=0.515, **columns)
    bodies = figure.add_gridspec(1, 3, top=0.515, bottom=0.225, **columns)
    for place, draw in enumerate((_draw_change, _draw_shares, _draw_time)):
        head, body = (figure.add_subplot(row[place]) for row in (heads, bodies))
        draw(head, body, found, study)
    _draw_caveats(figure.add_axes((0, 0, 1, 0.085)), reconstructed=reconstructed)
    return sealed(figure)


def _draw_course(axes: Axes, flow: Flow, study: Study) -> None:
    """Draw who was treated, with what, and who was seen again, in a band."""
    axes.set(xlim=(0, 1), ylim=(0, 1), facecolor=GROUND, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    planned = protocol_numbers(study)
    days = planned.get("infusion_days")
    drugs = [
        f"{drug.label} {planned[f'{drug.name}.dose'].text} {drug.unit}"
        for drug in study.protocol.treatments
    ]
    seen = f"seen at day {study.protocol.follow_up_day}"
    doses = [f"protocol.{drug.name}.dose" for drug in study.protocol.treatments]
    length = f"{days.text} {days.unit}" if days else ""
    for x, large, small, key, keys in (
        (0.13, str(flow.n_enrolled), "patients treated", "cohort.n_enrolled", []),
        (0.5, length, "\n".join(drugs), "protocol.infusion_days", doses),
        (0.87, str(flow.n_follow_up), seen, "cohort.n_follow_up", ["protocol.follow_up_day"]),
    ):
        said = axes.text(x, 0.72, large, ha="center", va="center", size=LARGE, weight="bold")
        mark(said, "text", key)
        said = axes.text(x, 0.44, small, ha="center", va="top", size=SMALL, linespacing=1.3)
        mark(said, "text", *keys)
    arrow = {"arrowstyle": "-|>", "color": SAME, "linewidth": 1.4, "mutation_scale": 14}
    for start, end in ((0.225, 0.285), (0.715, 0.775)):
        axes.annotate("", (end, 0.72), (start, 0.72), arrowprops=arrow)


def _say(axes: Axes, title: str, number: Number, small: str) -> None:
    """Write the one number of a panel."""
    axes.axis("off")
    size = MIDDLE if number.text in {NOT_ESTIMABLE, WITHHELD} else LARGE
    axes.text(0, 1, title, va="top", size=MIDDLE, weight="bold")
    said = axes.text(0, 0.54, number.text, va="center", size=size, weight="bold", color=BETTER)
    mark(said, "text", number)
    axes.text(0, 0.28, small, va="top", size=SMALL)


def _add(axes: Axes, number: Number, text: str, y: float, x: float = 0) -> None:
    said = axes.text(x, y, text, va="top", size=SMALL, transform=axes.transAxes)
    mark(said, "text", number)


def _only_base(axes: Axes) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(labelsize=SMALL, length=0)


def _draw_change(head: Axes, axes: Axes, found: Findings, study: Study) -> None:
    outcome, change = found.outcome, found.change
    of = numbers(change, wording_of(outcome, study))
    scale = f"{outcome.abbreviation}, {outcome.minimum:g} to {outcome.maximum:g}"
    _say(head, outcome.label, of["change.percentage"], scale)
    means = [change.baseline.mean, change.follow_up.mean]
    axes.fill_between([0, 1], means, outcome.minimum, color=PALE, alpha=0.45, linewidth=0)
    line = axes.plot([0, 1], means, "o-", color=BETTER, linewidth=3, markersize=8, clip_on=False)
    mark(line[0], "y", of["baseline.mean"], of["follow_up.mean"])
    for x, visit in enumerate(("baseline", "follow_up")):
        if np.isfinite(means[x]):
            said = axes.annotate(
                of[f"{visit}.mean"].text,
                (x, means[x]),
                (0, 8),
                textcoords="offset points",
                ha="center",
                size=MIDDLE,
                weight="bold",
            )
            mark(said, "text", of[f"{visit}.mean"])
    axes.set(xlim=(-0.32, 1.32), ylim=(outcome.minimum, outcome.maximum))
    axes.set_xticks([0, 1], ["Day 0", f"Day {study.protocol.follow_up_day}"])
    _only_base(axes)
    _add(axes, of["change.p"], of["change.p"].text, -0.22)


def _draw_shares(head: Axes, axes: Axes, found: Findings, study: Study) -> None:
    groups, shares = found.rating.groups, found.shares
    of = numbers(shares, wording_of(found.rating, study))
    widest = max(groups, key=lambda name: len(groups[name].codes))
    if np.isnan(shares[widest].count):
        number = replace(of[f"{widest}.proportion"], text=WITHHELD)
        _say(head, groups[widest].label, number, "few patients, or all but few")
        axes.axis("off")
        return
    within = [
        name
        for name in groups
        if {*groups[name].codes} < {*groups[widest].codes} and not np.isnan(shares[name].count)
    ][:1]
    _say(head, groups[widest].label, of[f"{widest}.proportion"], "of patients")
    counts = [shares[name].count for name in (*within, widest)]
    drawn = _draw_dots(axes, counts, shares[widest].n_observed)
    if shares[widest].n_observed <= MOST_DOTS:
        mark(drawn, "n", of[f"{widest}.count"], *(of[f"{name}.count"] for name in within))
    for name in within:
        text = f"{of[f'{name}.proportion'].text} {groups[name].label.lower()}"
        _add(axes, of[f"{name}.proportion"], textwrap.fill(text, LINE_LENGTH), -0.06, 0.1)
        axes.scatter(0.035, -0.13, s=64, color=BETTER, clip_on=False, transform=axes.transAxes)


def _draw_dots(axes: Axes, counts: Sequence[float], n: int) -> Artist:
    """Draw a dot for each patient, or for each hundredth of many; one count lies in the next."""
    dots = np.arange(min(n, MOST_DOTS))
    x, y = np.divmod(dots, ROWS_OF_DOTS)
    ends = [round(count * len(dots) / max(n, 1)) for count in counts]
    group = np.searchsorted(ends, dots, side="right")
    faces = np.array([*SHADES[: len(counts)], "white"])[group]
    edges = np.where(group < len(counts), BETTER, SAME).tolist()
    drawn = axes.scatter(x, -y, s=72, c=faces, edgecolors=edges, linewidths=0.9, clip_on=False)
    axes.axis("off")
    axes.set(xlim=(-0.4, max(x, default=0) + 0.6), ylim=(0.5 - ROWS_OF_DOTS, 0.5))
    return drawn


def _draw_time(head: Axes, axes: Axes, found: Findings, study: Study) -> None:
    duration = found.duration
    of = numbers(found.time, wording_of(duration, study))
    horizon = f"at {duration.horizon:g} {duration.unit}"
    _say(head, duration.event_free.capitalize(), of["event_free.proportion"], horizon)
    curve = found.curve.survival_function_.iloc[:, 0]
    times, shares = [0, *curve.index], [1, *curve]
    axes.fill_between(times, shares, step="post", color=PALE, alpha=0.45, linewidth=0)
    mark_curve(axes.step(times, shares, where="post", color=BETTER, linewidth=3)[0], duration)
    (end,) = axes.plot(times[-1], shares[-1], "o", color=BETTER, markersize=8, clip_on=False)
    if times[-1] == duration.horizon:
        mark(end, "y", of["event_free.proportion"])
    axes.set(xlim=(-0.06 * duration.horizon, 1.06 * duration.horizon), ylim=(0, 1.02))
    middle = f"{duration.horizon / 2:g} {duration.unit}"
    axes.set_xticks(np.linspace(0, duration.horizon, 3), ["0", middle, f"{duration.horizon:g}"])
    _only_base(axes)
    mean = f"{of['restricted.mean'].text} {duration.unit} on average"
    _add(axes, of["restricted.mean"], textwrap.fill(mean, LINE_LENGTH), -0.22)


def _draw_caveats(axes: Axes, *, reconstructed: bool) -> None:
    axes.axis("off")
    caveat = "No comparison group: change is no proof of effect."
    axes.text(0.025, 1, caveat, va="top", size=SMALL, weight="bold")
    if reconstructed:
        source = "Patients reconstructed from the published abstract."
        axes.text(0.025, 0.45, source, va="top", size=SMALL)
