"""The study and the claims about it: what may be claimed, and which claims are refused.

A number that is possible alone, but not beside the others, is left to the audit.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from pathlib import Path
from typing import Any

from beforeafter.study import Outcome, Study, read_study
from declared import Check, DataError, FieldPath, Problem, YamlFile, nearest, read_yaml
from reported.claims.errors import BadInputError, UnreadableNumberError
from reported.claims.printed import PrintedNumber, parse
from reported.claims.published import Published, canonical, read_published
from reported.claims.short_study import is_short, read_short_study

QUANTITIES = Path(__file__).parent / "quantities.yml"


@dataclass(frozen=True)
class Quantity:
    """What a printed number may be; bounds are those of the number that was rounded."""

    noun: str
    least: float = -inf
    greatest: float = inf
    whole: bool = False
    bound: bool = False

    def __str__(self) -> str:
        """Return noun and bounds."""
        if self.greatest < inf:
            return f"{self.noun} from {self.least:g} to {self.greatest:g}"
        return f"{self.noun}, {self.least:g} or more" if self.least > -inf else self.noun

    def allows(self, number: PrintedNumber) -> bool:
        """Whether a number within the bounds can be printed so, however it is rounded."""
        value, unit = number.value, number.unit
        if number.relation == "<":
            return self.bound and self.least < value <= self.greatest
        if number.relation == ">":
            return self.bound and self.least <= value < self.greatest
        if self.whole and value.denominator != 1:
            return False
        # Rounding up, down or to the nearest moves it by less than a unit.
        return value - unit < self.greatest and value + unit > self.least


def read_study_and_published(study_file: Path, published_file: Path) -> tuple[Study, Published]:
    """Read the study definition and the claims, and compare them.

    Each claim is about something the study measures, and could be true by itself.

    Parameters
    ----------
    study_file, published_file
        A `study.yml` and a `published.yml`.

    Raises
    ------
    BadInputError
        With all that is wrong in the two files.
    """
    errors = []
    try:
        source = read_yaml(study_file)
        study = read_short_study(source) if is_short(source) else read_study(study_file)
        checks: list[Check] = [
            partial(_impossible, study=study),
            partial(_unknown_ties, study=study),
            _other_patients,
        ]
    except DataError as error:
        errors.append(error)
        checks = []
    try:
        published = read_published(published_file, *checks)
    except DataError as error:
        errors.append(error)
    if errors:
        raise BadInputError(errors)
    return study, published


def claimable(study: Study) -> dict[str, Quantity]:
    """Return the numbers that a claim may be about, by their keys."""
    parts: list[tuple[str, str, dict[str, float]]]
    parts = [(part, part, {}) for part in ("cohort", "protocol")]
    parts += [(f"protocol.{drug.name}", "treatment", {}) for drug in study.protocol.treatments]
    parts += [(outcome.name, "outcome", _ends(outcome)) for outcome in study.outcomes]
    parts += [
        (f"{each.name}.{group}", "group", {}) for each in study.ratings for group in each.groups
    ]
    for duration in study.durations:
        parts += [(f"protocol.{duration.name}", "planned", {})]
        parts += [(duration.name, "duration", {"horizon": duration.horizon})]
    return {
        f"{name}.{rest}": Quantity(
            **{field: ends.get(value, value) for field, value in fields.items()}
        )
        for name, kind, ends in parts
        for rest, fields in _quantities()[kind].items()
    }


def _ends(outcome: Outcome) -> dict[str, float]:
    span = outcome.maximum - outcome.minimum
    ends = {"minimum": outcome.minimum, "maximum": outcome.maximum}
    return {**ends, "fall": -span, "rise": span}


@cache
def _quantities() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the fields of each quantity in `quantities.yml`."""
    return dict(read_yaml(QUANTITIES).content)


def _impossible(source: YamlFile, study: Study) -> Iterator[Problem]:
    known = claimable(study)
    visits = [visit for _, visit in source.each("reading", "visits", "*")]
    for field, key in source.each("claims", "*", "key"):
        if not isinstance(key, str):
            continue
        key = canonical(key, visits)  # noqa: PLW2901
        if key in known:
            yield from _out_of_bounds(source, field[:-1], known[key])
        else:
            yield source.problem(field, key, _unknown(key, known, study))


def _out_of_bounds(source: YamlFile, claim: FieldPath, quantity: Quantity) -> Iterator[Problem]:
    texts = {field[-1]: text for field, text in source.each(*claim, "*")}
    name = "reads" if texts.get("reads") else "printed"
    text = texts.get(name)
    # A text that is no number is already reported where the claims are read.
    with suppress(UnreadableNumberError):
        if isinstance(text, str) and not quantity.allows(parse(text)):
            yield source.problem((*claim, name), text, f"expected {quantity}")


def _other_patients(source: YamlFile) -> Iterator[Problem]:
    """Yield a printed number of patients that is not that of the reading, or more than enrolled."""
    read = {field[-1]: number for field, number in source.each("reading", "*")}
    for field, claim in source.each("claims", "*"):
        if not isinstance(claim, dict) or claim.get("key") != "cohort.n_follow_up":
            continue
        text = str(claim.get("reads") or claim.get("printed"))
        with suppress(UnreadableNumberError):
            number, enrolled = parse(text).value, read.get("n_enrolled")
            if read.get("n_follow_up") not in (None, number):
                rule = f"expected n_follow_up as it is read, {read['n_follow_up']}"
                yield source.problem((*field, "printed"), text, rule)
            elif isinstance(enrolled, int) and number > enrolled:
                rule = f"expected no more than n_enrolled, {enrolled}"
                yield source.problem((*field, "printed"), text, rule)


def _unknown(key: str, known: dict[str, Quantity], study: Study) -> str:
    name, _, rest = key.partition(".")
    groups = {rating.name: rating.groups for rating in study.ratings}
    names = {key.partition(".")[0] for key in known}
    if name not in names:
        return f"the study measures no {name!r}; {nearest(name, names)}"
    if name in groups and rest.endswith(".proportion"):
        group = rest.removesuffix(".proportion")
        near = nearest(group, groups[name])
        return f"a percentage without its base: {name} has no group {group!r}; {near}"
    near = nearest(key, (each for each in known if each.startswith(f"{name}.")))
    return f"no such number of {name}; {near}"


def _unknown_ties(source: YamlFile, study: Study) -> Iterator[Problem]:
    kinds = {key.rpartition(".")[2] for key in claimable(study)} | {"default"}
    for field, way in source.each("reading", "ties", "*"):
        if field[-1] not in kinds:
            yield source.problem(field, way, f"unknown kind; {nearest(str(field[-1]), kinds)}")
