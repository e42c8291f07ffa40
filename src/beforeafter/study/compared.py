"""Which two visits are compared, by the names that a study gives its visits."""

from collections.abc import Iterator
from typing import Any

from beforeafter.study.outcomes import BASELINE, FOLLOW_UP
from declared import FieldPath, misfits, nearest

OF_RECORDS = ("values", "suffixes", "sheets", "files")


def with_compared(study: Any) -> Any:
    """Return a definition, as read, in which the compared visits are the baseline and follow-up.

    `compare: [day 0, day 30]` names two of the visits that the columns of outcomes and the records
    have; what else they name is another visit.
    """
    if not isinstance(study, dict):
        return study
    pair = study.get("compare", [BASELINE, FOLLOW_UP])
    if not (isinstance(pair, list) and len(pair) == 2):  # noqa: PLR2004  (told of later)
        return study
    ours = dict(zip(map(str, pair), (BASELINE, FOLLOW_UP), strict=True))
    study = dict(study)
    if "compare" in study:
        misfits(_unknown(study, [*ours]))
    if isinstance(study.get("outcomes"), list):
        study["outcomes"] = [_outcome(outcome, ours) for outcome in study["outcomes"]]
    records = study.get("records")
    if isinstance(records, dict) and isinstance(records.get("visits"), dict):
        visits = {
            part: _renamed(names, ours) if part in OF_RECORDS else names
            for part, names in records["visits"].items()
        }
        study["records"] = records | {"visits": visits}
    return study


def _outcome(outcome: Any, ours: dict[str, str]) -> Any:
    if not isinstance(outcome, dict):
        return outcome
    parts = {
        part: _renamed(outcome[part], ours) for part in ("columns", "items") if part in outcome
    }
    columns = parts.get("columns")
    if isinstance(columns, dict) and {BASELINE, FOLLOW_UP} <= {*columns}:
        known = {BASELINE, FOLLOW_UP, "other"}
        others = {name: column for name, column in columns.items() if name not in known}
        parts["columns"] = {name: columns[name] for name in known & {*columns}}
        if others:
            parts["columns"] |= {"other": columns.get("other", {}) | others, "order": [*columns]}
    return outcome | parts


def _unknown(study: dict[str, Any], pair: list[str]) -> Iterator[tuple[FieldPath, object, str]]:
    """Yield each compared visit that outcomes do not have, whose visits have names of their own."""
    if len(pair) == 1:
        yield ("compare",), pair * 2, "expected two visits"
    outcomes = study.get("outcomes")
    columns = [one.get("columns") for one in outcomes or () if isinstance(one, dict)]
    names = {str(name) for one in columns if isinstance(one, dict) for name in one}
    for place, name in enumerate(pair):
        if not {name, (BASELINE, FOLLOW_UP)[place]} & names:
            yield ("compare", place), name, f"no such visit of an outcome; {nearest(name, names)}"


def _renamed(names: Any, ours: dict[str, str]) -> Any:
    if not isinstance(names, dict):
        return names
    return {ours.get(str(name), str(name)): what for name, what in names.items()}
