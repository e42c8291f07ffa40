"""What a notebook depends on: its code, and what was observed to be read while it ran.

All of it is content: the same sources have the same inputs on every machine and in every folder.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePath

from paper.errors import PaperError
from paper.notebooks.kernels.observe import (
    BLIND,
    DATA,
    LISTED,
    MISSING,
    NETWORK,
    READ,
    SOUGHT,
    WRITTEN,
    content_of,
    digest_of,
    left_by_others,
    listing_of,
    there_is,
)
from paper.notebooks.kernels.surroundings import own_packages
from paper.notebooks.notebook_file import code_cells, read_notebook
from paper.storage.files import digest
from paper.storage.project import DATA as OWN_DATA
from paper.storage.project import Notebook, Project
from paper.storage.settings import SETTINGS, read_settings
from paper.storage.steps import Inputs

LOCK = "requirements.lock"
CODE, PATIENTS, EVERYTHING = "its code", "the patient data", "every file of the paper"
IS_THERE, IN_FOLDER, VARIABLE = "whether there is ", "what is in ", "$"
# What runs the notebooks, in the package of this file.
MACHINE = (
    "notebooks/begin.py",
    "notebooks/figures.py",
    "notebooks/kernels/kernel_forker.py",
    "notebooks/kernels/lossless.py",
    "notebooks/kernels/surroundings.py",
    "notebooks/kernels/surroundings.yml",
    "notebooks/only_when.py",
    "notebooks/publish.py",
    "notebooks/session.py",
)
OFFLINE = (
    f"Keep what it brings in the paper, or write in {SETTINGS}: `notebooks-may: {{network: true}}`; "
    "what comes is then no input."
)
HOW_TO_ALLOW = (
    f"Copy it into the paper, or name it in {SETTINGS}: `notebooks-may: {{read: [PATH]}}`."
)


class Contents:
    """What is there now, by the names of inputs; each file and folder is looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        variables = read_settings(project.root).variables
        self._always = [*machine(), LOCK, *(f"{VARIABLE}{name}" for name in variables)]
        self.now = cache(self._now)

    def _now(self, name: str) -> str:
        """Return the digest of an input."""
        root = self._project.root
        looks: dict[str, Callable[[str], str]] = {
            IS_THERE: lambda path: there_is(root / path),
            IN_FOLDER: lambda path: listing_of(root / path),
            VARIABLE: lambda variable: digest_of(os.environ.get(variable, "").encode()),
        }
        for beginning, look in looks.items():
            if name.startswith(beginning):
                return look(name.removeprefix(beginning))
        if name in {PATIENTS, EVERYTHING}:
            return (_patients if name == PATIENTS else _everything)(self._project)
        return content_of(machine().get(name, root / name))

    def of(self, notebook: Notebook, observed: Iterable[str]) -> Inputs:
        """Return the inputs of a notebook: those that were observed, and those of every one."""
        content = read_notebook(self._project.root, notebook)
        code = digest(cell["source"].encode() for cell in code_cells(content))
        names = {*observed, *self._always} - {CODE}
        return _in_order({CODE: code} | {name: self.now(name) for name in names})


def _in_order(inputs: Inputs) -> Inputs:
    """Return inputs in an order of their own, the code first, whenever each was read."""
    return {name: inputs[name] for name in sorted(inputs, key=lambda name: (name != CODE, name))}


def observed_inputs(project: Project, notebook: Notebook, notes: Sequence[str]) -> Inputs:
    """Return what a notebook depends on, that has just run.

    Returns what it is called → digest of its content, as it was when it was read. Raises PaperError
    if it read what lies outside the paper, or from the network, and may not.
    """
    contents = Contents(project)
    found = dict(_Notes(project, notebook, contents).inputs(map(json.loads, notes)))
    # Who reads a file knows that it is there, and the folders around it.
    plain = [PurePath(name.removeprefix(IN_FOLDER)) for name in found if IS_THERE not in name]
    known = {f"{IS_THERE}{place}" for path in plain for place in (path, *path.parents)}
    found = {name: content for name, content in found.items() if name not in known}
    # What was read was looked at then, and is not looked at again.
    return _in_order(contents.of(notebook, ()) | found)


