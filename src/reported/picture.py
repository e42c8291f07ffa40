"""A conflict as a picture: each printed number beside what the others allow."""

from collections.abc import Iterator
from html import escape

from reported.claims.printed import parse
from reported.readings import Conflict

WIDTH, ROW, LEFT, RIGHT = 360, 58, 12, 348


def allowed_words(conflict: Conflict) -> Iterator[str]:
    """Yield, for each printed number, the nearest that the others would allow."""
    for key, printed, (below, above) in zip(
        conflict.claims, conflict.printed, conflict.nearest, strict=False
    ):
        either = [f"{below} below it" if below else "", f"{above} above it" if above else ""]
        allowed = " and ".join(filter(None, either)) or "none near it"
        yield f"{words(key)}: printed {printed}; nearest that the others allow: {allowed}"


def words(key: str) -> str:
    """Return a key as a person reads it: "pain, follow-up, SD"."""
    short = key.replace("standard_deviation", "SD").replace("standard_error", "SE")
    return short.replace("follow_up", "follow-up").replace("_", " ").replace(".", ", ")


def drawn(conflict: Conflict) -> str:
    """Return the picture as SVG with a text that stands for it; empty where nothing is near."""
    if not conflict.nearest:
        return ""
    told = list(allowed_words(conflict))
    rows = "".join(
        _row(place * ROW, *each)
        for place, each in enumerate(
            zip(conflict.claims, conflict.printed, conflict.nearest, strict=False)
        )
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {ROW * len(told)}" role="img" '
        f'aria-label="{escape(". ".join(told), quote=True)}">{rows}</svg>'
        "<figcaption>Each dot is a printed number; the bars begin at the nearest number that "
        "the others would allow in its place, as they are read here.</figcaption></figure>\n"
    )


def _row(top: int, key: str, printed: str, nearest: tuple[str, str]) -> str:
    value, *ends = (float(parse(text).value) for text in (printed, *filter(None, nearest)))
    # A fall is often printed without its sign.
    value = -value if any(end < 0 for end in ends) else value
    least, most = min([value, *ends]), max([value, *ends])
    pad = (most - least) * 0.35 or abs(value) * 0.2 or 1.0

    def at(number: float) -> float:
        return LEFT + (number - least + pad) / (most - least + 2 * pad) * (RIGHT - LEFT)

    line, parts = top + 34, []
    for end, edge, anchor in zip(nearest, (LEFT, RIGHT), ("end", "start"), strict=True):
        if end:
            x = at(float(parse(end).value))
            parts.append(f'<line class="may" x1="{edge}" x2="{x:.1f}" y1="{line}" y2="{line}"/>')
            place = f'x="{x:.1f}" y="{line + 16}" text-anchor="{anchor}"'
            parts.append(f'<text class="small" {place}>{escape(end)}</text>')
    x = at(value)
    return (
        f'<text x="{LEFT}" y="{top + 14}">{escape(words(key))}: {escape(printed)}</text>'
        f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{line}" y2="{line}"/>{"".join(parts)}'
        f'<circle class="printed" cx="{x:.1f}" cy="{line}" r="5"/>'
    )
