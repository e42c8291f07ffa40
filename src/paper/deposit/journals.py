"""What a journal asks of a submission: a profile, ours or an author's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from declared import Definition, Text, parse_yaml, validate
from paper.errors import PaperError
from paper.storage.files import read_fields, read_text

PROFILES = Path(__file__).with_name("journals.yml")


class Asked(Definition):
    """Something asked."""

    source: Text  # address of the page that asks for it


class Count(Asked):
    """How many are asked for; where neither end is given, any number will do."""

    at_least: int = Field(default=0, ge=0)
    at_most: int | None = Field(default=None, ge=0)


class Names(Asked):
    """Something asked by its name."""

    # Headings, in order, or none for any; one CSL file; checklists, of which one will do.
    names: tuple[Text, ...] = ()


class Statements(Asked):
    """Statements that the text must have."""

    named: dict[
        str, str
    ]  # name under `statements` in the front matter, and its title if one is set


class Placement(Asked):
    """Where tables and figures are in the Word file; in files of their own they leave it."""

    tables: Literal["text", "end", "files"] = "text"
    figures: Literal["text", "end", "files"] = "text"
    captions: Literal["text", "end"] = "text"  # of figures that are files


class FigureFiles(Asked):
    """Files of figures, as the journal takes them."""

    formats: tuple[Literal["tiff", "eps", "png", "jpeg", "pdf"], ...] = Field(min_length=1)
    dpi: tuple[int, int] = (300, 1200)  # least and greatest resolution
    width_cm: tuple[float, float] | None = None  # narrowest and widest
    height_cm: float | None = Field(default=None, gt=0)  # highest
    colours: Literal["RGB", "CMYK", "L"] = "RGB"  # L is grey
    named: Text = "Figure-{}"  # braces stand for the number


class Journal(Definition):
    """What a journal asks of one kind of article. What it leaves out is told as not checked."""

    title: Text
    article: Text  # the kind of article
    seen: date  # when its pages were read
    abstract_words: Count | None = None
    abstract_headings: Names | None = None
    main_words: Count | None = None  # without abstract, tables, figures, boxes and references
    references: Count | None = None
    tables_and_figures: Count | None = None
    tables: Count | None = None
    figures: Count | None = None
    keywords: Count | None = None
    title_characters: Count | None = None
    running_title_characters: Count | None = None  # of `running-title` in the front matter
    heading_levels: Count | None = None
    citation_style: Names | None = None
    statements: Statements | None = None
    checklist: Names | None = None
    orcid: Asked | None = None  # of each author
    line_numbers: Asked | None = None
    double_spacing: Asked | None = None
    placement: Placement | None = None
    figure_files: FigureFiles | None = None
    blind_review: Asked | None = None  # a copy that does not say who wrote it

    def asks(self) -> Iterator[tuple[str, Asked | None]]:
        """Yield each thing that a journal may ask for, in words, and what this one asks."""
        for name in list(type(self).model_fields)[3:]:
            yield name.replace("_", " "), getattr(self, name)


@dataclass(frozen=True)
class Findings:
    """What a paper meets, what it misses, and what nothing here can tell, a line each."""

    met: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    def add(self, line: str, *, is_met: bool) -> None:
        """Put a line where it belongs."""
        (self.met if is_met else self.missed).append(line)


def read_journal(name: str) -> Journal:
    """Return the profile of a journal.

    `name`: one of those that come with this program, or a file of the author's own with the fields
    of one. Raises PaperError if there is none of that name, and DataError if a file does not fit.
    """
    file = Path(name)
    if file.suffix in {".yml", ".yaml"} and file.is_file():
        return validate(Journal, parse_yaml(read_text(file, name), file))
    known = read_fields(PROFILES, PROFILES.name).content
    if name not in known:
        what = f"no journal of this name is known; known are {', '.join(sorted(known))}"
        raise PaperError(f"--journal {name}", what, "Or name a file: --journal my-journal.yml")
    return Journal.model_validate(known[name])
