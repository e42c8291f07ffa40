"""The last step of Quarto: complete and look through what it rendered, and keep the good paper.

Quarto has moved its files into the output folder by now, and deleted those that were there. So a
copy of the last good paper is kept, and takes the place of one that is ruined.
"""

import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import ParseError

from declared import ExplainedError
from paper.renderers.checklist_pages import render_checklists
from paper.renderers.inspection.inspect import refuse_ruined
from paper.renderers.jats import complete
from paper.storage.files import read_fields, replace_by_copy
from paper.storage.project import Project
from paper.storage.render_cache import Kept, lay_together
from paper.storage.sources.article import CONFIGURATION, front_matter, read_article

GOOD = "good"
PAGE = "index.html"
# How Quarto tells what it rendered: a folder, and files, one a line, or a file with these lines.
OUTPUT, FILES = "QUARTO_PROJECT_OUTPUT_DIR", "QUARTO_PROJECT_OUTPUT_FILES"
LISTED = "QUARTO_USE_FILE_FOR_PROJECT_OUTPUT_FILES"


def finish(project: Project, told: Mapping[str, str]) -> list[str]:
    """Finish what Quarto rendered, be it one format or all.

    `project`: the paper; its sources were checked. `told`: the environment, in which Quarto tells
    what it rendered; all of the paper if it does not. Raises ExplainedError if a file is ruined, or
    a checklist points to nothing. Then the last good paper is back in its place; where there was
    none, the ruined files are gone from it.
    """
    output = project.root / told.get(OUTPUT, project.output)
    is_paper = output.resolve() == project.output.resolve()
    names = _rendered(project, output, told)
    own = front_matter(read_article(project.root, project.article), project.article).content
    fields = {**read_fields(project.root / CONFIGURATION, CONFIGURATION).content, **own}
    # What is not XML is told below.
    for name in names:
        with suppress(ParseError):
            if name.endswith(".xml"):
                complete(output / name, fields)
                _renew_bundle(output / f"{Path(name).stem}-meca.zip")
    try:
        refuse_ruined(project, output, names)
        if PAGE in names:
            kept = Kept(project.cache / "checklists", partial(refuse_ruined, project))
            lay_together(output, render_checklists(project, kept, output / PAGE))
            kept.forget_others()
    except ExplainedError:
        good = project.cache / GOOD
        if is_paper and good.is_dir():
            replace_by_copy(good, project.output, project.cache)
        raise
    if is_paper:
        keep_good(project)
    return names


def _renew_bundle(bundle: Path) -> None:
    """Put what was completed into the MECA bundle, which Quarto had made before."""
    if not bundle.is_file():
        return
    with zipfile.ZipFile(bundle) as old:
        contents = {entry: old.read(entry) for entry in old.infolist()}
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as new:
        for entry, content in contents.items():
            beside = bundle.parent / entry.filename
            new.writestr(entry, beside.read_bytes() if beside.is_file() else content)


def _rendered(project: Project, output: Path, told: Mapping[str, str]) -> list[str]:
    """Return the names of what was rendered, in the folder of the paper."""
    if LISTED in told:
        listed = Path(told[LISTED]).read_text(encoding="utf-8").splitlines()
    elif FILES in told:
        listed = told[FILES].splitlines()
    else:
        listed = [str(file) for file in sorted(output.iterdir()) if file.is_file()]
    files = [Path(os.path.normpath(project.root / line)) for line in listed if line]
    return [file.relative_to(output).as_posix() for file in files if file.is_relative_to(output)]


def keep_good(project: Project) -> None:
    """Keep a copy of the rendered paper, which is good."""
    replace_by_copy(project.output, project.cache / GOOD, project.cache)
