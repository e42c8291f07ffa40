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
COMMENTS = re.compile(COMMENT, re.DOTALL)
VERBATIM = re.compile("|".join([COMMENT, SHORTCODE, CODE, ADDRESS]), re.DOTALL | re.MULTILINE)
# A citation or reference, the attributes of a block or a span but not what they tell of a figure or
# table, the mark of a footnote.
CITED = r"(?<!\w)@\w+(?:[:.#$%&+?<>~/-]\w+)*"
ATTRIBUTES = r"\{\s*(?:[#.]|[\w-]+=)[^{}]*\}"
TOLD = re.compile(r'\b(?:alt|cap|subcap)="(?P<told>[^"{}]*)"(?=[^{}]*\})')
STRUCTURE = re.compile(rf"{CITED}|{ATTRIBUTES}|\[\^[^\]\n]*\]")
# A list, which begins after an empty line, and the numbers of its items.
LIST = re.compile(r"(?:\A|(?<=\n\n))[ \t>]*\(?\d+[.)]\s.*?(?=\n\s*\n|\Z)", re.DOTALL)
ITEM = re.compile(r"^[ \t>]*\(?\d+[.)](?=\s)", re.MULTILINE)
# Pages and the like of a citation: [@key, pp. 3-5; @other, chap. 2], @key [p. 5].
LOCATOR = re.compile(
    r"(?<=\0)(?:,\s*|\s\[)(?:[a-z]+\.?\s)?[\dIVXLCivxlc]+(?:[-–,]\s?\d+)*(?=\s*[\];,])"
)
# H~2~O, x^2^, m²; in a formula, powers, subscripts and halves.
RAISED = re.compile(
    r"(?<=[^\W\d_])[~^][−+-]?\d+[+−-]?[~^]|(?<=[)\]])[~^]\d+[~^]|(?<=[^\W\d])[²³]"
    r"|(?<=[\w)\]}])[_^](?:\{[−+-]?\d+\}|\d)|\\frac\{?1\}?\{?2\}?"
)
# DOI, ORCID, and the registers of trials and reviews.
IDENTIFIER = re.compile(
    r"\b10\.\d{4,9}/[^\s\])}]+|\b(?:\d{4}-){3}\d{3}[\dX]\b|\b\d{4}-\d{6}-\d{2}(?:-\d{2})?\b"
    r"|\b(?:NCT|ISRCTN|ACTRN|ChiCTR\S*|DRKS|UMIN|jRCT[a-z]?|PACTR|CRD|CTRI/|IRCT|KCT|NTR|PMC)"
    r"\d[\d/]{3,}\w*"
)


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """Blank what matches a pattern, so that all else keeps its line and column."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", BLANK, found[0]), text)


def put_back(prose: str, text: str, ends: Iterable[tuple[int, int]]) -> str:
    """Put stretches of a text that were blanked back into its prose."""
    for start, end in ends:
        prose = prose[:start] + text[start:end] + prose[end:]
    return prose


def prose_without(
    passages: Iterable[Passage], allowed: Sequence[Allowed]
) -> tuple[list[tuple[Passage, str]], list[PaperError]]:
    """Blank, in the prose of passages, all that is allowed.

    Returns each passage, and its prose: what is not code, address, citation or attribute; an error
    for each entry that allowed nothing.
    """
    read, allowing = [], set()
    for passage in passages:
        prose = LIST.sub(lambda found: blank(found[0], ITEM), passage.text)
        prose = blank(blank(prose, VERBATIM), IDENTIFIER)
        told = [found.span("told") for found in TOLD.finditer(prose)]
        for pattern in (STRUCTURE, LOCATOR, RAISED):
            prose = blank(prose, pattern)
        prose = put_back(prose, passage.text, told)
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
