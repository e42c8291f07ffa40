"""How a notebook begins: the study, its patients, and what may be shown of them, in one call.

This package knows no patients. A package that does says so by an entry point of the group
`paper.study`: a module with what `StudyPackage` asks for.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from declared import DataError, Problem, unobserved
from paper.errors import PaperError
from paper.notebooks.figures import figures_for_print
from paper.storage.project import DATA, STUDY, data_file, locate, records_behind

GROUP = "paper.study"
NO_DATA = "the patient data are not here; say where they are: paper use --data FILE"
SCALES_MIME = "application/vnd.paper.scales+json"


class Opened(Protocol):
    """A study whose data were read."""

    study: Any
    cohort: Any
    # Name → label, words that name the scale in a sentence, and which way is better, if any.
    scales: Mapping[str, Mapping[str, Any]]
    summary: str


class Draft(Protocol):
    """The definition of a study to begin with, and name and label of its primary outcome."""

    definition: str
    name: str
    label: str
    questions: Sequence[str]  # to its author, on the terminal alone


class Others(Protocol):
    """Other patients, so different that nobody can tell how many of a few have a value."""

    @property
    def files(self) -> Sequence[Path]:
        """Their values, a file for each cohort."""

    @property
    def n_free(self) -> int:
        """How many counts of few patients are others in one of them."""

    @property
    def lines(self) -> Sequence[str]:
        """What else is to be said of them."""


class StudyPackage(Protocol):
    """What a package that knows patients gives to notebooks."""

    def open_study(
        self, definition: Path, data: Path, reconstruction: Path, instead: Path | None
    ) -> Opened:
        """Read a study and its patients, who are nobody's if they are of the reconstruction.

        Instead of their values they may have those of a file that `other_patients` wrote.
        """

    def other_patients(
        self, definition: Path, data: Path, reconstruction: Path, folder: Path
    ) -> Others:
        """Seek other patients of whom the same is told, and write their values into a folder."""

    def draft(self, data: Path, definition: Path | None) -> Draft:
        """Return the definition of a study with these data, drafted unless there is one."""

    def figures(self) -> Mapping[str, str]:
        """Return what can be drawn: name of the function → what it draws."""

    def texts(
        self, what: Any, *, unit: str = "", decimals: int | None = None, n: int | None = None
    ) -> Mapping[str, Any]:
        """Return the numbers of a result: full key → number with its text.

        Unit, decimals, and the number of patients they rest on, are of plain numbers.
        """

    def label(self, key: str) -> str:
        """Return what a number is called."""

    def formula(self, key: str) -> str:
        """Return what a number is computed from, the keys of others in braces; or nothing."""


@cache
def study_package() -> StudyPackage:
    """Return the installed package that knows patients.

    Raises PaperError if there is none, or more than one.
    """
    found = entry_points(group=GROUP)
    if len(found) != 1:
        what = f"{len(found)} packages are installed for the group {GROUP}, not one"
        hint = "Install this paper again, `pip install --no-deps -e .`: its pyproject.toml has one."
        raise PaperError("begin", what, hint)
    return cast("StudyPackage", next(iter(found)).load())


def has_begun() -> bool:
    """Return whether the package that knows patients has been asked for in this process."""
    return study_package.cache_info().currsize > 0


def record(mime: str, content: Mapping[str, Any], text: str) -> None:
    """Leave something in the output of the cell that runs, and a text for who reads the notebook."""
    # Only a running notebook needs IPython; the command line must not wait for its import.
    from IPython.display import display  # noqa: PLC0415

    display({mime: content, "text/plain": text}, raw=True)


def begin() -> tuple[Any, Any]:
    """Set up a notebook of the paper: figures for print, their style, the study and its patients.

    Returns
    -------
    study
        The study definition of the paper; it knows whose the data are, and which counts are too
        small to be shown.
    cohort
        One row per patient, read and checked.

    Raises
    ------
    DataError
        If the study definition or the data are not what they should be.
    """
    data = data_file()
    if not data.is_file():
        raise DataError(data, [Problem("file", None, NO_DATA)])
    records = records_behind()
    figures_for_print(compared=records is not None)
    # With other patients it is noted who else reads the records: a notebook by itself must not.
    with unobserved() if records else nullcontext():
        opened = study_package().open_study(
            locate(STUDY), records or data, locate(DATA), data if records else None
        )
    record(SCALES_MIME, opened.scales, opened.summary)
    return opened.study, opened.cohort
