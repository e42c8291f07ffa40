"""How the paper is cited: `CITATION.cff` is the source, other forms are made from it."""

import datetime
import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from declared import Definition, Text, Texts, read_yaml, validate
from paper.errors import PaperError

SOURCE, ZENODO = "CITATION.cff", ".zenodo.json"
ORCID = "https://orcid.org/"


class _Fields(Definition):
    """What is needed here of a format that has more."""

    model_config = ConfigDict(extra="ignore")


class Author(_Fields):
    """An author: a person, or a body that has a name only."""

    body: str = Field(default="", alias="name")
    family: str = Field(default="", alias="family-names")
    particle: str = Field(default="", alias="name-particle")
    given: str = Field(default="", alias="given-names")
    suffix: str = Field(default="", alias="name-suffix")
    affiliation: str = ""
    orcid: Annotated[str, AfterValidator(lambda text: text.removeprefix(ORCID))] = ""

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.body or self.family):
            raise ValueError("expected a field name or family-names")
        return self

    @property
    def is_person(self) -> bool:
        """Whether it is one."""
        return not self.body

    @property
    def name(self) -> str:
        """The name, of a person as Zenodo and libraries sort it."""
        family = " ".join(filter(None, [self.particle, self.family]))
        return self.body or ", ".join(filter(None, [family, self.given, self.suffix]))


class Citation(_Fields):
    """What `CITATION.cff` says."""

    title: Text
    message: Text
    abstract: Text
    version: Text
    kind: Literal["software", "dataset"] = Field(default="software", alias="type")
    released: datetime.date = Field(alias="date-released")
    authors: tuple[Author, ...] = Field(min_length=1)
    license: Texts
    keywords: tuple[str, ...] = ()


def read_citation(root: Path) -> Citation:
    """Read `CITATION.cff`.

    Raises DataError if it is missing or not YAML, or a field that is needed here is missing or of
    another form.
    """
    return validate(Citation, read_yaml(root / SOURCE))


def zenodo(citation: Citation) -> str:
    """Return the `.zenodo.json` of a citation: what a deposit at Zenodo is filled in with.

    Notes
    -----
    Zenodo takes one licence: the first. The others stand in the notes.
    """
    first, *others = citation.license
    content = {
        "title": citation.title,
        "upload_type": citation.kind,
        "description": citation.abstract,
        "creators": [_creator(author) for author in citation.authors],
        "version": citation.version,
        "publication_date": citation.released.isoformat(),
        "access_right": "open",
        "license": first,
        "keywords": list(citation.keywords),
        "notes": " ".join(
            [citation.message, *(f"Parts are under {name}; see README.md." for name in others)]
        ),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _creator(author: Author) -> dict[str, str]:
    fields = {"name": author.name, "affiliation": author.affiliation, "orcid": author.orcid}
    return {field: value for field, value in fields.items() if value}


def check_zenodo(root: Path, citation: Citation) -> None:
    """Refuse a `.zenodo.json` that is not the one of `CITATION.cff`."""
    file = root / ZENODO
    if not file.is_file() or file.read_text(encoding="utf-8") != zenodo(citation):
        raise PaperError(ZENODO, f"out of step with {SOURCE}", "Run: paper metadata")
