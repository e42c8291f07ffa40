"""Describe an archive of the paper as an RO-Crate: which part is what, made from what, by whom."""

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocrate.model import ContextEntity, Entity
from rocrate.rocrate import ROCrate

from declared import read_yaml
from paper.deposit.citation import ORCID, Author, Citation
from paper.deposit.descriptions import Descriptions
from paper.errors import PaperError
from paper.notebooks.collect import read_published, recorded
from paper.notebooks.freshness.stale import inputs_file
from paper.notebooks.notebook_file import code_cells
from paper.storage.project import Notebook, Project
from paper.storage.settings import ARCHIVE, SETTINGS
from paper.storage.sources.code_in_text import split_options
from paper.storage.steps import read_memory

METADATA = "ro-crate-metadata.json"
VERSION = "1.1"
FORMATS = read_yaml(Path(__file__).with_name("formats.yml")).content
DOCUMENTS = (".html", ".pdf", ".docx", ".xml")

Properties = dict[str, Any]


def describe(
    project: Project,
    citation: Citation,
    descriptions: Descriptions,
    contents: Mapping[str, bytes],
    rendered: str,
) -> Properties:
    """Return the metadata of an archive as JSON-LD.

    `project`: the paper; its notebooks are executed. `contents`: path → content of everything in
    the archive. `rendered`: folder of the archive with the rendered paper. Raises PaperError if a
    part is described that is not in the archive.
    """
    crate = _Crate(ROCrate(version=VERSION), descriptions, contents)
    for path in descriptions.parts:
        crate.add_part(path)
    for path in sorted(contents):
        if path.startswith(f"{rendered}/") and path.endswith(DOCUMENTS):
            crate.add_file(path)
    for notebook in project.notebooks:
        crate.add_file(notebook.path, _told_of(project, notebook))
    build = crate.add("#build", "HowTo", name="How to build", text=descriptions.build)
    runs = [_add_run(crate, project, notebook) for notebook in project.notebooks]
    root: Properties = {
        "name": citation.title,
        "description": citation.abstract,
        "datePublished": citation.released.isoformat(),
        "version": citation.version,
        "keywords": ", ".join(citation.keywords),
        "license": crate.licenses(citation.license),
        "author": [_add_author(crate, author, n) for n, author in enumerate(citation.authors, 1)],
        "mainEntity": crate.made.get(project.article),
        "mentions": [build, *runs],
    }
    if descriptions.data:
        root["conditionsOfAccess"] = descriptions.data
    for field, value in root.items():
        crate.made.root_dataset[field] = value
    return dict(crate.made.metadata.generate())


@dataclass(frozen=True)
class _Crate:
    """A crate in the making, and what goes into it."""

    made: ROCrate
    descriptions: Descriptions
    contents: Mapping[str, bytes]

    def add(self, identifier: str, kind: str, **properties: Any) -> Entity:
        """Add what is no part of the archive."""
        given = {"@type": kind, **properties}
        return self.made.add(ContextEntity(self.made, identifier, given))

    def add_part(self, path: str) -> None:
        """Add a part that is described."""
        is_folder, part = path.endswith("/"), self.descriptions.parts[path]
        if not any(name == path or (is_folder and name.startswith(path)) for name in self.contents):
            raise PaperError(SETTINGS, f"{ARCHIVE}: {path}: no such part of the archive")
        told: Properties = {"name": part.name}
        if part.description:
            told["description"] = part.description
        if part.type:
            told["@type"] = ["Dataset" if is_folder else "File", part.type]
        if is_folder:
            licenses = self.licenses(part.license)
            self.made.add_dataset(dest_path=path, properties={**told, "license": licenses})
        else:
            self.add_file(path, told)

    def add_file(self, path: str, told: Properties | None = None) -> None:
        """Add a file; its licence is that of the part that it is in."""
        properties: Properties = {
            "name": path,
            "contentSize": str(len(self.contents[path])),
            "encodingFormat": FORMATS.get(Path(path).suffix)
            or mimetypes.guess_type(path)[0]
            or "text/plain",
            **(told or {}),
        }
        if part := self.descriptions.part_with(path):
            properties["license"] = self.licenses(self.descriptions.parts[part].license)
        self.made.add_file(dest_path=path, properties=properties)

    def licenses(self, names: Iterable[str]) -> list[Entity]:
        """Return licences by their names of SPDX."""
        return [
            self.add(f"https://spdx.org/licenses/{name}", "CreativeWork", name=name)
            for name in names
        ]


def _add_author(crate: _Crate, author: Author, number: int) -> Entity:
    identifier = f"{ORCID}{author.orcid}" if author.orcid else f"#author-{number}"
    told = {"affiliation": author.affiliation} if author.affiliation else {}
    kind = "Person" if author.is_person else "Organization"
    return crate.add(identifier, kind, name=author.name, **told)


def _add_run(crate: _Crate, project: Project, notebook: Notebook) -> Entity:
    inputs = read_memory(inputs_file(project)).get(notebook.path, {}).get("inputs", {})
    there = [name for name in inputs if (project.root / name).exists()]
    own = [project.data.relative_to(project.root).as_posix()] if _is_inside(project) else []
    described = dict.fromkeys(filter(None, map(crate.descriptions.part_with, [*own, *there])))
    asked = {"conditionsOfAccess": crate.descriptions.data}
    records = [] if own else [crate.add("#records", "Dataset", name="Records of patients", **asked)]
    return crate.add(
        f"#run-{Path(notebook.path).stem}",
        "CreateAction",
        name=f"Run of {notebook.title}",
        instrument=crate.made.get(notebook.path),
        object=[*(crate.made.get(part) for part in described), *records],
        result=[{"@id": project.numbers.relative_to(project.root).as_posix()}],
    )


def _is_inside(project: Project) -> bool:
    return project.data.is_relative_to(project.root)


def _told_of(project: Project, notebook: Notebook) -> Properties:
    content = read_published(project)[notebook.path]
    options = [split_options(cell["source"], notebook.path)[0] for cell in code_cells(content)]
    captions = [o.get("fig-cap") or o.get("tbl-cap") for o in options]
    keys = [key for key, *_ in recorded({notebook.path: content})]
    executed = "Executed. " if _is_inside(project) else ""
    return {
        "@type": ["File", "SoftwareSourceCode"],
        "name": notebook.title,
        "description": executed + _computes(keys, [str(one) for one in captions if one]),
        "programmingLanguage": "Python",
    }


def _computes(keys: Sequence[str], captions: Sequence[str]) -> str:
    groups = ", ".join(dict.fromkeys(key.split(".")[0] for key in keys))
    numbers = f"Records {len(keys)} numbers ({groups})." if keys else "Records no numbers."
    shown = f" Shows: {' / '.join(captions)}" if captions else ""
    return numbers + shown
