"""The text is followed over pages, gaps and floats, and what is wrong is told by its name."""

from __future__ import annotations

from paper.renderers.inspection.expected import GAP, Block, Expected, Row
from paper.renderers.inspection.inspect import text_faults
from paper.renderers.inspection.stream import Line

SENTENCE = "Pain fell in all of the patients who were seen again after a month."


def told(expected: Expected, *pages: tuple[str, ...]) -> list[str]:
    """Return what is told of a file with these lines."""
    lines = [Line(text, page) for page, texts in enumerate(pages, start=1) for text in texts]
    return [fault.what for fault in text_faults(expected, lines)]


def test_a_word_may_be_broken_between_pages_right_behind_a_citation() -> None:
    text = f"Chronic pain that resists {GAP} the usual treatments leaves patients with little."
    first = ("Chronic pain that resists [1] the usu-",)
    second = ("A running head", "al treatments leaves patients", "with little.")
    assert told(Expected([Block(text)]), first, second) == []


def test_a_row_may_be_broken_between_pages() -> None:
    rows = [
        Row(("Key", "Change", "Unit")),
        Row(("first.change", "−2", "points")),
        Row(("second.change.mean", "−1.96", "points of ten")),
        Row(("third.change", "−3", "points")),
    ]
    first = ("Key Change Unit", "first.change −2 points", "second.change. −1.96 points")
    second = ("Key Change Unit", "mean of ten", "third.change −3 points")
    assert told(Expected(tables=[rows]), first, second) == []
    assert told(Expected(tables=[rows]), first, (second[0], "mean", second[2])) == [
        "the row “second.change.mean −1.96 points of ten” of a table is not printed as it should be"
    ]


def test_a_caption_may_say_what_the_text_says() -> None:
    expected = Expected([Block(SENTENCE), Block("Nothing more is known.")], [Block(SENTENCE)])
    lines = (SENTENCE, "Figure 1.", SENTENCE, "Nothing more is known.")
    assert told(expected, lines) == []


def test_a_heading_that_is_missing_is_not_taken_for_a_word_below() -> None:
    flow = [Block("First words."), Block("Results", is_heading=True), Block(SENTENCE)]
    flow.append(Block("These are all results that there are."))
    lines = ("First words.", SENTENCE, "These are all results that there are.")
    assert told(Expected(flow), lines) == ["“Results” is missing after “First words.”"]


def test_first_words_before_a_reference_are_not_those_within_a_caption_before_them() -> None:
    caption = f"{GAP} Patients who were seen again and patients lost, compared at the start."
    flow = [Block(SENTENCE), Block(f"Patients lost. ({GAP}) With each of them pain fell less.")]
    lines = (
        SENTENCE,
        "Table 5. Patients who were seen again and patients lost, compared at",
        "the start.",
        "Patients lost. (Table 5) With each of them pain fell less.",
    )
    assert told(Expected(flow, [Block(caption)]), lines) == []


def test_a_word_between_two_references_is_not_that_which_begins_a_line_below() -> None:
    flow = [Block(SENTENCE), Block(f"See {GAP} and {GAP}."), Block("Results", is_heading=True)]
    lines = (SENTENCE, "See Figure 1 and Table 1.", "Results", "Figure 1. Of pain", "and of mood.")
    assert told(Expected(flow, [Block(f"{GAP} Of pain and of mood.")]), lines) == []
