"""The study and the claims about it: what may be claimed, and which claims are refused.

Claims are refused here if they are about nothing that was measured, or if no data could give the
number. A number that is possible alone, but not beside the others, is left to the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path

from beforeafter.study import Duration, Outcome, Study, read_study
from declared import Check, DataError, FieldPath, Problem, YamlFile, nearest, read_yaml
from reported.claims.errors import BadInputError, UnreadableNumberError
from reported.claims.printed import PrintedNumber, parse
from reported.claims.published import NOT_MODELLED, Published, read_published
from reported.claims.short_study import is_short, read_short_study


@dataclass(frozen=True)
class Quantity:
    """What a printed number may be.

    Attributes
    ----------
    noun
        What it is called.
    least, greatest
        The bounds of the number that was rounded.
    whole
        Whether it is counted.
    bound
        Whether "<" or ">" may be printed before it.
    """

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


DEVIATION = Quantity("a standard deviation", 0)
CHANGE = Quantity("a percentage")
P_VALUE = Quantity("a p-value", 0, 1, bound=True)
PROPORTION = Quantity("a percentage", 0, 100)
PATIENTS = Quantity("a whole number of patients", 2, whole=True)
COUNT = Quantity("a whole number of patients", 0, whole=True)
STATISTIC = Quantity("a statistic")
DAYS = Quantity("a whole number of days", 1, whole=True)
DOSE = Quantity("a dose", 0)
HORIZON = Quantity("a duration", 0)


def read_study_and_published(study_file: Path, published_file: Path) -> tuple[Study, Published]:
    """Read the study definition and the claims, and compare them.

    Parameters
    ----------
    study_file
        A `study.yml`.
    published_file
        A `published.yml`.

    Returns
    -------
    tuple of Study and Published
        Each claim is about something the study measures, and could be true by itself.

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
    durations = {part.name: _duration(part) for part in study.durations}
    outcomes = {outcome.name: _outcome(outcome) for outcome in study.outcomes}
    ratings = {
        rating.name: {
            f"{group}.{kind}": quantity
            for group in rating.groups
            for kind, quantity in (("proportion", PROPORTION), ("count", COUNT))
        }
        for rating in study.ratings
    }
    doses = {f"{drug.name}.dose": DOSE for drug in study.protocol.treatments}
    horizons = {f"{name}.horizon": HORIZON for name in durations}
    protocol = {"infusion_days": DAYS, "follow_up_day": DAYS, **doses, **horizons}
    parts = {"cohort": {"n_enrolled": PATIENTS, "n_follow_up": PATIENTS}, "protocol": protocol}
    return {
        f"{name}.{rest}": quantity
        for name, numbers in {**parts, **outcomes, **ratings, **durations}.items()
        for rest, quantity in numbers.items()
    }


def _outcome(outcome: Outcome) -> dict[str, Quantity]:
    span = outcome.maximum - outcome.minimum
    score = Quantity("a score", outcome.minimum, outcome.maximum)
    change = Quantity("a change", -span, span)
    described = {"standard_deviation": DEVIATION, "standard_error": DEVIATION}
    ranks = dict.fromkeys(
        ("median", "lower_quartile", "upper_quartile", "minimum", "maximum"), score
    )
    visit = {"mean": Quantity("a mean", outcome.minimum, outcome.maximum), **described, **ranks}
    visit |= dict.fromkeys(("lower", "upper"), STATISTIC)
    changed = {"mean": change, **described, "percentage": CHANGE, "p": P_VALUE}
    changed |= dict.fromkeys(("lower", "upper", "t", "f", *NOT_MODELLED), STATISTIC)
    return {
        f"{part}.{kind}": quantity
        for part, kinds in (("baseline", visit), ("follow_up", visit), ("change", changed))
        for kind, quantity in kinds.items()
    }


def _duration(duration: Duration) -> dict[str, Quantity]:
    mean = Quantity("a mean", 0, duration.horizon)
    return {
        "whole.mean": mean,
        "whole.standard_deviation": DEVIATION,
        "restricted.mean": mean,
        "restricted.standard_deviation": DEVIATION,
        "event_free.proportion": PROPORTION,
    }


def _impossible(source: YamlFile, study: Study) -> Iterator[Problem]:
    known = claimable(study)
    visits = {visit for _, visit in source.each("reading", "visits", "*")}
    for field, key in source.each("claims", "*", "key"):
        if not isinstance(key, str):
            continue
        if key.count(".") > 1 and (
            (parts := key.split("."))[1] in visits or (parts[1] == "baseline" and len(parts) > 3)  # noqa: PLR2004
        ):
            rest = [*(["follow_up"] if len(parts) == 3 else []), *parts[2:]]  # noqa: PLR2004
            key = ".".join([parts[0], *rest])  # noqa: PLW2901
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
