"""Whatever word of a PDF is lost, changed or put elsewhere, the inspection tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
import typst
from planted import plant, text_of, typst_of

from paper.renderers.inspection.expected import Expected, read_expected
from paper.renderers.inspection.inspect import EXPECTED, text_faults
from paper.renderers.inspection.letters import letters
from paper.renderers.inspection.pdf import opened
from paper.renderers.inspection.stream import Line

HEADER = "A little trial of rest"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    paper = plant(tmp_path_factory.mktemp("planted"))
    paper.know("paper.pdf", text_of())
    return read_expected(paper.project.cache / EXPECTED / "typst.json")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    source = tmp_path_factory.mktemp("pdf") / "paper.typ"
    source.write_text(typst_of(text_of()))
    typst.compile(source, output=source.with_suffix(".pdf"))
    with opened(source.with_suffix(".pdf")) as (_, pages):
        return [line for page in pages for line in page.lines()]


def of_text(lines: Sequence[Line]) -> list[int]:
    """Return which lines are of the text: not the running head, nor the number of a page."""
    return [i for i, line in enumerate(lines) if HEADER not in line.text and len(line.text) > 3]


def test_a_line_that_is_lost(expected: Expected, lines: list[Line]) -> None:
    assert text_faults(expected, lines) == []
    for index in of_text(lines):
        assert text_faults(expected, lines[:index] + lines[index + 1 :]), lines[index]


def test_a_word_that_is_lost_or_changed(expected: Expected, lines: list[Line]) -> None:
    for index in of_text(lines):
        words = lines[index].text.split()
        for number, word in enumerate(words):
            # The label of a caption and the numbers of notes and citations are the format's own.
            if not letters(word) or word in {"Table", "1:", "1"} or "[1]" in word:
                continue
            for other in ([], ["quite"]):
                text = " ".join([*words[:number], *other, *words[number + 1 :]])
                spoilt = [*lines[:index], replace(lines[index], text=text), *lines[index + 1 :]]
                assert text_faults(expected, spoilt), text


def test_two_lines_that_change_places(expected: Expected, lines: list[Line]) -> None:
    # A note stands below whatever is above it.
    note = "everyone was asked"
    body = [i for i in of_text(lines) if lines[i].page == 1 and note not in lines[i].text]
    for one, other in pairwise(body):
        spoilt = list(lines)
        spoilt[one], spoilt[other] = spoilt[other], spoilt[one]
        assert text_faults(expected, spoilt), lines[one]


def test_pages_that_change_places(expected: Expected, lines: list[Line]) -> None:
    pages = sorted({line.page for line in lines})
    for first in pages:
        for second in pages:
            number = {first: second, second: first}
            moved = [replace(line, page=number.get(line.page, line.page)) for line in lines]
            spoilt = sorted(moved, key=lambda line: line.page)
            assert bool(text_faults(expected, spoilt)) == (first != second)


def test_a_page_that_comes_twice(expected: Expected, lines: list[Line]) -> None:
    last = max(line.page for line in lines)
    for page in range(1, last + 1):
        again = [replace(line, page=last + 1) for line in lines if line.page == page]
        assert text_faults(expected, [*lines, *again]), page
