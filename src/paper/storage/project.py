"""Where the parts of the paper are, read from `_quarto.yml`: one configuration, two renderers."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from declared import unobserved
from paper.errors import PaperError
from paper.storage.files import read_fields
from paper.storage.local import CACHE, remembered
from paper.storage.sources.article import (
    CONFIGURATION,
    EMBEDDED,
    front_matter,
    place,
    read_article,
    read_cells,
)

USUAL_ARTICLES = ("index.qmd", "index.ipynb")
DATA = "data/cohort.csv"
STUDY = "data/study.yml"
# All that a paper is rendered with, an extension of Quarto, and the type of project that it adds.
EXTENSION, TYPE = "_extensions/paper", "paper"
# Questionnaires lie in a folder beside the study definition.
INSTRUMENTS = "instruments"
# Names other patient data, for whoever renders with Quarto itself.
DATA_VARIABLE, STUDY_VARIABLE = "PAPER_DATA", "PAPER_STUDY"
# In a copy of the project: the path of the data it reads instead.
OTHER_DATA = f"{CACHE}/other-data"
# In one that finds out what may be told, those are values of other patients: the path of the
# records, which are read and then have them instead.
RECORDS_BEHIND = f"{CACHE}/records-behind"


class Renderer(StrEnum):
    """What turns the sources into documents."""

    AUTO = "auto"
    QUARTO = "quarto"
    EMBEDDED = "embedded"


NEVER_COPIED = shutil.ignore_patterns(".*", "_manuscript*", "__pycache__", "*.egg-info")
# Of the folder itself: below it, one of these names may hold data.
NOT_COPIED = {"records", "tests"}


def left_out(folder: str, names: list[str]) -> set[str]:
    """Return what a copy of the project leaves out: history, environment, outputs, records."""
    is_top = (Path(folder) / CONFIGURATION).is_file()
    return {*NEVER_COPIED(folder, names), *(NOT_COPIED & {*names} if is_top else ())}


@dataclass(frozen=True)
class Notebook:
    """A notebook of the paper: its path below the project, and its title."""

    path: str
    title: str
    is_article: bool = False  # the code in the article

    @property
    def page(self) -> str:
        """The page that shows it, named as Quarto names it."""
        return f"{Path(self.path).with_suffix('').as_posix()}-preview.html"

    @property
    def is_text(self) -> bool:
        """Whether it is written as text, or read as one, and has no outputs of its own."""
        return self.is_article or not self.path.endswith(".ipynb")

    @property
    def stored(self) -> str:
        """The file that has its outputs: itself, or one that git ignores if it is a text."""
        return f"{CACHE}/written/{self.path}.ipynb" if self.is_text else self.path


@dataclass(frozen=True)
class Project:
    """A paper: its folder and the parts that `_quarto.yml` names."""

    root: Path
    article: str
    notebooks: tuple[Notebook, ...]
    output: Path
    bibliography: tuple[Path, ...]
    csl: Path | None  # None for that of Pandoc: Chicago, author and year
    data: Path
    # Of the private copy of a paper about records: where its numbers, which tell of nobody, go too.
    numbers_for_all: Path | None = None

    @property
    def numbers(self) -> Path:
        """The file of recorded numbers."""
        return self.root / "results" / "numbers.json"

    @property
    def references(self) -> list[Path]:
        """What references are made from: bibliographies, and a style."""
        return [*self.bibliography, *([self.csl] if self.csl else [])]

    @property
    def extension(self) -> Path:
        """What the paper is rendered with: templates, styles and filters."""
        return self.root / EXTENSION

    @property
    def cache(self) -> Path:
        """What a build remembers for the next one; may be deleted at any time."""
        return self.root / CACHE


def find_root() -> Path:
    """Return the nearest folder, from here upwards, that holds `_quarto.yml`.

    Raises PaperError if there is none.
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIGURATION).is_file():
            return folder
    raise PaperError(str(here), f"no {CONFIGURATION} here or above", "Go to the paper's folder.")


def locate(path: str) -> Path:
    """Return the full path of a file of the project, wherever a notebook runs."""
    return find_root() / path


def data_file() -> Path:
    """Return the patient data that a notebook of this project reads."""
    # A notebook that asks depends on the data, and not on how the paper is set up.
    with unobserved():
        data = open_project(find_root()).data
    sys.audit("paper.data", str(data))
    return data


def records_behind() -> Path | None:
    """Return the records whose patients have the values of the data instead, if there are any."""
    with unobserved():
        pointer = find_root() / RECORDS_BEHIND
        records = Path(pointer.read_text(encoding="utf-8")) if pointer.is_file() else None
    if records:
        sys.audit("paper.data", str(records))
    return records


def use_other_data(root: Path, data: Path, study: Path | None = None) -> None:
    """Let a copy of the project, never the project itself, read other data and another study."""
    pointer = root / OTHER_DATA
    pointer.parent.mkdir(exist_ok=True)
    pointer.write_text(str(data.resolve()), encoding="utf-8")
    if study:
        shutil.copy(study, root / STUDY)
        if (study.parent / INSTRUMENTS).is_dir():
            place = (root / STUDY).parent / INSTRUMENTS
            shutil.copytree(study.parent / INSTRUMENTS, place, dirs_exist_ok=True)


