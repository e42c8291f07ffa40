"""What an embedded cell of a notebook shows, as Markdown."""

import base64
import re
from ast import literal_eval
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.notebooks.publish import OWN_MIME
from paper.renderers.reading.authors import listed
from paper.renderers.reading.images import FORMS, Media, compact, keep_image
from paper.storage.sources.code_in_text import split_options

FENCE, FOREIGN = "`" * 6, "::: output-"
# The words that Python has for an object that it cannot show.
REPR = re.compile(r"\s*\[?<[\w.]+")
MATH = re.compile(r"\s*\$+(?P<tex>.*?)\$+\s*", re.DOTALL)
SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#$@~^|]")  # what would be markup
Options = Mapping[str, Any]


@dataclass
class Cell:
    """An embedded cell: what it is called, and what it shows."""

    label: str
    options: Options
    where: str  # notebook and cell
    expand: Callable[[str], str]  # replaces the shortcodes of a text
    images: list[str] = field(default_factory=list)
    widths: list[str] = field(default_factory=list)  # of each image, where none is set
    blocks: list[str] = field(default_factory=list)  # all else

    def option(self, name: str) -> list[str]:
        """Return an option that must be there, as a list."""
        if not self.options.get(name):
            raise PaperError(self.where, f"has no {name}", f"Add a line: #| {name}: …")
        return [self.expand(str(one)) for one in listed(self.options[name])]

    def add(self, output: Mapping[str, Any], media: Media) -> None:
        """Take an output in the form that keeps most of it; recorded numbers are none."""
        data = output.get("data", {})
        if any(mime.startswith(OWN_MIME) for mime in data):
            return
        html, latex = data.get("text/html", ""), data.get("text/latex", "")
        text = output.get("text") or data.get("text/plain", "")
        if forms := {form: data[mime] for mime, form in FORMS.items() if mime in data}:
            name = f"{self.label}-{len(self.images) + 1}" if self.images else self.label
            try:
                content = {
                    f: compact(t) if f == "svg" else base64.b64decode(t) for f, t in forms.items()
                }
                self.images.append(keep_image(media, name, content))
                self.widths.append(_width(self.images[-1], output.get("metadata") or {}))
            except ValueError as error:
                raise PaperError(self.where, f"shows no image that can be read: {error}") from None
        elif "text/markdown" in data or (text and self.options.get("output") == "asis"):
            self.blocks.append(self.expand(data.get("text/markdown") or text))
        elif "<table" in html:
            self.blocks.append(_foreign("html", html))
        elif "tabular" in latex:
            self.blocks.append(_foreign("latex", latex))
        elif found := MATH.fullmatch(latex):
            tex = found["tex"].replace(r"\displaystyle", "").strip()
            self.blocks.append(f"$${tex}$$")
        elif html and not REPR.match(text):
            what = "shows HTML that is no table, which no format but the page can print"
            raise PaperError(self.where, what, "Show a figure, a table, or text beside it.")
        elif text.strip() and not (data and REPR.match(text)):
            self.blocks.append(f"{FENCE}\n{text.rstrip()}\n{FENCE}")

    def markdown(self) -> str:
        """Return all of it, with its caption."""
        text = "\n\n".join(self.blocks)
        if self.label.startswith("tbl-") and self.blocks:
            mark = "" if self.blocks[-1].startswith(FOREIGN) else ": "
            caption = self.option("tbl-cap")[0]
            return f":::: {{#{self.label}}}\n{text}\n\n{mark}{caption}\n::::\n"
        if not self.images:
            return f"{text}\n"
        return f"{text}\n\n{self._figures()}\n"

    def _figures(self) -> str:
        is_figure, count = self.label.startswith("fig-"), len(self.images)
        captions = self.option("fig-cap") if is_figure else listed(self.options.get("fig-cap"))
        # As for an image of the text, the caption serves where there are no words of its own.
        words = self.option("fig-alt") if "fig-alt" in self.options or not captions else captions
        inner = self.option("fig-subcap") if "fig-subcap" in self.options else [""] * count
        is_one = count == 1 or len(captions) > 1
        if is_one:
            inner = (captions or [""]) * count
        figures = []
        for place, image in enumerate(self.images):
            alt = words[min(place, len(words) - 1)].replace('"', "'").replace("\n", " ").strip()
            number = f"-{place + 1}" if count > 1 else ""
            # What has neither caption nor number is part of the figure around it.
            name = f"#{self.label}{number} " * (is_figure and bool(inner[place]))
            width = self.options.get("out-width", self.widths[place])
            sized = f" width={width}" if width else ""
            figures.append(f'![{inner[place]}]({image}){{{name}alt="{alt}"{sized}}}')
        if is_one:
            return "\n\n".join(figures)
        columns = self.options.get("layout-ncol", 1)
        name = f"#{self.label} " * is_figure
        text = "\n\n".join([*figures, *captions])
        return f"::: {{{name}layout-ncol={columns}}}\n{text}\n:::"


def _width(image: str, metadata: Mapping[str, Any]) -> str:
    """Return how wide an image is: a drawing as the text, a picture as its pixels let it be.

    As in Quarto, a picture for screens of twice as many pixels says how many of theirs it takes.
    """
    if not Path(image).suffix:
        return "100%"
    widths = (of_form.get("width") for of_form in metadata.values() if isinstance(of_form, dict))
    return next((f"{width}px" for width in widths if isinstance(width, int)), "")


def _foreign(form: str, text: str) -> str:
    """Return a table that a filter reads: no Markdown can hold all that it may have."""
    return f"{FOREIGN}{form}\n{FENCE}{{={form}}}\n{text}\n{FENCE}\n:::"


def cell_as_markdown(
    cell: Mapping[str, Any], target: str, expand: Callable[[str], str], media: Media
) -> str:
    """Return what a cell shows; nothing if it shows nothing.

    Raises PaperError if it shows nothing that all formats can print, or lacks caption or words.
    """
    path, _, label = target.partition("#")
    options, _ = split_options(cell["source"], path)
    shown = Cell(label, options, f"{path}, cell {label}", expand)
    for output in cell["outputs"]:
        shown.add(output, media)
    return shown.markdown() if shown.images or shown.blocks else ""


def code_as_markdown(cell: Mapping[str, Any], path: str) -> str:
    """Return the code of a cell, without its options."""
    return f"{FENCE}python\n{split_options(cell['source'], path)[1]}\n{FENCE}\n\n"


def value_as_markdown(cell: Mapping[str, Any], where: str) -> str:
    """Return the value of code within a line: words as they are, of other values how they look.

    Raises PaperError if it has none that stands in a line.
    """
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "text/markdown" in data:
            return str(data["text/markdown"]).strip()
        if text := data.get("text/plain"):
            is_text = text[0] == text[-1] and text[0] in "'\""
            return SPECIAL.sub(r"\\\g<0>", literal_eval(text)) if is_text else str(text)
    what = f"{cell['source']} has no value that stands in a line"
    raise PaperError(where, what, "Run the notebooks: paper run.")
