"""The figure of who was treated and who was seen again."""

from textwrap import fill

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beforeafter.estimates import Flow
from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import INK
from beforeafter.study import Protocol


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
    keys = ["cohort.n_enrolled", "cohort.n_follow_up"]
    ends = []
    for (x, text), key in zip(steps.items(), keys, strict=True):
        said = axes.text(x, 31, text, ha="center", va="center", bbox=box)
        mark(said, "text", key)
        ends.append(said.get_bbox_patch())
    lost = f"Not seen at day {protocol.follow_up_day}\nn = {flow.n_lost}"
    beside = axes.text(47, 8, lost, ha="center", va="center", bbox=box | {"linestyle": "--"})
    mark(beside, "text", "cohort.n_lost")
    if flow.left_out:
        why = "\n".join(f"{fill(reason, 30)}: n = {count}" for reason, count in flow.left_out)
        axes.text(
            14, 8, f"Not taken\n{why}", ha="center", va="center", bbox=box | {"linestyle": "--"}
        )
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8}
    # From box to box, however long their words are.
    across = arrow | {"patchA": ends[0], "patchB": ends[1]}
    down = arrow | {"patchB": beside.get_bbox_patch(), "shrinkA": 0}
    axes.annotate("", (80, 31), (14, 31), arrowprops=across)
    axes.annotate("", (47, 8), (47, 31), arrowprops=down)
    return sealed(figure)
