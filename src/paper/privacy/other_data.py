"""Records of patients: a paper about them is built in a copy, and nothing of it is ever tracked."""

import json
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from paper.errors import PaperError
from paper.privacy.rows_in_use import RowsInUse
from paper.storage.files import SCRATCH, replace_folder
from paper.storage.local import CACHE, remembered
from paper.storage.project import (
    DATA_VARIABLE,
    OTHER_DATA,
    Project,
    left_out,
    open_project,
    reads_other_data,
    use_other_data,
)
from paper.storage.system.git import ask_git

PRIVATE = "private"
ELSEWHERE = "Build elsewhere: `paper build --data FILE`; or copy, `paper copy --data FILE FOLDER`."


def copy_for_other_data(project: Project, data: Path, study: Path | None, folder: Path) -> Project:
    """Copy a project, without its data, to a folder of its own where it reads other data.

    Raises PaperError if a file is not there, or the folder is.
    """
    for file, what in ((data, "the patient data"), (study, "the study definition")):
        if file and not file.is_file():
            raise PaperError(str(file), "no such file", f"Name the file with {what}.")
    if folder.exists():
        raise PaperError(str(folder), "exists", "Name a new folder.")
    # Of records that are named once the guard knows the rows from then on.
    RowsInUse(project.root).remember(data)
    shutil.copytree(project.root, folder, ignore=left_out)
    use_other_data(folder, data, study)
    return open_project(folder)


def private_copy(project: Project) -> Project:
    """Return the copy in which a paper about records is run and rendered, as its sources are now.

    Its executed notebooks are kept from one time to the next where their cells are the same. The
    paper goes where that of the project would, and the numbers into the project too. Raises
    PaperError if the records are not where they were.
    """
    place, known = project.cache / PRIVATE, remembered(project.root)
    if known.data is None:
        raise PaperError("paper", "the patient data are not named", "paper use --data FILE")
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=SCRATCH) as scratch:
        new = copy_for_other_data(project, known.data, known.study, Path(scratch) / PRIVATE).root
        for book in project.notebooks:
            if _cells(place / book.path) == _cells(new / book.path):
                shutil.copy(place / book.path, new / book.path)
        # What it remembers, and numbers: only these are not of the sources, but for where they are.
        names_data = shutil.ignore_patterns(Path(OTHER_DATA).name)
        for kept in (CACHE, project.numbers.parent.name):
            if (place / kept).is_dir():
                shutil.copytree(place / kept, new / kept, dirs_exist_ok=True, ignore=names_data)
        replace_folder(new, place)
    opened = open_project(place)
    return replace(opened, output=project.output, numbers_for_all=project.numbers)


def _cells(notebook: Path) -> Any:
    """Return the cells of a notebook without outputs; nothing of what cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [(cell["cell_type"], cell.get("id"), "".join(cell["source"])) for cell in cells]
    return notebook


def refuse_to_store_records(project: Project) -> None:
    """Stop before results of patients are written where git keeps them, or would once told.

    Raises PaperError if they would be.
    """
    may_take = known_to_git(project, "--others", "--exclude-standard")
    if may_take and reads_other_data(project.root):
        what = "names data of patients, whose results would go into notebooks that git may keep"
        raise PaperError(DATA_VARIABLE, what, ELSEWHERE)


def known_to_git(project: Project, *how: str) -> bool:
    """Return whether git has notebooks of a paper; with `--others`, or would take some."""
    paths = [book.path for book in project.notebooks]
    try:
        return bool(ask_git(project.root, "", "ls-files", "-z", "--cached", *how, "--", *paths))
    except PaperError:
        return False  # no git, or no work tree
