"""Read the marks that carry keys, and the numbers of the axes, from an SVG of matplotlib.

Who draws names an artist by role and keys, `key:x:pain.change.lower:pain.change.upper#1`, and the
ground of axes by what its edges stand for, `axes:0:1:-4:0#1`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser

Point = tuple[float, float]
SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
VERTEX = re.compile(r"[ML] (-?[\d.]+) (-?[\d.]+)")
COLOUR, MOVED = re.compile(r"fill: (#\w+)"), re.compile(r"translate\((\S+) (\S+)\)")
# Below what an SVG writes.
NOISE = 1e-6
TICK = re.compile(r"([xy])tick_\d+")


@dataclass(frozen=True)
class Axes:
    """Where axes lie, and what their left, right, lower and upper edge stand for."""

    corners: tuple[Point, Point]  # lower left, upper right
    ends: tuple[float, ...]

    def value(self, point: Point) -> Point:
        """Return what a place stands for."""
        (left, bottom), (right, top) = self.corners
        x0, x1, y0, y1 = self.ends
        x, y = (point[0] - left) / (right - left), (point[1] - bottom) / (top - bottom)
        return x0 + x * (x1 - x0), y0 + y * (y1 - y0)


NOWHERE = Axes(((0, 0), (1, 1)), (0, 1, 0, 1))


@dataclass(frozen=True)
class Mark:
    """What shows numbers: in which role, of which keys, where, and what it says."""

    role: str
    keys: Sequence[str]
    points: Sequence[Point]  # as the axes have them
    is_closed: bool  # whether these go around an area
    colours: Sequence[str]  # of its points
    text: str
    height: float  # on the page
    axes: Axes


def read_marks(drawing: str) -> Iterator[Mark]:
    """Yield what carries keys, and each tick that says a number, as a mark of the role `tick`."""
    parser = DefusedXMLParser(target=TreeBuilder(insert_comments=True))
    parser.feed(drawing)
    root = parser.close()
    paths = {path.get("id", ""): path.get("d", "") for path in root.iter(f"{SVG}path")}
    axes = NOWHERE
    for group in root.iter(f"{SVG}g"):
        name, *parts = group.get("id", "").partition("#")[0].split(":")
        tick = TICK.fullmatch(name)
        if name == "axes":
            edges = _vertices(group.findall(f"{SVG}path"))
            axes = Axes((edges[0], edges[2]), tuple(map(float, parts)))
        elif name == "key" or tick:
            role, keys = ("tick", [tick[1]]) if tick else (parts[0], parts[1:])
            yield _mark(role, keys, group, paths, axes)


def _mark(
    role: str, keys: Sequence[str], group: Element, paths: Mapping[str, str], axes: Axes
) -> Mark:
    text = " ".join(unescape(one.text or "") for one in group.iter() if callable(one.tag))
    drawn = [one for child in group for one in _drawn(child)]
    uses = [use for use in group.iter(f"{SVG}use") if "x" in use.attrib]
    points = _vertices(drawn)
    # The shape of a dot is closed, the line through dots is not.
    around = drawn or list(group.iter(f"{SVG}path"))
    if not points or role == "tick":
        points = [point for use in uses for point in _places(use, paths)]
    moved = [MOVED.search(one.get("transform", "")) for one in group.iter(f"{SVG}g")]
    heights = [float(one[2]) for one in moved if one] or [y for _, y in points] or [0.0]
    return Mark(
        role, keys, [axes.value(point) for point in points],
        any("z" in one.get("d", "") for one in around),
        [one[1] for use in uses if (one := COLOUR.search(use.get("style", "")))],
        " ".join(text.split()), sum(heights) / len(heights), axes,
    )  # fmt: skip


def _drawn(element: Element) -> Iterator[Element]:
    """Yield the paths that are drawn where they stand, no letters and no shapes of dots."""
    if element.tag == f"{SVG}path":
        yield element
    elif element.tag == f"{SVG}g" and "transform" not in element.attrib:
        for child in element:
            yield from _drawn(child)


def _vertices(paths: Sequence[Element]) -> list[Point]:
    return [(float(x), float(y)) for path in paths for x, y in VERTEX.findall(path.get("d", ""))]


def _places(use: Element, paths: Mapping[str, str]) -> list[Point]:
    """Return where a shape is drawn again: a dot at a place, an area at the edge of the figure."""
    x, y = float(use.get("x", 0)), float(use.get("y", 0))
    shape = paths[use.get(HREF, "")[1:]]
    return [(float(a), float(b) + y) for a, b in VERTEX.findall(shape)] if x == 0 else [(x, y)]


def heights(mark: Mark, x: float) -> list[float]:
    """Return at which heights the lines of a mark go through a place, each once."""
    found = [
        y0 + (x - x0) / (x1 - x0) * (y1 - y0)
        for (x0, y0), (x1, y1) in pairwise(mark.points)
        if min(x0, x1) <= x <= max(x0, x1) and x0 != x1
    ]
    return sorted(distinct(sorted(found)))


def distinct(values: Sequence[float]) -> list[float]:
    """Return values without those that are the one before."""
    return [v for i, v in enumerate(values) if i == 0 or abs(v - values[i - 1]) > NOISE]
