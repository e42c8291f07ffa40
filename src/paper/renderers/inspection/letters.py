"""What two prints of the same text have in common: its letters, digits and signs, in order.

Formats differ in spaces, hyphens at line ends, ligatures, quotation marks and capitals. None of
that is a fault, so none of it is compared.
"""

import re
import unicodedata
from itertools import accumulate

# Signs that change what a number says. A hyphen is none of them: at a line end it comes and goes.
SIGNS = "\N{MINUS SIGN}\N{PLUS-MINUS SIGN}<>=≤≥%+×"
# A right-to-left script is drawn from its end, so that its order in a PDF says nothing.
RIGHT_TO_LEFT = {"R", "AL", "AN"}
HYPHEN_FOR_MINUS = re.compile(r"(?<!\w)-(?=\d)")
LONGEST_QUOTE = 60


class _Kept(dict[int, str | None]):
    """Says of each character whether it is kept; asked of a character only once."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        is_kept = character in SIGNS or (
            character.isalnum() and unicodedata.bidirectional(character) not in RIGHT_TO_LEFT
        )
        self[code] = character if is_kept else None
        return self[code]


_KEPT = _Kept()


def letters(text: str) -> str:
    """Return letters and digits of a text, without accents and case, and the signs of numbers."""
    return unicodedata.normalize("NFKD", text).casefold().translate(_KEPT)


def with_minus(text: str) -> str:
    """Return a text with the minus signs that its author typed as hyphens; Typst does so too."""
    return HYPHEN_FOR_MINUS.sub("\N{MINUS SIGN}", text)


def cut(text: str, start: int, end: int) -> str:
    """Return the part of a text whose letters are those from one offset to another."""
    after = accumulate(len(letters(character)) for character in text)
    return "".join(
        character for character, kept in zip(text, after, strict=True) if start < kept <= end
    )


def quoted(text: str) -> str:
    """Return a text as a message quotes it: on one line, cut where it is long."""
    line = " ".join(text.split())
    if len(line) > LONGEST_QUOTE:
        line = line[:LONGEST_QUOTE].rpartition(" ")[0] + " …"
    return f"“{line}”"
