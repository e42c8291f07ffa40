"""What a notebook depends on: its code, the part of `src/` it imports, data, lock file.

Read from the texts alone, and on the safe side: what may matter counts. All of it is content: the
same sources have the same inputs on every machine and in every folder.
"""

import os
import re
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

from paper.notebooks.begin import study_modules
from paper.notebooks.freshness.static_imports import Code, Reader, module_files
from paper.notebooks.kernels.surroundings import surroundings
from paper.notebooks.notebook_file import code_cells, read_notebook
from paper.storage.files import digest
from paper.storage.project import DATA, Notebook, Project
from paper.storage.steps import Inputs

LOCK = "requirements.lock"
PATIENTS = "the patient data"
OWN = "paper"
# What runs the notebooks, in the package of this file.
MACHINE = (
    "notebooks/session.py",
    "notebooks/kernels/lossless.py",
    "notebooks/kernels/surroundings.py",
    "notebooks/kernels/surroundings.yml",
    "notebooks/kernels/kernel_forker.py",
)
# What may name a file; names that are longer no disk has.
FILE = re.compile(r"[^\n\0]{1,200}\.\w{1,9}")


def notebook_inputs(project: Project, notebook: Notebook, reader: Reader) -> Inputs:
    """Return everything that a notebook depends on.

    Parameters
    ----------
    project
        The paper.
    notebook
        One of its notebooks.
    reader
        Reads the code.

    Returns
    -------
    dict
        What it is called → digest of its content. Stored outputs are no input.
    """
    content = read_notebook(project.root / notebook.path, notebook.path)
    sources = [cell["source"] for cell in code_cells(content)]
    cells = [reader.code(source) for source in sources]
    folders = [project.root / "src", (project.root / notebook.path).parent]
    # A notebook that begins has the package that knows patients, whatever it imports itself.
    needs = [*cells, Code(imports=study_modules())]
    modules = {file: reader.module(file) for file in module_files(folders, needs, reader)}
    # This package asks for data only where a notebook calls `locate` or `data_file`.
    own = project.root / "src" / OWN
    others = {file: code for file, code in modules.items() if own not in file.parents}
    readers = [*cells, *others.values()]
    here = folders[1]
    placed = [*((here, cell) for cell in cells), *((f.parent, code) for f, code in others.items())]
    packages = {file.parent for file in modules} - {*folders}
    texts = {text for code in (*cells, *modules.values()) for text in code.texts}
    files = {
        *modules,
        *_package_data(packages, texts, reader),
        *_data(project, readers, reader),
        *(file for folder, code in placed for file in _named({here, folder, project.root}, code)),
    }
    # What the build itself writes is no input.
    files -= {project.numbers, *(project.root / book.path for book in project.notebooks)}
    if (project.root / LOCK).is_file():
        files.add(project.root / LOCK)
    inputs = {"its code": digest(source.encode() for source in sources)}
    if any(code.is_open or code.asks_data for code in readers):
        # Where they are from matters too: a notebook may ask whether they are the project's own.
        own_or_other = b"own" if project.data == project.root / DATA else b"other"
        rows = project.data.read_bytes() if project.data.is_file() else b"missing"
        inputs[PATIENTS] = digest([own_or_other, rows])
    variables = {name for code in readers for name in code.variables if name in os.environ}
    variables -= {*surroundings()}  # the same in every kernel
    inputs |= {f"${name}": digest([os.fsencode(os.environ[name])]) for name in sorted(variables)}
    machine = {f"src/{OWN}/{name}": Path(__file__).parents[2] / name for name in MACHINE}
    absolute = {Path(text) for text in texts if FILE.fullmatch(text) and Path(text).is_absolute()}
    named = machine | {_name(project, file, absolute): file for file in files}
    return inputs | {name: reader.digest(named[name]) for name in sorted(named)}


def _name(project: Project, file: Path, absolute: Set[Path]) -> str:
    """Name a file from the folder of the paper, wherever that is, unless code names it in full."""
    return (file if file in absolute else Path(os.path.relpath(file, project.root))).as_posix()


def _package_data(packages: Set[Path], texts: Set[str], reader: Reader) -> Iterator[Path]:
    """Yield the files beside modules that are no modules: styles, templates and their like.

    Each belongs to the code that names it or its folder, and to all of its package where no
    module does.
    """
    for package in packages:
        inner = {file.parent for file in reader.files(package, "__init__.py")} - {package}
        beside = [file for file in reader.files(package, "*.py") if file.parent == package]
        for file in reader.files(package):
            if file.suffix == ".py" or inner & set(file.parents):
                continue
            words = {file.name, *_folders(file, package)}
            is_named = any(words & set(reader.module(module).texts) for module in beside)
            if not is_named or words & texts:
                yield file


def _folders(file: Path, top: Path) -> set[str]:
    return set(file.relative_to(top).parts[:-1])


def _data(project: Project, readers: Sequence[Code], reader: Reader) -> Iterator[Path]:
    """Yield the files that the code may read: those it locates, and those of `data/` it names."""
    top = project.root / Path(DATA).parent
    files = [file for file in reader.files(top) if file.suffix != ".md"]
    folders = {file: _folders(file, top) for file in files}
    texts = {text for code in readers for text in code.texts}
    words = {word for text in texts for word in text.split("/")}
    inner = set().union(*folders.values())
    everything = any(_may_read_any(code, top, inner) for code in readers)
    for file in files:
        if everything or folders[file] & words or any(file.name in text for text in texts):
            yield file
    for located in {project.root / name for code in readers for name in code.located if name}:
        yield from [located] if located.is_file() else reader.files(located)


def _may_read_any(code: Code, top: Path, folders: set[str]) -> bool:
    """Return whether code may read a file of the data folder that it does not name."""
    leads_there = any(_leads_into(text, top, folders) for text in code.texts)
    lists = code.lists and not folders & set(code.texts)
    return code.is_open or None in code.located or leads_there or lists


def _leads_into(text: str, top: Path, folders: set[str]) -> bool:
    """Return whether a text is the beginning of paths to any file of a folder."""
    parts = [part for part in text.split("/") if part]
    if top.name not in parts:
        return False
    rest = parts[parts.index(top.name) + 1 :]
    return not rest or not (rest[0] in folders or top.joinpath(*rest).is_file())


def _named(folders: Set[Path], code: Code) -> Iterator[Path]:
    """Yield the files that code names, wherever they are: from one of these folders."""
    for text in filter(FILE.fullmatch, code.texts):
        for folder in folders:
            file = Path(os.path.normpath(folder / text))
            if file.is_file():
                yield file
