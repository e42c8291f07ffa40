"""Records of patients: a paper about them is built in a copy, and nothing of it is ever tracked."""

import shutil
from pathlib import Path

from paper.errors import PaperError
from paper.storage.git import ask_git
from paper.storage.project import (
    DATA_VARIABLE,
    Project,
    left_out,
    open_project,
    reads_other_data,
    use_other_data,
)

ELSEWHERE = "Build elsewhere: `paper build --data FILE`; or copy, `paper copy --data FILE FOLDER`."


def copy_for_other_data(project: Project, data: Path, study: Path | None, folder: Path) -> Project:
    """Copy a project, without its data, to a folder of its own where it reads other data.

    Raises
    ------
    PaperError
        If a file is not there, or the folder is.
    """
    for file, what in ((data, "the patient data"), (study, "the study definition")):
        if file and not file.is_file():
            raise PaperError(str(file), "no such file", f"Name the file with {what}.")
    if folder.exists():
        raise PaperError(str(folder), "exists", "Name a new folder.")
    shutil.copytree(project.root, folder, ignore=left_out)
    use_other_data(folder, data, study)
    return open_project(folder)


def refuse_to_store_records(project: Project) -> None:
    """Stop before results of patients are written where git keeps them, or would once told.

    Raises
    ------
    PaperError
        If they would be.
    """
    if reads_other_data(project.root) and _may_be_committed(project):
        what = "names data of patients, whose results would go into notebooks that git may keep"
        raise PaperError(DATA_VARIABLE, what, ELSEWHERE)


def _may_be_committed(project: Project) -> bool:
    asked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    try:
        return bool(ask_git(project.root, "", *asked, *(book.path for book in project.notebooks)))
    except PaperError:
        return False  # no git, or no work tree
