"""A study definition drafted from a table: what is certain is written, what is not is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import ValidationError

from beforeafter.records.cells import code_of, number_of
from beforeafter.records.check import check_records
from beforeafter.records.drafting.guesses import (
    KNOWN,
    MISSING,
    NAMES,
    Named,
    codes_by_label,
    first_of,
    is_patient,
    numbers_of,
    rated,
    scale_of,
    visit_of,
)
from beforeafter.records.drafting.reading import read_unknown
from beforeafter.records.files.table import EMPTY, Column, RawTable
from beforeafter.records.files.words import LIKE_MISSING, change_of
from beforeafter.records.report import Remark, Report
from beforeafter.records.rows.patients import ASK
from beforeafter.records.rows.totals import odd_codes
from beforeafter.study import Study, code_text, plain_words

FEW_CATEGORIES = 12
MANY_ITEMS = 4
ID = "patient"
PLAIN = str | int | float
TITLE = """# Drafted from {files} by `beforeafter draft`: a beginning, not a protocol.
# `beforeafter check {first} --study` this file tells what does not fit.
"""


@dataclass
class _Draft:
    files: Sequence[Path]
    table: RawTable
    records: dict[str, Any]
    questions: list[str]
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    characteristics: list[dict[str, Any]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    compare: list[str] = field(default_factory=list)


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
    draft = _Draft(files, *read_unknown(files))
    _find_patients(draft)
    if not _in_rows(draft):
        _in_columns(draft)
    if not draft.outcomes:
        rule = "no column of numbers was found at two visits"
        raise Report(files[0]).unreadable(rule, "write study.yml by hand: see data/README.md")
    _describe(draft)
    rest = [one.name.strip() for one in draft.table.columns if one.name.strip() not in draft.used]
    if rest:
        draft.records["ignore"] = rest
        draft.questions.append(f"records: ignore: is one of {', '.join(rest)} of use?")
    return _written(draft)


def _columns(draft: _Draft) -> dict[str, Column]:
    return {
        one.name.strip(): one for one in draft.table.columns if one.name.strip() not in draft.used
    }


def _find_patients(draft: _Draft) -> None:
    names = [name for name in _columns(draft) if is_patient(name)]
    names.sort(key=lambda name: -len(_columns(draft)[name].cells))
    if not names:
        draft.records["numbered"] = True
        draft.questions.append("records: numbered: has no column the codes of patients?")
        return
    draft.used.add(names[0])
    if names[0] != ID:
        draft.records.setdefault("columns", {})[ID] = names[0]
    column = next(one for one in draft.table.columns if one.name.strip() == names[0])
    # Rows of totals have numbers of other steps.
    kept = ~np.isin(column.codes, [*dict(odd_codes(column, named=True)), EMPTY])
    columns = tuple(one.take(kept) for one in draft.table.columns)
    draft.table = replace(draft.table, columns=columns)


def _in_rows(draft: _Draft) -> bool:
    """Describe a table with a row for each visit; whether it is one."""
    columns = _columns(draft)
    names: dict[str, Named] = {}
    if "visits" in draft.records:
        parts = next(iter(draft.records["visits"].values()))
        names = {sign: visit_of(visit, alone=True) or Named("", visit, place)
                 for place, (visit, sign) in enumerate(parts.items())}  # fmt: skip
    else:
        for name, column in columns.items():
            found = {
                code: visit_of(code, alone=True) or _numbered_visit(name, code)
                for code in (code_of(cell) for cell in column.cells if isinstance(cell, PLAIN))
            }
            if 1 < len(found) <= FEW_CATEGORIES and all(found.values()):
                names = {sign: one for sign, one in found.items() if one}
                values = {one.visit: sign for sign, one in names.items()}
                draft.records["visits"] = {"column": name, "values": values}
                draft.used.add(name)
                break
    visits = [one.visit for one in sorted(names.values(), key=lambda one: one.when)]
    for name, column in _columns(draft).items() if visits else ():
        numbers = numbers_of(column)
        if name == "(visit)" or numbers is None or _is_said_once(name, column):
            continue
        ours = _name(name)
        _add_outcome(draft, name, {visit: f"{ours}_{_name(visit)}" for visit in visits}, [column])
        draft.records.setdefault("columns", {}).setdefault(ours, name)
    draft.used.add("(visit)")
    return bool(visits)


def _numbered_visit(column: str, code: str) -> Named | None:
    number = code.isdecimal() and NAMES["visit_column"].fullmatch(plain_words(column))
    return Named("", f"{plain_words(column)} {code}", float(code)) if number else None


def _is_said_once(name: str, column: Column) -> bool:
    return bool(first_of(plain_words(name), "age", "sex", "rating") or rated(column))


def _in_columns(draft: _Draft) -> None:
    """Describe a table in which each visit of a scale is a column."""
    stems: dict[str, list[tuple[Named, str]]] = {}
    for name, column in _columns(draft).items():
        found = visit_of(name)
        if found and numbers_of(column) is not None:
            stems.setdefault(found.stem, []).append((found, name))
    names_of: dict[float, str] = {}  # of the same visit in another notation
    for stem, columns in stems.items():
        ordered = sorted(columns, key=lambda one: one[0].when)
        times = [one.when for one, _ in ordered]
        if len(ordered) > 1 and not (len(times) >= MANY_ITEMS and {*np.diff(times)} == {1.0}):
            names = {names_of.setdefault(one.when, one.visit): name for one, name in ordered}
            known = _columns(draft)
            _add_outcome(draft, stem, names, [known[name] for name in names.values()])


def _add_outcome(
    draft: _Draft, name: str, columns: dict[str, str], cells: Sequence[Column]
) -> None:
    visits = [*columns]
    if not draft.compare:
        draft.compare = [visits[0], visits[-1]]
        if visits[1:-1]:
            draft.questions.append(f"compare: which two of {', '.join(visits)}?")
    if not {*draft.compare} <= {*visits}:
        draft.questions.append(f"{name}: not measured at {' and '.join(draft.compare)}, left out")
        return
    scale, known = scale_of(name, cells)
    ours = _name(name)
    if ours in {outcome["name"] for outcome in draft.outcomes}:
        ours += f"_{len(draft.outcomes)}"
    draft.used |= {*columns.values(), *(one.name.strip() for one in cells)}
    label = name.strip() or ours
    draft.outcomes.append({
        "name": ours, "label": label, "instrument": label, "abbreviation": label,
        "role": "secondary" if draft.outcomes else "primary", "unit": "points",
        "columns": columns, **{end: value for end, value in scale.items() if value is not None},
        "decimals": {"default": 1, "percentage": 0, "p": 3},
    })  # fmt: skip
    ends = f"{scale['minimum']:g} to {scale['maximum']:g}, {scale['better']} is better"
    if not known:
        draft.questions.append(f"outcomes: {ours}: is the scale {ends}?")
    for column in cells:
        theirs, numbers = column.name.strip(), {number_of(cell) for cell in column.cells}
        odd = {one for one in MISSING if not scale["minimum"] <= one <= scale["maximum"]}
        odd |= {number_of(code) for code in codes_by_label(column)}
        if there := sorted(code_text(code) for code in odd & numbers):
            key = ours if len(cells) < len(columns) else theirs
            draft.records.setdefault("columns", {})[key] = {"name": theirs, "missing": there}
            codes = " and ".join(there)
            draft.questions.append(f"records: columns: {key}: missing: are {codes} no scores?")


def _describe(draft: _Draft) -> None:
    """Describe what is recorded once for each patient: ratings, age, sex."""
    for name, column in _columns(draft).items():
        plain, words = plain_words(name), rated(column)
        numbers = numbers_of(column)
        is_rating = words or (NAMES["rating"].search(plain) and numbers is not None)
        if is_rating:
            draft.ratings.append({
                "name": _name(name), "label": name, "abbreviation": name, "column": name,
                "categories": [*KNOWN["categories"]], "groups": {}, "decimals": {"default": 1},
            })  # fmt: skip
            labels = {code_of(code): change_of(label) for code, label in column.labels.items()
                      if isinstance(code, PLAIN)}  # fmt: skip
            names = {
                code: {str(code), plain_words(one)}
                for code, one in enumerate(KNOWN["categories"], 1)
            }
            values = {code: one for code, one in (words or labels).items()
                      if one and plain_words(code) not in names[one]}  # fmt: skip
            if values:
                of_rating = {"name": name, "values": values}
                draft.records.setdefault("columns", {})[name] = of_rating
        elif NAMES["age"].match(plain) and numbers is not None:
            more = {"column": name, "unit": "years", "minimum": 0, "maximum": 120}
            draft.characteristics.append({"name": _name(name), "label": name, **more})
        elif NAMES["sex"].match(plain) and len(column.cells) <= FEW_CATEGORIES:
            said = [column.labels.get(cell) or code_of(cell) for cell in column.cells
                    if isinstance(cell, PLAIN)]  # fmt: skip
            known = {plain_words(one): one for one in said if one.casefold() not in LIKE_MISSING}
            more = {"column": name, "categories": [*known.values()]}
            draft.characteristics.append({"name": _name(name), "label": name, **more})
        else:
            continue
        draft.used.add(name)


def _name(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", plain_words(text)).strip("_")
    return name if re.match("[a-z]", name) else f"scale_{name}".rstrip("_")


def _problems(file: Path, definition: dict[str, Any]) -> list[Remark]:
    """Return what does not fit the file; of a definition that is none, what is wrong with it."""
    try:
        return check_records(file, Study.model_validate(definition)).problems
    except ValidationError as error:
        wrong = error.errors()
        return [Remark(f"{'.'.join(map(str, one['loc']))}: {one['msg']}") for one in wrong]


def _written(draft: _Draft) -> str:
    """Return the draft as YAML, rows of totals passed over, what is left to decide as comments."""
    days = re.sub(r"\D", "", draft.compare[1])
    definition = {
        "protocol": {"design": "before and after", "follow_up_day": int(days or 0) or 30},
        "analysis": KNOWN["analysis"],
        "outcomes": draft.outcomes,
        "ratings": draft.ratings,
        "characteristics": draft.characteristics,
        "compare": draft.compare,
        "records": draft.records,
    }
    said = {
        cell.strip()
        for column in draft.table.columns
        if column.name.strip() in draft.used
        for cell in column.cells
        if isinstance(cell, str) and cell.strip().casefold() in LIKE_MISSING
    }
    if said:
        draft.records["missing"] = sorted(said)
        draft.questions.append(f"records: missing: does {' or '.join(sorted(said))} stand for it?")
    problems = _problems(draft.files[0], definition)
    words = {str(one.value) for one in problems if ASK in one.mend and one.value}
    if words:
        draft.records["skip"] = sorted(words)
        draft.questions.append("records: skip: are these rows no patients?")
        problems = _problems(draft.files[0], definition)
    questions = [*draft.questions, *dict.fromkeys(f"check: {one.told}" for one in problems)]
    files = ", ".join(file.name for file in draft.files)
    text = TITLE.format(files=files, first=draft.files[0].name)
    text += "".join(f"# ? {question}\n" for question in questions)
    shown = {part: what for part, what in definition.items() if what}
    return text + yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100)
