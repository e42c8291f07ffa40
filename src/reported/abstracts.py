"""Audits of abstracts by few words: one, as files or as pasted text, or a folder of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from beforeafter.study import Study
from declared import ExplainedError
from reported.claims.abstract import read_abstract
from reported.claims.claimable import read_study_and_published
from reported.claims.published import Published
from reported.joint_audit import audit_claims
from reported.solver.in_parallel import in_parallel
from reported.verdict import Audit

FILES = "study.yml", "published.yml"


@dataclass(frozen=True)
class Claims:
    """What was measured and what is printed of it; pieces of a text that were not read."""

    study: Study
    published: Published
    unread: tuple[str, ...] = ()


def read_claims(source: Path) -> Claims:
    """Read the claims of an abstract.

    Parameters
    ----------
    source
        A folder with `study.yml` and `published.yml`, or a text file with a pasted abstract.

    Raises
    ------
    DataError, ReportedError
        If a file is missing or wrong, or a text prints no number of patients.
    """
    if source.is_dir():
        return Claims(*read_study_and_published(*(source / name for name in FILES)))
    proposal = read_abstract(source.read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder:
        for name, text in zip(FILES, proposal.files(source.stem), strict=True):
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return replace(read_claims(Path(folder)), unread=tuple(proposal.unread))


def audit(claims: Claims) -> Audit:
    """Tell which of the claims can be true together; see `audit_claims`."""
    return audit_claims(claims.study, claims.published)


@dataclass(frozen=True)
class Line:
    """The verdict on one abstract of a folder; status 2 is of claims that cannot be read."""

    abstract: str
    status: int
    verdict: str


def audit_folder(folder: Path) -> Iterator[Line]:
    """Yield the verdict on each abstract, folder or text file, each as soon as it is there."""
    files = {file.parent for file in folder.rglob("published.yml")} | {*folder.rglob("*.txt")}
    calls = [(file, str(file.relative_to(folder))) for file in sorted(files)]
    yield from in_parallel(_line, calls)


def _line(source: Path, name: str) -> Line:
    try:
        found = audit(read_claims(source))
    except (ExplainedError, OSError, UnicodeDecodeError) as error:
        return Line(name, 2, " ".join(str(error).split()))
    return Line(name, found.status, found.sentence)
