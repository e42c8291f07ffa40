"""How the paper is cited: `CITATION.cff` is the source, other forms are made from it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from declared import load_yaml
from paper.errors import PaperError

SOURCE, ZENODO = "CITATION.cff", ".zenodo.json"
# What version 1.2.0 of the format calls each kind → what Zenodo calls it.
UPLOAD_TYPES = {"software": "software", "dataset": "dataset"}
TEXTS = ("title", "message", "abstract", "version")
ORCID = "https://orcid.org/"


@dataclass(frozen=True)
class Author:
    """An author: a person, or a body that has a name only."""

    name: str
    is_person: bool
    affiliation: str = ""
    orcid: str = ""


@dataclass(frozen=True)
class Citation:
    """What `CITATION.cff` says."""

    title: str
    message: str
    abstract: str
    version: str
    kind: str
    released: datetime.date
    authors: tuple[Author, ...]
    licenses: tuple[str, ...]
    keywords: tuple[str, ...]


def read_citation(root: Path) -> Citation:
    """Read `CITATION.cff`.

    Raises
    ------
    PaperError
        If it is not YAML, or a field that is needed here is missing or of another form.
    """
    try:
        content = load_yaml((root / SOURCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PaperError(SOURCE, "no such file", "Say there how the paper is cited.") from None
    except yaml.YAMLError as error:
        raise PaperError(SOURCE, f"not YAML: {error}") from None
    if not isinstance(content, dict):
        raise PaperError(SOURCE, "not `field: value`")
    for field in (*TEXTS, "date-released", "license", "authors"):
        if not content.get(field):
            raise PaperError(SOURCE, f"field {field!r} is missing")
    if not isinstance(content["date-released"], datetime.date):
        raise PaperError(SOURCE, f"date-released: {content['date-released']!r} is not a date")
    kind = content.get("type", "software")
    if kind not in UPLOAD_TYPES:
        raise PaperError(SOURCE, f"type: {kind!r} is not one of {', '.join(UPLOAD_TYPES)}")
    licenses = content["license"]
    title, message, abstract, version = (" ".join(str(content[f]).split()) for f in TEXTS)
    return Citation(
        title=title,
        message=message,
        abstract=abstract,
        version=version,
        kind=kind,
        released=content["date-released"],
        authors=tuple(_author(author) for author in content["authors"]),
        licenses=(licenses,) if isinstance(licenses, str) else tuple(licenses),
        keywords=tuple(content.get("keywords", [])),
    )


def _author(entry: Any) -> Author:
    if isinstance(entry, dict) and entry.get("name"):
        return Author(entry["name"], is_person=False, orcid=_orcid(entry))
    if not isinstance(entry, dict) or not entry.get("family-names"):
        raise PaperError(SOURCE, f"author {entry!r} has neither name nor family-names")
    family = " ".join(filter(None, [entry.get("name-particle"), entry["family-names"]]))
    # As Zenodo and libraries sort it.
    name = ", ".join(filter(None, [family, entry.get("given-names"), entry.get("name-suffix")]))
    return Author(name, True, entry.get("affiliation", ""), _orcid(entry))


def _orcid(entry: Mapping[str, str]) -> str:
    return entry.get("orcid", "").removeprefix(ORCID)


def zenodo(citation: Citation) -> str:
    """Return the `.zenodo.json` of a citation: what a deposit at Zenodo is filled in with.

    Notes
    -----
    Zenodo takes one licence: the first. The others stand in the notes.
    """
    first, *others = citation.licenses
    content = {
        "title": citation.title,
        "upload_type": UPLOAD_TYPES[citation.kind],
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
