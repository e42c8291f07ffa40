"""The figure of a scale over all its visits."""

import re

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beforeafter.estimates import Trajectory, visit_key
from beforeafter.figures.style import BETTER
from beforeafter.study import Outcome, Study

NUMBER = re.compile(r"-?\d+")


def draw_trajectory(result: Trajectory, outcome: Outcome, study: Study) -> Figure:
    """Draw the mean at each visit with its interval, over time where the visits tell it.

    Visits named in one unit, `day 0` and `day 30`, stand as far apart as they were; others at
    equal distances.
    """
    names = [study.visit_name(visit) for visit in outcome.columns.by_visit]
    names = [name for name in names if visit_key(name) in result.visits]
    of = [result.visits[visit_key(name)] for name in names]
    means = [visit.mean for visit in of]
    ends = [[visit.mean - visit.lower for visit in of], [visit.upper - visit.mean for visit in of]]
    figure, axes = plt.subplots(figsize=(6.3, 3.3), layout="constrained")
    at = _times(names)
    axes.errorbar(at, means, ends, color=BETTER, marker="o", capsize=3, linewidth=1.6)
    axes.set_xticks(
        at, [f"{name}\nn = {one.n_observed}" for name, one in zip(names, of, strict=True)]
    )
    axes.set(
        ylim=(outcome.minimum, outcome.maximum),
        ylabel=f"{outcome.label} ({outcome.abbreviation}, {outcome.unit})",
    )
    axes.set_title(f"Mean, {100 * study.analysis.confidence_level:g}% CI, of those seen")
    return figure


def _times(names: list[str]) -> list[float]:
    numbers = [NUMBER.findall(name) for name in names]
    units = {NUMBER.sub("", name).strip() for name in names}
    if len(units) == 1 and all(len(found) == 1 for found in numbers):
        return [float(found[0]) for found in numbers]
    return [float(place) for place in range(len(names))]
