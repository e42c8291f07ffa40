"""Audits of abstracts by few words: one, as files or as pasted text, or a folder of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from pandas import DataFrame

from beforeafter.study import Study
from declared import ExplainedError
from reported.claims.abstract import read_abstract
from reported.claims.claimable import read_study_and_published
from reported.claims.published import Published
from reported.joint_audit import audit_claims
from reported.report import release
from reported.solver.in_parallel import in_parallel
from reported.verdict import Audit

FILES = "study.yml", "published.yml"
# Backends that return all results at once still lose no more than these where they are stopped.
AT_ONCE = 200


@dataclass(frozen=True)
class Claims:
    """What was measured and what is printed of it; pieces not read, and doses and times."""

    study: Study
    published: Published
    unread: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


def read_claims(source: Path) -> Claims:
    """Read the claims of an abstract: a folder with both files, or a text file with it pasted.

    A DataError or ReportedError tells that a file is wrong, or a text prints no number of patients.
    """
    if source.is_dir():
        return Claims(*read_study_and_published(*(source / name for name in FILES)))
    proposal = read_abstract(source.read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder:
        for name, text in zip(FILES, proposal.files(source.stem), strict=True):
            (Path(folder) / name).write_text(text, encoding="utf-8")
        unread, context = tuple(proposal.unread), tuple(proposal.context)
        return replace(read_claims(Path(folder)), unread=unread, context=context)


def audit(claims: Claims) -> Audit:
    """Tell which of the claims can be true together; see `audit_claims`."""
    return audit_claims(claims.study, claims.published)


@dataclass(frozen=True)
class Line:
    """The verdict on one abstract of a folder; status 2 is of claims that cannot be read."""

    abstract: str
    status: int
    verdict: str
    claims: int = 0
    not_used: int = 0
    content: str = ""


def sources(folder: Path) -> dict[str, Path]:
    """Return every abstract of a folder, folder or text file, by its name in order."""
    found = {file.parent for file in folder.rglob("published.yml")} | {*folder.rglob("*.txt")}
    return {source.relative_to(folder).as_posix(): source for source in sorted(found)}


def audit_folder(folder: Path, known: Mapping[str, Line] = MappingProxyType({})) -> Iterator[Line]:
    """Yield the verdict on each abstract of a folder, each as soon as it is there.

    One that is known, by its name and content, is yielded as it is.
    """
    calls = []
    for name, source in sources(folder).items():
        line, content = known.get(name), _content(source)
        if line and line.content == content:
            yield line
        else:
            calls.append((source, name, content))
    for start in range(0, len(calls), AT_ONCE):
        yield from in_parallel(_line, calls[start : start + AT_ONCE])


def kept(file: Path) -> dict[str, Line]:
    """Return the lines that an audit which was stopped has written to a file, by their names."""
    texts = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
    lines = [Line(**json.loads(text)) for text in texts if text.endswith("}\n")]
    return {line.abstract: line for line in lines}


def write_table(lines: Iterable[Line], file: Path) -> None:
    """Write the verdicts in the order of their names, as CSV or, by the name of the file, JSON."""
    rows = DataFrame([asdict(line) for line in lines], columns=[each.name for each in fields(Line)])
    rows = rows.sort_values("abstract").drop(columns="content")
    part = file.with_suffix(".new")
    if file.suffix == ".json":
        rows.to_json(part, orient="records", indent=1, force_ascii=False)
    else:
        rows.to_csv(part, index=False, lineterminator="\n")
    part.replace(file)


def _content(source: Path) -> str:
    files = [source] if source.is_file() else [source / name for name in FILES]
    found = b"\0".join(file.read_bytes() for file in files if file.exists())
    return sha256(release().encode() + b"\0" + found).hexdigest()


def _line(source: Path, name: str, content: str) -> Line:
    try:
        claims = read_claims(source)
        found = audit(claims)
    except (ExplainedError, OSError, UnicodeDecodeError) as error:
        return Line(name, 2, " ".join(str(error).split()), content=content)
    sizes = len(claims.published.claims), len(found.not_used)
    return Line(name, found.status, found.sentence, *sizes, content)
