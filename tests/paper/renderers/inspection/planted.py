"""A text, and files made of it or of something else, to see what an inspection tells of them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pypandoc
import typst
from little import write_little_paper

from paper.renderers.inspection.inspect import inspect
from paper.renderers.inspection.recorded.numbers import EXPECTED, PRINTED
from paper.storage.project import Project, open_project

PANDOC = pypandoc.get_pandoc_path()
FORMATS = {"index.html": "html5", "paper.docx": "docx", "paper.xml": "jats_archiving"}
KINDS = {"index.html": "html", "paper.docx": "docx", "paper.xml": "jats", "paper.pdf": "typst"}
# A few of these fill a page of this size.
PREAMBLE = """\
#set page(width: 320pt, height: 260pt, margin: 36pt, header: [_A little trial of rest_],
  numbering: "1")
#set text(size: 9pt, lang: "en")
#set par(justify: true)
#set figure(placement: auto)
"""
NUMBERS = {"pain.before": "7.54", "pain.change": "−1.96", "pain.p": "P < 0.001", "n": "89"}


def number(key: str, form: str = "") -> str:
    """Return a recorded number as a format has it, in Markdown."""
    text = NUMBERS[key].replace(" ", "\N{NO-BREAK SPACE}")
    marks = {
        "index.html": f'[{text}](a.html){{.num data-key="{key}"}}',
        "paper.docx": f'[{text}]{{custom-style="Number" data-key="{key}"}}',
        "paper.xml": f'[{text}]{{content-type="number" vocab-term="{key}"}}',
    }
    return marks.get(form, f'[{text}]{{.number data-key="{key}"}}')


def text_of(form: str = "") -> str:
    """Return the text, in Markdown, with its numbers as a format has them."""
    return f"""\
## Introduction

Chronic pain that resists the usual treatments leaves patients and clinicians with few options, and
none of these is known to work for longer than a few weeks in a difficult, official trial [@one].

It began with {number("n", form)} patients who came to the clinic in the course of a single year.

## Results

Pain intensity went from {number("pain.before", form)} points at the beginning to a value that was
lower by {number("pain.change", form)} points at the end ({number("pain.p", form)}), which is what
patients call much improved, and most of those who were asked said that they would do it again.^[Not
everyone was asked, for want of time.]

- the first reason that they gave was that they could sleep through the night without waking;

- the second was that they needed fewer tablets, and had the energy to leave the house.

| Outcome | Before | Change |
|---|---|---|
| Pain of the day | 7.54 | −1.96 |
| Pain of the night | 6.31 | −0.42 |

: Outcomes of all patients who were seen twice.

## Discussion

Nothing can be said about the reasons for this, because there was no group with which patients could
be compared, and because all of them knew what they were given and what was hoped for.

A trial that compares rest with work, among patients like these, would need three times as many and
would have to follow them for a year or longer.
"""


def _pandoc(text: str, writer: str, *options: str) -> str:
    command = [PANDOC, "--from=markdown", f"--to={writer}", *options]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


@dataclass(frozen=True)
class Planted:
    """A paper whose text is known, and a folder for files that claim to be it."""

    project: Project
    folder: Path

    def know(self, name: str, text: str) -> None:
        """Let the inspection know what a file should say."""
        texts = self.project.cache / EXPECTED
        texts.mkdir(exist_ok=True)
        (texts / f"{KINDS[name]}.json").write_text(_pandoc(text, "json"))

    def told(self, name: str) -> str:
        """Return what the inspection tells of a file; nothing if it is good."""
        found = inspect(self.project, self.folder, [name])
        return "\n".join(str(problem) for problem in found.get(name, []))

    def told_of(self, name: str, text: str) -> str:
        """Make a file of another text than it should say; return what is told of it."""
        _pandoc(text, FORMATS[name], "--standalone", "--output", str(self.folder / name))
        return self.told(name)

    def told_of_pdf(self, source: str) -> str:
        """Compile a PDF; return what is told of it."""
        (self.folder / "paper.typ").write_text(source)
        typst.compile(self.folder / "paper.typ", output=self.folder / "paper.pdf")
        return self.told("paper.pdf")


def typst_of(text: str) -> str:
    """Return the Typst source of a text."""
    return PREAMBLE + _pandoc(text, "typst", "--wrap=none").replace("@one", r"\[1\]")


def plant(folder: Path) -> Planted:
    """Return a paper that prints each of its numbers once, and an empty folder for its files."""
    write_little_paper(folder / "paper")
    project = open_project(folder / "paper")
    project.numbers.parent.mkdir()
    recorded = {key: {"text": text} for key, text in NUMBERS.items()}
    project.numbers.write_text(json.dumps(recorded))
    project.cache.mkdir()
    (project.cache / PRINTED).write_text(json.dumps(list(NUMBERS)))
    (folder / "files").mkdir()
    return Planted(project, folder / "files")
