"""What is recorded once for each patient: ratings, durations, age, sex."""

import re

import numpy as np

from beforeafter.records.cells import code_of, number_of
from beforeafter.records.drafting.begun import PLAIN, Draft, name_of
from beforeafter.records.drafting.guesses import KNOWN, NAMES, numbers_of, rated, step_of
from beforeafter.records.files.table import Column
from beforeafter.records.files.words import LIKE_MISSING, change_of, truth_of
from beforeafter.study import plain_words

FEW_CATEGORIES = 12


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
