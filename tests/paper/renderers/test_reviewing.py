"""`paper import` takes what co-authors changed in Word, and nothing that is computed."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import docx
import pytest
from commands import run_paper
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from paper.renderers.reviewing.changes import take_changes
from paper.renderers.reviewing.word import Comment, Reviewed

NUMBERS = {
    "a.mean": {"text": "7.54", "notebook": "notebooks/01-a.ipynb"},
    "a.p": {"text": "P\u00a0<\u00a00.001", "notebook": "notebooks/01-a.ipynb"},
}
SOURCE = """\
---
title: >-
  A study of this and that
statements:
  ethics: "[Ethics approval: to be completed by the authors]"
abstract: |
  Pain was {{< num a.mean >}} at the beginning of all this.
---

## Methods

We asked *all* patients of the clinic, and [few]{says="few"} refused to
answer any question [@smith2020a].

::: {.key-points}
**Question.** How do such patients change after all this?
:::

### Pain

- One thing that was done to them first of all.
- The mean was {{< num a.mean >}} points ({{< num a.p >}}) on that day.
"""
DONE = "One thing that was done to them first of all."
KEY = "Question. How do such patients change after all this?"
TITLE = "A study of this and that"
PAIN = "Pain was 7.54 at the beginning of all this."
MEAN = "The mean was 7.54 points (P < 0.001) on that day."
ASKED = "We asked all patients of the clinic, and few refused to answer any question [1]."


def taken(before: str, after: str) -> tuple[str, list[str]]:
    """Take one change into the source; return it, and what is refused."""
    reviewed = [Reviewed(tuple(before.split()), tuple(after.split()), (), "")]
    new, _, refused = take_changes(reviewed, {"paper.qmd": SOURCE}, NUMBERS)
    return new["paper.qmd"], [str(one) for one in refused]


@pytest.mark.parametrize(
    ("before", "written", "old", "new"),
    [
        (DONE, "happened", "was done", "happened"),
        (DONE, "all.", "first of all.", "all."),
        (DONE, "done, too, to", "done to", "done, too, to"),
        (DONE, "first of all. New [words].", "first of all.", r"first of all. New \[words\]."),
        (KEY, "fare", "change", "fare"),
        (TITLE, "these and those", "this and that", "these and those"),
        ("Methods", "Patients and methods", "Methods", "Patients and methods"),
        (PAIN, "the start of", "the beginning of", "the start of"),
        (ASKED, "this clinic,", "the clinic,", "this clinic,"),
        (MEAN, "The mean score was", "The mean was", "The mean score was"),
    ],
)
def test_words_are_taken_into_the_source(before: str, written: str, old: str, new: str) -> None:
    assert SOURCE.count(old) == before.count(old) == 1
    assert taken(before, before.replace(old, written)) == (SOURCE.replace(old, new), [])


@pytest.mark.parametrize(
    ("before", "old", "new", "said"),
    [
        (MEAN, "7.54", "7.45", "a part of the number a.mean, which is computed"),
        (MEAN, "0.001", "0.01", "a part of the number a.p, which is computed"),
        (MEAN, "7.54 points (P < 0.001)", "high", "notebooks/01-a.ipynb, or the data, instead"),
        (ASKED, "[1]", "[2]", "not made of words alone"),
        (ASKED, "clinic, and few", "clinic who", "marks stand between these words"),
        ("Nothing of this is in it.", "this", "it", "is not in the article"),
        ("Energy", "Energy", "Vigour", "“Vigour” is not in the article"),
        # A few words of a caption stand in other sentences too.
        ("Patients of the clinic by age, sex and first diagnosis", "first", "last", "not in the"),
        (
            "Ethics approval: to be completed by the authors",
            "the authors",
            "us",
            "not made of words",
        ),
    ],
)
def test_what_is_not_words_is_refused(before: str, old: str, new: str, said: str) -> None:
    source, refused = taken(before, before.replace(old, new))
    assert source == SOURCE
    assert len(refused) == 1
    assert said in refused[0]


def test_comments_have_their_place() -> None:
    words = tuple(DONE.split())
    reviewed = [Reviewed(words, words, (Comment("Ann", "Which?", "One thing"),), "")]
    _, comments, refused = take_changes(reviewed, {"paper.qmd": SOURCE}, NUMBERS)
    assert comments == ["paper.qmd, line 21, column 3: Ann on “One thing”: Which?"]
    assert refused == []


def track(document: docx.document.Document, old: str, new: str) -> None:
    """Let a co-author replace some words, which stand in one run, by others."""
    run = next(run for run in document.element.body.iter(qn("w:r")) if old in run.text)
    before, _, after = run.text.partition(old)
    pieces = []
    for text, around in ((before, None), (old, "w:del"), (new, "w:ins"), (after, None)):
        piece = copy.deepcopy(run)
        for part in [part for part in piece if part.tag != qn("w:rPr")]:
            piece.remove(part)
        words = OxmlElement("w:delText" if around == "w:del" else "w:t")
        words.text = text
        words.set(qn("xml:space"), "preserve")
        piece.append(words)
        if around:
            change = OxmlElement(around)
            change.set(qn("w:author"), "Ann")
            change.set(qn("w:id"), "1")
            change.append(piece)
            piece = change
        pieces.append(piece)
    for piece in pieces:
        run.addprevious(piece)
    run.getparent().remove(run)


def test_a_reviewed_paper_comes_back(built: Path, tmp_path: Path) -> None:
    document = docx.Document(str(built / "_manuscript/paper.docx"))
    track(document, "are offered to patients", "are given to patients")
    track(document, "7.54", "7.45")
    document.add_comment(document.paragraphs[5].runs, "Is this so?", author="Ann")
    file = tmp_path / "reviewed.docx"
    document.save(str(file))
    paper = Path(shutil.copytree(built, tmp_path / "paper"))
    source = paper / "paper.qmd"
    before = source.read_text()
    ran = run_paper(paper, "import", str(file))
    assert ran.status == 1
    assert "+  **Background.** Ketamine infusions are given to patients" in ran.output
    assert "-  **Background.** Ketamine infusions are offered to patients" in ran.output
    assert "Ann on" in ran.output
    assert "Is this so?" in ran.output
    assert "a part of the number nrs.baseline.mean, which is computed" in ran.error
    assert "Change notebooks/02-pain-intensity.ipynb" in ran.error
    assert source.read_text() == before
    assert run_paper(paper, "import", str(file), "--write").status == 1
    assert source.read_text() == before.replace("are offered to", "are given to", 1)


def test_a_file_that_is_none_is_told(built: Path, tmp_path: Path) -> None:
    ran = run_paper(built, "import", str(tmp_path / "none.docx"))
    assert ran.status == 2
    assert "there is no such file" in ran.error
    (tmp_path / "text.docx").write_text("no Word file")
    ran = run_paper(built, "import", str(tmp_path / "text.docx"))
    assert ran.status == 2
    assert "Traceback" not in ran.error


def test_of_a_paragraph_all_changes_are_taken_or_none() -> None:
    source, refused = taken(MEAN, MEAN.replace("7.54", "7.45").replace("on that day", "then"))
    assert source == SOURCE
    assert len(refused) == 1


def test_text_that_is_moved_is_not_lost() -> None:
    moved = "was done to them"
    reviewed = [
        Reviewed(tuple(DONE.split()), tuple(DONE.replace(f"{moved} ", "").split()), (), ""),
        Reviewed(("Nowhere",), ("Nowhere", *moved.split()), (), ""),
    ]
    new, _, refused = take_changes(reviewed, {"paper.qmd": SOURCE}, NUMBERS)
    assert new["paper.qmd"] == SOURCE
    assert "moved to elsewhere" in str(refused[0])


def test_the_sentence_is_found_and_not_one_like_it() -> None:
    source = (
        SOURCE
        + "\nAt the end pain was {{< num a.mean >}} at the beginning of all this, they say.\n"
    )
    before = "At the end pain was 7.54 at the beginning of all this, they say."
    reviewed = [
        Reviewed(tuple(before.split()), tuple(before.replace("say", "said").split()), (), "")
    ]
    new, _, refused = take_changes(reviewed, {"paper.qmd": source}, NUMBERS)
    assert new["paper.qmd"] == source.replace("they say", "they said")
    assert refused == []


def test_a_split_paragraph_is_told_once_with_its_words() -> None:
    reviewed = [Reviewed((), ("A", "new", "paragraph."), (), "splits")]
    _, _, refused = take_changes(reviewed, {"paper.qmd": SOURCE}, NUMBERS)
    assert len(refused) == 1
    assert "splits a paragraph: “A new paragraph.”" in str(refused[0])
