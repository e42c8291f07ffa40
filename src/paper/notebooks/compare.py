"""Compare the outputs of a notebook with those of another run of it: numbers, tables, figures."""

import base64
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from itertools import zip_longest
from typing import Any

from paper.errors import PaperError
from paper.notebooks.begin import SCALES_MIME
from paper.notebooks.figures import AS_SVG, SVG
from paper.notebooks.notebook_file import code_cells, label_of
from paper.notebooks.publish import FACTS_MIME, MIME, PRINTED_MIME, STANDING_MIME

# A column of a table is as wide as its widest cell.
PADDING = re.compile(r" {2,}|-{3,}")
# What cells record by key → what one such thing is called.
RECORDED = {
    MIME: "number",
    FACTS_MIME: "fact",
    SCALES_MIME: "scale",
    STANDING_MIME: "standing",
    PRINTED_MIME: "printed text",
}
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
LONGEST = 100
HINT = "Find out why, or `paper run --all` and commit what it gives."

Content = Mapping[str, Any]


def differences(
    path: str, committed: Content, fresh: Content, *, numbers_only: bool = False
) -> Iterator[PaperError]:
    """Yield an error for each number, text and figure of a notebook that came out otherwise.

    `committed`, `fresh`: the notebook as committed, and as it came out of another run.
    """
    for one, other in zip(code_cells(committed), code_cells(fresh), strict=True):
        place = f"{path}, cell {label_of(one, path)}"
        for key, what in _of_numbers(one, other):
            yield PaperError(f"{place}, {key}", what, HINT)
        for what in () if numbers_only else _of_outputs(_shown(one), _shown(other)):
            yield PaperError(place, what, HINT)


def _of_numbers(one: Content, other: Content) -> Iterator[tuple[str, str]]:
    for mime, name in RECORDED.items():
        before, now = recorded_by(one, mime), recorded_by(other, mime)
        for key in before | now:
            if key not in now:
                yield key, f"{name} committed, and a fresh run gives none"
            elif key not in before:
                yield key, f"{name} not committed, and a fresh run gives {_brief(now[key])}"
            elif before[key] != now[key]:
                yield key, "; ".join(_of_fields(before[key], now[key]))


def recorded_by(cell: Content, mime: str) -> dict[str, Any]:
    """Return what a cell recorded of one kind, by its key."""
    found: dict[str, Any] = {}
    for output in cell["outputs"]:
        found |= output.get("data", {}).get(mime, {})
    return found


def _of_fields(before: Any, now: Any) -> Iterator[str]:
    if not isinstance(before, dict) or not isinstance(now, dict):
        yield _both(before, now)
        return
    for field in before | now:
        if before.get(field) != now.get(field):
            yield f"{field} {_both(before.get(field), now.get(field))}"


def _shown(cell: Content) -> list[dict[str, Any]]:
    """Return the outputs of a cell that are no numbers, each as kind → content."""
    shown = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            shown.append({f"printed to {output['name']}": output["text"]})
        elif data := output.get("data"):
            # Beside numbers stands, as plain text, a list of them.
            shown.append({} if RECORDED.keys() & data.keys() else data)
    return shown


def _of_outputs(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[str]:
    if len(before) != len(now):
        yield f"{len(before)} outputs committed, a fresh run gives {len(now)}"
        return
    for one, other in zip(before, now, strict=True):
        for kind in one | other:
            if kind not in other:
                yield f"output {kind} committed, a fresh run gives none"
            elif kind not in one:
                yield f"output {kind} not committed, a fresh run gives one"
            elif one[kind] != other[kind] and not _looks_alike(kind, one[kind], other[kind]):
                yield _of_texts(kind, one[kind], other[kind])


def _of_texts(kind: str, before: Any, now: Any) -> str:
    if kind.startswith("image/") or kind == "application/pdf":
        return f"the figure ({kind}) is not the one that a fresh run draws"
    lines = zip_longest(str(before).splitlines(), str(now).splitlines(), fillvalue="")
    for number, (one, other) in enumerate(lines, start=1):
        if one != other:
            return f"output {kind}, line {number}: {_both(one, other)}"
    return f"output {kind} ends otherwise"


def _both(before: Any, now: Any) -> str:
    return f"committed {_brief(before)}, a fresh run gives {_brief(now)}"


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _looks_alike(kind: str, one: Any, other: Any) -> bool:
    """Return whether two figures are the same but for how well their files were compressed."""
    unpack = {"image/png": _pixels, "application/pdf": _unpacked}.get(kind)
    with suppress(ValueError, OSError, zlib.error):
        return unpack is not None and unpack(one) == unpack(other)
    return False


def _pixels(image: str) -> object:
    from PIL import Image  # noqa: PLC0415  (only where files differ)

    with Image.open(io.BytesIO(base64.b64decode(image))) as opened:
        return opened.mode, opened.size, opened.tobytes()


def _unpacked(document: str) -> object:
    return [zlib.decompress(found) for found in STREAM.findall(base64.b64decode(document))]


def alike(one: Content, other: Content) -> bool:
    """Return whether two outputs are the same, byte by byte but for the width of columns."""
    first, second = one.get("data", {}), other.get("data", {})
    drawn = {
        kind for kind in first.keys() & second.keys() if SVG in first and second[kind] == AS_SVG
    }
    return (
        first.keys() == second.keys()
        and narrow(one.get("text", "")) == narrow(other.get("text", ""))
        and _known(one, drawn) == _known(other, drawn)
        and all(
            first[kind] == second[kind]
            or (kind.startswith("text") and narrow(first[kind]) == narrow(second[kind]))
            for kind in first.keys() - drawn
        )
    )


def _known(output: Content, drawn: Set[str]) -> Content:
    """Return what is said of an output, but for the size of forms that are not compared."""
    return {kind: of for kind, of in output.get("metadata", {}).items() if kind not in drawn}


def narrow(text: Any) -> str:
    """Return a text without what only makes its columns as wide as they are."""
    return PADDING.sub(lambda of: "---" if of[0][0] == "-" else " ", str(text))
