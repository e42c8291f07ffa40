"""What notebooks are given by the entry point `paper.study`: the study, its patients, and texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from beforeafter import disclosure
from beforeafter import figures as drawn
from beforeafter.estimates import WITHHELD, rating_proportions
from beforeafter.figures import use_style
from beforeafter.records import draft_study, provenance, read_cohort
from beforeafter.study import Duration, Outcome, Rating, Study, of_part, read_study
from beforeafter.wording import Number, Plain, PlainText, formula_of, label_of, published_numbers
from declared import ExplainedError, parse_yaml, validate

ROWS_SHOWN = 4
# How lines of a draft begin that ask its author, and those that a check of the records gave.
ASKED, CHECKED = "# ? ", "# ? check: "
_BEGUN: list[Study] = []
_PATIENTS: list[int] = []


@dataclass(frozen=True)
class Opened:
    """A study, its patients, the scales that sentences may name, and all of it in a line."""

    study: Study
    cohort: pd.DataFrame
    scales: Mapping[str, Mapping[str, Any]]
    summary: str


@dataclass(frozen=True)
class OtherPatients:
    """Files with the values of other patients, and how many counts of few they leave open."""

    files: Sequence[Path]
    n_free: int
    lines: Sequence[str]


@dataclass(frozen=True)
class Drafted:
    """A study definition to begin with, its primary outcome, and what its author is asked."""

    definition: str
    name: str
    label: str
    questions: Sequence[str]


def draft(data: Path, definition: Path | None) -> Drafted:
    """Return the definition of a study with these data, drafted unless there is one.

    Raises
    ------
    ExplainedError
        If the data cannot be read, or the definition is none.
    """
    if definition:
        text, study = definition.read_text(encoding="utf-8"), read_study(definition)
    else:
        text = draft_study([data])
        study = validate(Study, parse_yaml(text, Path("study.yml")))
    lines = text.splitlines(keepends=True)
    # What a check says of a cell may show it: the author may see that, and the file may not.
    shown = "".join(line for line in lines if not line.startswith(CHECKED))
    asked = [line.strip() for line in lines if line.startswith(ASKED)]
    primary = study.primary.definition
    return Drafted(shown, primary.name, primary.label, asked)


def figures() -> dict[str, str]:
    """Return the functions that draw: name → what is drawn, in one line."""
    functions = {name: getattr(drawn, name) for name in drawn.__all__ if name.startswith("draw_")}
    return {name: str(one.__doc__).splitlines()[0] for name, one in functions.items()}


def open_study(
    definition: Path, data: Path, reconstruction: Path, instead: Path | None = None
) -> Opened:
    """Read a study and its patients, and set the style of figures.

    Parameters
    ----------
    definition
        `study.yml`.
    data
        The patients, in a table of any kind that `read_cohort` reads.
    reconstruction
        CSV of reconstructed patients, who are nobody; need not be there.
    instead
        Values that the patients are to have instead of their own, as `other_patients` wrote them.

    Raises
    ------
    DataError
        If study or patients are not what they should be.
    """
    use_style()
    study, cohort = _read(definition, data, reconstruction)
    is_nobody = study.reconstructed
    if instead:
        cohort = disclosure.with_values(cohort, instead)
    _BEGUN[:], _PATIENTS[:] = [study], [len(cohort)]
    whose = "reconstructed, of nobody" if is_nobody else "from records"
    summary = f"{len(cohort)} patients, {whose}; measured: " + "; ".join(
        f"{part.label} ({name})" for name, part in study.parts.items()
    )
    return Opened(study, cohort, _scales(study), summary)


def _read(definition: Path, data: Path, reconstruction: Path) -> tuple[Study, pd.DataFrame]:
    study = read_study(definition)
    cohort = read_cohort(data, study)
    is_nobody = reconstruction.is_file() and provenance(cohort, reconstruction).reconstructed
    return study.with_data(reconstructed=is_nobody), cohort


def other_patients(
    definition: Path, data: Path, reconstruction: Path, folder: Path
) -> OtherPatients:
    """Seek other patients of whom the same would be told; see `beforeafter.disclosure`.

    Parameters
    ----------
    definition, data, reconstruction
        As of `open_study`.
    folder
        Where the values of each of the cohorts are written.
    """
    study, cohort = _read(definition, data, reconstruction)
    others = disclosure.other_cohorts(cohort, study)
    files = [folder / f"{place}.csv" for place, _ in enumerate(others.cohorts, start=1)]
    for other, file in zip(others.cohorts, files, strict=True):
        disclosure.write_values(other, file)
    return OtherPatients(files, others.n_free, others.lines)


def _scales(study: Study) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "label": part.label,
            "words": list(dict.fromkeys([part.label, part.abbreviation, *part.words])),
            "better": part.better if isinstance(part, Outcome) else None,
        }
        for name, part in study.parts.items()
    }


def texts(
    what: Any, unit: str = "", decimals: int | None = None, n: int | None = None
) -> dict[str, Number]:
    """Return the numbers of what a notebook publishes, by their full keys.

    Unit, decimals, and the number of patients they rest on, are of plain numbers.
    """
    for one in what.values() if isinstance(what, Mapping) else []:
        if _PATIENTS and isinstance(one, pd.Series) and len(one) >= max(*_PATIENTS, 2):
            raise ExplainedError("a series with a value for each patient: publish its aggregates")
    return published_numbers(what, _BEGUN[0] if _BEGUN else None, how=Plain(unit, decimals, n))


def label(key: str) -> str:
    """Return what a number is called."""
    return label_of(key, _BEGUN[0] if _BEGUN else None)


def formula(key: str) -> str:
    """Return what a number is computed from, the keys of the other numbers in braces."""
    return formula_of(key)


def shares_not_told(cohort: pd.DataFrame, study: Study) -> set[str]:
    """Return the keys of shares of ratings that would tell of few patients."""
    shares = {part.name: rating_proportions(cohort, study[part.name]) for part in study.ratings}
    return {
        f"{rating}.{name}.proportion"
        for rating, of in shares.items()
        for name, share in of.items()
        if not share.is_told
    }


@of_part()
def glimpse(
    cohort: pd.DataFrame, definition: Outcome | Rating | Duration, study: Study, smallest: int
) -> PlainText:
    """Show what an analysis works on.

    Parameters
    ----------
    cohort
        One row per patient.
    definition
        Of which columns.
    study
        Knows whose the data are.
    smallest
        Of fewer patients nothing is shown.

    Returns
    -------
    PlainText
        The first rows of a reconstruction. Of records, how many patients have a value.
    """
    names = _columns(definition)
    if study.reconstructed:
        return PlainText(cohort[names].head(ROWS_SHOWN).to_string(index=False))
    counts = {name: int(cohort[name].notna().sum()) for name in names if name in cohort}
    shown = {name: WITHHELD if 0 < n < smallest else f"{n} patients" for name, n in counts.items()}
    return PlainText("\n".join(f"{name}: {text}" for name, text in shown.items()))


def _columns(part: Outcome | Rating | Duration) -> list[str]:
    if isinstance(part, Rating):
        return [part.column]
    if isinstance(part, Outcome):
        return list(part.columns.by_visit.values())
    return list(part.columns.model_dump().values())