class _Notes:
    """Reads what was noted of the run of a notebook."""

    def __init__(self, project: Project, notebook: Notebook, contents: Contents) -> None:
        self._project, self._notebook, self._contents = project, notebook, contents
        self._root = project.root.resolve()
        self._may = read_settings(project.root)
        self._allowed = [(self._root / name).resolve() for name in self._may.may_read]
        # The patient data lie there, and those of a visit in a file of its own.
        self._with_patients = project.data.resolve().parent
        self._written: set[str] = set()

    def inputs(self, notes: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
        for kind, what, *content in notes:
            if kind == WRITTEN:
                self._written.add(what)
            elif kind == NETWORK and not self._may.network:
                raise PaperError(self._notebook.path, f"reads from the network: {what}", OFFLINE)
            elif kind == BLIND:
                yield EVERYTHING, self._contents.now(EVERYTHING)
            elif kind == DATA:
                yield PATIENTS, self._contents.now(PATIENTS)
            elif kind in {READ, LISTED, SOUGHT} and not self._is_own(Path(what)):
                yield from self._of_path(kind, Path(what), content[0])

    def _is_own(self, path: Path) -> bool:
        """Whether the notebook reads what it wrote itself."""
        return not self._written.isdisjoint(map(str, (path, *path.parents)))

    def _of_path(self, kind: str, path: Path, content: str) -> Iterator[tuple[str, str]]:
        if path.is_relative_to(self._root):
            name = path.relative_to(self._root).as_posix()
            if not _is_made(self._project, self._project.root / name):
                yield {READ: "", LISTED: IN_FOLDER, SOUGHT: IS_THERE}[kind] + name, content
        elif kind == READ and content != MISSING and path.parent != self._with_patients:
            if not any(path.is_relative_to(place) for place in self._allowed):
                what = f"reads {path}, which is outside the paper"
                raise PaperError(self._notebook.path, what, HOW_TO_ALLOW)
            # A folder around the paper moves with it.
            is_near = path.is_relative_to(self._root.parent)
            yield os.path.relpath(path, self._root) if is_near else str(path), content


def _is_made(project: Project, path: Path) -> bool:
    """Whether a file is what the build itself writes, or remembers."""
    made = [project.output, project.cache, project.root / ".git", project.numbers.parent]
    made += [project.root / book.stored for book in project.notebooks]
    return any(path.is_relative_to(place) for place in made)


def _patients(project: Project) -> str:
    """Return the digest of the data, and of whether they are the paper's own.

    A notebook may ask that.
    """
    own = project.data == project.root / OWN_DATA
    return digest_of(f"{'own' if own else 'other'} {content_of(project.data)}".encode())


def _everything(project: Project) -> str:
    """Return the digest of all files of a paper but those that a build makes."""
    root = project.root
    files = []
    for at, folders, names in os.walk(root):
        gone = {
            n for n in (*folders, *names) if left_by_others(n) or _is_made(project, Path(at, n))
        }
        folders[:] = [name for name in folders if name not in gone and not name.startswith(".")]
        files += [Path(at, name) for name in names if name not in gone]
    parts = ((path.relative_to(root).as_posix(), content_of(path)) for path in sorted(files))
    return digest_of(json.dumps([*parts]).encode())


@cache
def machine() -> dict[str, Path]:
    """Return the files of what runs notebooks, by their names; none of them is observed."""
    package, ground = own_packages()
    files = {f"src/paper/{name}": package / name for name in MACHINE}
    return files | {f"src/declared/{file.name}": file for file in sorted(ground.glob("*.py"))}
