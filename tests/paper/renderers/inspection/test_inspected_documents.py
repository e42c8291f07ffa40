"""A ruined page, Word file or JATS article is told from a good one."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import FORMATS, Planted, number, plant, text_of

SECOND = "who came to the clinic in the course of a single year."
TWO_PARAGRAPHS = text_of()[text_of().index("Nothing can") :]
NOTHING, TRIAL = TWO_PARAGRAPHS.strip().split("\n\n")


@pytest.fixture(params=FORMATS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def planted(tmp_path: Path, name: str) -> Planted:
    paper = plant(tmp_path)
    paper.know(name, text_of(name))
    return paper


def test_a_good_file_is_left_alone(planted: Planted, name: str) -> None:
    assert planted.told_of(name, text_of(name)) == ""


FAULTS = {
    "a missing sentence": (
        TRIAL,
        "",
        "“A trial that compares rest with work, among patients like …” is",
    ),
    "a missing heading": ("## Discussion", "", "“Discussion” is missing after “"),
    "a paragraph printed twice": (NOTHING, f"{NOTHING}\n\n{NOTHING}", "is printed twice"),
    "paragraphs out of order": (
        f"{NOTHING}\n\n{TRIAL}",
        f"{TRIAL}\n\n{NOTHING}",
        "stands and not where it belongs, after “",
    ),
    "a word too much": (
        "of a single year",
        "of a single single year",
        "“single” is printed after “",
    ),
    "a missing caption": (
        ": Outcomes of all patients who were seen twice.",
        "",
        "“Outcomes of all",
    ),
    "a missing row": ("| Pain of the night | 6.31 | −0.42 |\n", "", "the row “Pain of the night"),
    "a missing note": (
        "^[Not\neveryone was asked, for want of time.]",
        "",
        "“Not everyone was asked",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told(planted: Planted, name: str, fault: str) -> None:
    old, new, told = FAULTS[fault]
    assert old in text_of(name)
    told_of_it = planted.told_of(name, text_of(name).replace(old, new, 1))
    assert told_of_it.startswith(f"{name}: ")
    assert told in told_of_it


KEY = "pain.change"
OF_NUMBERS = {
    "missing": ("", f"the number {KEY} “−1.96” is missing once"),
    "twice": ("{} {}", f"the number {KEY} “−1.96” is there once too often"),
    "unmarked": ("−1.96", f"the number {KEY} “−1.96” is missing once"),
}


@pytest.mark.parametrize("fault", OF_NUMBERS)
def test_each_number_is_there_once(planted: Planted, name: str, fault: str) -> None:
    new, told = OF_NUMBERS[fault]
    marked = number(KEY, name)
    text = text_of(name).replace(marked, new.replace("{}", marked), 1)
    # A Word file holds no keys, but texts in the style of numbers.
    expected = told.replace(f" {KEY}", "") if name == "paper.docx" else told
    assert f"{name}: {expected}" in planted.told_of(name, text)


def test_a_number_that_is_not_the_recorded_one_is_told(planted: Planted, name: str) -> None:
    text = text_of(name).replace("−1.96]", "−1.97]")
    planted.know(name, text)
    told = f"{name}: the number {KEY} is printed as “−1.97”, not “−1.96”"
    assert told in planted.told_of(name, text)


def test_a_number_that_a_filter_lost_is_told(planted: Planted, name: str) -> None:
    text = text_of(name).replace(number(KEY, name), "−1.96")
    planted.know(name, text)
    assert f"{name}: the number {KEY} of the sources is lost once" in planted.told_of(name, text)


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff\xfe"])
def test_what_is_no_such_file_is_told(planted: Planted, name: str, content: bytes) -> None:
    (planted.folder / name).write_bytes(content)
    assert planted.told(name).startswith(f"{name}: ")  # and no traceback