def data_of(root: Path) -> Path:
    """Return the patient data that the paper in a folder reads, whether or not they are there."""
    pointer = root / OTHER_DATA
    if pointer.is_file():
        return Path(pointer.read_text(encoding="utf-8"))
    if DATA_VARIABLE not in os.environ and is_about_records(root):
        return remembered(root).data or root / DATA
    return root / os.environ.get(DATA_VARIABLE, DATA)


def is_about_records(root: Path) -> bool:
    """Return whether a paper has no data in its folder, and it is remembered where they are."""
    has_none = not (root / DATA).is_file() and not (root / OTHER_DATA).is_file()
    return has_none and remembered(root).data is not None


def reads_other_data(root: Path) -> bool:
    """Return whether the paper in a folder reads other data than its own: of real patients."""
    return data_of(root) != root / DATA


def _refuse_to_replace(source: Path, output: Path) -> None:
    """Stop before a build puts its output, a whole folder, in the place of a source."""
    if source.resolve().is_relative_to(output.resolve()):
        what = f"output-dir: a build would replace {source.name}"
        raise PaperError(CONFIGURATION, what, "Name a folder for the rendered paper alone.")


def open_project(root: Path) -> Project:
    """Read `_quarto.yml`, and what the article says of its references.

    Raises PaperError if a field is not what Quarto takes, names a file that is not there, or names
    a folder for the output that holds sources.
    """
    configuration: Any = read_fields(root / CONFIGURATION, CONFIGURATION).content
    if not isinstance(configuration, dict):
        raise PaperError(CONFIGURATION, "not `field: value`")
    if not (root / EXTENSION).is_dir():
        raise PaperError(EXTENSION, "is not there: templates, styles, filters", "paper upgrade")
    general, manuscript = (_mapping(configuration, name) for name in ("project", "manuscript"))
    usual = next((name for name in USUAL_ARTICLES if (root / name).is_file()), USUAL_ARTICLES[0])
    article = str(manuscript.get("article", usual))
    output = root / str(general.get("output-dir", "_manuscript"))
    if not article.endswith((".qmd", ".md", ".ipynb")):
        what = f"manuscript: article: {article} is neither text in Markdown nor a notebook"
        raise PaperError(CONFIGURATION, what, "Write a .qmd that embeds the cells of notebooks.")
    _refuse_missing(root, output, root / article)
    text = read_article(root, article)
    bibliography, styles = _references(root, configuration, article, text)
    if general.get("type") == TYPE:
        styles.append(root / EXTENSION / "numeric.csl")
    notebooks = tuple(_notebooks(root, manuscript, article, text))
    project = Project(
        root, article, notebooks, output, tuple(bibliography), next(iter(styles), None),
        data_of(root),
    )  # fmt: skip
    for file in [*project.references, *(root / notebook.path for notebook in notebooks)]:
        _refuse_missing(root, output, file)
    for folder in (root, root / "src", (root / DATA).parent, project.numbers.parent):
        _refuse_to_replace(folder, project.output)
    return project


def _mapping(configuration: dict[str, Any], name: str) -> dict[str, Any]:
    found = configuration.get(name) or {}
    if not isinstance(found, dict):
        raise PaperError(CONFIGURATION, f"{name} is not `field: value`")
    return found


def _refuse_missing(root: Path, output: Path, file: Path) -> None:
    if not file.is_file():
        name = Path(os.path.relpath(file, root)).as_posix()
        raise PaperError(CONFIGURATION, f"names {name}, which is not there")
    _refuse_to_replace(file, output)


def _references(
    root: Path, configuration: dict[str, Any], article: str, text: str
) -> tuple[list[Path], list[Path]]:
    """Return bibliographies and styles, those of the article first: it may add, and decides."""
    fields = front_matter(text, article).content
    named: dict[str, list[Path]] = {"bibliography": [], "csl": []}
    for content, folder in ((fields, (root / article).parent), (configuration, root)):
        for name, files in named.items():
            listed = content.get(name) or []
            files += [
                folder / str(one) for one in (listed if isinstance(listed, list) else [listed])
            ]
    return list(dict.fromkeys(named["bibliography"])), named["csl"]


def _notebooks(
    root: Path, manuscript: dict[str, Any], article: str, text: str
) -> Iterator[Notebook]:
    """Yield the notebooks: those of `_quarto.yml`, or else those that the article embeds."""
    listed = manuscript.get("notebooks") or []
    embedded = {} if listed else {e["notebook"]: e.start() for e in EMBEDDED.finditer(text)}
    embedded.pop(article, None)
    for path, offset in embedded.items():
        if not (root / path).is_file():
            where = place(article, text, offset)
            raise PaperError(where, f"embeds a cell of {path}, which is not there")
    for entry in listed or embedded:
        fields = entry if isinstance(entry, dict) else {"notebook": entry}
        path = str(fields.get("notebook", ""))
        if not path.endswith((".ipynb", ".qmd")):
            what = f"manuscript: notebooks: {path or entry!r} is not the path of an .ipynb or .qmd"
            hint = f"Or leave the list out: {article} names what it embeds."
            raise PaperError(CONFIGURATION, what, hint)
        if path != article:
            yield Notebook(path, str(fields.get("title") or Path(path).stem))
    if read_cells(root, article):
        yield Notebook(article, "The article's own code", is_article=True)
