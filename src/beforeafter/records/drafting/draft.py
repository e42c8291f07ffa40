"""A study definition drafted from a table: what is certain is written, what is not is asked."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import ValidationError

from beforeafter.records.cells import code_of, number_of, percent_shown
from beforeafter.records.check import check_records
from beforeafter.records.columns import ID
from beforeafter.records.drafting import guesses
from beforeafter.records.drafting.parts import (
    FEW_CATEGORIES,
    MANY_ITEMS,
    PLAIN,
    Draft,
    add_scores,
    describe,
    name_of,
    questionnaires,
)
from beforeafter.records.drafting.reading import read_unknown
from beforeafter.records.files.table import EMPTY, VISIT, Column
from beforeafter.records.files.words import LIKE_MISSING, NOT_SEEN
from beforeafter.records.report import Remark, Report
from beforeafter.records.rows.patients import ASK, odd_codes
from beforeafter.study import Study, code_text, plain_words

PARTS = (
    "questionnaires",
    "outcomes",
    "ratings",
    "durations",
    "characteristics",
    "compare",
    "records",
)
TITLE = """# Drafted from {files} by `beforeafter draft`: a beginning, not a protocol.
# `beforeafter check {first} --study` this file tells what does not fit.
"""


def draft_study(files: Sequence[Path]) -> str:
    """Draft a study definition for a table, or for several files of which each is a visit.

    Parameters
    ----------
    files
        CSV and its kin, XLSX, ODS, Parquet, SPSS or Stata.

    Returns
    -------
    str
        A `study.yml` with the questions that only its author can answer as comments. What is
        certain passes `check_records`.

    Raises
    ------
    UnreadableError
        If a file is no table, or nothing in it was measured at two visits.
    """
    draft = Draft(files, *read_unknown(files))
    _take_percents_as_shown(draft)
    _find_patients(draft)
    of_program = [name for name in draft.columns if guesses.NAMES["of_redcap"].search(name.lower())]
    if not _in_rows(draft, of_program):
        _in_columns(draft)
    if not draft.outcomes:
        rule = "no column of numbers was found at two visits"
        raise Report(files[0]).unreadable(rule, "write study.yml by hand: see data/README.md")
    describe(draft)
    if rest := [*draft.columns]:
        draft.records["ignore"] = rest
        names = [name or "a column without a name" for name in rest if name not in of_program]
        if names:
            draft.ask("records: ignore", f"is one of {', '.join(names)} of use?")
    return _written(draft)


def _take_percents_as_shown(draft: Draft) -> None:
    columns = draft.table.columns
    shown = tuple(replace(one, cells=tuple(map(percent_shown, one.cells))) for one in columns)
    if [one.cells for one in shown] != [one.cells for one in columns]:
        draft.records["percent"] = "shown"
        draft.ask("records: percent", "does 50 % mean 50? stored, if 0.5")
        draft.table = replace(draft.table, columns=shown)


def _find_patients(draft: Draft) -> None:
    names = [name for name in draft.columns if guesses.is_patient(name)]
    names.sort(key=lambda name: -len(draft.columns[name].cells))
    if not names:
        draft.records["numbered"] = True
        draft.ask("records: numbered", "has no column the codes of patients?")
        return
    if names[0] != ID:
        draft.read(ID, names[0])
    column = draft.columns[names[0]]
    draft.used.add(names[0])
    # Rows of totals have numbers of other steps.
    kept = ~np.isin(column.codes, [*dict(odd_codes(column, named=True)), EMPTY])
    columns = tuple(one.take(kept) for one in draft.table.columns)
    draft.table = replace(draft.table, columns=columns)


def _in_rows(draft: Draft, of_program: Sequence[str]) -> bool:
    """Describe a table with a row for each visit; whether it is one."""
    names: dict[str, guesses.Named] = {}
    column_of_visits = VISIT
    if "visits" in draft.records:
        parts = next(iter(draft.records["visits"].values()))
        names = {sign: guesses.visit_of(visit, alone=True) or guesses.Named("", visit, place)
                 for place, (visit, sign) in enumerate(parts.items())}  # fmt: skip
    for name, column in draft.columns.items() if not names else ():
        found = {
            code: guesses.visit_of(code, alone=True) or _numbered_visit(name, code)
            for code in (code_of(cell) for cell in column.cells if isinstance(cell, PLAIN))
        }
        if 1 < len(found) <= FEW_CATEGORIES and all(found.values()):
            names = {sign: one for sign, one in found.items() if one}
            values = {one.visit: sign for sign, one in names.items()}
            draft.records["visits"], column_of_visits = {"column": name, "values": values}, name
            break
    if not names:
        return False
    ordered = sorted(names.values(), key=lambda one: one.when)
    visits = [one.visit for one in ordered]
    _compare(draft, {one.visit: one.when for one in ordered})
    visit_in = draft.columns[column_of_visits].codes
    draft.used.add(column_of_visits)
    scales = {
        name: column
        for name, column in draft.columns.items()
        if name not in of_program
        and not _is_said_once(name, column)
        and _is_scale([column])
        and len(np.unique(visit_in[column.codes != EMPTY])) > 1
    }
    at_visits = {plain_words(name): dict.fromkeys(visits, name) for name in scales}
    for base, items in questionnaires(at_visits).items():
        add_scores(draft, base, items, in_rows=True)
    for name in (name for name in scales if name not in draft.used):
        column = scales[name]
        ours = name_of(name)
        columns = {visit: f"{ours}_{name_of(visit)}" for visit in visits}
        _add_outcome(draft, name, columns, {name: column})
        draft.records.setdefault("columns", {}).setdefault(ours, name)
    return True


def _numbered_visit(column: str, code: str) -> guesses.Named | None:
    number = code.isdecimal() and guesses.NAMES["visit_column"].fullmatch(plain_words(column))
    return guesses.Named("", f"{plain_words(column)} {code}", float(code)) if number else None


def _is_said_once(name: str, column: Column) -> bool:
    return bool(
        guesses.first_of(plain_words(name), "age", "sex", "rating") or guesses.rated(column)
    )


def _is_scale(columns: Sequence[Column]) -> bool:
    """Whether columns hold numbers, and more of them than what is ticked or not."""
    numbers = [found for one in columns if (found := guesses.numbers_of(one)) is not None]
    values = {value for one in numbers for value in one[~np.isnan(one)].tolist()}
    return len(numbers) == len(columns) and not values <= {0.0, 1.0}


def _in_columns(draft: Draft) -> None:
    """Describe a table in which each visit of a scale is a column."""
    stems: dict[str, list[tuple[guesses.Named, str]]] = {}
    for name, column in draft.columns.items():
        found = guesses.visit_of(name)
        if found and guesses.numbers_of(column) is not None:
            stems.setdefault(found.stem, []).append((found, name))
    at_visits: dict[str, dict[str, str]] = {}
    visits: dict[float, str] = {}  # of the same visit in another notation
    for stem, columns in stems.items():
        ordered = sorted(columns, key=lambda one: one[0].when)
        times = [one.when for one, _ in ordered]
        if len(ordered) > 1 and not (len(times) >= MANY_ITEMS and {*np.diff(times)} == {1.0}):
            at_visits[stem] = {
                visits.setdefault(one.when, one.visit): name for one, name in ordered
            }
            draft.when |= {visits[one.when]: one.when for one, _ in ordered}
    of_items, known = questionnaires(at_visits), draft.columns
    answers = {f"{base}{one}".replace(" ", "") for base, of in of_items.items() for one in of}
    for stem, names in at_visits.items():
        cells = {name: known[name] for name in names.values()}
        if stem.replace(" ", "") not in answers and _is_scale([*cells.values()]):
            _add_outcome(draft, stem, names, cells)
    for base, items in of_items.items():
        _compare(draft, {visit: draft.when[visit] for visit in next(iter(items.values()))})
        add_scores(draft, base, items)


def _compare(draft: Draft, visits: dict[str, float]) -> None:
    """Compare the first visit with the last, unless others are compared already."""
    if not draft.compare:
        names = [*visits]
        draft.when |= visits
        draft.compare = [names[0], names[-1]]
        if names[1:-1]:
            draft.ask("compare", f"which two of {', '.join(names)}?")


def _add_outcome(
    draft: Draft, name: str, columns: dict[str, str], cells: dict[str, Column]
) -> None:
    _compare(draft, {visit: draft.when[visit] for visit in columns})
    compared = draft.compare
    if len(columns) == len(compared) and {*compared}.isdisjoint(columns):
        told = " and ".join(f"{one} {other}" for one, other in zip(columns, compared, strict=True))
        draft.ask(f"outcomes: {name}", f"is {told}?")
        columns = dict(zip(compared, columns.values(), strict=True))
    if not {*compared} <= {*columns}:
        draft.questions.append(f"{name}: not measured at {' and '.join(compared)}, left out")
        return
    label = guesses.label_of([*cells], name)
    scale, known = guesses.scale_of(name, next(iter(cells)), [*cells.values()])
    ours = name_of(name)
    if ours in {outcome["name"] for outcome in draft.outcomes}:
        ours += f"_{len(draft.outcomes)}"
    draft.used |= {*columns.values(), *cells}
    draft.add_outcome(ours, label, columns, scale)
    ends = f"{scale['minimum']:g} to {scale['maximum']:g}, {scale['better']} is better"
    if not known:
        draft.ask(f"outcomes: {ours}", f"is the scale {ends}?")
    for theirs, column in cells.items():
        numbers = {number_of(cell) for cell in column.cells}
        odd = {one for one in guesses.MISSING if not scale["minimum"] <= one <= scale["maximum"]}
        odd |= {number_of(code) for code in guesses.codes_by_label(column)}
        if there := sorted(code_text(code) for code in odd & numbers):
            key = ours if len(cells) < len(columns) else theirs
            draft.read(key, theirs, missing=there)
            codes = " and ".join(there)
            draft.ask(f"records: columns: {key}: missing", f"are {codes} no scores?")


def _problems(file: Path, definition: dict[str, Any]) -> list[Remark]:
    """Return what does not fit the file; of a definition that is none, what is wrong with it."""
    try:
        return check_records(file, Study.model_validate(definition)).problems
    except ValidationError as error:
        return [Remark(f"{'.'.join(map(str, e['loc']))}: {e['msg']}") for e in error.errors()]


def _follow_up_day(draft: Draft) -> int:
    """Return the day of the follow-up; it is asked unless the table counts in days."""
    last = draft.compare[1]
    timed = guesses.NAMES["timed"].match(last.lower())
    day = int(draft.when[last]) if timed else 30
    if not (timed and timed["days"]):
        draft.ask("protocol: follow_up_day", f"is {last} day {day}?")
    return day


def _said_missing(draft: Draft) -> list[str]:
    """Return the known words, in columns of the study, for what is missing; others may be names."""
    said = set()
    for column in (one for one in draft.table.columns if one.name.strip() in draft.used):
        texts = {cell.strip() for cell in column.cells if isinstance(cell, str)}
        known = LIKE_MISSING | NOT_SEEN if guesses.numbers_of(column) is not None else LIKE_MISSING
        said |= {text for text in texts if {text.casefold(), plain_words(text)} & known}
    return sorted(said)


def _written(draft: Draft) -> str:
    """Return the draft as YAML, rows of totals passed over, what is left to decide as comments."""
    definition = {
        "protocol": {"design": "before and after", "follow_up_day": _follow_up_day(draft)},
        "analysis": guesses.KNOWN["analysis"],
        **{part: getattr(draft, part) for part in PARTS},
    }
    if said := _said_missing(draft):
        draft.records["missing"] = said
        draft.ask("records: missing", f"does {' or '.join(said)} stand for it?")
    problems = _problems(draft.files[0], definition)
    words = {str(one.value) for one in problems if ASK in one.mend and one.value}
    if words:
        draft.records["skip"] = sorted(words)
        draft.ask("records: skip", "are these rows no patients?")
        problems = _problems(draft.files[0], definition)
    questions = [*draft.questions, *dict.fromkeys(f"check: {one.told}" for one in problems)]
    files = ", ".join(file.name for file in draft.files)
    text = TITLE.format(files=files, first=draft.files[0].name)
    text += "".join(f"# ? {question}\n" for question in questions)
    shown = {part: what for part, what in definition.items() if what}
    return text + yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100)
