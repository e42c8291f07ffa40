"""The manuscript is prose that an author can edit."""

from __future__ import annotations

import re

from commands import ROOT

TEXT = (ROOT / "paper.qmd").read_text()
BODY = TEXT.split("\n---\n", 1)[1]
# What is neither prose nor a plain shortcode: the marks of conditions, and the fences of blocks.
MARKS = re.compile(r"\]\{[^{}]*(?:when=|says=|\.if-known)[^{}]*\}|^:::.*$", re.MULTILINE)


def test_nearly_all_of_it_is_prose_and_plain_shortcodes() -> None:
    marks = sum(len(found[0]) for found in MARKS.finditer(BODY))
    assert marks / len(BODY) <= 0.15


def test_no_line_is_long() -> None:
    assert max(map(len, TEXT.splitlines())) <= 120
