"""What is recorded once for each patient: ratings, age, sex."""

from beforeafter.records.cells import code_of
from beforeafter.records.drafting.begun import PLAIN, Draft, name_of
from beforeafter.records.drafting.guesses import KNOWN, NAMES, numbers_of, rated
from beforeafter.records.files.table import Column
from beforeafter.records.files.words import LIKE_MISSING, change_of
from beforeafter.study import plain_words

FEW_CATEGORIES = 12


def describe(draft: Draft) -> None:
    """Describe what is recorded once for each patient."""
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
