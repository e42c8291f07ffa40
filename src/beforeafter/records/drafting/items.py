"""Answers to the items of a questionnaire, from which its scores are added up."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from beforeafter.records.cells import number_of
from beforeafter.records.drafting.begun import Draft, name_of
from beforeafter.records.drafting.guesses import KNOWN
from beforeafter.study import ITEM

MANY_ITEMS, MOST_CODES = 4, 10
NUMBERED = re.compile(r"(?P<base>.*?\D) ?(?P<item>\d{1,2})")
# Column names of the answers to an item, by visit.
AtVisits = Mapping[str, str]


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
