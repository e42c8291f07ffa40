"""A mark that does not show its number stops the build, with figure, key, expected and found."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from commands import ROOT
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from beforeafter.figures import use_style
from beforeafter.figures.keys import mark, sealed
from paper.renderers.inspection.recorded.drawn import compare_drawing

VALUES = {
    "a.mean": (-1.94, "−1.94"), "a.lower": (-2.37, "−2.37"), "a.upper": (-1.5, "−1.50"),
    "b.mean": (0.4, "0.40"), "s.first": (0.69, "69%"), "s.second": (0.47, "47%"),
    "s.low": (0.6, "60%"), "s.high": (0.8, "80%"), "n.few": (2, "2"), "n.all": (5, "5"),
    "p.p": (0.001, "P < 0.001"),
}  # fmt: skip
RECORDED: dict[str, Any] = {
    key: {"value": value, "text": text, "unit": "", "label": f"Pain: {key}"}
    for key, (value, text) in VALUES.items()
}
RECORDED["b.mean"]["standing"] = {"low": "−0.4", "high": "1.25"}
SCALES = {"a": {"words": ["Pain intensity", "NRS"]}, "b": {"words": ["NPSI"]}}


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with mpl.rc_context():
        use_style()
        yield
    plt.close("all")


def told(figure: Figure) -> list[str]:
    file = io.StringIO()
    sealed(figure).savefig(file, format="svg", bbox_inches="tight")
    return [one.what for one in compare_drawing("fig", file.getvalue(), RECORDED, SCALES)]


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ((-2.37, -1.5), ""),
        ((-2.38, -1.5), "-2.38, -1.5"),  # a mark moved
        ((-1.5, -2.37), "-1.5, -2.37"),  # ends swapped
        ((-2.31, -1.57), "-2.31, -1.57"),  # symmetric about something else
    ],
)
def test_the_ends_of_an_interval_are_where_their_numbers_are(
    ends: tuple[float, float], found: str
) -> None:
    figure, axes = plt.subplots()
    (line,) = axes.plot(ends, [0, 0])
    mark(line, "x", "a.lower", "a.upper")
    (dot,) = axes.plot(-1.94, 0, "o")
    mark(dot, "x", "a.mean")
    expected = f"fig shows “{found}” for a.lower, a.upper, not “-2.37, -1.5”"
    assert told(figure) == ([expected] if found else [])


@pytest.mark.parametrize(
    ("text", "keys", "good"),
    [
        ("−1.94 (−2.37 to −1.50)", ["a.mean", "a.lower", "a.upper"], True),
        ("−1.94 (−1.50 to −2.37)", ["a.mean", "a.lower", "a.upper"], False),
        ("1.94 (−2.37 to −1.50)", ["a.mean", "a.lower", "a.upper"], False),
        ("+0.40", ["b.mean"], True),
        ("−0.40", ["b.mean"], False),
        ("0.405", ["b.mean"], False),
        ("69", ["s.first"], False),
        ("P < 0.001", ["p.p"], True),
        ("P = 0.001", ["p.p"], False),
        ("n = 25\nof 5", ["n.few", "n.all"], False),
        ("n = 2\nof 5", ["n.few", "n.all"], True),
    ],
)
def test_a_label_says_its_numbers(text: str, keys: list[str], good: bool) -> None:
    figure, axes = plt.subplots()
    mark(axes.text(0.5, 0.5, text), "text", *keys)
    assert bool(told(figure)) is not good


@pytest.mark.parametrize(("steps", "good"), [((0.69, 0.47), True), ((0.69, 0.48), False)])
def test_a_curve_has_its_height_before_and_after_a_step(
    steps: tuple[float, float], good: bool
) -> None:
    figure, axes = plt.subplots()
    (line,) = axes.step([0, 0, 3, 6], [1, *steps, steps[1]], where="post")
    mark(line, "at=3-,3+", "s.first", "s.second")
    assert bool(told(figure)) is not good


@pytest.mark.parametrize(("ends", "good"), [((0.6, 0.8), True), ((0.6, 0.78), False)])
def test_a_band_is_as_wide_as_its_numbers(ends: tuple[float, float], good: bool) -> None:
    figure, axes = plt.subplots()
    low, high = ends
    mark(axes.fill_between([0, 3, 6], [low] * 3, [high] * 3), "at=0+,3", *["s.low", "s.high"] * 2)
    mark(axes.axhspan(low, high), "y", "s.high", "s.low")
    assert bool(told(figure)) is not good


def test_bars_of_one_number_are_as_long_together() -> None:
    figure, axes = plt.subplots()
    for bar in axes.bar([0, 1], [2, 3]):
        mark(bar, "h", "n.all")
    assert told(figure) == []
    figure, axes = plt.subplots()
    for bar in axes.bar([0, 1], [2, 2]):
        mark(bar, "h", "n.all")
    assert told(figure) == ["fig shows “4” for n.all, not “5”"]


@pytest.mark.parametrize(("dark", "good"), [(2, True), (3, False)])
def test_dots_are_counted_by_colour(dark: int, good: bool) -> None:
    figure, axes = plt.subplots()
    colours = ["#0072b2"] * dark + ["#9fc6e0"] * (5 - dark) + ["#ffffff"] * 3
    mark(axes.scatter(range(8), [0] * 8, c=colours), "n", "n.all", "n.few")
    assert bool(told(figure)) is not good


@pytest.mark.parametrize(
    ("names", "rows", "good"),
    [
        (("NRS (lower is better)", "NPSI"), (0, 1), True),
        (("NPSI", "NRS (lower is better)"), (0, 1), False),  # labels of another row
        (("NRS (lower is better)", "NPSI"), (1, 0), False),  # marks in another row
    ],
)
def test_a_name_stands_in_the_row_of_its_mark(
    names: tuple[str, str], rows: tuple[int, int], good: bool
) -> None:
    figure, axes = plt.subplots()
    keys = ("a.mean", "b.mean")
    for key, row in zip(keys, rows, strict=True):
        (dot,) = axes.plot(RECORDED[key]["value"], row, "o")
        mark(dot, "x", key)
    axes.set_yticks([0, 1], names)
    for key, name in zip(keys, axes.get_yticklabels(), strict=True):
        mark(name, "name", key)
    assert bool(told(figure)) is not good


def test_ends_of_what_is_known_are_as_exact_as_their_texts() -> None:
    for high, good in ((1.251, True), (1.27, False)):
        figure, axes = plt.subplots()
        mark(axes.plot([-0.4, high], [0, 0])[0], "x", "b.mean@low", "b.mean@high")
        assert bool(told(figure)) is not good


@pytest.mark.parametrize(("means", "good"), [((-1.94, 0.4), True), ((0.4, -1.94), False)])
def test_a_line_through_dots_keeps_their_order(means: tuple[float, float], good: bool) -> None:
    figure, axes = plt.subplots()
    mark(axes.plot([0, 1], means, "o-")[0], "y", "a.mean", "b.mean")
    assert bool(told(figure)) is not good


def test_an_axis_says_what_it_is_drawn_by() -> None:
    figure, axes = plt.subplots()
    axes.set_xlim(0, 10)
    axes.set_xticks([0, 5, 10], ["0", "6", "10"])
    assert told(figure) == ["fig shows “6” for x, not “5”"]


def test_what_is_not_published_is_not_compared() -> None:
    figure, axes = plt.subplots()
    mark(axes.text(0, 0, "9"), "text", "no.such")
    mark(axes.text(0, 0, "9"), "text", "")
    assert told(figure) == []


def test_every_figure_of_the_paper_carries_keys() -> None:
    without = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                drawing = "".join(output.get("data", {}).get("image/svg+xml", ""))
                if drawing and 'id="key:' not in drawing:
                    without.append(f"{path.name} {cell['id']}")
    assert without == []
