"""What a notebook depends on: its code, the part of `src/` it imports, data, lock file, Python.

Read from the texts alone, and on the safe side: what may matter counts.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from paper.cells import code_cells, read_notebook
from paper.code import Code, Reader, module_files
from paper.files import digest
from paper.project import DATA, Notebook, Project
from paper.steps import Inputs

LOCK = "requirements.lock"
PATIENTS = "the patient data"
# What runs the notebooks; beside this file.
MACHINE = ("execute.py", "kernels.py", "warm.py")
# The package of this file asks for data only where a notebook calls `locate` or `data_file`.
OWN = Path(__file__).parent.name


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
    modules = {file: reader.module(file) for file in module_files(folders, cells, reader)}
    own = project.root / "src" / OWN
    readers = [*cells, *(code for file, code in modules.items() if own not in file.parents)]
    files = {*modules, *_package_data(modules, reader), *_data(project, readers, reader)}
    if (project.root / LOCK).is_file():
        files.add(project.root / LOCK)
    inputs = {
        "its code": digest(source.encode() for source in sources),
        "Python": platform.python_version(),
    }
    if any(code.is_open or code.asks_data for code in readers):
        inputs[PATIENTS] = _patients(project)
    machine = {f"src/{OWN}/{name}": Path(__file__).with_name(name) for name in MACHINE}
    named = machine | {file.relative_to(project.root).as_posix(): file for file in files}
    return inputs | {name: reader.digest(named[name]) for name in sorted(named)}


def _patients(project: Project) -> str:
    # Where they are from matters too: a notebook may ask whether they are the project's own.
    own = b"own" if project.data == project.root / DATA else b"other"
    return digest([own, project.data.read_bytes() if project.data.is_file() else b"missing"])


def _package_data(modules: Mapping[Path, Code], reader: Reader) -> Iterator[Path]:
    """Yield the files beside modules that are no modules: styles, templates and their like.

    Each belongs to the modules of its package that name it or its folder, and to all of them
    where none does.
    """
    for package in {file.parent for file in modules if file.stem == "__init__"}:
        inner = {file.parent for file in reader.files(package, "__init__.py")} - {package}
        beside = [file for file in reader.files(package, "*.py") if file.parent == package]
        for file in reader.files(package):
            if file.suffix == ".py" or inner & set(file.parents):
                continue
            words = {file.name, *_folders(file, package)}
            naming = {module for module in beside if words & set(reader.module(module).texts)}
            if not naming or naming & set(modules):
                yield file


def _folders(file: Path, top: Path) -> set[str]:
    return set(file.relative_to(top).parts[:-1])


def _data(project: Project, readers: Sequence[Code], reader: Reader) -> Iterator[Path]:
    """Yield the files that the code may read: those it locates, and those of `data/` it names."""
    top = project.root / Path(DATA).parent
    files = [file for file in reader.files(top) if file.suffix != ".md"]
    folders = {file: _folders(file, top) for file in files}
    texts = {text for code in readers for text in code.texts}
    inner = set().union(*folders.values())
    everything = any(_may_read_any(code, top.name, inner) for code in readers)
    for file in files:
        if file == project.root / DATA:
            continue  # read where `data_file` is called
        if everything or folders[file] & texts or any(file.name in text for text in texts):
            yield file
    located = {project.root / name for code in readers for name in code.located if name}
    yield from (file for file in located if file.is_file())


def _may_read_any(code: Code, top: str, folders: set[str]) -> bool:
    """Return whether code may read a file of the data folder that it does not name."""
    names_it = any(f"/{text}".rstrip("/").endswith(f"/{top}") for text in code.texts)
    lists = code.lists and not folders & set(code.texts)
    return code.is_open or None in code.located or names_it or lists
