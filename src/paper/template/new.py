"""Write a new paper: a dozen files that are its author's own, and what they are rendered with."""

import datetime
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path
from string import Template

from declared import read_yaml
from paper.deposit.citation import ZENODO, read_citation, zenodo
from paper.errors import PaperError
from paper.notebooks.begin import Draft, study_package
from paper.storage.extension import write_extension
from paper.storage.files import SCRATCH
from paper.storage.local import remember
from paper.storage.project import DATA, INSTRUMENTS, STUDY

FILES = Path(__file__).with_name("files")
# Names that begin with a dot are left out by much that copies or packs files.
DOT = "dot-"
# A label of these alone is neither markup nor a typed number.
PLAIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ ,'()-]*")
UNNAMED = "primary outcome"
# What differs between a paper about records and one about invented patients.
PARTS = read_yaml(FILES.with_name("parts.yml")).content


class _Text(Template):
    """A file of the template: `@@{name}` is filled in."""

    delimiter = "@@"


def write_new_paper(folder: Path, data: Path | None, study: Path | None) -> Sequence[str]:
    """Write a new paper into a new folder.

    `data`: the table that the paper is about, which stays where it is; None for an invented one.
    `study`: a definition of the study; None for one drafted from the table. Raises PaperError if
    the folder is there. Raises ExplainedError if the table or the definition cannot be read.
    """
    if folder.exists() or folder.is_symlink():
        raise PaperError(str(folder), "exists", "Name a new folder.")
    begun = _begin(data, study)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{SCRATCH}") as scratch:
        made = Path(scratch) / folder.name
        _write_files(made, _values(folder.name, begun, data))
        (made / STUDY).write_text(begun.definition, encoding="utf-8")
        if study and (study.parent / INSTRUMENTS).is_dir():
            shutil.copytree(study.parent / INSTRUMENTS, (made / STUDY).parent / INSTRUMENTS)
        (made / ZENODO).write_text(zenodo(read_citation(made)), encoding="utf-8")
        write_extension(made)
        if data:
            (made / DATA).unlink()
            remember(made, data)
        made.rename(folder)
    return begun.questions


def _begin(data: Path | None, study: Path | None) -> Draft:
    if data is None and study is None:
        data, study = FILES / DATA, FILES / STUDY
    if data is None:
        raise PaperError("paper new", "--study goes with --data")
    return study_package().draft(data, study)


def _values(name: str, begun: Draft, data: Path | None) -> Mapping[str, str]:
    called = begun.label if PLAIN.fullmatch(begun.label) else UNNAMED
    title = f"{called[0].upper()}{called[1:]} before and after"
    digest = hashlib.sha256((FILES / DATA).read_bytes()).hexdigest()
    values = {
        "folder": name,
        "name": begun.name,
        # Within a sentence; an abbreviation stays as it is.
        "called": called if called[1:2].isupper() else called[0].lower() + called[1:],
        "title": json.dumps(title, ensure_ascii=False),
        "today": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "requirement": _requirement(distribution(packages_distributions()["paper"][0])),
        **PARTS["of records" if data else "of nobody"],
    }
    return {name: _Text(text).safe_substitute(digest=digest) for name, text in values.items()}


def _requirement(package: Distribution) -> str:
    """Return what to install: from where it was, if others can reach that, or by its version."""
    name = package.metadata["Name"]
    origin = json.loads(package.read_text("direct_url.json") or "{}")
    url, source = origin.get("url", ""), origin.get("vcs_info")
    if not url.startswith("https://"):
        return f"{name}=={package.version}"
    return f"{name} @ {source['vcs']}+{url}@{source['commit_id']}" if source else f"{name} @ {url}"


def _write_files(folder: Path, values: Mapping[str, str]) -> None:
    for file in sorted(file for file in FILES.rglob("*") if file.is_file()):
        parts = [part.replace(DOT, ".", 1) if part.startswith(DOT) else part
                 for part in file.relative_to(FILES).parts]  # fmt: skip
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".csv":
            shutil.copyfile(file, target)
        else:
            text = _Text(file.read_text(encoding="utf-8")).substitute(values)
            target.write_text(text, encoding="utf-8")
