"""Marks that show numbers carry their keys into the SVG, where they are read back and compared."""

from collections import Counter

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from beforeafter.wording import Number


def mark(artist: Artist, role: str, *of: Number | str) -> None:
    """Let an artist say which numbers it shows.

    The role says how: `x` or `y`, where its points lie, `100x` in per cent; `at=…`, its heights at
    these places, or just before (-) or after them (+); `w` or `h`, how long it is, by itself or
    with others of its key; `n`, how many points it has up to a colour; `text`, or `bare` without
    the sign of per cent; `name`, what its row is of.
    """
    keys = [one if isinstance(one, str) else one.key for one in of]
    if all(keys):
        artist.set_gid(":".join(["key", role, *keys]))


def sealed(figure: Figure) -> Figure:
    """Return a figure in which the axes say what their ends stand for, and no name is twice."""
    for axes in figure.axes:
        ends = (f"{end:.12g}" for end in (*axes.get_xlim(), *axes.get_ylim()))
        axes.patch.set_gid(":".join(["axes", *ends]))
    seen: Counter[str] = Counter()
    for artist in figure.findobj(lambda one: one.get_gid() is not None):
        seen[name := str(artist.get_gid()).partition("#")[0]] += 1
        artist.set_gid(f"{name}#{seen[name]}")
    return figure
