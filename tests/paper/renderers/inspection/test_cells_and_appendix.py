"""Numbers in tables and in the appendix are told from others, whatever format has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from planted import plant, text_of

from paper.renderers.inspection.expected import Number
from paper.renderers.inspection.recorded.appendix import HEADING, compare_appendix
from paper.renderers.inspection.recorded.numbers import compare_numbers
from paper.renderers.inspection.stream import Line, Stream

ENTRY: dict[str, Any] = {
    "label": "Pain: change, P", "text": "P = 0.0012", "value": 0.00123456789, "unit": "", "n": 80,
    "rule": "4 decimals, below that the bound", "notebook": "notebooks/02-pain.ipynb",
    "cell": "nrs-change", "standing": {"kind": "bounded", "low": "0.0010", "high": "0.0015"},
    "printed": "p: 0.0012",
}  # fmt: skip
SHARE = {
    **ENTRY, "label": "Pain: share", "text": "22%", "value": 0.225, "unit": "proportion",
    "formula": "1 − {nrs.p}",
}  # fmt: skip
RECORDED = {"nrs.p": ENTRY, "relief.share": SHARE}


def told(key: str, text: str, part: str = "") -> list[str]:
    number = Number(key, text, part)
    return [fault.what for fault in compare_numbers([number], [number], [], RECORDED)]


@pytest.mark.parametrize(
    ("key", "part", "good", "bad"),
    [
        ("nrs.p", "", ["P = 0.0012", "0.0012"], ["0.0013", "0.001", "P < 0.0012"]),
        ("nrs.p", "low", ["0.0010"], ["0.0015", "0.0012"]),
        ("nrs.p", "high", ["0.0015"], ["0.0010"]),
        ("nrs.p", "printed", ["p: 0.0012"], ["p: 0.0021"]),
        ("nrs.p", "value", ["0.00123", "0.0012", "< 0.01"], ["0.00124", "< 0.001", "?"]),
        ("relief.share", "value", ["22.5", "22.50"], ["0.225", "22.6"]),
    ],
)
def test_a_cell_prints_what_is_recorded(
    key: str, part: str, good: list[str], bad: list[str]
) -> None:
    assert [told(key, text, part) for text in good] == [[]] * len(good)
    for text in bad:
        (what,) = told(key, text, part)
        assert key in what
        assert f"“{text}”" in what


def test_the_ends_of_an_interval_keep_their_order() -> None:
    low, high = Number("a.lower", "1"), Number("a.upper", "2")
    recorded = {"a.lower": {"text": "1"}, "a.upper": {"text": "2"}}
    assert compare_numbers([low, high], None, [], recorded) == []
    (fault,) = compare_numbers([high, low], None, [], recorded)
    assert fault.what == "a.upper stands before a.lower: the interval has its ends swapped"


def test_a_cell_of_another_key_is_told(tmp_path: Path) -> None:
    cell = '[7.54](a.html){.num data-key="pain.before"}'
    text = text_of("index.html").replace("| 7.54 |", f"| {cell} |")
    paper = plant(tmp_path)
    paper.know("index.html", text)
    assert paper.told_of("index.html", text) == ""
    other = text.replace(f"| {cell}", f"| {cell.replace('pain.before', 'pain.change')}")
    assert "the number pain.before “7.54” is missing once" in paper.told_of("index.html", other)
    paper.know("index.html", other)
    assert "is printed as “7.54”, not “−1.96”" in paper.told_of("index.html", other)


END = "n 80; 4 decimals, below that the bound; printed p: 0.0012"
HEAD = "Pain, 02-pain, nrs-change"
ROW = f"P = 0.0012 change, P: 0.0012345679; {END}"
OTHER = f"22% share: 1 − P = 0.0012 = 0.225; {END}"


def of_appendix(rows: list[str]) -> Iterator[str]:
    stream = Stream([Line(text, page) for page, text in enumerate([HEADING, HEAD, *rows], start=2)])
    return (f"{fault.page}: {fault.what}" for fault in compare_appendix(RECORDED, stream, RECORDED))


def test_an_appendix_is_compared_row_by_row() -> None:
    assert list(of_appendix([ROW, OTHER])) == []


@pytest.mark.parametrize(
    ("was", "planted"),
    [
        ("22%", "22"), ("22%", "23%"), ("0.225", "0.226"), ("n 80", "n 8"),
        ("1 − P = 0.0012", "1 − P = 0.0021"), ("4 decimals", "3 decimals"),
        ("p: 0.0012", "p: 0.0021"), ("share", "shares"),
    ],
)  # fmt: skip
def test_a_fault_in_the_appendix_is_told(was: str, planted: str) -> None:
    assert was in OTHER
    (what,) = of_appendix([ROW, OTHER.replace(was, planted)])
    assert "the row of relief.share in the appendix is not “22% share: 1 − P = 0.0012 = " in what


@pytest.mark.parametrize(("was", "planted"), [("02-pain", "03-pain"), ("nrs-change", "nrs-facts")])
def test_a_row_below_the_name_of_another_cell_is_told(was: str, planted: str) -> None:
    stream = Stream([Line(HEADING), Line(HEAD.replace(was, planted)), Line(ROW), Line(OTHER)])
    (fault,) = compare_appendix(RECORDED, stream, RECORDED)
    assert f"the row of nrs.p in the appendix is not “{HEAD} P = 0.0012" in fault.what


def test_a_row_that_stands_below_the_name_of_an_earlier_cell_is_told() -> None:
    later = {"relief.share": {**SHARE, "cell": "relief"}}
    names = [HEAD, HEAD.replace("nrs-change", "relief")]
    for rows, faults in (
        ([names[0], ROW, names[1], OTHER], 0),
        ([names[0], ROW, OTHER, names[1]], 1),
    ):
        stream = Stream([Line(text) for text in (HEADING, *rows)])
        assert len(list(compare_appendix(RECORDED, stream, {**RECORDED, **later}))) == faults


def test_bounds_in_the_appendix_keep_their_order() -> None:
    known = {key: entry for key, entry in ENTRY.items() if key != "printed"}
    row, swapped = (
        ROW.replace("printed p: 0.0012", f"bounds {ends}")
        for ends in ("0.0010 to 0.0015", "0.0015 to 0.0010")
    )
    for text, faults in ((row, 0), (swapped, 1)):
        stream = Stream([Line(HEADING), Line(HEAD), Line(text)])
        assert len(list(compare_appendix(["nrs.p"], stream, {"nrs.p": known}))) == faults
