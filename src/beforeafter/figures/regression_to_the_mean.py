"""The figure of regression to the mean."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beforeafter.figures.keys import mark, sealed
from beforeafter.figures.style import BETTER, INK, SAME
from beforeafter.sensitivity import RegressionToTheMean, TowardsMean
from beforeafter.study import Outcome, Study, of_part
from beforeafter.wording import STATISTIC_DECIMALS, Number, decimal_text, numbers, wording_of

Numbers = Mapping[str, Number]
# Told apart in grey; the names stand at the lines.
DASHES = ("-", "--", "-.", ":")
LABEL_AT = 0.1
# Behind words that cross a line.
GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1}


@of_part()
def draw_regression_to_the_mean(
    result: RegressionToTheMean, outcome: Outcome, study: Study
) -> Figure:
    """Draw the change that regression alone would bring, against reliability, and the observed."""
    figure, axes = plt.subplots(figsize=(6.3, 3.6), layout="constrained")
    axes.set(
        xlim=(0, 1),
        xlabel="Test-retest reliability of the scale",
        ylabel=f"Mean change ({outcome.unit})",
    )
    of = numbers(result, wording_of(outcome, study))
    _draw_published(axes, result, of)
    _draw_observed(axes, result, of, study)
    for number, towards in enumerate(result.towards.values()):
        _draw_line(axes, towards, result, of, DASHES[number % len(DASHES)])
    axes.axhline(0, color=INK, linewidth=0.8, linestyle=":")
    return sealed(figure)


def _draw_published(axes: Axes, result: RegressionToTheMean, of: Numbers) -> None:
    needed = [of[f"needed_at_{end}.reliability"] for end in ("lowest", "highest")]
    low = result.needed_at_lowest.reliability
    high = result.needed_at_highest.reliability
    span = axes.axvspan(low, high, color=SAME, alpha=0.16, linewidth=0)
    mark(span, "x", *needed)
    for end in {low, high}:
        axes.axvline(end, color=SAME, linewidth=0.8)
    ends = [decimal_text(end, STATISTIC_DECIMALS) for end in sorted({low, high})]
    text = f"Reliability: {' to '.join(ends)}"
    said = axes.text(
        (low + high) / 2,
        1.02,
        text,
        ha="center",
        color="#555555",
        weight="bold",
        transform=axes.get_xaxis_transform(),
    )
    mark(said, "text", *sorted(needed, key=lambda one: one.value))


def _draw_observed(axes: Axes, result: RegressionToTheMean, of: Numbers, study: Study) -> None:
    observed = result.observed
    mean, *ends = (of[f"observed.{name}"] for name in ("mean", "lower", "upper"))
    band = axes.axhspan(observed.lower, observed.upper, color=BETTER, alpha=0.2, linewidth=0)
    mark(band, "y", *ends)
    mark(axes.axhline(observed.mean, color=BETTER, linewidth=2), "y", mean)
    interval = f"{of['observed.lower'].text} to {of['observed.upper'].text}"
    level = f"{100 * study.analysis.confidence_level:g}% CI"
    # Beyond the band, where reliable scales have no line.
    below = observed.mean < 0
    said = axes.annotate(
        f"Observed {of['observed.mean'].text} ({level} {interval}; n = {result.n_pairs})",
        (0.99, observed.lower if below else observed.upper),
        (0, -4 if below else 4),
        textcoords="offset points",
        color=BETTER,
        weight="bold",
        ha="right",
        va="top" if below else "bottom",
        bbox=GROUND,
    )
    mark(said, "text", mean, "protocol.confidence_level", *ends, of["n_pairs"])
    axes.margins(y=0.12)


def _draw_line(
    axes: Axes, towards: TowardsMean, result: RegressionToTheMean, of: Numbers, dash: str
) -> None:
    start, end = towards.line.change
    key = next(f"towards.{name}" for name, one in result.towards.items() if one is towards)
    (line,) = axes.plot(towards.line.reliability, towards.line.change, color=INK, linestyle=dash)
    ends = "at_lowest", "at_highest"
    at = ",".join(f"{getattr(towards, end).reliability:.12g}" for end in ends)
    mark(line, f"at={at}", *(of[f"{key}.{end}.alone"] for end in ends))
    axes.text(
        LABEL_AT,
        start + LABEL_AT * (end - start),
        f"usual mean {towards.usual_mean:g}",
        ha="center",
        va="center",
        fontsize=8,
        bbox=GROUND,
    )
    enough = towards.sufficient.reliability
    if 0 <= enough <= 1:
        (dot,) = axes.plot(enough, result.observed.mean, "o", color=INK, markersize=5)
        mark(dot, "x", of[f"{key}.sufficient.reliability"])
        said = axes.annotate(
            decimal_text(enough, STATISTIC_DECIMALS),
            (enough, result.observed.mean),
            (6, -3),
            textcoords="offset points",
            va="top",
            fontsize=8,
        )
        mark(said, "text", of[f"{key}.sufficient.reliability"])
