"""Tables as Markdown, of texts that mean nothing but themselves."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from beforeafter.wording.format import one_line

SIDES = {"l": "left", "r": "right", "c": "center"}
# Marks of Markdown, TeX, Typst, HTML, citations and shortcodes; `<` and `&` where they begin one.
MARKS = re.compile(
    r"[\\`*{}\[\]~^$@#|]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?{])|>(?=\})|&(?=[#A-Za-z])|-(?=-)"
)
# What breaks a line, or turns the order of letters around.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
# Invisible: what is printed can be told from a shortcode that was left over.
WORD_JOINER = "\N{WORD JOINER}"
# Around a number in a cell, whose key goes with it: of no script, so that no label has them.
BEGIN, TEXT, END = "\ue000\ue001\ue002"
KEYED = re.compile(rf"{BEGIN}([\w.]+):(\w*){TEXT}(.*?){END}")


def inert(text: str) -> str:
    """Return a text that means nothing but itself, in Markdown and in all that is made of it.

    Labels and categories come from files that others write: what looks like HTML, TeX, Typst, a
    link or a shortcode is printed, not followed. Control characters become a space.
    """
    plain = CONTROLS.sub(" ", text).replace("{{<", f"{{{WORD_JOINER}{{<")
    return MARKS.sub(lambda mark: f"\\{mark[0]}", plain)


def keyed(text: str, key: str, part: str = "") -> str:
    """Return the text of a number for a cell of a table, so that its key goes with it, if any.

    `part` says what of the number it is: `low`, `high` and `printed` of what is known of it, or
    `value`, with other digits than it is published with.
    """
    shown = one_line(text)
    return f"{BEGIN}{key}:{part}{TEXT}{shown}{END}" if key else shown


def _span(found: re.Match[str]) -> str:
    """Return a number as HTML that shows nothing but its text where no filter reads it."""
    key, part, text = found.groups()
    of = f' data-part="{part}"' if part else ""
    return f'<span data-key="{key}"{of}>{text}</span>'


class MarkdownTable(str):
    """A table that notebooks show as one."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Be short where only plain text is shown."""
        return "A table"

    def _repr_markdown_(self) -> str:
        return str(self)


class PlainText(str):
    """A text that notebooks show as it is."""

    __slots__ = ()
    __repr__ = str.__str__


def markdown_table(rows: Sequence[Mapping[str, str]], align: str) -> MarkdownTable:
    """Write rows as a pipe table, the one form of table that survives every format.

    Parameters
    ----------
    rows
        One mapping of column → text per row; texts are made inert.
    align
        A letter per column: l, r or c.
    """
    sides = [SIDES[letter] for letter in align]
    safe = [
        {inert(column): KEYED.sub(_span, inert(text)) for column, text in row.items()}
        for row in rows
    ]
    table = pd.DataFrame(safe).to_markdown(index=False, disable_numparse=True, colalign=sides)
    return MarkdownTable(table)
