"""Describe an archive of the paper as an RO-Crate: which part is what, made from what, by whom."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper.deposit.citation import ORCID, Author, Citation
from paper.errors import PaperError
from paper.notebooks.collect import recorded
from paper.notebooks.freshness.inputs import notebook_inputs
from paper.notebooks.freshness.static_imports import Reader
from paper.notebooks.notebook_file import code_cells, read_notebook, split_options
from paper.storage.project import Notebook, Project
from paper.storage.settings import ARCHIVE, SETTINGS, read_section

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.1"
FORMATS = {
    ".ipynb": "application/x-ipynb+json", ".qmd": "text/markdown", ".md": "text/markdown",
    ".yml": "application/yaml", ".cff": "application/yaml", ".toml": "application/toml",
    ".bib": "application/x-bibtex",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
FIELDS = {"name", "description", "type", "license"}

Entity = dict[str, Any]


@dataclass(frozen=True)
class Descriptions:
    """What `archive` in `paper.yml` says: how to build, and what the parts are."""

    build: str
    parts: Mapping[str, Mapping[str, Any]]


def read_descriptions(root: Path) -> Descriptions:
    """Read `archive` in `paper.yml`.

    Raises
    ------
    PaperError
        If it is missing, or says something of a part that is not known here.
    """
    section = read_section(root, ARCHIVE)
    content = section.content
    place = f"{SETTINGS}, line {section.line}"
    if content is None:
        raise PaperError(SETTINGS, f"has no {ARCHIVE}", "Say there what the parts are.")
    if not isinstance(content, dict) or set(content) != {"build", "parts"}:
        raise PaperError(place, f"{ARCHIVE}: has not the fields build and parts, and no other")
    for path, part in content["parts"].items():
        if unknown := set(part) - FIELDS:
            raise PaperError(place, f"{ARCHIVE}: {path}: {sorted(unknown)} is not known")
        if missing := {"name", "license"} - set(part):
            raise PaperError(place, f"{ARCHIVE}: {path}: {sorted(missing)} is missing")
    return Descriptions(content["build"], content["parts"])


def describe(
    project: Project,
    citation: Citation,
    descriptions: Descriptions,
    contents: Mapping[str, bytes],
    rendered: str,
) -> Entity:
    """Return the metadata of an archive as JSON-LD.

    Parameters
    ----------
    project
        The paper; its notebooks are executed.
    citation
        How it is cited.
    descriptions
        What its parts are.
    contents
        Path → content of everything in the archive.
    rendered
        Folder of the archive with the rendered paper.
    """
    authors = [_author(author, number) for number, author in enumerate(citation.authors, 1)]
    parts = [
        *(_part(path, fields, contents) for path, fields in descriptions.parts.items()),
        *(_file(path, contents) for path in sorted(contents) if _is_document(path, rendered)),
        *(_notebook(project, notebook, contents) for notebook in project.notebooks),
    ]
    for part in parts:
        if described := _part_with(part["@id"], descriptions.parts):
            part["license"] = _licenses(descriptions.parts[described]["license"])
    runs = [_run(project, notebook, descriptions.parts) for notebook in project.notebooks]
    build: Entity = {
        "@id": "#build", "@type": "HowTo", "name": "How to build", "text": descriptions.build
    }  # fmt: skip
    used = {one["@id"] for part in parts for one in part.get("license", [])}
    licenses = sorted(used | {_license_id(name) for name in citation.licenses})
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": citation.title,
        "description": citation.abstract,
        "datePublished": citation.released.isoformat(),
        "version": citation.version,
        "keywords": ", ".join(citation.keywords),
        "license": _licenses(citation.licenses),
        "author": [_refer(author["@id"]) for author in authors],
        "mainEntity": _refer(project.article),
        "hasPart": [_refer(part["@id"]) for part in parts],
        "mentions": [_refer(entity["@id"]) for entity in (build, *runs)],
    }
    known = [
        {"@id": name, "@type": "CreativeWork", "name": name.rpartition("/")[2]} for name in licenses
    ]
    graph = [_descriptor(), root, *parts, *runs, build, *authors, *known]
    return {"@context": f"{PROFILE}/context", "@graph": graph}


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": _refer(PROFILE),
        "about": _refer("./"),
    }


def _refer(identifier: str) -> Entity:
    return {"@id": identifier}


def _licenses(names: str | Sequence[str]) -> list[Entity]:
    names = [names] if isinstance(names, str) else names
    return [_refer(_license_id(name)) for name in names]


def _license_id(name: str) -> str:
    return f"https://spdx.org/licenses/{name}"


def _author(author: Author, number: int) -> Entity:
    entity = {
        "@id": f"{ORCID}{author.orcid}" if author.orcid else f"#author-{number}",
        "@type": "Person" if author.is_person else "Organization",
        "name": author.name,
    }
    return {**entity, **({"affiliation": author.affiliation} if author.affiliation else {})}


def _is_document(path: str, rendered: str) -> bool:
    """Return whether a file is the paper, or a checklist, in one of its formats."""
    return path.startswith(f"{rendered}/") and path.endswith((".html", ".pdf", ".docx", ".xml"))


def _file(path: str, contents: Mapping[str, bytes]) -> Entity:
    kind = FORMATS.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "text/plain"
    return {
        "@id": path,
        "@type": "File",
        "name": path,
        "contentSize": str(len(contents[path])),
        "encodingFormat": kind,
    }


def _part(path: str, fields: Mapping[str, Any], contents: Mapping[str, bytes]) -> Entity:
    is_folder = path.endswith("/")
    if not any(name == path or (is_folder and name.startswith(path)) for name in contents):
        raise PaperError(SETTINGS, f"{ARCHIVE}: {path}: no such part of the archive")
    entity: Entity = {"@id": path, "@type": "Dataset"} if is_folder else _file(path, contents)
    if kind := fields.get("type"):
        entity["@type"] = [entity["@type"], kind]
    return entity | {field: fields[field] for field in ("name", "description") if field in fields}


def _notebook(project: Project, notebook: Notebook, contents: Mapping[str, bytes]) -> Entity:
    entity = _file(notebook.path, contents)
    names = list(_outputs(project, notebook))
    content = read_notebook(project.root / notebook.path, notebook.path)
    keys = [key for key, *_ in recorded({notebook.path: content})]
    return {
        **entity,
        "@type": ["File", "SoftwareSourceCode"],
        "name": notebook.title,
        "description": f"Executed. {_computes(keys, names)}",
        "programmingLanguage": "Python",
    }


def _outputs(project: Project, notebook: Notebook) -> list[str]:
    """Return the captions of the figures and tables of a notebook."""
    content = read_notebook(project.root / notebook.path, notebook.path)
    options = (split_options(cell["source"], notebook.path)[0] for cell in code_cells(content))
    return [
        str(o.get("fig-cap") or o.get("tbl-cap"))
        for o in options
        if {"fig-cap", "tbl-cap"} & set(o)
    ]


def _computes(keys: Sequence[str], captions: Sequence[str]) -> str:
    groups = ", ".join(dict.fromkeys(key.split(".")[0] for key in keys))
    numbers = f"Records {len(keys)} numbers ({groups})." if keys else "Records no numbers."
    shown = f" Shows: {' / '.join(captions)}" if captions else ""
    return numbers + shown


def _run(project: Project, notebook: Notebook, parts: Mapping[str, object]) -> Entity:
    inputs = [
        name
        for name in notebook_inputs(project, notebook, Reader())
        if (project.root / name).exists()
    ]
    inputs = [project.data.relative_to(project.root).as_posix(), *inputs]
    described = dict.fromkeys(filter(None, (_part_with(path, parts) for path in inputs)))
    return {
        "@id": f"#run-{Path(notebook.path).stem}",
        "@type": "CreateAction",
        "name": f"Run of {notebook.title}",
        "instrument": _refer(notebook.path),
        "object": [_refer(part) for part in described],
        "result": [_refer(project.numbers.relative_to(project.root).as_posix())],
    }


def _part_with(path: str, parts: Mapping[str, object]) -> str:
    """Return the part that a file is, or the innermost folder described that holds it, or ''."""
    holding = [
        part for part in parts if part == path or (part[-1] == "/" and path.startswith(part))
    ]
    return max(holding, key=len, default="")
