"""The parts of a study definition that is being drafted, and what is to be asked of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from beforeafter.records.cells import code_of, number_of
from beforeafter.records.drafting.guesses import KNOWN, NAMES, numbers_of, rated, step_of
from beforeafter.records.files.table import Column, RawTable
from beforeafter.records.files.words import LIKE_MISSING, change_of, truth_of
from beforeafter.study import ITEM, plain_words

PLAIN = str | int | float
MANY_ITEMS, MOST_CODES = 4, 10
NUMBERED = re.compile(r"(?P<base>.*?\D) ?(?P<item>\d{1,2})")
# Column names of the answers to an item, by visit.
AtVisits = Mapping[str, str]
FEW_CATEGORIES = 12


@dataclass
class Draft:
    """The parts of the definition, as they are written."""

    files: Sequence[Path]
    table: RawTable
    records: dict[str, Any]
    questions: list[str]
    questionnaires: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    durations: list[dict[str, Any]] = field(default_factory=list)
    characteristics: list[dict[str, Any]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    compare: list[str] = field(default_factory=list)
    when: dict[str, float] = field(default_factory=dict)  # in days, by visit

    @property
    def columns(self) -> dict[str, Column]:
        """The columns that are not described yet."""
        columns = {one.name.strip(): one for one in self.table.columns}
        return {name: one for name, one in columns.items() if name not in self.used}

    def ask(self, part: str, question: str) -> None:
        """Ask about a part of the definition."""
        self.questions.append(f"{part}: {question}")

    def read(self, ours: str, name: str, **how: Any) -> None:
        """Say how a column of the records is read."""
        self.records.setdefault("columns", {})[ours] = {"name": name, **how} if how else name

    def add_outcome(
        self, name: str, label: str, columns: dict[str, str], scale: dict[str, Any], **more: Any
    ) -> None:
        """Add an outcome, the first as the primary one."""
        self.outcomes.append({
            "name": name, "label": label, "instrument": label, "abbreviation": label,
            "role": "secondary" if self.outcomes else "primary", "unit": "points",
            "columns": columns, **{end: value for end, value in scale.items() if value is not None},
            **more, "decimals": {"default": 1, "percentage": 0, "p": 3},
        })  # fmt: skip


def name_of(text: str) -> str:
    """Return a text as the name of a part of a study."""
    name = re.sub(r"[^a-z0-9]+", "_", plain_words(text)).strip("_")
    return name if re.match("[a-z]", name) else f"scale_{name}".rstrip("_")


def questionnaires(columns: Mapping[str, AtVisits]) -> dict[str, dict[str, AtVisits]]:
    """Return the questionnaires among columns by stem: items from 1 on, at the same visits."""
    found: dict[str, dict[str, AtVisits]] = {}
    for stem, visits in columns.items():
        if named := NUMBERED.fullmatch(stem):
            found.setdefault(named["base"].strip(), {})[named["item"]] = visits
    return {
        base: items
        for base, items in found.items()
        if len(items) >= MANY_ITEMS
        and sorted(map(int, items)) == [*range(1, len(items) + 1)]
        and len({tuple(visits) for visits in items.values()}) == 1
    }


def add_scores(
    draft: Draft, base: str, items: Mapping[str, AtVisits], *, in_rows: bool = False
) -> None:
    """Add the scores of a questionnaire as outcomes; what is not known of it is asked."""
    patterns = {visit: _pattern(items, visit) for visit in draft.compare}
    if not all(patterns.values()):
        return
    name, label = name_of(base), base.upper()
    known: dict[str, Any] = next(
        (one for one in KNOWN["questionnaires"] if re.search(one["name"], base)), {}
    )
    columns = {one for visits in items.values() for one in visits.values()}
    cells = np.array([number_of(cell) for one in columns for cell in draft.columns[one].cells])
    low, high = known.get("codes") or (int(np.nanmin(cells)), int(np.nanmax(cells)))
    if high - low > MOST_CODES:
        return
    scores = known.get("scores") or {"total": [*map(int, items)]}
    least = known.get("least_answered", len(items))
    draft.questionnaires.append({
        "name": name, "label": label, "version": "as recorded", "sources": [],
        "answers": [{"items": [*items], "codes": [*range(low, high + 1)]}],
        "scores": {
            score: {
                "label": score, "combine": "sum", "least_answered": least,
                "items": {item: "code" for item in items if int(item) in of},
            }
            for score, of in scores.items()
        },
    })  # fmt: skip
    draft.ask(f"questionnaires: {name}", f"do all items count as their codes, {low} to {high}?")
    ours = patterns
    if in_rows:
        ours = {visit: f"{name}_{ITEM}_{name_of(visit)}" for visit in patterns}
        for visit, pattern in patterns.items():
            draft.read(ours[visit], pattern)
    for score, of in scores.items():
        outcome = f"{name}_{score}"
        scale = {"minimum": low * len(of), "maximum": high * len(of), "step": 1, "better": "lower"}
        draft.add_outcome(
            outcome,
            f"{label} {score}",
            {visit: f"{outcome}_{name_of(visit)}" for visit in draft.compare},
            scale,
            items={"instrument": name, "score": score, **ours},
        )
        if not known:
            draft.ask(f"outcomes: {outcome}", "is lower better?")
    draft.used |= columns


def _pattern(items: Mapping[str, AtVisits], visit: str) -> str:
    """Return the names of the columns of a visit with a place for the item; empty if unlike."""
    (first, *_), names = items, {item: visits[visit] for item, visits in items.items()}
    for at in re.finditer(rf"(?<!\d){first}(?!\d)", names[first]):
        pattern = f"{names[first][: at.start()]}{ITEM}{names[first][at.end() :]}"
        if all(pattern.replace(ITEM, item) == name for item, name in names.items()):
            return pattern
    return ""


def describe(draft: Draft) -> None:
    """Describe what is recorded once for each patient."""
    _describe_duration(draft)
    for name, column in draft.columns.items():
        plain, words, numbers = plain_words(name), rated(column), numbers_of(column)
        if words or (NAMES["rating"].search(plain) and numbers is not None):
            _add_rating(draft, name, column, words)
        elif NAMES["age"].match(plain) and numbers is not None:
            more = {"column": name, "unit": "years", "minimum": 0, "maximum": 120}
            draft.characteristics.append({"name": name_of(name), "label": name, **more})
        elif NAMES["sex"].match(plain) and len(column.cells) <= FEW_CATEGORIES:
            said = [*_said(column).values()]
            known = {plain_words(one): one for one in said if one.casefold() not in LIKE_MISSING}
            more = {"column": name, "categories": [*known.values()]}
            draft.characteristics.append({"name": name_of(name), "label": name, **more})
        else:
            continue
        draft.used.add(name)


def _said(column: Column) -> dict[str, str]:
    """Return the codes of a column, and what the file says that they mean."""
    return {
        code_of(cell): column.labels.get(cell) or code_of(cell)
        for cell in column.cells
        if isinstance(cell, PLAIN)
    }


def _add_rating(draft: Draft, name: str, column: Column, words: dict[str, int] | None) -> None:
    draft.ratings.append({
        "name": name_of(name), "label": name, "abbreviation": name, "column": name,
        "categories": [*KNOWN["categories"]], "groups": {}, "decimals": {"default": 1},
    })  # fmt: skip
    labels = {code: change_of(label) for code, label in _said(column).items()}
    names = {code: {str(code), plain_words(one)} for code, one in enumerate(KNOWN["categories"], 1)}
    values = {
        code: one
        for code, one in (words or labels).items()
        if one and plain_words(code) not in names[one]
    }
    if values:
        draft.read(name, name, values=values)


def _describe_duration(draft: Draft) -> None:
    """Describe a time to an event, where there is one column of each."""
    named = [name for name in draft.columns if NAMES["duration"].search(plain_words(name))]
    times = [name for name in named if numbers_of(draft.columns[name]) is not None]
    events = {name: _truths(name, one) for name, one in draft.columns.items()}
    events = {name: said for name, said in events.items() if {*said.values()} == {True, False}}
    if len(times) != 1 or len(events) != 1:
        return
    ((time,), ((event, said),)) = times, events.items()
    numbers = np.array([*map(number_of, draft.columns[time].cells)])
    found = [unit for unit in KNOWN["units"] if re.search(KNOWN["units"][unit], plain_words(time))]
    unit, longest = (found or ["months"])[0], max(1.0, float(np.nanmax(numbers)))
    draft.durations.append({
        "name": name_of(time), "label": time, "columns": {"time": time, "event": event},
        "event": event, "event_free": f"without {event}", "unit": unit,
        "step": step_of(numbers) or 0.1, "horizon": longest, "decimals": {"default": 1},
    })  # fmt: skip
    draft.records["event_seen"] = [code for code, seen in said.items() if seen]
    draft.records["event_not_seen"] = [code for code, seen in said.items() if not seen]
    draft.ask(f"durations: {name_of(time)}", f"was everyone followed for {longest:g} {unit}?")
    seen = " and ".join(draft.records["event_seen"])
    draft.ask("records: event_seen", f"does {seen} in {event} say that it was seen?")
    draft.used |= {time, event}


def _truths(name: str, column: Column) -> dict[str, bool | None]:
    """Return which values of a column say that an event was seen; none where it is no event."""
    if not NAMES["event"].search(plain_words(name)):
        return {}
    # Who is censored had no event.
    turned, known = NAMES["censored"].search(plain_words(name)) is not None, KNOWN["truths"]
    return {
        code: known[word] != turned if (word := plain_words(label)) in known else truth_of(label)
        for code, label in _said(column).items()
    }
