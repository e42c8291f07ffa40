"""Look through the manuscript, as Pandoc reads it, for what is not in the subset of Quarto."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from declared import nearest
from paper.errors import PaperError
from paper.renderers.reading.images import FOLDER, FORMS, Media, keep_image

RUN = re.compile(r"\{\{?(?:python|r|julia|ojs|mermaid|dot|bash|sql)\b|r\s+\S")
BREAK = re.compile(r"\\(?:newpage|pagebreak|clearpage)\s*|<br\s*/?>|<!--.*", re.DOTALL)
NOTE = re.compile(r"\[\^[^\]\s]+\]")
LABEL = re.compile(r"\{#(?P<label>[\w-]+)\}?")
KINDS = {"fig", "tbl", "sec", "eq"}
# Kinds that Quarto numbers, and that are not known here.
OTHER_KINDS = re.compile(r"(?:lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg)-.*")
CALLOUT = re.compile(r"callout-(?!note$|tip$|warning$|caution$|important$)\w+")
CONDITION = re.compile(r"(?:when|unless)-(?!format$)\w+")
ENDINGS = {"jpeg": "jpg", "gif": "gif", **{form: form for form in FORMS.values()}}
# A line of a grid table, and the longest, as shares of the line that Pandoc was told of.
LINE_OF_GRID, MOST_OF_GRID = 72 / 10000, 0.1
ONLY_QUARTO = "See docs/manuscript.md for what is known, or render with Quarto (RENDERER=quarto)."
Attributes = tuple[str, list[str], dict[str, str]]


@dataclass
class Look:
    """One look through a manuscript; `where` says where words stand in its sources."""

    where: Callable[[str], str]
    source: str  # the text as it is written
    root: Path
    folder: Path  # of the article: images lie beside it
    kinds: set[str]  # of what may be referred to, by the letters before the dash
    media: Media
    problems: list[PaperError] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    references: list[str] = field(default_factory=list)

    def refuse(self, words: str, what: str, hint: str = ONLY_QUARTO) -> None:
        """Tell what is wrong with what stands there."""
        self.problems.append(PaperError(self.where(words), what, hint))

    def walk(self, part: Any, for_page: bool = False, alt: str = "") -> None:
        """Look through a part of the tree.

        `for_page`: whether only the page shows it, or a filter reads it.
        """
        if isinstance(part, dict) and "t" in part:
            kind, content = part["t"], part.get("c")
            look = getattr(self, f"_{kind.lower()}", None)
            if look and kind not in {"RawInline", "RawBlock", "Image"}:
                look(content)
            elif kind == "Image":
                self._image(content, alt)
            elif look and not for_page:
                look(content)
            _, classes, attributes = _attributes(content)
            for_page |= "content-visible" in classes and attributes.get("when-format") == "html"
            for_page |= any(one.startswith("output-") for one in classes)
            alt = attributes.get("fig-alt", alt)
            part = content
        if isinstance(part, list | dict):
            for inner in part if isinstance(part, list) else part.values():
                self.walk(inner, for_page, alt)

    def check_references(self, gone: set[str]) -> None:
        """Refuse references that lead nowhere; to what is left out, only what is left out does."""
        known = {one for one in self.labels if one.partition("-")[0] in self.kinds}
        for name in self.references:
            kind = name.partition("-")[0]
            if kind in self.kinds and name not in known | gone:
                hint = nearest(name, known) if known else ""
                self.refuse(f"@{name}", f"@{name} refers to nothing", hint)
            elif name in self.labels and kind not in self.kinds:
                self.refuse(f"@{name}", f"references of the kind {kind!r} are not known here")

    def check_levels(self, blocks: Sequence[Any]) -> None:
        """Refuse a heading that stands deeper than the next level below the one before."""
        headers = [block["c"] for block in blocks if block["t"] == "Header"]
        own = [one for one in headers if "of-front" not in one[1][1]]
        for before, (level, _, words) in pairwise(own) if own else ():
            if level > before[0] + 1:
                marks = "#" * level
                first = next((word["c"] for word in words if word["t"] == "Str"), "")
                what = f"a heading of level {level} follows one of level {before[0]}"
                self.refuse(f"{marks} {first}", what, f"Write {marks[: before[0] + 1]} before it.")

    def _label(self, name: str) -> None:
        if name in self.labels:
            self.refuse(f"#{name}", f"#{name} is the label of two things", "Rename one of them.")
        self.labels |= {name} if name else set()

    def _cite(self, content: Any) -> None:
        for one in content[0]:
            # As in Quarto: @Fig-x is @fig-x.
            name = one["citationId"][:1].lower() + one["citationId"][1:]
            if name.partition("-")[0] in self.kinds:
                one["citationId"] = name
            self.references.append(one["citationId"])

    def _str(self, content: str) -> None:
        if found := NOTE.search(content):
            hint = f"Write a paragraph {found[0]}: … with the note, or delete the mark."
            self.refuse(found[0], f"the footnote {found[0]} is not there", hint)
        if found := LABEL.fullmatch(content):
            self._label(found["label"])
            if not found["label"].startswith("eq-"):
                self.refuse(content, f"{content} belongs to nothing that has a number")

    def _code(self, content: Any) -> None:
        if RUN.match(content[1]):
            what = f"code to run is Python here: {' '.join(content[1].split())[:40]}"
            self.refuse(content[1].partition("\n")[0][:20].split()[0], what, "Embed its output.")

    def _codeblock(self, content: Any) -> None:
        name, classes, _ = _attributes(content)
        if name.startswith("lst-") or RUN.match("".join(classes)):
            self.refuse(name or classes[0], "listings and code to run are not known here")

    def _rawinline(self, content: Any) -> None:
        form, text = content
        # What is written `so`{=html} is meant for one format.
        is_meant = f"`{text}`{{={form}}}" in self.source or f"{{={form}}}\n{text}" in self.source
        if not (is_meant or BREAK.fullmatch(text)):
            only = "the page" if form == "html" else "LaTeX"
            what = f"only {only} would print {text.splitlines()[0]!r}"
            hint = "Write it as Markdown: @fig-x, [@key], $x$, a table of lines and bars."
            if form == "html":
                hint = 'Write it as Markdown, or in ::: {.content-visible when-format="html"}'
            self.refuse(text.splitlines()[0], what, hint)

    _rawblock = _rawinline

    def _header(self, content: Any) -> None:
        self._label(content[1][0])

    def _figure(self, content: Any) -> None:
        self._label(content[0][0])

    def _table(self, content: Any) -> None:
        self._label(content[0][0])
        # Its columns have shares of a line that is much longer, see NATURAL_WIDTHS.
        widths = [spec[1]["c"] for spec in content[2] if spec[1]["t"] == "ColWidth"]
        for spec in content[2] if widths and sum(widths) < MOST_OF_GRID else ():
            spec[1]["c"] *= min(1 / sum(widths), 1 / LINE_OF_GRID)

    def _div(self, content: Any) -> None:
        name, classes, attributes = _attributes(content)
        self._label(name)
        bad = [one for one in classes if one == "panel-tabset" or CALLOUT.fullmatch(one)]
        bad += [one for one in attributes if CONDITION.fullmatch(one)]
        if bad:
            shown = f"::: {{.{bad[0]}}}"
            self.refuse(bad[0], f"block {shown!r} is not known here")
        if OTHER_KINDS.fullmatch(name):
            self.refuse(f"#{name}", f"block {f'::: {{#{name}}}'!r} is not known here")
        tables = [n for n in nodes(content[1]) if n["t"] in {"Table", "RawBlock"}]
        if name.startswith("tbl-") and len(tables) != 1:
            what = f"#{name} holds {len(tables)} tables"
            self.refuse(f"#{name}", what, "Give each table a block of its own.")

    def _image(self, content: Any, alt: str) -> None:
        _, _, attributes = _attributes(content)
        target = content[2]
        if target[0].startswith(f"{FOLDER}/"):
            return
        words = attributes.pop("fig-alt", "") or attributes.pop("alt", "") or alt
        content[0][2] = [*attributes.items()]
        if words:
            content[1] = [{"t": "Str", "c": words}]
        elif not content[1]:
            hint = 'Write: ![A caption](file.png){fig-alt="What the image shows"}'
            self.refuse(target[0], f"no words say what {target[0]} shows", hint)
        path = unquote(target[0])
        file = self.root / path[1:] if path.startswith("/") else self.folder / path
        form = ENDINGS.get(file.suffix[1:].lower())
        if form is None or not file.is_file():
            what = f"the image {target[0]} is {'not there' if form else 'of no known kind'}"
            self.refuse(target[0], what, "Name a PNG, JPEG, SVG or PDF file beside the article.")
        else:
            name, image = re.sub(r"\W+", "-", path).strip("-"), file.read_bytes()
            try:
                target[0] = keep_image(self.media, name, {form: image})
            except ValueError as error:
                what = f"{target[0]} is no image that can be read: {error}"
                self.refuse(target[0], what, "Save it anew, with the ending of what it is.")


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a part of a tree."""
    if isinstance(part, dict) and "t" in part:
        yield part
    inner: Sequence[Any] = part if isinstance(part, list) else ()
    if isinstance(part, dict):
        inner = list(part.values())
    for one in inner:
        yield from nodes(one)


def _attributes(content: Any) -> Attributes:
    """Return identifier, classes and attributes of a node; empty for one that has none."""
    for part in content[:2] if isinstance(content, list) else ():
        if isinstance(part, list) and [type(one) for one in part] == [str, list, list]:
            return part[0], part[1], dict(part[2])
    return "", [], {}
