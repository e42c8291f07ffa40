"""What of a text is prose: no code, address, citation or attribute, and nothing that is allowed."""

import re
from collections.abc import Iterable, Sequence

from paper.errors import PaperError
from paper.manuscript.printed_text import Passage
from paper.storage.allowed import Allowed

# Stands for every character that is not prose: no digit, no letter, no space.
BLANK = "\0"
COMMENT, CODE = r"<!--.*?-->", r"^```.*?^```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
SHORTCODE, ADDRESS = r"\{\{<.*?>\}\}", r"\]\([^)\n]*\)|https?://[^\s>]+"
VERBATIM = re.compile("|".join([COMMENT, SHORTCODE, CODE, ADDRESS]), re.DOTALL | re.MULTILINE)
# A citation or reference, the attributes of a block or a span, the mark of a footnote.
CITED = r"(?<!\w)@\w+(?:[:.#$%&+?<>~/-]\w+)*"
ATTRIBUTES = r"\{\s*(?:[#.]|[\w-]+=)[^{}]*\}"
STRUCTURE = re.compile(rf"{CITED}|{ATTRIBUTES}|\[\^[^\]\n]*\]")


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """Blank what matches a pattern, so that all else keeps its line and column."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", BLANK, found[0]), text)


def prose_without(
    passages: Iterable[Passage], allowed: Sequence[Allowed]
) -> tuple[list[tuple[Passage, str]], list[PaperError]]:
    """Blank, in the prose of passages, all that is allowed.

    Returns
    -------
    list
        Each passage, and its prose: what is not code, address, citation or attribute.
    list
        An error for each entry that allowed nothing.
    """
    read, allowing = [], set()
    for passage in passages:
        prose = blank(blank(passage.text, VERBATIM), STRUCTURE)
        for entry in allowed:
            without = blank(prose, entry.pattern)
            if without != prose:
                allowing.add(entry)
            prose = without
        read.append((passage, prose))
    nowhere = "stands nowhere in the text or the captions"
    return read, [
        PaperError(entry.place, f"{entry.text!r} {nowhere}", "Delete the entry.")
        for entry in allowed
        if entry not in allowing
    ]
