"""Images in the form that each format takes: drawings stay drawings where they can."""

import base64
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

Media = dict[str, bytes]
# MIME type of an output → form; the page and the PDF take SVG, LaTeX PDF, Word and JATS PNG.
FORMS = {"image/svg+xml": "svg", "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
DRAWN = ("svg", "pdf")
Form = Literal["svg", "pdf", "png"]
NEEDED: tuple[Form, ...] = ("svg", "pdf", "png")
BEGINNINGS = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "gif": b"GIF8"}
FOLDER = "paper_files"
PIXELS_PER_INCH = 300
# What a drawing does without, a sixth of it: lines for each corner, indents, who drew it, digits of
# a coordinate below a hundredth of a point.
SPARED = {
    re.compile(r"(?<=\d) ?\n(?:([MLQC]) |(z)\n)"): r"\1\2",
    re.compile(r"\n\s+"): "\n",
    re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL): "",
    re.compile(r'(?<=[\s"MLQC])(-?\d+\.\d\d)\d+(?=[\s"MLQCz])'): r"\1",
}
IN_BASE64 = re.compile(r"data:image/svg\+xml;base64,([\w+/=]+)")
# What may stand in an address within quotes as it is, beside letters and digits.
PLAIN = " /:;=,'()!*?[]{}|@$&+"


def keep_image(media: Media, name: str, forms: Mapping[str, bytes]) -> str:
    """Keep an image in all forms that formats need.

    `media`: name → content, of all images. Returns how the text names it: without an ending if
    formats take it in different forms. Raises ValueError at what is no image of its form.
    """
    drawn = next((form for form in DRAWN if form in forms), None)
    if drawn is None:
        form, content = next(iter(forms.items()))
        if not content.startswith(BEGINNINGS[form]):
            message = f"it does not begin as {form.upper()} does"
            raise ValueError(message)
        media[f"{name}.{form}"] = content
        return f"{FOLDER}/{name}.{form}"
    for form in NEEDED:
        media[f"{name}.{form}"] = forms.get(form) or _converted(drawn, forms[drawn], form)
    return f"{FOLDER}/{name}"


def compact(drawing: str) -> bytes:
    """Return an SVG in fewer bytes: a page has all of them in it."""
    for spared, left in SPARED.items():
        drawing = spared.sub(left, drawing)
    return drawing.encode()


def drawings_as_text(page: str) -> str:
    """Return a page in which drawings stand as text: a sixth less than in base64."""

    def as_text(found: re.Match[str]) -> str:
        drawing = base64.b64decode(found[1]).decode().replace("\n", " ")
        return f"data:image/svg+xml,{quote(drawing, safe=PLAIN)}"

    return IN_BASE64.sub(as_text, page)


def _converted(given: str, content: bytes, wanted: Form) -> bytes:
    # A slow import, and few images need it.
    import typst  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.typ"
        (Path(folder) / f"image.{given}").write_bytes(content)
        page = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
        source.write_text(f'{page}#image("image.{given}")', encoding="utf-8")
        try:
            made = typst.compile(
                source, format=wanted, ppi=PIXELS_PER_INCH, ignore_system_fonts=True, timestamp=0
            )
        except typst.TypstError as error:
            raise ValueError(str(error)) from None
    return bytes(made if not isinstance(made, list) else made[0] or b"")
