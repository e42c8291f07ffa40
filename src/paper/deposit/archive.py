"""Archive the paper: one zip from which a stranger builds the same paper."""

import datetime
import hashlib
import json
import os
import zipfile
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from paper.deposit.citation import Citation, check_zenodo, read_citation
from paper.deposit.crate import METADATA, describe
from paper.deposit.descriptions import read_descriptions
from paper.errors import PaperError
from paper.notebooks.freshness.stale import inputs_file
from paper.renderers.pandoc import epoch
from paper.storage.project import Project, is_about_records
from paper.storage.render_cache import files_below
from paper.storage.settings import ARCHIVE, SETTINGS
from paper.storage.system.git import ask_git

RENDERED = "rendered"
ELSEWHERE = "RECORDS.txt"
CHECKSUMS = "SHA256SUMS"
PURPOSE = "The archive holds what is committed."
MEND = "Commit it, if it is for everyone to see: an archive is."
# What a zip can hold begins here.
EARLIEST = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)


def write_archive(project: Project, rendered: Path, target: Path) -> None:
    """Write the archive of a paper whose notebooks are current.

    It holds what is committed and nothing else from the folder, so that no file that lies about,
    records of patients above all, can get in; the rendered paper; a description of all this, and
    checksums. Whoever builds from it computes everything, or keeps what it came with and is told.
    Of a paper about records it says where they are and how to ask for them. `project`: the paper;
    its notebooks are current. `rendered`: folder of the paper as rendered from these sources.
    `target`: the zip; the same sources give the same bytes. Raises PaperError if the sources are
    not what is committed, or a description of the parts does not fit.
    """
    citation = read_citation(project.root)
    contents = {path: (project.root / path).read_bytes() for path in committed_sources(project)}
    contents |= {f"{RENDERED}/{name}": file.read_bytes() for name, file in files_below(rendered)}
    descriptions = read_descriptions(project.root)
    if is_about_records(project.root):
        if not descriptions.data:
            what = f"{ARCHIVE} has no `data`, and the records are not in the archive"
            raise PaperError(SETTINGS, what, "Say there where they are, and how to ask for them.")
        contents[ELSEWHERE] = f"{descriptions.data}\n".encode()
    crate = describe(project, citation, descriptions, contents, RENDERED)
    contents[METADATA] = (json.dumps(crate, indent=1, ensure_ascii=False) + "\n").encode()
    sums = [f"{hashlib.sha256(contents[path]).hexdigest()}  {path}\n" for path in sorted(contents)]
    contents[CHECKSUMS] = "".join(sums).encode()
    write_zip(target, contents, _executable(project, contents), _time(citation))


def committed_sources(project: Project) -> list[str]:
    """Return the paths of what is committed, which is what an archive may hold.

    Raises PaperError if a file differs from what is committed, one that is needed is not committed,
    one is a link to elsewhere, or `.zenodo.json` is out of step.
    """
    root = project.root
    for changed in ask_git(root, PURPOSE, "diff", "--name-only", "--relative", "-z", "HEAD"):
        raise PaperError(changed, "differs from what is committed", "Commit it, or restore it.")
    paths = ask_git(root, PURPOSE, "ls-files", "-z")
    needed = [root / project.article, *project.references]
    needed += [project.numbers, root / SETTINGS]
    if not is_about_records(root):
        needed += [project.data, inputs_file(project)]
    for file in [*needed, *(root / notebook.path for notebook in project.notebooks)]:
        path = file.relative_to(root).as_posix()
        if path not in paths:
            raise PaperError(path, "not committed, and the paper needs it", MEND)
    for path in paths:
        # What it leads to may be anything, and is not committed.
        if (root / path).is_symlink():
            raise PaperError(path, "a symbolic link: what it leads to is not committed")
    check_zenodo(root, read_citation(root))
    return paths


def _executable(project: Project, paths: Iterable[str]) -> set[str]:
    files = {path: project.root / path for path in paths}
    return {path for path, file in files.items() if file.is_file() and file.stat().st_mode & 0o111}


def _time(citation: Citation) -> datetime.datetime:
    if "SOURCE_DATE_EPOCH" not in os.environ:
        return datetime.datetime.combine(citation.released, datetime.time(), datetime.UTC)
    return max(datetime.datetime.fromtimestamp(int(epoch()), datetime.UTC), EARLIEST)


def write_zip(
    target: Path,
    contents: Mapping[str, bytes],
    executable: Container[str] = (),
    time: datetime.datetime = EARLIEST,
) -> None:
    """Write a zip: the same contents are the same bytes."""
    aside = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, time.timetuple()[:6])
            entry.create_system = 3  # Unix, on every system: permissions are kept
            entry.external_attr = (0o100755 if path in executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[path])
    aside.replace(target)
