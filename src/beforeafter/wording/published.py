"""What a notebook publishes becomes numbers with keys, texts and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from beforeafter.study import Study, key_of
from beforeafter.wording.format import Number, Wording, count, numbers, wording_of
from beforeafter.wording.protocol import protocol_numbers
from declared import ExplainedError

HOW_TO_PUBLISH = 'publish(paired_change(cohort, study["pain"])) or publish({"claims.n_met": 44})'
ABBREVIATIONS = {"p": "P", "standard deviation": "SD"}


def published_numbers(what: Any, study: Study | None, key: str = "") -> dict[str, Number]:
    """Return the numbers of a result, by their keys.

    Parameters
    ----------
    what
        The study, for what was planned; what a function of a part of the study returned, which
        knows its key; or a mapping of keys
        to results, whole numbers, or numbers that have a text already.
    study
        The study of the notebook, for how numbers are printed; None if none has begun.
    key
        Of what is given, within a mapping.

    Raises
    ------
    ExplainedError
        If it is nothing of that.
    """
    known = None if key else key_of(what)
    if known:
        part, rest = known
        within = f"{part.definition.name}.{rest}" if rest else part.definition.name
        texts = numbers(what, wording_of(part.definition, part.study))
        return {f"{within}.{name}": number for name, number in texts.items()}
    if isinstance(what, Study):
        return {f"protocol.{name}": number for name, number in protocol_numbers(what).items()}
    if hasattr(what, "text") and key:
        return {key: what}
    if isinstance(what, Mapping):
        found: dict[str, Number] = {}
        for name, inner in what.items():
            found |= published_numbers(inner, study, f"{key}.{name}" if key else str(name))
        return found
    return _of_key(what, study, key)


def _of_key(what: Any, study: Study | None, key: str) -> dict[str, Number]:
    """Return the numbers of a result or number that has its key from a mapping."""
    if key and isinstance(what, int) and not isinstance(what, bool):
        return {key: count(what)}
    if key and study and isinstance(what, float):
        return {key: _wording(key, study).number(key, what, "estimate", None)}
    if key and study and is_dataclass(what):
        texts = numbers(what, _wording(key, study))
        return {f"{key}.{name}": number for name, number in texts.items()}
    raise ExplainedError(f"cannot publish {type(what).__name__} {key}: write {HOW_TO_PUBLISH}")


def _wording(key: str, study: Study) -> Wording:
    """Return how numbers under a key are printed: as of its outcome, else as of patients."""
    if part := study.parts.get(key.partition(".")[0]):
        return wording_of(part, study)
    return Wording("patients", {"default": 0}, study.analysis.ties)


def label_of(key: str, study: Study | None) -> str:
    """Return what a number is called: "Pain intensity: change, mean" for `pain.change.mean`."""
    labels = {name: part.label for name, part in study.parts.items()} if study else {}
    first, *rest = key.split(".")
    words = [name.removeprefix("n_").replace("_", " ") for name in rest]
    named = ", ".join(ABBREVIATIONS.get(word, word) for word in words)
    return f"{labels.get(first, first.capitalize())}: {named}"
